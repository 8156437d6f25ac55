"""One sheet for one opened questionnaire, whatever is tapped twice, reloaded or opened again.

A cookie of the link's own address carries the sheet's id from opening to sending. It holds no
answer. What stands in the pages is only made from the id, the same in every tab and at every
reload: who has looked at a page on a shared browser does not know under which id the next person
there sends. Once the sheet is sent, a mark takes the place of the id, and the browser asks before
it begins another sheet.
"""

import hashlib
from dataclasses import replace
from uuid import UUID

from flask import Response, after_this_request, current_app, request

from survey_app.clock import now
from survey_app.operations.fieldwork.links import Link
from survey_app.operations.intake.submission import Sheet, is_known
from survey_app.web.transactions import reading_session

COOKIE = "phieu"
#: The id of the sheet just sent: whoever taps again, or in another tab, is told what became of it.
JUST_SENT = "phieu-vua-gui"
#: The field of a form that is wanted as another sheet after one was sent.
AGAIN = "_again"
SENT = "da-gui"
#: Long enough to answer, to look something up and to come back; short enough for a shared computer.
OPEN_SECONDS = 2 * 3600
#: How long this browser asks before it begins another sheet of the same link.
SENT_SECONDS = 12 * 3600
JUST_SENT_SECONDS = 10 * 60


class AlreadySent(Exception):
    """This browser has sent a sheet; it is not clear that another one is wanted."""


def carried_id() -> UUID | None:
    """The id of the sheet that this browser has open under this link, if any."""
    return _cookie_id(COOKIE)


def shown_id(sheet_id: UUID) -> UUID:
    """What stands in the pages of a sheet; nobody can work out the id from it."""
    digest = hashlib.blake2b(sheet_id.bytes, digest_size=16, person=b"page")
    return UUID(bytes=digest.digest(), version=4)


def has_sent() -> bool:
    """Whether this browser has of late sent a sheet through this link."""
    return request.cookies.get(COOKIE) == SENT


def carry(response: Response, token: str, sheet_id: UUID) -> Response:
    """Let the browser remember the sheet that it has just been given."""
    _set(response, COOKIE, str(sheet_id), token, OPEN_SECONDS)
    return response


def mark_sent(token: str, sheet_id: UUID) -> None:
    """Let this request's response put the mark in the place of the id of what was sent."""
    is_carried = carried_id() == sheet_id

    @after_this_request
    def add(response: Response) -> Response:
        _set(response, COOKIE, SENT, token, SENT_SECONDS)
        if is_carried:
            _set(response, JUST_SENT, str(sheet_id), token, JUST_SENT_SECONDS)
        return response


def settle_id(link: Link, submission: Sheet) -> Sheet:
    """The submission, which comes under the id that its page shows, under the id that it may be
    stored under: that of the browser whose page it is. Without cookies it keeps the page's.

    Two tabs that opened at the same moment have two ids, of which the browser remembers one. What
    is stored already goes by its own id, so that its receipt or the conflict is told. Anything else
    goes by the id remembered; after another sheet was sent, only if it is wanted as another, else
    it raises AlreadySent.
    """
    carried = carried_id()
    for sheet_id in (carried, _cookie_id(JUST_SENT)):
        if sheet_id is not None and shown_id(sheet_id) == submission.response_id:
            return replace(submission, response_id=sheet_id)
    if (carried is None and not has_sent()) or AGAIN in request.form:
        return submission
    if has_sent() and link.one_time:
        return submission  # a one-time link that was used says so
    if is_known(reading_session(), link, submission, now=now()):
        return submission
    if carried is None:
        raise AlreadySent
    return replace(submission, response_id=carried)


def _cookie_id(name: str) -> UUID | None:
    try:
        return UUID(request.cookies.get(name, ""))
    except ValueError:
        return None


def _set(response: Response, name: str, value: str, token: str, seconds: int) -> None:
    """The header itself: every page opened has one, and building it by parts takes as long as
    filling in the page."""
    place = f"{request.script_root}/s/{token}"
    secure = "; Secure" if current_app.config["SESSION_COOKIE_SECURE"] else ""
    rules = f"Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    response.headers.add("Set-Cookie", f"{name}={value}; Path={place}; {rules}")
