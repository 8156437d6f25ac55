"""The pages of the kiosk: enrolling a device, its one page, its service worker."""

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Forbidden, HaiLongError, NotFound
from survey_app.operations.fieldwork.devices import enrol as enrol_device
from survey_app.web.errors import STATUS
from survey_app.web.kiosk import blueprint
from survey_app.web.kiosk.device_key import PATH, current_device, current_key, keep_key
from survey_app.web.kiosk.shell import shell_of, worker_script
from survey_app.web.limits import wrong_code
from survey_app.web.transactions import current_session, database, reading_session

CHECK_EACH_TIME = "private, no-cache"


@blueprint.get("/k")
def shell() -> ResponseReturnValue:
    """The kiosk's page; a browser without a device key is asked for a code first."""
    if not current_key():
        return redirect(url_for("kiosk.enrolment"))
    try:
        session = reading_session()
        found = shell_of(session, current_device(session))
    except Forbidden as error:
        return _ask_for_code(error.message), STATUS[Forbidden]
    response = make_response(found.html)
    response.headers["Cache-Control"] = CHECK_EACH_TIME
    response.set_etag(found.digest)
    return response.make_conditional(request)


@blueprint.get("/k/enrol")
def enrolment() -> ResponseReturnValue:
    """Where the code of a new device is entered."""
    return _ask_for_code()


@blueprint.post("/k/enrol")
def enrol() -> ResponseReturnValue:
    """The code is used up; this browser is the device from now on."""
    try:
        _device, key = enrol_device(current_session(), request.form.get("code", ""), now=now())
    except NotFound as error:
        refused = wrong_code(error)
        return _ask_for_code(refused.message), STATUS[type(refused)]
    except HaiLongError as error:
        return _ask_for_code(error.message), STATUS[type(error)]
    response = make_response(redirect(url_for("kiosk.shell"), 303))
    keep_key(response, key)
    return response


@blueprint.get("/k/sw.js")
def worker() -> ResponseReturnValue:
    """The service worker. A browser compares it byte by byte: it differs with whatever it keeps."""
    with database().session() as session:
        script = worker_script(shell_of(session, current_device(session)))
    response = Response(script, mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = f"{request.script_root}{PATH}"
    response.headers["Cache-Control"] = CHECK_EACH_TIME
    return response


def _ask_for_code(mistake: str = "") -> str:
    return render_template("kiosk/enrol.html", mistake=mistake)
