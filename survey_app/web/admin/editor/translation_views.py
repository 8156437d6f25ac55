"""Translating a draft on one page: every text of it at once, into one language."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.errors import Invalid, Problem
from survey_app.operations.questionnaires.attempts import Chosen
from survey_app.operations.questionnaires.drafts import Outdated, find_draft
from survey_app.questionnaire.editing.document import LONGEST_TEXT, Document
from survey_app.questionnaire.editing.translating import Merge
from survey_app.web.admin import blueprint
from survey_app.web.admin.editor.conflicts.attempt_page import answer_with_attempt, seen_by_form
from survey_app.web.admin.editor.conflicts.cases import translation_case
from survey_app.web.admin.editor.page import TRANSLATION
from survey_app.web.admin.editor.saving import keep_words
from survey_app.web.admin.editor.translation_page import (
    require_language,
    translation_answer,
    translation_page,
)
from survey_app.web.identifiers import parse_id
from survey_app.web.transactions import current_session


@blueprint.get("/drafts/<int:draft_id>/translation/<language>", endpoint="draft_translation")
def show_translation(draft_id: int, language: str) -> ResponseReturnValue:
    draft = find_draft(current_session(), draft_id)
    if draft.published_version_id is not None:
        return redirect(url_for("admin.questionnaire", version_id=draft.published_version_id))
    require_language(draft, language)
    return translation_page(draft, language)


@blueprint.post("/drafts/<int:draft_id>/translation/<language>")
def save_translation(draft_id: int, language: str) -> ResponseReturnValue:
    keep_words(request.form)
    try:
        return _save_beside_others(draft_id, language)
    except Outdated:
        # Somebody saved just now. The draft has been held since: nobody else saves it.
        return _save_beside_others(draft_id, language)


def _save_beside_others(draft_id: int, language: str) -> ResponseReturnValue:
    """Save what was sent beside what others have saved since; what both changed is kept and shown.
    Raises Outdated where somebody saves between reading and saving."""
    draft = find_draft(current_session(), draft_id)
    seen: Document | None = draft.document
    if request.form.get("revision", 0, type=parse_id) != draft.revision:
        seen = seen_by_form(draft)
    if seen is None or language not in seen["languages"]:
        require_language(draft, language)  # else somebody has just taken it away
    case = translation_case(request.form, language, seen, draft.document)
    try:
        _require_short(case.merge)
        if case.merge.clashes:
            outdated = Outdated("Có bản dịch vừa được người khác sửa.")
            place = f"{TRANSLATION}{language}"
            return answer_with_attempt(draft, place=place, seen=seen, outdated=outdated)
        case.save(draft, Chosen())
    except Invalid as refusal:
        return translation_page(draft, language, typed=case.merge, refusal=refusal)
    return translation_answer(draft, language, _said(case.merge))


def _require_short(typed: Merge) -> None:
    """Raises Invalid for texts that are too long; what is on the page is saved together or not at
    all."""
    too_long = [name for name, text in typed.changes.items() if len(text) > LONGEST_TEXT]
    if too_long:
        message = f"Dài nhất {LONGEST_TEXT} ký tự."
        raise Invalid("Chưa lưu được bản dịch.", [Problem(message, name) for name in too_long])


def _said(typed: Merge) -> str:
    if not typed.changes:
        return "Không có bản dịch nào thay đổi."
    said = f"Đã lưu {len(typed.changes)} bản dịch."
    if typed.restated:
        said += (
            f" Câu tiếng Việt ở {len(typed.restated)} chỗ vừa được người khác sửa; vui lòng xem"
            " lại bản dịch ở đó."
        )
    return said
