"""The addresses of the API. A sheet is acknowledged when it is on the disk, not before."""

import logging

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import HaiLongError, Invalid, NotFound, Problem
from survey_app.storage.migrate import is_current
from survey_app.web.api import blueprint
from survey_app.web.api.description import DESCRIPTION
from survey_app.web.api.reading import BODY, FIELDS, LARGEST_BODY, read_sheet
from survey_app.web.errors import STATUS
from survey_app.web.express import raise_handed_on
from survey_app.web.limits import note_intake, require_intake, wrong_code
from survey_app.web.proof import note_sheet, require_proof
from survey_app.web.transactions import database, intake

log = logging.getLogger(__name__)


@blueprint.put("/api/v1/responses/<identifier>")
def put_response(identifier: str) -> ResponseReturnValue:
    """Store one answer sheet, once, however often it is sent.

    Most sheets go through the lane of ``express`` and never come here.
    """
    request.max_content_length = LARGEST_BODY
    try:
        raise_handed_on(request.environ)
        sheet, proof = read_sheet(identifier, request.get_data(cache=False))
        require_proof(sheet.token, sheet.response_id, proof)
        require_intake(sheet.token)
        receipt = intake().submit(sheet, now=now())
    except NotFound as error:
        raise wrong_code(error) from error
    if receipt.is_new:
        note_sheet(sheet.token)
        note_intake(sheet.token)
    return jsonify(receipt=receipt.code), 201 if receipt.is_new else 200


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database can be reached and has every migration."""
    try:
        is_ready = is_current(database())
    except Exception:
        log.warning("the database cannot be reached", exc_info=True)
        is_ready = False
    if is_ready:
        return jsonify(status="ok")
    return jsonify(status="unavailable", error="Cơ sở dữ liệu chưa sẵn sàng."), 503


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of this API, for people and their programs."""
    response = jsonify(DESCRIPTION)
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    return response


@blueprint.errorhandler(HaiLongError)
def refuse(error: HaiLongError) -> ResponseReturnValue:
    """Every domain error, as JSON; mistakes are listed by question or field."""
    body: dict[str, object] = {"error": error.message}
    if isinstance(error, Invalid):
        body["problems"] = [_describe(problem) for problem in error.problems]
    return jsonify(body), STATUS[type(error)]


def _describe(problem: Problem) -> dict[str, str | None]:
    """One mistake: in a question, in another field of the body, or in the body as a whole."""
    if request.endpoint != "api.put_response":
        return {"field": problem.where or None, "message": problem.message}
    is_field = problem.where in {*FIELDS, "id", BODY}
    return {
        "question": None if is_field else problem.where or None,
        "field": (problem.where if is_field else "answers") if problem.where else None,
        "message": problem.message,
    }
