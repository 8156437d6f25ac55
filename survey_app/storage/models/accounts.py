"""Accounts of officers and administrators, and their sign-ins."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.base import Base
from survey_app.storage.models.units import AdministrativeUnit


class Account(Base):
    """Someone who may sign in. ``unit_id`` is the root of what an officer may see."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("role IN ('officer', 'administrator')", name="known_role"),
        CheckConstraint("role <> 'officer' OR unit_id IS NOT NULL", name="officer_has_unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("administrative_unit.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    unit: Mapped[AdministrativeUnit | None] = relationship()


class SignIn(Base):
    """One signed-in browser. Only a hash of its token is kept; revoking a row signs it out."""

    __tablename__ = "sign_in"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
