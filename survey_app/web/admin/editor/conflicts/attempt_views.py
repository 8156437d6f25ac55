"""What was typed while others saved the same part: shown with both sides, decided on, dropped."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Conflict, Invalid
from survey_app.operations.questionnaires import attempts, drafts
from survey_app.operations.questionnaires.attempts import Chosen, QuestionnaireDraftAttempt
from survey_app.operations.questionnaires.drafts import QuestionnaireDraft, find_draft
from survey_app.questionnaire.editing.document import clean_text
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.web.admin import blueprint
from survey_app.web.admin.editor.answering import answer
from survey_app.web.admin.editor.conflicts.attempt_page import attempt_page
from survey_app.web.admin.editor.conflicts.cases import Case, case_of, require_choices, still_chosen
from survey_app.web.admin.editor.reading import Edited
from survey_app.web.guard import signed_in_account
from survey_app.web.identifiers import parse_id
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish

LATER = "Nội dung chưa lưu của ông/bà được giữ lại; mở lại ở đầu trang bản thảo bất kỳ lúc nào."


@blueprint.get("/drafts/<int:draft_id>/attempts/<int:attempt_id>", endpoint="attempt")
def show_attempt(draft_id: int, attempt_id: int) -> ResponseReturnValue:
    draft, attempt = _kept(draft_id, attempt_id)
    return attempt_page(draft, attempt, attempts.chosen_so_far(attempt))


@blueprint.post("/drafts/<int:draft_id>/attempts/<int:attempt_id>")
def decide_attempt(draft_id: int, attempt_id: int) -> ResponseReturnValue:
    draft, attempt = _kept(draft_id, attempt_id)
    case = case_of(draft, attempt)
    chosen = _chosen(draft, attempt, case)
    if read_wish("save", "later") == "later":
        attempts.keep_choice(current_session(), draft, attempt, chosen, **_by())
        return answer(draft, Edited(draft.document, case.place or Place(Part.GENERAL), LATER))
    try:
        return _decided(draft, attempt, case, chosen)
    except (Invalid, Conflict) as refusal:
        draft, attempt = _kept(draft_id, attempt_id)  # maybe saved by others just now
        attempts.keep_choice(current_session(), draft, attempt, chosen, **_by())
        current_session().commit()  # what was chosen so far, though the page is refused
        return attempt_page(draft, attempt, chosen, refusal=refusal)


@blueprint.post("/drafts/<int:draft_id>/attempts/<int:attempt_id>/drop")
def drop_attempt(draft_id: int, attempt_id: int) -> ResponseReturnValue:
    draft, attempt = _kept(draft_id, attempt_id)
    attempts.close_attempt(current_session(), draft, attempt, is_wanted=False, **_by())
    flash("Đã bỏ nội dung chưa lưu của ông/bà; bản thảo giữ nguyên như đang lưu.")
    return redirect(url_for("admin.draft", draft_id=draft.id))


def _by() -> dict[str, Any]:
    return {"now": now(), "account": signed_in_account()}


def _kept(draft_id: int, attempt_id: int) -> tuple[QuestionnaireDraft, QuestionnaireDraftAttempt]:
    """Raises NotFound, also for what somebody else typed."""
    session = current_session()
    draft = find_draft(session, draft_id)
    return draft, attempts.find_attempt(session, draft, attempt_id, signed_in_account(), now=now())


def _chosen(draft: QuestionnaireDraft, attempt: QuestionnaireDraftAttempt, case: Case) -> Chosen:
    """What was chosen on the page, as far as it still stands beside what was saved meanwhile."""
    revision = request.form.get("revision", 0, type=parse_id)
    names = [matter.name for matter in case.matters()]
    side = {name: request.form.get(f"side/{name}", "") for name in names}
    words = {name: clean_text(request.form.get(f"words/{name}", "")) for name in names}
    chosen = Chosen(revision, side, {name: text for name, text in words.items() if text})
    if revision == draft.revision:
        return chosen
    document = drafts.document_at_revision(current_session(), draft, revision)
    return still_chosen(case, case_of(draft, attempt, document) if document else None, chosen)


def _decided(
    draft: QuestionnaireDraft, attempt: QuestionnaireDraftAttempt, case: Case, chosen: Chosen
) -> ResponseReturnValue:
    """Save what was chosen. Raises Invalid, Outdated and Conflict."""
    require_choices(case, chosen)
    if case.leaves_all(chosen):
        return drop_attempt(draft.id, attempt.id)
    edited = case.save(draft, chosen, case.told)
    attempts.close_attempt(current_session(), draft, attempt, **_by())
    return answer(find_draft(current_session(), draft.id), edited)
