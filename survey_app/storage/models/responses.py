"""Answer sheets: one compact row each, and the free texts apart."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.storage.models.base import Base


class SurveyResponse(Base):
    """One completed questionnaire, with nothing on it that points to a person.

    ``response_key`` is a digest of the client's id: an id may tell the millisecond it was made
    at, its digest does not. ``answers`` holds the codebook's coded columns, one byte each;
    ``version_number``: by which version of the survey's questionnaire they are laid out. A row that
    does not say so gets 0, and nobody can read it.
    ``received_hour`` is cut to the hour. ``is_partial``: left alone after the main rating, with
    required questions unanswered. ``flags``: why the sheet is worth a second look, a sum of
    :class:`~survey_app.integrity.flags.Flag`; ``review_id``: what was decided on it.
    ``release_group``: equal for sheets of a unit that stood in the same data files so far, 0 = in
    none. Rows lie in key order on the disk (no rowid), so that the order of arrival cannot be read
    back.
    """

    __tablename__ = "survey_response"
    __table_args__ = (
        Index("ix_survey_response_survey_id_unit_id", "survey_id", "unit_id"),
        Index("ix_survey_response_response_key", "response_key"),
        # Flagged sheets are few, and every report counts them.
        Index(
            "ix_survey_response_flagged",
            "survey_id",
            "unit_id",
            sqlite_where=text("flags <> 0"),
            postgresql_where=text("flags <> 0"),
        ),
        CheckConstraint(
            "mode IN ('kiosk', 'phone', 'paper', 'interview', 'api')", name="known_mode"
        ),
        {"sqlite_with_rowid": False},
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("administrative_unit.id"), primary_key=True)
    response_key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    collection_point_id: Mapped[int] = mapped_column(ForeignKey("collection_point.id"))
    mode: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(5))
    received_hour: Mapped[datetime]
    seconds: Mapped[int | None]
    answers: Mapped[bytes] = mapped_column(LargeBinary)
    version_number: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    is_partial: Mapped[bool] = mapped_column(default=False, server_default=false())
    flags: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    review_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"))
    release_group: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))


class FreeText(Base):
    """A citizen's own words on one question. ``is_hidden``: a moderator keeps it off reports."""

    __tablename__ = "free_text"
    __table_args__ = (
        ForeignKeyConstraint(
            ["unit_id", "response_key"],
            ["survey_response.unit_id", "survey_response.response_key"],
        ),
        {"sqlite_with_rowid": False},
    )

    unit_id: Mapped[int] = mapped_column(primary_key=True)
    response_key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    question_code: Mapped[str] = mapped_column(String(80), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    is_hidden: Mapped[bool] = mapped_column(default=False)
