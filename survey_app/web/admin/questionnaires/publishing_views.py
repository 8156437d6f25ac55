"""Publishing: a document checked, its edits declared, then published or handed in for review."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Conflict, Invalid
from survey_app.operations.questionnaires import library, lifecycle, publishing
from survey_app.operations.questionnaires.drafts import draft_source, find_draft
from survey_app.operations.questionnaires.lifecycle import LONGEST_NOTE
from survey_app.operations.questionnaires.publishing import (
    Comparison,
    load_questionnaire,
    publication_facts,
)
from survey_app.questionnaire.advice import advise
from survey_app.questionnaire.declarations import LONGEST_REASON, Declarations
from survey_app.questionnaire.editing.document import from_questionnaire
from survey_app.reporting.records.edit_wording import EditedMatter, describe_matters
from survey_app.text import decode_utf8
from survey_app.web.admin import blueprint
from survey_app.web.admin.questionnaires import joint_verdicts
from survey_app.web.admin.questionnaires.declaration_form import (
    given_reasons,
    mistakes_by_key,
    mistakes_to_show,
    read_declarations,
)
from survey_app.web.admin.questionnaires.excerpts import mistakes_of
from survey_app.web.admin.questionnaires.forms import DocumentForm
from survey_app.web.admin.questionnaires.joint_verdicts import Joint
from survey_app.web.audit import note
from survey_app.web.guard import signed_in_account
from survey_app.web.identifiers import parse_id
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish


@blueprint.route("/questionnaires/check", methods=["GET", "POST"])
def check_questionnaire() -> ResponseReturnValue:
    form = DocumentForm()
    if not form.is_submitted() or read_wish("check", "edit") == "edit":
        return _page(form)
    try:
        form.source.data = _given_source(form)
        comparison = publishing.compare_with_published(current_session(), form.source.data)
    except Invalid as invalid:
        return _page(form, invalid)
    return _preview(form, comparison)


@blueprint.get("/questionnaires/publish-draft/<int:draft_id>")
def publish_draft(draft_id: int) -> ResponseReturnValue:
    """The draft as it stands, with its edits, ready to be published."""
    form = DocumentForm()
    form.source.data = draft_source(find_draft(current_session(), draft_id))
    try:
        comparison = publishing.compare_with_published(current_session(), form.source.data)
    except Invalid:
        return redirect(url_for("admin.draft_checks", draft_id=draft_id))
    return _preview(form, comparison, draft_id=draft_id)


@blueprint.post("/questionnaires/publish")
def publish_questionnaire() -> ResponseReturnValue:
    form = DocumentForm()
    form.source.data = _lines_as_written(form)
    try:
        comparison = publishing.compare_with_published(current_session(), form.source.data)
    except Invalid as invalid:
        return _page(form, invalid)
    try:
        _require_same_base(comparison)
        if request.form.get("wish") == joint_verdicts.WISH:
            return _preview(form, comparison, joint=_read_joint(comparison))
        joint_verdicts.require_none_waits()
        declared = read_declarations(comparison.open_matters)
        if lifecycle.needs_review(current_session()) and not comparison.version:
            return _propose(form.source.data, declared)
        publication = lifecycle.publish_alone(
            current_session(),
            form.source.data,
            declared=declared,
            account=signed_in_account(),
            now=now(),
            draft_id=_draft_id(),
        )
    except (Invalid, Conflict) as refusal:
        return _preview(form, comparison, refusal)
    version = publication.version
    if publication.is_new:
        note("questionnaire.publish", version.name, publication_facts(version))
        flash(f"Đã công bố phiên bản {version.name}.")
    else:
        if _draft_id():
            note("draft.publish", version.name)
        flash(f"Tài liệu này đã được công bố là {version.name}; không tạo phiên bản mới.")
    return redirect(url_for("admin.questionnaire", version_id=version.id))


def _propose(source: str, declared: Declarations) -> ResponseReturnValue:
    """Hand the document in for a second person to look at."""
    proposal = lifecycle.propose(
        current_session(),
        source,
        declared=declared,
        author=signed_in_account(),
        now=now(),
        note=request.form.get("note", ""),
        draft_id=_draft_id(),
    )
    note("questionnaire.propose", proposal.code, str(proposal.id))
    flash("Đã gửi đề nghị công bố; người quản trị khác sẽ duyệt.")
    return redirect(url_for("admin.proposal", proposal_id=proposal.id))


def _draft_id() -> int | None:
    """The draft that is being published, None for an uploaded document."""
    return request.form.get("draft", type=parse_id)


def _require_same_base(comparison: Comparison) -> None:
    """Raises Invalid where another version came out since the edits were shown."""
    seen, base = request.form.get("base"), comparison.base
    if base and not comparison.version and seen is not None and seen != str(base.number):
        raise Invalid(
            f"Vừa có phiên bản {base.name} được công bố. Dưới đây là các thay đổi so với phiên bản "
            "đó; xin xác nhận lại."
        )


def _preview(
    form: DocumentForm,
    comparison: Comparison,
    refusal: Invalid | Conflict | None = None,
    *,
    draft_id: int | None = None,
    joint: Joint | None = None,
) -> ResponseReturnValue:
    """The document before it is published, with its edits and what was declared about them, of
    many together in ``joint``."""
    edits = _edits(comparison)
    wrong = mistakes_by_key(refusal)
    together = joint.declared if joint else {}
    page = render_template(
        "admin/questionnaires/preview.html",
        form=form,
        comparison=comparison,
        draft_id=draft_id or _draft_id(),
        questionnaire=comparison.questionnaire,
        edits=edits,
        chosen={**read_declarations(comparison.open_matters), **together},
        reasons={
            **given_reasons(comparison.open_matters),
            **{key: declaration.reason for key, declaration in together.items()},
        },
        groups=joint_verdicts.groups_of(edits),
        joint=joint,
        hints=advise(
            from_questionnaire(comparison.questionnaire),
            library.published_questions(current_session()),
        ),
        asked={question.code: question.text for question in comparison.questionnaire.questions},
        needs_review=lifecycle.needs_review(current_session()),
        note=request.form.get("note", ""),
        refusal=refusal,
        wrong=wrong,
        mistakes=mistakes_to_show(edits, wrong) + joint_verdicts.mistakes_to_show(refusal),
        longest_reason=LONGEST_REASON,
        longest_note=LONGEST_NOTE,
    )
    return page, 422 if refusal else 200


def _edits(comparison: Comparison) -> tuple[EditedMatter, ...]:
    base = comparison.base
    if base is None:
        return ()
    return describe_matters(comparison.matters, load_questionnaire(base), comparison.questionnaire)


def _read_joint(comparison: Comparison) -> Joint:
    """The verdict on a whole group of edits; raises Invalid."""
    groups = joint_verdicts.groups_of(_edits(comparison))
    return joint_verdicts.read_joint(groups, given_reasons(comparison.open_matters))


def _given_source(form: DocumentForm) -> str:
    """The file when one was chosen, else the text; raises Invalid for neither."""
    if form.file.data:
        return decode_utf8(form.file.data.read())
    text = _lines_as_written(form)
    if not text.strip():
        raise Invalid("Hãy chọn tệp hoặc dán nội dung tài liệu vào ô bên dưới.")
    return text


def _lines_as_written(form: DocumentForm) -> str:
    """The text of the box without the line ends that browsers put in."""
    text: str = form.source.data or ""
    return text.replace("\r\n", "\n")


def _page(form: DocumentForm, invalid: Invalid | None = None) -> ResponseReturnValue:
    """The form with the document still in it, and every mistake beside its lines."""
    mistakes = mistakes_of(invalid, form.source.data or "") if invalid else ()
    page = render_template(
        "admin/questionnaires/check_questionnaire.html",
        form=form,
        refusal=invalid,
        mistakes=mistakes,
    )
    return page, 422 if invalid else 200
