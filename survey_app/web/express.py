"""The express lane: what comes by the thousand is answered before Flask, when all is plain.

Flask's own work for one request costs more than reading, checking and storing a sheet. A lane does
the same by the same code (reading, limits, operations) and answers plain success itself. Whatever
is not plain, it leaves to Flask: other addresses, browsers with cookies, bodies of unknown length,
every refusal. A lane that has tried and failed hands its failure on, so that nothing is done twice.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from survey_app.web.bodies import MOST_READING, Environment, release, settle_body

StartResponse = Callable[..., Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]

#: Requests that are worked on at once in one process; others wait, with their bodies read. More
#: would only take the interpreter from one another.
MOST_AT_WORK = 32

_FAILURE = "hailong.failure"


@dataclass(frozen=True)
class Reply:
    """A whole answer; ``headers`` without the length."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


#: Answers a request, or leaves it to Flask (None).
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
        self._places = threading.Semaphore(MOST_AT_WORK)
        self._reading = threading.Semaphore(MOST_READING)

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        is_whole = settle_body(environ, self._largest_body, self._reading)
        try:
            with self._places:
                return self._answer(environ, start_response, is_whole)
        finally:
            release(environ)

    def _answer(
        self, environ: Environment, start_response: StartResponse, is_whole: bool
    ) -> Iterable[bytes]:
        lane = self._lanes.get(environ["REQUEST_METHOD"]) if is_whole else None
        # Who brings a cookie may be signed in, or have chosen how pages are shown.
        reply = lane(environ) if lane and "HTTP_COOKIE" not in environ else None
        if reply is None:
            return self._application(environ, start_response)
        length = ("Content-Length", str(len(reply.body)))
        start_response(reply.status, [*reply.headers, length])
        return [reply.body]


def hand_on(environ: Environment, failure: Exception) -> None:
    """Let the view raise what the lane has met."""
    environ[_FAILURE] = failure


def raise_handed_on(environ: Environment) -> None:
    """Raise what a lane has met with this request, if it has tried."""
    failure: Exception | None = environ.get(_FAILURE)
    if failure is not None:
        raise failure
