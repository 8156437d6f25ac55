"""One sheet for one opened questionnaire, whatever is tapped twice, reloaded or opened again.

A cookie of the link's own address carries the sheet's id from opening to sending, so that every tab
and every reload shows the same id. It holds no answer. Once the sheet is sent, a mark takes the
place of the id, and the browser asks before it begins another sheet.
"""

from dataclasses import replace
from uuid import UUID

from flask import Response, after_this_request, current_app, request

from survey_app.clock import now
from survey_app.operations.fieldwork import Link
from survey_app.operations.submission import Sheet, is_known
from survey_app.web.transactions import reading_session

COOKIE = "phieu"
#: The field of a form that is wanted as another sheet after one was sent.
AGAIN = "_again"
SENT = "da-gui"
#: Long enough to answer, to look something up and to come back; short enough for a shared computer.
OPEN_SECONDS = 2 * 3600
#: How long this browser asks before it begins another sheet of the same link.
SENT_SECONDS = 12 * 3600


class AlreadySent(Exception):
    """This browser has sent a sheet; it is not clear that another one is wanted."""


def carried_id() -> UUID | None:
    """The id of the sheet that this browser has open under this link, if any."""
    value = request.cookies.get(COOKIE, "")
    try:
        return UUID(value)
    except ValueError:
        return None


def has_sent() -> bool:
    """Whether this browser has of late sent a sheet through this link."""
    return request.cookies.get(COOKIE) == SENT


def carry(response: Response, token: str, sheet_id: UUID) -> Response:
    """Let the browser remember the sheet that it has just been given."""
    _set(response, token, str(sheet_id), OPEN_SECONDS)
    return response


def mark_sent(token: str) -> None:
    """Let this request's response put the mark in the place of the id."""

    @after_this_request
    def add(response: Response) -> Response:
        _set(response, token, SENT, SENT_SECONDS)
        return response


def settle_id(link: Link, submission: Sheet) -> Sheet:
    """The submission under the id that it may be stored under.

    Two tabs that opened at the same moment have two ids, of which the browser remembers one. What
    is stored already goes by its own id, so that its receipt or the conflict is told. Anything else
    goes by the id remembered; after another sheet was sent, only if it is wanted as another, else
    it raises AlreadySent.
    """
    carried = carried_id()
    is_own = carried in {None, submission.response_id} and not has_sent()
    if is_own or AGAIN in request.form:
        return submission
    if has_sent() and link.one_time:
        return submission  # a one-time link that was used says so
    if is_known(reading_session(), link, submission, now=now()):
        return submission
    if carried is None:
        raise AlreadySent
    return replace(submission, response_id=carried)


def _set(response: Response, token: str, value: str, seconds: int) -> None:
    """The header itself: every page opened has one, and building it by parts takes as long as
    filling in the page."""
    place = f"{request.script_root}/s/{token}"
    secure = "; Secure" if current_app.config["SESSION_COOKIE_SECURE"] else ""
    rules = f"Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    response.headers.add("Set-Cookie", f"{COOKIE}={value}; Path={place}; {rules}")
