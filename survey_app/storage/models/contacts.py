"""Requests for a reply: whom to call back about what, apart from every answer, encrypted, dated."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.base import Base
from survey_app.storage.models.surveys import Survey
from survey_app.storage.models.units import AdministrativeUnit


class ContactOffer(Base):
    """A survey whose citizens may ask for a reply; without a row they may not.

    ``days``: how long a request is kept at the most.
    """

    __tablename__ = "contact_offer"
    __table_args__ = (CheckConstraint("days >= 1 AND days <= 365", name="days_of_a_year"),)

    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    days: Mapped[int]


class ContactRequest(Base):
    """What one citizen left so that the agency can reply. Nothing leads from it to a sheet.

    ``id``: drawn at random, so that rows lie in no order (no rowid). ``asked_on``: a day, nothing
    finer. ``sealed``: name, address, subject and the consent given, as one encrypted text; None
    once somebody has replied. ``key_name``: which key opens it. ``is_mixed``: written anew together
    with the others of its day, away from whatever came in the same minute: see SpentLink.
    """

    __tablename__ = "contact_request"
    __table_args__ = (
        CheckConstraint(
            "(sealed IS NULL) = (answered_on IS NOT NULL)", name="sealed_until_answered"
        ),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("administrative_unit.id"), index=True)
    asked_on: Mapped[date]
    expires_on: Mapped[date]
    key_name: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_on: Mapped[date | None]
    is_mixed: Mapped[bool] = mapped_column(default=False)

    survey: Mapped[Survey] = relationship()
    unit: Mapped[AdministrativeUnit] = relationship()
