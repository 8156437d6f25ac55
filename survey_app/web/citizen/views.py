"""What a citizen sees, from the code on the slip to the thanks."""

import re
from uuid import uuid4

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Conflict, Invalid, Problem, TooMany
from survey_app.i18n import frame_language, interface_languages
from survey_app.operations.fieldwork.links import ONE_TIME_TOKEN_LENGTH, OPEN_TOKEN_LENGTH, Link
from survey_app.operations.fieldwork.ways import offered_questionnaire
from survey_app.operations.intake.submission import Receipt
from survey_app.operations.privacy.contact_requests import is_offered
from survey_app.web.answer_form import phrase
from survey_app.web.citizen import blueprint
from survey_app.web.citizen.display import Display, read_switch, remember
from survey_app.web.citizen.express_page import RECEIPT_FORM, Shown, note_shown
from survey_app.web.citizen.kept_pages import RECEIPT, KeptPage
from survey_app.web.citizen.one_sheet import AlreadySent, carry, mark_sent, marks, settle_id
from survey_app.web.citizen.sheets import (
    OpenSheet,
    as_submission,
    open_link,
    require_takes_sheets,
    sent_sheet,
    settle_language,
    show_new,
    show_sheet,
    typed_texts,
)
from survey_app.web.express import raise_handed_on
from survey_app.web.limits import note_intake, require_intake
from survey_app.web.proof import note_sheet, require_proof
from survey_app.web.templating import gettext
from survey_app.web.transactions import intake, reading_session

WANTED_TWICE = (
    "Thiết bị này vừa gửi một phiếu qua mã này. Nếu đây là ý kiến về lần làm thủ tục khác hoặc của"
    " người khác, vui lòng bấm “Gửi phiếu” lần nữa; các câu trả lời vẫn còn."
)


@blueprint.get("/")
def welcome() -> ResponseReturnValue:
    """Where somebody types the code printed on the slip or the poster."""
    code = re.sub(r"[\s-]", "", request.args.get("ma", ""))
    if code:
        return redirect(url_for("citizen.show", token=code.upper()))
    return render_template(
        "citizen/welcome.html",
        is_missing="ma" in request.args,
        code_lengths={"open": OPEN_TOKEN_LENGTH, "one_time": ONE_TIME_TOKEN_LENGTH},
        languages=interface_languages(),
    )


@blueprint.get("/s/<token>")
def show(token: str) -> ResponseReturnValue:
    """The questionnaire, empty; after a sheet was sent, the question whether another is wanted."""
    link = open_link(token)
    if token != link.token:  # the cookie of the sheet belongs to one address
        address = url_for("citizen.show", token=link.token)
        return redirect(f"{address}?{request.query_string.decode()}".rstrip("?"))
    require_takes_sheets(link)
    return _ask_for_another(link) if marks().has_sent else show_new(link)


@blueprint.post("/s/<token>/phieu-moi")
def start_another(token: str) -> ResponseReturnValue:
    """A sheet of somebody else, or of another visit, in a browser that has sent one."""
    link = open_link(token)
    response = make_response(redirect(url_for("citizen.show", token=link.token), 303))
    return carry(response, link.token, uuid4())


@blueprint.post("/s/<token>")
def answer(token: str) -> ResponseReturnValue:
    """The sheet is sent, or only shown otherwise (larger, in English) with its answers kept."""
    sheet = sent_sheet(open_link(token))
    g.language = frame_language(sheet.language)
    if "_display" in request.form:
        return _show_otherwise(sheet, request.form["_display"])
    try:
        receipt = _send(sheet)
    except AlreadySent:
        return show_sheet(sheet.as_another(), problems=(Problem(gettext(WANTED_TWICE)),)), 422
    except Invalid as invalid:
        return show_sheet(sheet, problems=invalid.problems), 422
    except TooMany as busy:  # the page stays, and the answers with it
        message = gettext(busy.message)
        return show_sheet(sheet, problems=(Problem(message),)), 429
    return redirect(url_for("citizen.thanks", token=token, receipt=receipt.code), 303)


@blueprint.get("/s/<token>/cam-on/<receipt>")
def thanks(token: str, receipt: str) -> ResponseReturnValue:
    """The receipt. Nothing here leads back to the answers."""
    if not re.fullmatch(RECEIPT_FORM, receipt):
        abort(404)
    point = open_link(token).point
    questionnaire = offered_questionnaire(point.survey)
    language, words = settle_language(questionnaire), questionnaire.thanks
    html = render_template(
        "citizen/thanks.html",
        receipt=RECEIPT,
        survey=point.survey,
        unit=point.unit,
        words=phrase(words, language) if words else None,
        languages=questionnaire.languages,
        sheet_language=language,
        may_ask=is_offered(reading_session(), point.survey, point.mode),
    )
    page = KeptPage.split(html, RECEIPT)
    note_shown(request.environ, Shown(page))
    return page.filled(receipt)


def _send(sheet: OpenSheet) -> Receipt:
    require_intake(sheet.link.token)
    g.kept_texts = typed_texts(sheet)  # should the sheet be refused for good, they are shown
    submission = as_submission(sheet)
    try:
        submission = settle_id(sheet.link, submission)
        raise_handed_on(request.environ)
        # For the id it is stored under: a proof of the form's own would admit any number of sheets.
        proof = request.form.get("_proof", "")
        require_proof(sheet.link.token, submission.response_id, proof)
        reading_session().commit()  # who waits for a turn to write must not still be reading
        receipt = intake().submit(submission, now=now())
    except Conflict as error:
        mark_sent(sheet.link.token, submission.response_id)
        raise Conflict(
            "Phiếu của ông/bà đã được nhận trước đó."
            " Các câu trả lời đầu tiên được giữ nguyên, không sửa được nữa."
        ) from error
    mark_sent(sheet.link.token, submission.response_id)
    if receipt.is_new:
        note_sheet(sheet.link.token)
        note_intake(sheet.link.token)
    return receipt


def _ask_for_another(link: Link) -> str:
    survey = link.point.survey
    questionnaire = offered_questionnaire(survey)
    return render_template(
        "citizen/sent.html",
        token=link.token,
        survey=survey,
        unit=link.point.unit,
        languages=questionnaire.languages,
        sheet_language=settle_language(questionnaire),
    )


def _show_otherwise(sheet: OpenSheet, choice: str) -> Response:
    """The same sheet with another text size, contrast, language or number of pages."""
    if choice in {"page:one", "page:many"}:
        return show_sheet(sheet.paged(choice == "page:many"), is_kept=True)
    kind, value = read_switch(choice)
    if kind:
        remember(kind, value)
    if kind == "lang":
        sheet = sheet.speaking(value)
    display = Display.remembered().having(kind, value)
    return show_sheet(sheet, display=display, is_kept=True)
