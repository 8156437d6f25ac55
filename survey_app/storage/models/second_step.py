"""The second step of signing in: encrypted secrets, digests of recovery codes, who needs one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.storage.models.base import Base


class RecoveryCode(Base):
    """One recovery code, by a keyed digest; ``used_at`` None = it is still good."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    used_at: Mapped[datetime | None]


class RequiredSecondStep(Base):
    """A role that may not do without a second step."""

    __tablename__ = "required_second_step"
    __table_args__ = (
        CheckConstraint(
            "role IN ('administrator', 'survey_manager', 'officer', 'clerk', 'leader', 'auditor')",
            name="known_role",
        ),
    )

    role: Mapped[str] = mapped_column(String(20), primary_key=True)
