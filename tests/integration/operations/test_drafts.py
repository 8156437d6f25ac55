"""Drafts: nobody overwrites anybody, every step can be undone, published ones are only read."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, NotFound
from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.drafts import Edit, Outdated, QuestionnaireDraft
from survey_app.operations.questionnaires.library import (
    published_questions,
    search_library,
    take_over,
)
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.operations.questionnaires.worked_index import work_index
from survey_app.questionnaire.editing import choices, parts
from survey_app.questionnaire.editing.document import Document, read_document
from survey_app.questionnaire.parsing import dump_questionnaire, parse_questionnaire
from survey_app.reporting.records.audit_words import sentence
from tests.factories import NOW, QUESTIONNAIRES, make_account, recorded

SOURCE = (QUESTIONNAIRES / "sipas-counter.yaml").read_text(encoding="utf-8")


@pytest.fixture
def draft(session: Session) -> QuestionnaireDraft:
    return drafts.create_draft(session, code="thu", title="Thử", now=NOW, account=None)


def titled(title: str) -> Callable[[Document], Edit]:
    return lambda document: Edit(
        choices.set_general(document, {"title": {"vi": title}}), f"Đổi tên thành {title}"
    )


def save(session: Session, draft: QuestionnaireDraft, title: str) -> QuestionnaireDraft:
    how = {"revision": draft.revision, "now": NOW, "account": None}
    return drafts.edit_draft(session, draft.id, titled(title), **how)


def test_a_draft_comes_from_a_version_or_a_document_and_says_the_same(session: Session) -> None:
    account = make_account(session)
    version = publish_questionnaire(session, SOURCE, now=NOW).version
    for draft in (
        drafts.draft_from_version(session, version, now=NOW, account=account),
        drafts.draft_from_source(session, SOURCE, now=NOW, account=account),
    ):
        source = drafts.draft_source(draft)
        assert source == dump_questionnaire(parse_questionnaire(SOURCE))
        assert not publish_questionnaire(session, source, now=NOW).is_new
    assert [d.base_version_id for d in drafts.list_drafts(session)] == [None, version.id]


def test_an_empty_draft_needs_a_code_and_a_title(session: Session) -> None:
    for code, title, field in (("Thử", "Thử", "code"), ("thu", " ", "title")):
        with pytest.raises(Invalid) as refusal:
            drafts.create_draft(session, code=code, title=title, now=NOW, account=None)
        assert refusal.value.problems[0].where == field


def test_who_saves_an_older_revision_is_stopped(
    session: Session, draft: QuestionnaireDraft
) -> None:
    seen = draft.revision
    save(session, draft, "Của người thứ nhất")
    with pytest.raises(Outdated):
        drafts.edit_draft(
            session, draft.id, titled("Của người thứ hai"), revision=seen, now=NOW, account=None
        )
    assert draft.title == "Của người thứ nhất"
    assert drafts.document_at_revision(session, draft, seen)["title"] == {"vi": "Thử"}


def test_saving_what_is_there_already_is_no_new_revision(
    session: Session, draft: QuestionnaireDraft
) -> None:
    save(session, draft, "Thử")
    assert (draft.revision, draft.state_number) == (1, 1)


def test_every_step_is_undone_and_done_again(session: Session, draft: QuestionnaireDraft) -> None:
    how = {"now": NOW, "account": None}
    for title in ("A", "B"):
        save(session, draft, title)
    assert drafts.history_of(session, draft).undo == "Đổi tên thành B"
    drafts.undo(session, draft.id, revision=draft.revision, **how)
    drafts.undo(session, draft.id, revision=draft.revision, **how)
    assert draft.document["title"] == {"vi": "Thử"}
    assert drafts.history_of(session, draft) == drafts.History(None, "Đổi tên thành A")
    with pytest.raises(Invalid):
        drafts.undo(session, draft.id, revision=draft.revision, **how)
    drafts.redo(session, draft.id, revision=draft.revision, **how)
    assert (draft.title, draft.revision) == ("A", 6)
    save(session, draft, "C")  # what was undone is forgotten now
    assert drafts.history_of(session, draft).redo is None
    drafts.undo(session, draft.id, revision=draft.revision, **how)
    assert draft.title == "A"


def test_the_oldest_states_are_forgotten(
    session: Session, draft: QuestionnaireDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_STATES", 3)
    for title in "ABCDE":
        save(session, draft, title)
    assert [state.number for state in drafts.states_of(session, draft)] == [4, 5, 6]


def test_a_published_draft_is_only_read(session: Session, draft: QuestionnaireDraft) -> None:
    version = publish_questionnaire(session, SOURCE, now=NOW).version
    drafts.mark_published(session, draft, version)
    with pytest.raises(Conflict):
        save(session, draft, "Khác")
    assert not drafts.list_drafts(session)


def test_a_discarded_draft_is_gone(session: Session, draft: QuestionnaireDraft) -> None:
    save(session, draft, "A")
    drafts.discard_draft(session, draft)
    with pytest.raises(NotFound):
        drafts.find_draft(session, draft.id)


def test_the_library_is_searched_without_marks(session: Session) -> None:
    version = publish_questionnaire(session, SOURCE, now=NOW).version
    found, total = search_library(session, "BIEN hieu")
    assert [entry.question.code for entry in found] == ["access.signage"]
    assert (total, search_library(session)[1]) == (1, len(published_questions(session)))
    document, section = parts.add_section(read_document("format: 1\ncode: a\n"), "Một")
    document, _ = take_over(
        session, document, section, version_id=version.id, code="access.signage"
    )
    assert document["scales"]["satisfaction"]["satisfied"] == ["4", "5"]
    with pytest.raises(NotFound):
        take_over(session, document, section, version_id=version.id, code="nowhere")


def test_the_worked_example_is_the_sum_of_its_parts() -> None:
    document = read_document(SOURCE)
    pooled = work_index(document)
    assert pooled
    assert pooled.value == pytest.approx(pooled.total / pooled.count)
    for roll_up in ("criteria_mean", "factor_mean", "weighted"):
        weights = {s["code"]: 2.0 for s in document["sections"] if s.get("factor")}
        changes = {"roll_up": roll_up, "weights": weights, "item": "mean"}
        worked = work_index(choices.set_scoring(document, changes))
        assert worked
        parts_of_it = [c.mean * c.coefficient for f in worked.factors for c in f.criteria]
        assert worked.value == pytest.approx(sum(parts_of_it))
    first = pooled.factors[0].criteria[0]
    assert (first.answers[0], first.scores) == ("Rất hài lòng", (1.0, 1.0, 0.0))
    assert work_index(read_document("format: 1\ncode: a\n")) is None


def test_every_saved_state_is_on_record_with_what_changed(session: Session) -> None:
    draft = drafts.draft_from_source(session, SOURCE, now=NOW, account=None)
    save(session, draft, "Tên mới")
    save(session, draft, "Tên mới")  # nothing changes: no state, no entry
    how = {"now": NOW, "account": None}
    drafts.undo(session, draft.id, revision=draft.revision, **how)
    drafts.redo(session, draft.id, revision=draft.revision, **how)
    entries = recorded(session)
    assert [entry.action for entry in entries] == ["draft.edit", "draft.undo", "draft.redo"]
    edited, undone, _ = (json.loads(entry.detail) for entry in entries)
    former = edited["from"]["title/vi"]
    assert edited == {
        "from": {"title/vi": former},
        "to": {"title/vi": "Tên mới"},
        "note": "Đổi tên thành Tên mới",
        "revision": 2,
    }
    assert undone["from"] == edited["to"] and undone["to"] == edited["from"]
    told = sentence(entries[0].action, entries[0].subject, entries[0].detail)
    assert told.startswith("đã sửa bản thảo bộ câu hỏi sipas-counter: title/vi từ “")


def test_a_change_of_everything_is_one_short_entry(session: Session) -> None:
    draft = drafts.create_draft(session, code="sipas-counter", title="x", now=NOW, account=None)
    whole = read_document(SOURCE)
    how = {"revision": 1, "now": NOW, "account": None}
    drafts.edit_draft(session, draft.id, lambda _: Edit(whole, "Nhập lại tất cả"), **how)
    (entry,) = recorded(session)
    detail = json.loads(entry.detail)
    assert len(detail["to"]) == 20 and detail["more"] > 100
    assert len(entry.detail) < 10_000
