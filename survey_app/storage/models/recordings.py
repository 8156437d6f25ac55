"""Questions as they are read aloud: audio files beside the published versions."""

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.storage.models.base import Base


class Recording(Base):
    """The spoken form of one question of a version in one language.

    No part of the frozen document: a better recording may replace it. ``digest``: SHA-256 of
    ``content`` in hexadecimal; ``size`` in bytes.
    """

    __tablename__ = "recording"

    version_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire_version.id"), primary_key=True
    )
    question_code: Mapped[str] = mapped_column(String(80), primary_key=True)
    language: Mapped[str] = mapped_column(String(5), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(20))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # long
