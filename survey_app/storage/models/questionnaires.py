"""Published questionnaire versions: frozen documents that nothing may change."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.storage.models.base import Base


class QuestionnaireVersion(Base):
    """One published version; triggers in the database refuse UPDATE and DELETE.

    ``document`` is the canonical text, ``source`` what was uploaded (comments and all),
    ``codebook`` the JSON description of the coded columns, ``declared`` what its publisher said
    about each edit since the version before it (see questionnaire.declarations).
    """

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("code", "number"), UniqueConstraint("code", "fingerprint"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    document: Mapped[str] = mapped_column(Text, deferred=True)  # long: loaded when asked for
    source: Mapped[str] = mapped_column(Text, deferred=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    codebook: Mapped[str] = mapped_column(Text, deferred=True)
    declared: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    @property
    def name(self) -> str:
        """The name other programs use: ``sipas-counter@1``."""
        return f"{self.code}@{self.number}"
