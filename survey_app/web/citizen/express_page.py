"""The lane of pages of an open link that were shown before, before Flask: the questionnaire without
answers, and the thanks.

The lane learns a page when Flask shows it, with all its headers. It shows it again, with what
differs (a new id, another receipt), as long as everything that it says, and whether it may be
shown, is as it was then: that is read from the database each time.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import uuid4

from survey_app.clock import local_date, now
from survey_app.copied_codes import ALPHABET
from survey_app.operations.fieldwork.links import OPEN_TOKEN_LENGTH
from survey_app.operations.intake.intake import Intake
from survey_app.web.bodies import Environment
from survey_app.web.citizen.kept_pages import KeptPage
from survey_app.web.citizen.one_sheet import COOKIE, Marks, shown_id
from survey_app.web.express import Application, Headers, Reply, StartResponse

MOST_PAGES = 4096
RECEIPT_FORM = rf"[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}"
_ADDRESS = re.compile(rf"/s/([{ALPHABET}]{{{OPEN_TOKEN_LENGTH}}})(?:/cam-on/({RECEIPT_FORM}))?")
_SHOWN, _LEARN = "hailong.shown_page", "hailong.learn_page"


@dataclass(frozen=True)
class Shown:
    """A page as it was shown. ``sheet_id``: of the sheet that a blank one began; it stands in the
    headers, never in the page."""

    page: KeptPage
    sheet_id: str = ""
    is_packed: bool = False


class _Wanted(NamedTuple):
    """A page by all that it says. ``mark``: what it rests on in the database; ``place``: under
    which address the application stands; ``is_packed``: as the browser takes it."""

    token: str
    is_blank: bool
    mark: Hashable
    day: date
    place: tuple[str, str]
    is_packed: bool


@dataclass(frozen=True)
class _Known:
    shown: Shown
    headers: Headers

    def again(self, token: str, receipt: str | None) -> Reply:
        """The same page for another sheet."""
        if receipt is not None:
            return Reply("200 OK", self.headers, self.shown.page.filled(receipt))
        page, sheet_id = self.shown.page, uuid4()
        fill = page.filled_gzip if self.shown.is_packed else page.filled
        before, after = self.shown.sheet_id, str(sheet_id)
        headers = tuple((name, value.replace(before, after)) for name, value in self.headers)
        return Reply("200 OK", headers, fill(token, str(shown_id(sheet_id))))


def note_shown(environ: Environment, shown: Shown) -> None:
    """The view says which page it answers with, so that the lane can learn it."""
    environ[_SHOWN] = shown


class PageLane:
    """Answers GET of an open link and of its thanks; ``learning`` stands around Flask."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._pages: dict[_Wanted, _Known] = {}

    def __call__(self, environ: Environment) -> Reply | None:
        address = _ADDRESS.fullmatch(environ["PATH_INFO"])
        if address is None or environ.get("QUERY_STRING"):
            return None
        token, receipt = address.groups()
        # A browser with a mark has a questionnaire open already, or is asked before another one.
        cookies = environ.get("HTTP_COOKIE", "")
        is_plain = not cookies if receipt is None else Marks.alone_in(cookies) is not None
        wanted = self._wanted(environ, token, is_blank=receipt is None) if is_plain else None
        if wanted is None:
            return None
        known = self._pages.get(wanted)
        if known is None:
            environ[_LEARN] = wanted
            return None
        return known.again(token, receipt)

    def learning(self, application: Application) -> Application:
        """``application``, whose pages are remembered."""

        def answer(environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
            wanted: _Wanted | None = environ.get(_LEARN)
            if wanted is None:
                return application(environ, start_response)
            return application(environ, self._remembering(environ, wanted, start_response))

        return answer

    def _remembering(
        self, environ: Environment, wanted: _Wanted, start_response: StartResponse
    ) -> Callable[..., Any]:
        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            shown: Shown | None = environ.get(_SHOWN)
            if shown and status.startswith("200 ") and self._may_keep(wanted, shown, headers):
                if len(self._pages) >= MOST_PAGES:
                    self._pages.clear()
                kept = tuple((k, v) for k, v in headers if k.lower() != "content-length")
                self._pages[wanted] = _Known(shown, kept)
            return start_response(status, headers, *more)

        return begin

    def _may_keep(self, wanted: _Wanted, shown: Shown, headers: Iterable[tuple[str, str]]) -> bool:
        """Whether a page just made is what ``wanted`` says, and nobody's own."""
        is_anybodys = all(
            name.lower() != "set-cookie" or _is_of_sheet(value, shown) for name, value in headers
        )
        if not is_anybodys or shown.is_packed != wanted.is_packed:
            return False
        # What it rests on may have changed while it was made, and may change back one day.
        try:
            return self._intake.page_mark(wanted.token) == wanted.mark
        except Exception:  # noqa: BLE001  (the page is there; the next one may be kept)
            return False

    def _wanted(self, environ: Environment, token: str, *, is_blank: bool) -> _Wanted | None:
        """None where Flask has to say which page it is."""
        mark = self._intake.page_mark(token)
        is_packed = _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")) if is_blank else False
        if mark is None or is_packed is None:
            return None
        place = (environ.get("SCRIPT_NAME", ""), environ["wsgi.url_scheme"])
        return _Wanted(token, is_blank, mark, local_date(now()), place, is_packed)


def _is_of_sheet(cookie: str, shown: Shown) -> bool:
    """Whether a cookie is that of the sheet that the page began: each page again gets its own."""
    return bool(shown.sheet_id) and cookie.startswith(f"{COOKIE}={shown.sheet_id};")


def _takes_gzip(accepted: str) -> bool | None:
    """Whether a browser takes gzip; None where weights make it a matter for Flask."""
    if not accepted:
        return False
    if ";" in accepted or "*" in accepted:
        return None
    return "gzip" in [word.strip().lower() for word in accepted.split(",")]
