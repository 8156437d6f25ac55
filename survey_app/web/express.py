"""The express lane: what comes by the thousand is answered before Flask, when all is plain.

Flask's own work for one request costs more than reading, checking and storing a sheet. A lane does
the same by the same code (reading, limits, operations) and answers plain success itself. Whatever
is not plain, it leaves to Flask: other addresses, browsers with cookies, bodies of unknown length,
every refusal. A lane that has tried and failed hands its failure on, so that nothing is done twice.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Environment = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]

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
    """A WSGI application before another one. ``lanes``: request method → lane."""

    def __init__(self, application: Application, lanes: Mapping[str, Lane]) -> None:
        self._application = application
        self._lanes = lanes

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        lane = self._lanes.get(environ["REQUEST_METHOD"])
        # Who brings a cookie may be signed in, or have chosen how pages are shown.
        reply = lane(environ) if lane and "HTTP_COOKIE" not in environ else None
        if reply is None:
            return self._application(environ, start_response)
        length = ("Content-Length", str(len(reply.body)))
        start_response(reply.status, [*reply.headers, length])
        return [reply.body]


def read_body(environ: Environment, most: int) -> bytes | None:
    """The body of a request; Flask can read it once more. None when its length is not told, or is
    over ``most`` bytes: then nothing is read."""
    length = environ.get("CONTENT_LENGTH", "")
    if not (length.isascii() and length.isdecimal()) or len(length) > 9 or int(length) > most:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def hand_on(environ: Environment, failure: Exception) -> None:
    """Let the view raise what the lane has met."""
    environ[_FAILURE] = failure


def raise_handed_on(environ: Environment) -> None:
    """Raise what a lane has met with this request, if it has tried."""
    failure: Exception | None = environ.get(_FAILURE)
    if failure is not None:
        raise failure
