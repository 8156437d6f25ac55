"""Drafts of questionnaires: made, edited without overwriting one another, undone, discarded.

Who edits sends the revision that was on the screen. If somebody else has saved in between, nothing
is stored and :class:`Outdated` says so; the caller shows both. Every save keeps the document as a
state of the draft, so that it can be undone and done again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, NotFound, Problem
from survey_app.operations.audit.entries import changed, record
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.questionnaire.editing.codes import check_questionnaire_code
from survey_app.questionnaire.editing.differences import fields_of
from survey_app.questionnaire.editing.document import (
    Document,
    clean_text,
    from_questionnaire,
    new_document,
    placed,
    read_document,
    spoken,
    tidy,
    write_document,
)
from survey_app.storage.models import Account, QuestionnaireVersion
from survey_app.storage.models import QuestionnaireDraft as QuestionnaireDraft
from survey_app.storage.models import QuestionnaireDraftState as QuestionnaireDraftState
from survey_app.storage.queries import drafts as queries

#: So many states are kept for undoing.
MOST_STATES = 200
LONGEST_TITLE = 300
#: A scale or a language that is added changes hundreds of fields; the state itself holds them all.
MOST_FIELDS_RECORDED = 20


@dataclass(frozen=True)
class Edit:
    """A changed document, what was done to it in words, and the part of the editor it is about."""

    document: Document
    action: str
    place: str = ""


class Outdated(Conflict):
    """Somebody else has saved the draft since it was shown."""


@dataclass(frozen=True)
class History:
    """What can be undone and done again, in words; None where there is nothing."""

    undo: str | None
    redo: str | None


def create_draft(
    session: Session, *, code: str, title: str, now: datetime, account: Account | None
) -> QuestionnaireDraft:
    """An empty draft. Raises Invalid for a malformed code and a missing title, for both at once."""
    problems: list[Problem] = []
    for check, words in ((_title, title), (check_questionnaire_code, code)):
        try:
            check(words)
        except Invalid as refusal:
            problems += refusal.problems
    if problems:
        raise Invalid(problems[0].message, problems)
    return _store(session, new_document(code, _title(title)), "Tạo bản thảo trống", now, account)


def draft_from_version(
    session: Session, version: QuestionnaireVersion, *, now: datetime, account: Account | None
) -> QuestionnaireDraft:
    """A draft that says what a published version says."""
    document = from_questionnaire(load_questionnaire(version))
    action = f"Tạo bản thảo từ {version.name}"
    return _store(session, document, action, now, account, version)


def draft_from_source(
    session: Session,
    source: str,
    *,
    now: datetime,
    account: Account | None,
    base: QuestionnaireVersion | None = None,
) -> QuestionnaireDraft:
    """A draft of what is written in a document, complete or not; raises Invalid."""
    document = read_document(source)
    return _store(session, document, "Tạo bản thảo từ tài liệu", now, account, base)


def find_draft(session: Session, draft_id: int) -> QuestionnaireDraft:
    """Raises NotFound."""
    draft = session.get(QuestionnaireDraft, draft_id)
    if draft is None:
        raise NotFound("Không có bản thảo này; có thể bản thảo đã bị xóa.")
    return draft


def list_drafts(session: Session) -> Sequence[QuestionnaireDraft]:
    """Drafts that have not been published, the last changed first."""
    return queries.open_drafts(session)


def draft_source(draft: QuestionnaireDraft) -> str:
    """The draft as YAML, ready to be published once it has no mistakes."""
    return write_document(draft.document)


def edit_draft(
    session: Session,
    draft_id: int,
    change: Callable[[Document], Edit],
    *,
    revision: int,
    now: datetime,
    account: Account | None,
) -> QuestionnaireDraft:
    """Change the document and keep it as a new state; nothing is stored where nothing changes.

    Raises Outdated, Conflict for a published draft, and whatever ``change`` refuses.
    """
    draft = _draft_to_edit(session, draft_id, revision)
    document = draft.document
    edit = change(document)
    after = tidy(edit.document)
    if after == document:
        return draft
    queries.delete_states_above(session, draft.id, draft.state_number)
    draft.state_number += 1
    _touch(draft, after, now, account)
    _keep_state(session, draft, replace(edit, document=after), now, account)
    session.flush()
    queries.delete_states_up_to(session, draft.id, draft.state_number - MOST_STATES)
    _record("draft.edit", session, draft, (document, after), edit.action, now, account)
    return draft


def undo(
    session: Session, draft_id: int, *, revision: int, now: datetime, account: Account | None
) -> QuestionnaireDraftState:
    """Back to the state before; gives the state that was undone. Raises Outdated, Conflict."""
    draft = _draft_to_edit(session, draft_id, revision)
    undone = _state(session, draft, draft.state_number)
    documents = _return_to(session, draft, draft.state_number - 1, now, account)
    _record("draft.undo", session, draft, documents, undone.action, now, account)
    return undone


def redo(
    session: Session, draft_id: int, *, revision: int, now: datetime, account: Account | None
) -> QuestionnaireDraftState:
    """Again what was undone last; gives that state. Raises Outdated, Conflict."""
    draft = _draft_to_edit(session, draft_id, revision)
    documents = _return_to(session, draft, draft.state_number + 1, now, account)
    done = _state(session, draft, draft.state_number)
    _record("draft.redo", session, draft, documents, done.action, now, account)
    return done


def history_of(session: Session, draft: QuestionnaireDraft) -> History:
    """What stands behind and before the state in force."""
    states = {state.number: state.action for state in queries.states_of(session, draft.id)}
    number = draft.state_number
    return History(
        undo=states.get(number) if number - 1 in states else None, redo=states.get(number + 1)
    )


def states_of(session: Session, draft: QuestionnaireDraft) -> Sequence[QuestionnaireDraftState]:
    """Every state that is kept, the oldest first."""
    return queries.states_of(session, draft.id)


def document_at_revision(
    session: Session, draft: QuestionnaireDraft, revision: int
) -> Document | None:
    """The document that was saved as this revision, None once nobody knows it any more."""
    for state in queries.states_of(session, draft.id):
        if state.revision == revision:
            found: Document = json.loads(state.content)
            return found
    return None


def documents_since(
    session: Session, draft: QuestionnaireDraft, revision: int
) -> Sequence[Document]:
    """What was saved from this revision on, the document in force last; that one alone where
    nobody knows the revision any more."""
    since = [state for state in queries.states_of(session, draft.id) if state.revision >= revision]
    if revision not in [state.revision for state in since]:
        return (draft.document,)
    since.sort(key=lambda state: state.revision)
    earlier: list[Document] = [
        json.loads(state.content) for state in since if state.number != draft.state_number
    ]
    return (*earlier, draft.document)


def discard_draft(session: Session, draft: QuestionnaireDraft) -> None:
    """Delete a draft with all its states and whatever waits for it; published versions stay."""
    queries.delete_attempts_of_draft(session, draft.id)
    queries.delete_states_above(session, draft.id, 0)
    session.delete(draft)
    session.flush()


def mark_published(
    session: Session, draft: QuestionnaireDraft, version: QuestionnaireVersion
) -> None:
    """The draft has become a version; from now on it is only read."""
    draft.published_version_id = version.id
    session.flush()


def _title(title: str) -> str:
    cleaned = clean_text(title)
    if not cleaned:
        raise placed("Nhập tên bộ câu hỏi.", "title")
    if len(cleaned) > LONGEST_TITLE:
        raise placed(f"Tên dài nhất {LONGEST_TITLE} ký tự.", "title")
    return cleaned


def _store(
    session: Session,
    document: Document,
    action: str,
    now: datetime,
    account: Account | None,
    base: QuestionnaireVersion | None = None,
) -> QuestionnaireDraft:
    draft = QuestionnaireDraft(
        revision=0,
        state_number=1,
        base_version_id=base.id if base else None,
        owner_id=account.id if account else None,
        created_at=now,
    )
    _touch(draft, document, now, account)
    session.add(draft)
    session.flush()
    _keep_state(session, draft, Edit(document, action), now, account)
    session.flush()
    return draft


def _draft_to_edit(session: Session, draft_id: int, revision: int) -> QuestionnaireDraft:
    draft = queries.locked_draft(session, draft_id)
    if draft is None:
        raise NotFound("Không có bản thảo này; có thể bản thảo đã bị xóa.")
    if draft.published_version_id is not None:
        raise Conflict("Bản thảo đã được công bố nên không sửa được nữa.")
    if draft.revision != revision:
        raise Outdated("Bản thảo đã được lưu ở nơi khác sau khi ông/bà mở trang này.")
    return draft


def _touch(
    draft: QuestionnaireDraft,
    document: Document,
    now: datetime,
    account: Account | None,
) -> None:
    """A new revision of the draft, with what lists show of its document."""
    draft.code = str(document["code"])
    draft.title = spoken(document.get("title"))[:LONGEST_TITLE] or "(chưa có tên)"
    draft.revision += 1
    draft.changed_at = now
    draft.changed_by = account.id if account else None


def _keep_state(
    session: Session, draft: QuestionnaireDraft, edit: Edit, now: datetime, account: Account | None
) -> None:
    state = QuestionnaireDraftState(
        draft_id=draft.id,
        number=draft.state_number,
        revision=draft.revision,
        content=json.dumps(edit.document, ensure_ascii=False, separators=(",", ":")),
        action=edit.action[:200],
        place=edit.place[:200],
        saved_by=account.id if account else None,
        saved_at=now,
    )
    session.add(state)


def _state(session: Session, draft: QuestionnaireDraft, number: int) -> QuestionnaireDraftState:
    state = queries.state_with_content(session, draft.id, number)
    if state is None:
        raise Invalid("Không còn thao tác nào để hoàn tác hoặc làm lại.")
    return state


def _return_to(
    session: Session,
    draft: QuestionnaireDraft,
    number: int,
    now: datetime,
    account: Account | None,
) -> tuple[Document, Document]:
    """The documents before and after."""
    before, state = draft.document, _state(session, draft, number)
    after: Document = json.loads(state.content)
    draft.state_number = number
    _touch(draft, after, now, account)
    state.revision = draft.revision  # by which forms know from now on what they were made from
    session.flush()
    return before, after


def _record(
    action: str,
    session: Session,
    draft: QuestionnaireDraft,
    documents: tuple[Document, Document],
    done: str,
    now: datetime,
    account: Account | None,
) -> None:
    """One entry for a saved state: what was done, and the first fields that it changed."""
    before, after = map(fields_of, documents)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    kept = names[:MOST_FIELDS_RECORDED]
    detail: dict[str, Any] = changed(
        {name: before.get(name) for name in kept}, {name: after.get(name) for name in kept}
    )
    detail |= {"note": done, "revision": draft.revision}
    if len(names) > len(kept):
        detail["more"] = len(names) - len(kept)
    record(session, action, now=now, account=account, subject=draft.code, detail=detail)
