"""Drafts of questionnaires: what is being written, and the states it can be taken back to."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base
from survey_app.storage.models.questionnaires import QuestionnaireVersion


class QuestionnaireDraft(Base):
    """A questionnaire that is being written.

    ``revision`` grows with every save, undoing included: who sends an older one has not seen what
    is there now. ``state_number`` names the state in force. ``published_version_id``: what became
    of it; nothing is changed from then on.
    """

    __tablename__ = "questionnaire_draft"
    __table_args__ = (
        CheckConstraint("revision >= 1", name="revision_from_one"),
        CheckConstraint("state_number >= 1", name="state_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), index=True)
    title: Mapped[str] = mapped_column(String(300))
    base_version_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_version.id"))
    published_version_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_version.id"))
    revision: Mapped[int]
    state_number: Mapped[int]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime]

    owner: Mapped[Account | None] = relationship(foreign_keys=[owner_id])
    editor: Mapped[Account | None] = relationship(foreign_keys=[changed_by])
    base_version: Mapped[QuestionnaireVersion | None] = relationship(foreign_keys=[base_version_id])

    @property
    def document(self) -> dict[str, Any]:
        """The document of the state in force, as plain data, a new copy each time."""
        session = object_session(self)
        key = (self.id, self.state_number)
        state = session.get(QuestionnaireDraftState, key) if session else None
        if state is None:
            raise LookupError(f"draft {self.id} has no state {self.state_number}")
        found: dict[str, Any] = json.loads(state.content)
        return found


class QuestionnaireDraftState(Base):
    """One saved state of a draft; ``content``: the document as JSON, ``action``: what led to it
    (a sentence for people), ``place``: the part of the editor it is about."""

    __tablename__ = "questionnaire_draft_state"

    draft_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_draft.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]
    content: Mapped[str] = mapped_column(Text, deferred=True)  # long: loaded when asked for
    action: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200), default="")
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime]


class QuestionnaireDraftAttempt(Base):
    """What an account typed into one part of a draft that others had saved meanwhile, kept until it
    is decided what becomes of it.

    ``place``: the part that was open; ``revision``: the one its form was made from, ``seen``: the
    document of that revision as JSON, "" where nobody knew it any more; ``typed``: the form that
    was sent; ``chosen``: what has been decided so far.
    """

    __tablename__ = "questionnaire_draft_attempt"
    __table_args__ = (
        Index("ix_questionnaire_draft_attempt_draft_id_account_id", "draft_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_draft.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    place: Mapped[str] = mapped_column(String(200))
    revision: Mapped[int]
    seen: Mapped[str] = mapped_column(Text, deferred=True)
    typed: Mapped[str] = mapped_column(Text)
    chosen: Mapped[str] = mapped_column(Text, default="{}")
    kept_at: Mapped[datetime]
