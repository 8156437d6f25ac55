"""Accounts of the staff, what is granted to them, and their sign-ins."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.base import Base
from survey_app.storage.models.units import AdministrativeUnit


class Account(Base):
    """Someone who may sign in; what for, the grants say.

    ``inactive_since``: stopped on that day; ``erased_on``: the day its number took the place of
    its names.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    password_given_at: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    inactive_since: Mapped[date | None]
    erased_on: Mapped[date | None]

    grants: Mapped[list["AccountGrant"]] = relationship(
        back_populates="account", order_by="AccountGrant.id", lazy="selectin"
    )
    second_step: Mapped["SecondStep | None"] = relationship(
        lazy="joined", cascade="all, delete-orphan"
    )


class AccountGrant(Base):
    """A role of an account in the branch below a unit (None = every unit).

    It counts from ``valid_from`` to the end of ``valid_until`` (None = for the time being). Grants
    are ended, never deleted: who could see what on which day can be told later.
    """

    __tablename__ = "account_grant"
    __table_args__ = (
        CheckConstraint(
            "role IN ('administrator', 'survey_manager', 'officer', 'clerk', 'leader', 'auditor')",
            name="known_role",
        ),
        CheckConstraint(
            "role <> 'administrator' OR unit_id IS NULL", name="administrator_of_every_unit"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("administrative_unit.id"))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    account: Mapped[Account] = relationship(back_populates="grants")
    unit: Mapped[AdministrativeUnit | None] = relationship(lazy="joined")


class SecondStep(Base):
    """An account's authenticator (TOTP). ``confirmed_at`` None = it has shown no code yet.

    ``sealed_secret``: encrypted with a key that is not here. ``last_step``: the time step of the
    last code that was taken; none up to it is taken again.
    """

    __tablename__ = "second_step"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]


class SignIn(Base):
    """One signed-in browser. Only a hash of its token is kept; revoking a row signs it out.

    ``browser``: what it said it was, in a few words: enough to know one's own by.
    ``is_by_provider``: the first step was taken at a provider, not by the password.
    ``provider_session``: a digest of the provider's name for its own session, None = not told.
    ``proven_at``: when the password or a code was shown, here or at the provider, None = not told.
    """

    __tablename__ = "sign_in"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    browser: Mapped[str] = mapped_column(String(60), default="")
    is_by_provider: Mapped[bool] = mapped_column(default=False)
    provider_session: Mapped[str | None] = mapped_column(String(64))
    proven_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
