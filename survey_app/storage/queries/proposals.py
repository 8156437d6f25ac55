"""Proposals to publish a questionnaire, and the versions that are closed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import (
    ProposalState,
    PublicationProposal,
    PublishingRule,
    VersionClosing,
)

MOST_SHOWN = 100
LIVING = (ProposalState.WAITING, ProposalState.APPROVED)


def list_proposals(session: Session) -> Sequence[PublicationProposal]:
    """The latest proposals, the newest first."""
    return session.scalars(
        select(PublicationProposal)
        .options(joinedload(PublicationProposal.author), joinedload(PublicationProposal.reviewer))
        .order_by(PublicationProposal.id.desc())
        .limit(MOST_SHOWN)
    ).all()


def living_proposal(session: Session, code: str) -> PublicationProposal | None:
    """The proposal of a questionnaire that waits, or was approved and not yet published."""
    return session.scalar(
        select(PublicationProposal).where(
            PublicationProposal.code == code, PublicationProposal.state.in_(LIVING)
        )
    )


def publishing_rule(session: Session) -> PublishingRule | None:
    return session.get(PublishingRule, 1)


def closing_of(session: Session, version_id: int) -> VersionClosing | None:
    return session.get(VersionClosing, version_id)


def closed_versions(session: Session) -> frozenset[int]:
    """The ids of the versions by which no new survey is made."""
    query = select(VersionClosing.version_id).order_by(VersionClosing.version_id)
    return frozenset(session.scalars(query))
