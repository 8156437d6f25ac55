"""Drafts: one of them, all of them, their states, what was typed into them and is undecided."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload, undefer

from survey_app.storage.models import (
    QuestionnaireDraft,
    QuestionnaireDraftAttempt,
    QuestionnaireDraftState,
)


def locked_draft(session: Session, draft_id: int) -> QuestionnaireDraft | None:
    """The draft as it is now, held until the end of the transaction."""
    return session.scalar(
        select(QuestionnaireDraft)
        .where(QuestionnaireDraft.id == draft_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def open_drafts(session: Session) -> Sequence[QuestionnaireDraft]:
    """Drafts that have not been published, the last changed first."""
    return session.scalars(
        select(QuestionnaireDraft)
        .where(QuestionnaireDraft.published_version_id.is_(None))
        .options(joinedload(QuestionnaireDraft.editor), joinedload(QuestionnaireDraft.base_version))
        .order_by(QuestionnaireDraft.changed_at.desc(), QuestionnaireDraft.id.desc())
    ).all()


def state_with_content(
    session: Session, draft_id: int, number: int
) -> QuestionnaireDraftState | None:
    """One state of a draft with its document."""
    return session.scalar(
        select(QuestionnaireDraftState)
        .where(
            QuestionnaireDraftState.draft_id == draft_id,
            QuestionnaireDraftState.number == number,
        )
        .options(undefer(QuestionnaireDraftState.content))
    )


def states_of(session: Session, draft_id: int) -> Sequence[QuestionnaireDraftState]:
    """The states of a draft without their documents, the oldest first."""
    return session.scalars(
        select(QuestionnaireDraftState)
        .where(QuestionnaireDraftState.draft_id == draft_id)
        .order_by(QuestionnaireDraftState.number)
    ).all()


def delete_states_above(session: Session, draft_id: int, number: int) -> None:
    """Forget what was saved after a state; every state, for 0."""
    session.execute(
        delete(QuestionnaireDraftState).where(
            QuestionnaireDraftState.draft_id == draft_id, QuestionnaireDraftState.number > number
        )
    )


def delete_states_up_to(session: Session, draft_id: int, number: int) -> None:
    """Forget the oldest states, the one with this number the last of them."""
    session.execute(
        delete(QuestionnaireDraftState).where(
            QuestionnaireDraftState.draft_id == draft_id, QuestionnaireDraftState.number <= number
        )
    )


def attempts_of(
    session: Session, account_id: int, since: datetime, draft_id: int | None = None
) -> Sequence[QuestionnaireDraftAttempt]:
    """What an account has typed and not decided on, the oldest first; of one draft, or of all."""
    query = (
        select(QuestionnaireDraftAttempt)
        .where(
            QuestionnaireDraftAttempt.account_id == account_id,
            QuestionnaireDraftAttempt.kept_at >= since,
        )
        .order_by(QuestionnaireDraftAttempt.id)
    )
    if draft_id is not None:
        query = query.where(QuestionnaireDraftAttempt.draft_id == draft_id)
    return session.scalars(query).all()


def delete_attempts_before(session: Session, moment: datetime) -> None:
    session.execute(
        delete(QuestionnaireDraftAttempt).where(QuestionnaireDraftAttempt.kept_at < moment)
    )


def delete_attempts_of_draft(session: Session, draft_id: int) -> None:
    """What anybody typed into a draft."""
    session.execute(
        delete(QuestionnaireDraftAttempt).where(QuestionnaireDraftAttempt.draft_id == draft_id)
    )


def delete_attempts_of_account(session: Session, account_id: int) -> None:
    """What an account typed into any draft."""
    session.execute(
        delete(QuestionnaireDraftAttempt).where(QuestionnaireDraftAttempt.account_id == account_id)
    )
