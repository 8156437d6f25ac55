"""Background jobs: the table is the queue, and the page that shows progress reads it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base
from survey_app.storage.models.surveys import Survey


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ReportJob(Base):
    """The reports of many units of one survey, as one ZIP.

    ``unit_codes``: one per line, in the order of the ZIP. ``done`` of them are rendered;
    ``beat_at`` is when the worker last gave a sign of life (a silent job is taken over).
    """

    __tablename__ = "report_job"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="known_state"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    form: Mapped[str] = mapped_column(String(10))
    unit_codes: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default=JobState.WAITING, index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    message: Mapped[str] = mapped_column(Text, default="")
    requested_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]

    survey: Mapped[Survey] = relationship()
    account: Mapped[Account] = relationship()
