"""What somebody typed into a draft while others saved it: kept until it is decided on, for weeks at
most, for nobody else to read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.operations.audit.entries import record
from survey_app.operations.questionnaires.drafts import QuestionnaireDraft
from survey_app.questionnaire.editing.document import Document
from survey_app.storage.models import Account
from survey_app.storage.models import QuestionnaireDraftAttempt as QuestionnaireDraftAttempt
from survey_app.storage.queries import drafts as queries

#: Whoever typed it has so long to come back.
KEPT_FOR = timedelta(days=30)
#: In one draft by one account; where there are more, the oldest goes.
MOST_KEPT = 20
#: What no form is sent for: it is not kept.
_UNKEPT = frozenset({"csrf_token", "revision"})

#: The fields of a form in the order in which they were sent.
Typed = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Chosen:
    """What has been decided so far. ``revision``: of the draft as it was shown; ``side``: by the
    name of a clash; ``words``: what was written anew instead of either."""

    revision: int = 0
    side: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


def keep_attempt(
    session: Session,
    draft: QuestionnaireDraft,
    *,
    place: str,
    revision: int,
    seen: Document | None,
    typed: Iterable[tuple[str, str]],
    now: datetime,
    account: Account,
) -> QuestionnaireDraftAttempt:
    """Keep what was typed; the same form sent twice is kept once."""
    fields = [[name, value] for name, value in typed if name not in _UNKEPT]
    content = json.dumps(fields, ensure_ascii=False)
    kept = list(attempts_of(session, draft, account, now=now))
    for attempt in kept:
        if (attempt.place, attempt.revision, attempt.typed) == (place, revision, content):
            return attempt
    queries.delete_attempts_before(session, now - KEPT_FOR)
    for attempt in kept[: max(0, len(kept) + 1 - MOST_KEPT)]:
        session.delete(attempt)
    attempt = QuestionnaireDraftAttempt(
        draft_id=draft.id,
        account_id=account.id,
        place=place[:200],
        revision=revision,
        seen="" if seen is None else json.dumps(seen, ensure_ascii=False),
        typed=content,
        chosen="{}",
        kept_at=now,
    )
    session.add(attempt)
    record(session, "draft.keep", now=now, account=account, subject=draft.code, detail=place)
    session.flush()
    return attempt


def attempts_of(
    session: Session, draft: QuestionnaireDraft, account: Account, *, now: datetime
) -> Sequence[QuestionnaireDraftAttempt]:
    """What the account has typed into this draft and not decided on, the oldest first."""
    return queries.attempts_of(session, account.id, now - KEPT_FOR, draft.id)


def drafts_with_attempts(session: Session, account: Account, *, now: datetime) -> frozenset[int]:
    """The drafts in which something that the account typed waits for its decision."""
    found = queries.attempts_of(session, account.id, now - KEPT_FOR)
    return frozenset(attempt.draft_id for attempt in found)


def find_attempt(
    session: Session, draft: QuestionnaireDraft, attempt_id: int, account: Account, *, now: datetime
) -> QuestionnaireDraftAttempt:
    """Raises NotFound, also for what somebody else typed."""
    for attempt in attempts_of(session, draft, account, now=now):
        if attempt.id == attempt_id:
            return attempt
    raise NotFound("Nội dung giữ lại này không còn; ông/bà đã quyết định hoặc đã quá hạn giữ.")


def seen_document(attempt: QuestionnaireDraftAttempt) -> Document | None:
    """The draft that the form was made from, None where nobody knew it any more."""
    found: Document | None = json.loads(attempt.seen) if attempt.seen else None
    return found


def typed_form(attempt: QuestionnaireDraftAttempt) -> Typed:
    return [(name, value) for name, value in json.loads(attempt.typed)]


def chosen_so_far(attempt: QuestionnaireDraftAttempt) -> Chosen:
    return Chosen(**json.loads(attempt.chosen))


def keep_choice(
    session: Session,
    draft: QuestionnaireDraft,
    attempt: QuestionnaireDraftAttempt,
    chosen: Chosen,
    *,
    now: datetime,
    account: Account,
) -> None:
    """Remember what has been decided so far."""
    content = json.dumps(asdict(chosen), ensure_ascii=False)
    if content != attempt.chosen:
        attempt.chosen = content
        record(
            session,
            "draft.keep",
            now=now,
            account=account,
            subject=draft.code,
            detail=attempt.place,
        )
        session.flush()


def close_attempt(
    session: Session,
    draft: QuestionnaireDraft,
    attempt: QuestionnaireDraftAttempt,
    *,
    is_wanted: bool = True,
    now: datetime,
    account: Account,
) -> None:
    """Nothing of it is kept any longer: it was decided, or whoever typed it wants nothing of it."""
    action = "draft.decide" if is_wanted else "draft.drop"
    record(session, action, now=now, account=account, subject=draft.code, detail=attempt.place)
    session.delete(attempt)
    session.flush()
