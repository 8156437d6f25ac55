"""The way to publication: proposals, their review by a second person, versions that are closed."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Conflict, Forbidden, HaiLongError, Invalid
from survey_app.operations.audit.entries import changed
from survey_app.operations.questionnaires import lifecycle, publishing
from survey_app.operations.questionnaires.lifecycle import (
    LONGEST_NOTE,
    ProposalState,
    PublicationProposal,
    find_proposal,
)
from survey_app.operations.questionnaires.publishing import (
    QuestionnaireVersion,
    load_questionnaire,
    publication_facts,
    version_by_id,
)
from survey_app.questionnaire.declarations import load_declarations
from survey_app.reporting.records.edit_wording import EditedMatter, describe_matters
from survey_app.web.admin import blueprint
from survey_app.web.audit import note
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish

DONE = {
    "approve": "Đã duyệt. Bộ câu hỏi có thể được công bố.",
    "return": "Đã trả lại cho người đề nghị.",
    "withdraw": "Đã rút đề nghị.",
}


@blueprint.get("/questionnaires/proposals")
def proposals() -> ResponseReturnValue:
    session = current_session()
    return render_template(
        "admin/questionnaires/proposals.html",
        proposals=lifecycle.list_proposals(session),
        needs_review=lifecycle.needs_review(session),
    )


@blueprint.post("/questionnaires/review-rule")
def set_review_rule() -> ResponseReturnValue:
    is_needed = read_wish("on", "off") == "on"
    if lifecycle.set_review(current_session(), is_needed):
        turned = changed({"needs_review": not is_needed}, {"needs_review": is_needed})
        note("questionnaire.review_rule", "", turned)
    flash(
        "Từ nay bộ câu hỏi phải được người thứ hai duyệt trước khi công bố."
        if is_needed
        else "Từ nay bộ câu hỏi được công bố mà không cần người thứ hai duyệt."
    )
    return redirect(url_for("admin.proposals"))


@blueprint.get("/questionnaires/proposals/<int:proposal_id>")
def proposal(proposal_id: int) -> ResponseReturnValue:
    return _proposal_page(find_proposal(current_session(), proposal_id))


@blueprint.post("/questionnaires/proposals/<int:proposal_id>")
def decide_proposal(proposal_id: int) -> ResponseReturnValue:
    found = find_proposal(current_session(), proposal_id)
    wish = read_wish("approve", "return", "withdraw", "publish")
    try:
        if wish == "publish":
            return _publish(found)
        _decide(found, wish)
    except (Invalid, Conflict, Forbidden) as refusal:
        return _proposal_page(found, refusal)
    flash(DONE[wish])
    return redirect(url_for("admin.proposal", proposal_id=proposal_id))


@blueprint.post("/questionnaires/<int:version_id>/close")
def close_version(version_id: int) -> ResponseReturnValue:
    version = version_by_id(current_session(), version_id)
    if read_wish("close", "reopen") == "reopen":
        if lifecycle.reopen_version(current_session(), version):
            note("questionnaire.reopen", version.name)
        flash(f"Phiên bản {version.name} lại dùng được cho cuộc khảo sát mới.")
    else:
        _close(version, request.form.get("reason", ""))
        flash(f"Đã đóng phiên bản {version.name}: không dùng cho cuộc khảo sát mới.")
    return redirect(url_for("admin.questionnaire", version_id=version_id))


def _close(version: QuestionnaireVersion, reason: str) -> None:
    by = signed_in_account()
    if lifecycle.close_version(current_session(), version, reason=reason, account=by, now=now()):
        note("questionnaire.close", version.name, reason)


def _decide(found: PublicationProposal, wish: str) -> None:
    session, account = current_session(), signed_in_account()
    text, about = request.form.get("note", ""), f"{found.code} ({found.id})"
    if wish == "approve":
        lifecycle.approve(session, found, reviewer=account, now=now(), note=text)
        note("questionnaire.approve", about, found.review_note)
    elif wish == "return":
        lifecycle.return_proposal(session, found, reviewer=account, now=now(), note=text)
        note("questionnaire.return", about, found.review_note)
    else:
        lifecycle.withdraw(session, found)
        note("questionnaire.withdraw", about)


def _publish(found: PublicationProposal) -> ResponseReturnValue:
    publication = lifecycle.publish_proposal(
        current_session(), found, account=signed_in_account(), now=now()
    )
    version = publication.version
    note("questionnaire.publish", version.name, publication_facts(version))
    flash(f"Đã công bố phiên bản {version.name}.")
    return redirect(url_for("admin.questionnaire", version_id=version.id))


def _proposal_page(
    found: PublicationProposal, refusal: HaiLongError | None = None
) -> ResponseReturnValue:
    comparison = publishing.compare_with_published(current_session(), found.source)
    is_alive = found.state in (ProposalState.WAITING, ProposalState.APPROVED)
    page = render_template(
        "admin/questionnaires/proposal.html",
        proposal=found,
        questionnaire=comparison.questionnaire,
        edits=_edits(comparison),
        comparison=comparison,
        declared=load_declarations(found.declared),
        is_own=found.author_id == signed_in_account().id,
        is_out_of_date=is_alive and not lifecycle.is_current(current_session(), found),
        refusal=refusal,
        typed=request.form.get("note", ""),
        longest_note=LONGEST_NOTE,
    )
    return page, 422 if refusal else 200


def _edits(comparison: publishing.Comparison) -> tuple[EditedMatter, ...]:
    if comparison.base is None:
        return ()
    earlier = load_questionnaire(comparison.base)
    return describe_matters(comparison.matters, earlier, comparison.questionnaire)
