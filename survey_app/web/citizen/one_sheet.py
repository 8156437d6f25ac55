"""One sheet for one opened questionnaire, whatever is tapped twice, reloaded or opened again.

A cookie of the link's own address carries the sheet's id from opening to sending. It holds no
answer. What stands in the pages is only made from the id, the same in every tab and at every
reload: who has looked at a page on a shared browser does not know under which id the next person
there sends. Once the sheet is sent, a mark takes the place of the id, and the browser asks before
it begins another sheet.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
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

_PLAIN_MARK = re.compile(rf"({COOKIE}|{JUST_SENT})=({SENT}|[0-9a-f-]{{36}})")


class AlreadySent(Exception):
    """This browser has sent a sheet; it is not clear that another one is wanted."""


@dataclass(frozen=True)
class Marks:
    """What the cookies of a link's address say. ``open_id``: of the sheet that the browser has open
    there; ``just_sent``: of the one it sent a moment ago; ``has_sent``: it has sent one of late."""

    open_id: UUID | None = None
    just_sent: UUID | None = None
    has_sent: bool = False

    @classmethod
    def among(cls, cookies: Mapping[str, str]) -> Self:
        held = cookies.get(COOKIE, "")
        return cls(read_id(held), read_id(cookies.get(JUST_SENT, "")), held == SENT)

    @classmethod
    def alone_in(cls, header: str) -> Self | None:
        """Those of a Cookie header that holds nothing else (or is empty); None for any other."""
        found: dict[str, str] = {}
        for part in header.split("; ") if header else ():
            cookie = _PLAIN_MARK.fullmatch(part)
            if cookie is None or cookie[1] in found:
                return None
            found[cookie[1]] = cookie[2]
        return cls.among(found)

    def own_id(self, shown: UUID, *, is_another: bool) -> UUID | None:
        """The id under which a sheet is stored that comes under the id its page shows: that of the
        browser whose page it is, without cookies the page's. None where the marks alone do not
        tell. ``is_another``: it is wanted as another sheet."""
        for sheet_id in (self.open_id, self.just_sent):
            if sheet_id is not None and shown_id(sheet_id) == shown:
                return sheet_id
        is_first = self.open_id is None and not self.has_sent
        return shown if is_first or is_another else None

    def after_sending(self, sheet_id: UUID) -> list[tuple[str, str, int]]:
        """The cookies that put the mark in the place of the id: name, value, seconds."""
        sent = [(COOKIE, SENT, SENT_SECONDS)]
        if self.open_id == sheet_id:
            sent.append((JUST_SENT, str(sheet_id), JUST_SENT_SECONDS))
        return sent


def marks() -> Marks:
    """Those of this request."""
    return Marks.among(request.cookies)


def shown_id(sheet_id: UUID) -> UUID:
    """What stands in the pages of a sheet; nobody can work out the id from it."""
    digest = hashlib.blake2b(sheet_id.bytes, digest_size=16, person=b"page")
    return UUID(bytes=digest.digest(), version=4)


def carry(response: Response, token: str, sheet_id: UUID) -> Response:
    """Let the browser remember the sheet that it has just been given."""
    _set(response, token, (COOKIE, str(sheet_id), OPEN_SECONDS))
    return response


def mark_sent(token: str, sheet_id: UUID) -> None:
    """Let this request's response put the mark in the place of the id of what was sent."""
    sent = marks().after_sending(sheet_id)

    @after_this_request
    def add(response: Response) -> Response:
        for cookie in sent:
            _set(response, token, cookie)
        return response


def settle_id(link: Link, submission: Sheet) -> Sheet:
    """The submission, which comes under the id that its page shows, under the id that it may be
    stored under.

    Two tabs that opened at the same moment have two ids, of which the browser remembers one. What
    is stored already goes by its own id, so that its receipt or the conflict is told. Anything else
    goes by the id remembered; after another sheet was sent, only if it is wanted as another, else
    it raises AlreadySent.
    """
    known = marks()
    own = known.own_id(submission.response_id, is_another=AGAIN in request.form)
    if own is not None:
        return replace(submission, response_id=own)
    if known.has_sent and link.one_time:
        return submission  # a one-time link that was used says so
    if is_known(reading_session(), link, submission, now=now()):
        return submission
    if known.open_id is None:
        raise AlreadySent
    return replace(submission, response_id=known.open_id)


def cookie_header(cookie: tuple[str, str, int], place: str, *, is_secure: bool) -> str:
    """The header itself: every page opened has one, and building it by parts takes as long as
    filling in the page. ``cookie``: name, value, seconds; ``place``: the link's address."""
    name, value, seconds = cookie
    secure = "; Secure" if is_secure else ""
    return f"{name}={value}; Path={place}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _set(response: Response, token: str, cookie: tuple[str, str, int]) -> None:
    place = f"{request.script_root}/s/{token}"
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.headers.add("Set-Cookie", cookie_header(cookie, place, is_secure=is_secure))
