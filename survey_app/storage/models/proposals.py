"""The way of a questionnaire to its publication, and its retirement."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base
from survey_app.storage.models.questionnaires import QuestionnaireVersion


class ProposalState(StrEnum):
    """How far a proposal has come."""

    WAITING = "waiting"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class PublicationProposal(Base):
    """A document that somebody wants to publish, for a second person to look at.

    The document and what was declared are those that were proposed: whoever approves, approves
    these words. ``base_number``: the version that was the last one then, 0 = none. A questionnaire
    has one living proposal at a time.
    """

    __tablename__ = "publication_proposal"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'returned', 'approved', 'published', 'withdrawn')",
            name="known_state",
        ),
        CheckConstraint(
            "reviewer_id IS NULL OR reviewer_id <> author_id", name="reviewed_by_another"
        ),
        Index(
            "ix_publication_proposal_living",
            "code",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'approved')"),
            postgresql_where=text("state IN ('waiting', 'approved')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(Text, deferred=True)
    base_number: Mapped[int]
    declared: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default=ProposalState.WAITING)
    note: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[str] = mapped_column(Text, default="")
    version_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_version.id"))
    draft_id: Mapped[int | None]

    author: Mapped[Account] = relationship(foreign_keys=author_id)
    reviewer: Mapped[Account | None] = relationship(foreign_keys=reviewer_id)
    version: Mapped[QuestionnaireVersion | None] = relationship()


class PublishingRule(Base):
    """The one row that says whether a second person must approve what is published."""

    __tablename__ = "publishing_rule"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    needs_review: Mapped[bool]


class VersionClosing(Base):
    """A version by which no new survey is made; its document stays as it is."""

    __tablename__ = "version_closing"

    version_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire_version.id"), primary_key=True
    )
    reason: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
