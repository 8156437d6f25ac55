"""Results of files that somebody chose to keep; never the rows they were made from."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base


class KeptAnalysis(Base):
    """One result of a file, as :class:`~survey_app.operations.files.results.FileResult` has it.

    ``schema``: the number of the form it is stored in. ``plan``: the plan file, empty for ranks.
    ``reading``, ``document``: JSON texts.
    """

    __tablename__ = "kept_analysis"
    __table_args__ = (CheckConstraint("kind IN ('answers', 'ranks')", name="known_kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    schema: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    filename: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    plan: Mapped[str] = mapped_column(Text, deferred=True)  # long: loaded when asked for
    reading: Mapped[str] = mapped_column(Text, deferred=True)
    document: Mapped[str] = mapped_column(Text, deferred=True)

    account: Mapped[Account] = relationship()
