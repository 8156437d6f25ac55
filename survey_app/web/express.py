"""The express lane: what comes by the thousand is answered before Flask, when all is plain.

Flask's own work for one request costs more than reading, checking and storing a sheet. A lane does
the same by the same code (reading, limits, operations) and answers plain success itself. Whatever
is not plain, it leaves to Flask: other addresses, browsers with cookies that it does not know (they
may be those of a signed-in officer, or say how pages are shown), bodies that did not come whole,
every refusal. What a lane has met when it tried is handed on, so that nothing is done twice.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.web.bodies import MOST_READING, Environment, Places, release, settle_body

StartResponse = Callable[..., Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]

#: Requests that are worked on at once in one process; others wait, with their bodies read. More
#: would only take the interpreter from one another.
MOST_AT_WORK = 32

_FAILURE = "hailong.failure"

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reply:
    """A whole answer; ``headers`` without the length."""

    status: str
    headers: Headers
    body: bytes


#: Answers a request, or leaves it to Flask: by None, or by raising what the view is to tell.
Lane = Callable[[Environment], Reply | None]


class Express:
    """A WSGI application before another one: it reads the body, then lets so many work at once.
    ``lanes``: request method → lane; ``largest_body``: bytes."""

    def __init__(
        self, application: Application, lanes: Mapping[str, Lane], *, largest_body: int
    ) -> None:
        self._application = application
        self._largest_body = largest_body
        self._lanes = lanes
        self._working = Places(MOST_AT_WORK)
        self._reading = Places(MOST_READING)

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        is_whole = settle_body(environ, self._largest_body, self._reading)
        try:
            with self._working:
                return self._answer(environ, start_response, is_whole)
        finally:
            release(environ)

    def _answer(
        self, environ: Environment, start_response: StartResponse, is_whole: bool
    ) -> Iterable[bytes]:
        lane = self._lanes.get(environ["REQUEST_METHOD"]) if is_whole else None
        reply = _try(lane, environ) if lane else None
        if reply is None:
            return self._application(environ, start_response)
        length = ("Content-Length", str(len(reply.body)))
        start_response(reply.status, [*reply.headers, length])
        return [reply.body]


def has_cookies(environ: Environment) -> bool:
    return "HTTP_COOKIE" in environ


def raise_handed_on(environ: Environment) -> None:
    """Raise what a lane has met with this request, if it has tried."""
    failure: Exception | None = environ.get(_FAILURE)
    if failure is not None:
        raise failure


def _try(lane: Lane, environ: Environment) -> Reply | None:
    try:
        return lane(environ)
    except Exception as error:  # noqa: BLE001  (raised again by the view)
        environ[_FAILURE] = error
        return None
