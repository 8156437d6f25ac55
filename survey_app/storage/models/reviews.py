"""Decisions on flagged sheets: who accepted or excluded how many, when and why."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base
from survey_app.storage.models.units import AdministrativeUnit


class Verdict(StrEnum):
    """What was decided on flagged sheets."""

    ACCEPTED = "accepted"
    EXCLUDED = "excluded"


class Review(Base):
    """One decision on flagged sheets of one unit: accepted, or excluded from every figure.

    The sheets it is about name it; a later decision takes all of them over together, and this
    row stays (the later one names it in ``replaces_id``). ``flags``: those of its sheets, joined;
    ``sheets``: how many they were, never fewer than the minimum base: what a decision moves in the
    figures must not be the answers of one person. ``decided_at`` is cut to the hour.
    """

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint("verdict IN ('accepted', 'excluded')", name="known_verdict"),
        CheckConstraint("sheets >= 5", name="is_about_several_sheets"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("administrative_unit.id"))
    verdict: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    flags: Mapped[int] = mapped_column(SmallInteger)
    sheets: Mapped[int]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    unit: Mapped[AdministrativeUnit] = relationship()
