"""The lane of blank questionnaires: the page of an open link that was shown before, before Flask.

The lane learns a page when Flask shows it to a browser without cookies, with all its headers. It
shows it again with a new id as long as everything that it says, and whether it may be shown, is as
it was then: that is read from the database each time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from survey_app.clock import local_date, now
from survey_app.operations.fieldwork.links import OPEN_TOKEN_LENGTH
from survey_app.operations.intake.intake import Intake
from survey_app.web.bodies import Environment
from survey_app.web.citizen.blank_pages import BlankPage
from survey_app.web.citizen.one_sheet import shown_id
from survey_app.web.express import Application, Reply, StartResponse

PREFIX = "/s/"
MOST_PAGES = 4096
_SHOWN = "hailong.blank_page"

#: Link's token, mark of all that the page rests on (its day included), and how it is packed.
Key = tuple[str, object, bool]


@dataclass(frozen=True)
class Shown:
    """A blank page as it was shown. ``sheet_id`` stands in its headers, never in the page."""

    page: BlankPage
    sheet_id: str
    is_packed: bool


def note_shown(environ: Environment, shown: Shown) -> None:
    """The view says which page it answers with, so that the lane can learn it."""
    environ[_SHOWN] = shown


class BlankLane:
    """Answers GET of an open link; ``learn`` stands around Flask."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._pages: dict[Key, tuple[Shown, tuple[tuple[str, str], ...]]] = {}

    def __call__(self, environ: Environment) -> Reply | None:
        key = self._key(environ)
        if key is None:
            return None
        known = self._pages.get(key)
        if known is None:
            environ[_LEARN] = key
            return None
        (shown, headers), sheet_id = known, uuid4()
        fill = shown.page.filled_gzip if shown.is_packed else shown.page.filled
        page = fill(key[0], str(shown_id(sheet_id)))
        return Reply("200 OK", _renewed(headers, shown.sheet_id, str(sheet_id)), page)

    def learning(self, application: Application) -> Application:
        """``application``, whose blank pages are remembered."""

        def answer(environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
            key: Key | None = environ.get(_LEARN)
            if key is None:
                return application(environ, start_response)
            begin = self._remembering(environ, key, start_response)
            return application(environ, begin)

        return answer

    def _remembering(
        self, environ: Environment, key: Key, start_response: StartResponse
    ) -> Callable[..., Any]:
        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            shown: Shown | None = environ.get(_SHOWN)
            if shown and status.startswith("200 ") and shown.is_packed == key[2]:
                if len(self._pages) >= MOST_PAGES:
                    self._pages.clear()
                kept = tuple((k, v) for k, v in headers if k.lower() != "content-length")
                self._pages[key] = (shown, kept)
            return start_response(status, headers, *more)

        return begin

    def _key(self, environ: Environment) -> Key | None:
        path: str = environ["PATH_INFO"]
        token = path.removeprefix(PREFIX)
        is_open_link = path.startswith(PREFIX) and len(token) == OPEN_TOKEN_LENGTH
        if not is_open_link or environ.get("QUERY_STRING"):
            return None
        mark = self._intake.page_mark(token)
        if mark is None:
            return None
        is_packed = _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if is_packed is None:
            return None
        place = (environ.get("SCRIPT_NAME", ""), environ["wsgi.url_scheme"])
        return token, (mark, local_date(now()), place), is_packed


_LEARN = "hailong.learn_page"


def _takes_gzip(accepted: str) -> bool | None:
    """Whether a browser takes gzip; None where weights make it a matter for Flask."""
    if not accepted:
        return False
    if ";" in accepted or "*" in accepted:
        return None
    return "gzip" in [word.strip().lower() for word in accepted.split(",")]


def _renewed(
    headers: tuple[tuple[str, str], ...], before: str, after: str
) -> tuple[tuple[str, str], ...]:
    return tuple((name, value.replace(before, after)) for name, value in headers)
