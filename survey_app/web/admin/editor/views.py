"""The editor of questionnaires: drafts made, edited one part at a time, undone, discarded."""

from typing import Any, NoReturn

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Invalid
from survey_app.operations.questionnaires import drafts, library
from survey_app.operations.questionnaires.attempts import Chosen, drafts_with_attempts
from survey_app.operations.questionnaires.drafts import (
    Edit,
    Outdated,
    QuestionnaireDraft,
    draft_source,
    find_draft,
)
from survey_app.operations.questionnaires.publishing import version_by_id
from survey_app.operations.questionnaires.supplied import supplied_questionnaire
from survey_app.operations.reports.documents import Document as File
from survey_app.questionnaire.editing.document import Document
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.text import decode_utf8
from survey_app.web.admin import blueprint
from survey_app.web.admin.editor.answering import answer
from survey_app.web.admin.editor.conflicts.attempt_page import answer_with_attempt, seen_by_form
from survey_app.web.admin.editor.conflicts.cases import PartCase
from survey_app.web.admin.editor.conflicts.joining import join, outcome
from survey_app.web.admin.editor.draft_form import DraftForm
from survey_app.web.admin.editor.page import (
    TRANSLATION,
    editor_page,
    frame,
    names_of,
    part_address,
    shown,
)
from survey_app.web.admin.editor.reading import Edited
from survey_app.web.admin.editor.saving import keep_words, save_form
from survey_app.web.admin.editor.translation_page import (
    translated_language,
    translation_answer,
)
from survey_app.web.admin.editor.values import has_part, read_place
from survey_app.web.audit import note, note_taken
from survey_app.web.documents import attachment
from survey_app.web.guard import signed_in_account
from survey_app.web.identifiers import parse_id
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish

EDITED_MEANWHILE = "Người khác cũng vừa lưu bản thảo; phần của ông/bà được ghi thêm vào."
GONE_MEANWHILE = "Phần này đã được người khác xóa; không có nội dung nào của ông/bà bị mất."


@blueprint.get("/drafts", endpoint="drafts")
def list_drafts() -> ResponseReturnValue:
    session, mine = current_session(), signed_in_account()
    found, undecided = drafts.list_drafts(session), drafts_with_attempts(session, mine, now=now())
    return render_template("admin/editor/drafts.html", drafts=found, undecided=undecided)


@blueprint.route("/create-draft", methods=["GET", "POST"])
def create_draft() -> ResponseReturnValue:
    form = DraftForm().offer(library.latest_versions(current_session()))
    if form.validate_on_submit():
        with form.refusals_shown():
            draft = _make(form)
            note("draft.create", draft.code, draft.title)
            flash("Đã tạo bản thảo. Chưa ai ngoài quản trị nhìn thấy bản thảo này.")
            return redirect(part_address(draft.id, Place(Part.GENERAL)))
    return render_template("admin/editor/create_draft.html", form=form), form.status


@blueprint.get("/drafts/<int:draft_id>", endpoint="draft")
def open_draft(draft_id: int) -> ResponseReturnValue:
    return redirect(part_address(draft_id, Place(Part.GENERAL)))


@blueprint.get("/drafts/<int:draft_id>/<part>")
@blueprint.get("/drafts/<int:draft_id>/<part>/<code>")
def draft_part(draft_id: int, part: str, code: str = "") -> ResponseReturnValue:
    draft = find_draft(current_session(), draft_id)
    if draft.published_version_id is not None:
        return redirect(url_for("admin.questionnaire", version_id=draft.published_version_id))
    return editor_page(draft, read_place(f"{part}:{code}"))


@blueprint.post("/drafts/<int:draft_id>/<part>")
@blueprint.post("/drafts/<int:draft_id>/<part>/<code>")
def edit_draft(draft_id: int, part: str, code: str = "") -> ResponseReturnValue:
    place = read_place(f"{part}:{code}")
    keep_words(request.form)
    try:
        edited = save_form(draft_id, _revision(), place, request.form)
    except Outdated as outdated:
        return _save_beside_others(find_draft(current_session(), draft_id), place, outdated)
    except Invalid as refusal:
        return editor_page(find_draft(current_session(), draft_id), place, refusal=refusal)
    return answer(find_draft(current_session(), draft_id), edited)


@blueprint.post("/drafts/<int:draft_id>/undo")
def undo_draft(draft_id: int) -> ResponseReturnValue:
    how: dict[str, Any] = {"revision": _revision(), "now": now(), "account": signed_in_account()}
    act = drafts.undo if read_wish("undo", "redo") == "undo" else drafts.redo
    try:
        state = act(current_session(), draft_id, **how)
    except Outdated as outdated:
        return _undo_beside_others(find_draft(current_session(), draft_id), outdated)
    draft = find_draft(current_session(), draft_id)
    said = "Đã hoàn tác: " if act is drafts.undo else "Đã làm lại: "
    said += state.action.removeprefix("Đã ")
    if language := translated_language(draft, state.place):
        return translation_answer(draft, language, said)
    return answer(draft, Edited(draft.document, _place_of(draft, state.place), said))


@blueprint.post("/drafts/<int:draft_id>/discard")
def discard_draft(draft_id: int) -> ResponseReturnValue:
    draft = find_draft(current_session(), draft_id)
    note("draft.discard", draft.code, draft.title)
    drafts.discard_draft(current_session(), draft)
    flash("Đã xóa bản thảo.")
    return redirect(url_for("admin.drafts"))


@blueprint.get("/drafts/<int:draft_id>/source", endpoint="draft_source")
def download_draft(draft_id: int) -> ResponseReturnValue:
    draft = find_draft(current_session(), draft_id)
    name = f"{draft.code}-ban-thao.yaml"
    note_taken("draft.source", draft.code)
    return attachment(File(draft_source(draft).encode(), name, "application/yaml; charset=utf-8"))


@blueprint.get("/drafts/<int:draft_id>/checks", endpoint="draft_checks")
def check_draft(draft_id: int) -> ResponseReturnValue:
    draft = find_draft(current_session(), draft_id)
    context = {"part": "checks", **frame(draft, draft.document, None)}
    context["names"] = names_of(context["outline"])
    address = url_for("admin.draft_checks", draft_id=draft.id)
    return shown("admin/editor/checks.html", context, address, "", "", None)


@blueprint.get("/drafts/<int:draft_id>/library", endpoint="draft_library")
def show_library(draft_id: int) -> ResponseReturnValue:
    return _library_page(find_draft(current_session(), draft_id))


@blueprint.post("/drafts/<int:draft_id>/library")
def borrow_question(draft_id: int) -> ResponseReturnValue:
    taken: list[str] = []

    def change(document: Document) -> Edit:
        changed, code = library.take_over(
            current_session(),
            document,
            request.form.get("section", ""),
            version_id=request.form.get("version", 0, type=parse_id),
            code=request.form.get("question", ""),
        )
        taken.append(code)
        place = str(Place(Part.QUESTION, code))
        return Edit(changed, "Đã thêm câu hỏi từ thư viện", place)

    revision = find_draft(current_session(), draft_id).revision  # it only adds: nothing is lost
    how: dict[str, Any] = {"revision": revision, "now": now(), "account": signed_in_account()}
    draft = drafts.edit_draft(current_session(), draft_id, change, **how)
    place = Place(Part.QUESTION, taken[0])
    return answer(draft, Edited(draft.document, place, "Đã thêm câu hỏi từ thư viện."))


def _make(form: DraftForm) -> QuestionnaireDraft:
    session = current_session()
    how: dict[str, Any] = {"now": now(), "account": signed_in_account()}
    if form.start.data == "file":
        if not form.file.data:
            _refuse("Chọn tệp.", form.file.name)
        return drafts.draft_from_source(session, decode_utf8(form.file.data.read()), **how)
    if form.start.data == "supplied":
        if not form.supplied.data:
            _refuse("Chọn bộ câu hỏi mẫu.", form.supplied.name)
        source = supplied_questionnaire(form.supplied.data).source
        return drafts.draft_from_source(session, source, **how)
    if form.start.data == "version":
        if not form.version_id.data:
            _refuse("Chọn phiên bản.", form.version_id.name)
        version = version_by_id(session, form.version_id.data)
        return drafts.draft_from_version(session, version, **how)
    return drafts.create_draft(session, code=form.code.data.strip(), title=form.title.data, **how)


def _refuse(message: str, field: str) -> NoReturn:
    raise DraftForm.mistake(field, Invalid(message))


def _revision() -> int:
    return request.form.get("revision", 0, type=parse_id)


def _save_beside_others(
    draft: QuestionnaireDraft, place: Place, outdated: Outdated
) -> ResponseReturnValue:
    """Save what was sent beside what others have saved since; what both changed is kept and shown,
    for whoever typed it to decide."""
    seen = seen_by_form(draft)
    since = drafts.documents_since(current_session(), draft, _revision())
    joint = join(request.form, place, seen, since)
    if not joint.is_settled:
        return answer_with_attempt(draft, place=str(place), seen=seen, outdated=outdated)
    if not joint.is_there:
        return answer(draft, Edited(draft.document, Place(Part.GENERAL), GONE_MEANWHILE))
    case = PartCase(joint)
    try:
        edited = case.save(draft, Chosen(), f"{EDITED_MEANWHILE} {_together(case)}".rstrip())
    except Invalid as refusal:
        sent = outcome(joint, {}, {})[1]
        return editor_page(draft, joint.place, refusal=refusal, sent=sent)
    return answer(find_draft(current_session(), draft.id), edited)


def _together(case: PartCase) -> str:
    """What each of the two changed in the same part."""
    if not case.theirs:
        return case.told
    theirs = ", ".join(label for label, _ in case.theirs)
    said = f"Trong phần này, người khác đã sửa: {theirs}; giữ cả hai phía."
    return f"{said} {case.told}".rstrip()


def _undo_beside_others(draft: QuestionnaireDraft, outdated: Outdated) -> ResponseReturnValue:
    """Another action would be undone than the one that was on the page: that is asked first."""
    context = {"part": "undo", "wish": read_wish("undo", "redo")}
    context |= frame(draft, draft.document, None)
    address = part_address(draft.id, Place(Part.GENERAL))
    return shown("admin/editor/undo_outdated.html", context, address, "", "", outdated)


def _place_of(draft: QuestionnaireDraft, written: str) -> Place:
    """The part a state is about, if the draft has it now, else the general one."""
    if written.startswith(TRANSLATION):
        return Place(Part.GENERAL)  # of a language that is gone
    place = read_place(written or Part.GENERAL)
    return place if has_part(draft.document, place) else Place(Part.GENERAL)


def _library_page(draft: QuestionnaireDraft) -> ResponseReturnValue:
    wanted = request.args.get("q", "")
    found, total = library.search_library(current_session(), wanted)
    context = {
        "part": "library",
        "wanted": wanted,
        "found": found,
        "total": total,
        "chosen_section": request.args.get("section", ""),
        **frame(draft, draft.document, None),
    }
    address = url_for("admin.draft_library", draft_id=draft.id, q=wanted or None)
    return shown("admin/editor/library.html", context, address, "", "", None)
