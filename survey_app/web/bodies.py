"""Bodies of requests are read to their end before any work begins.

The server hands a request over as soon as its head is there; the body may come later, or never.
Reading it holds a thread, so there are many threads that may read and few that may work
(``web.express``). When nearly all of them wait for bodies that do not come, further bodies are
refused unread: threads stay for everything else. A body that ends too early is refused, too: half a
form is no answer sheet.
"""

import io
from queue import Empty, SimpleQueue
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Flask, Response, abort, after_this_request, request

Environment = dict[str, Any]

PIECE = 64 * 1024
IN_MEMORY = 256 * 1024
#: Bodies that one process waits for at once. The server has more threads than this (``./dev run``,
#: ``deploy/``), else requests without a body would wait with them.
MOST_READING = 960
RETRY_SECONDS = 10

_REFUSAL, _BODY, _STREAM = "hailong.body_refusal", "hailong.body", "hailong.body_stream"
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Places:
    """So many may be in here at once. A semaphore whose steps are single calls: the one of
    ``threading`` costs thirty times as much, and each request takes two."""

    def __init__(self, count: int) -> None:
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(count):
            self._free.put(None)

    def __enter__(self) -> None:
        self._free.get()

    def __exit__(self, *_: object) -> None:
        self._free.put(None)

    def enter_at_once(self) -> bool:
        """False when all places are taken."""
        try:
            self._free.get_nowait()
        except Empty:
            return False
        return True

    def leave(self) -> None:
        self._free.put(None)


def settle_body(environ: Environment, most: int, places: Places) -> bool:
    """Read the body, so that nobody has to wait for it later. False: it did not come whole, or
    there was no place to read it.

    A body over ``most`` bytes is left to Flask, which refuses it unread.
    """
    length = _announced(environ)
    if length == 0 or (length is not None and length > most):
        return True
    if not places.enter_at_once():
        environ[_REFUSAL] = 429
        return False
    try:
        body = _read(environ["wsgi.input"], most + 1 if length is None else length)
    finally:
        places.leave()
    if length is not None and body.size < length:
        environ[_REFUSAL] = 400
        return False
    environ["wsgi.input"] = environ[_STREAM] = body.stream
    environ["CONTENT_LENGTH"] = str(body.size)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ[_BODY] = body.data
    return True


def release(environ: Environment) -> None:
    """Give the room of a long body back."""
    if environ.get(_STREAM):
        environ[_STREAM].close()


def small_body(environ: Environment, most: int) -> bytes | None:
    """The body that was read, up to ``most`` bytes; Flask can read it once more."""
    body: bytes | None = environ.get(_BODY)
    return None if body is None or len(body) > most else body


def init_bodies(app: Flask) -> None:
    """Refuse requests whose body did not come whole or was not read; before everything else."""

    @app.before_request
    def refuse() -> None:
        status = request.environ.get(_REFUSAL)
        if status == 429:
            after_this_request(_ask_to_wait)
        if status:
            abort(status)


def _ask_to_wait(response: Response) -> Response:
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


class _Body:
    """What was read. ``data``: all of it, unless it is too long for the memory."""

    def __init__(self, stream: IO[bytes], size: int, data: bytes | None) -> None:
        self.stream, self.size, self.data = stream, size, data


def _announced(environ: Environment) -> int | None:
    """The length of the body as its head says, 0 = there is none, None = it does not say."""
    length = environ.get("CONTENT_LENGTH", "")
    if length.isascii() and length.isdecimal() and len(length) < 16:
        return int(length)
    is_told = length or environ.get("HTTP_TRANSFER_ENCODING")
    return 0 if not is_told and environ["REQUEST_METHOD"] in _BODILESS else None


def _read(source: IO[bytes], wanted: int) -> _Body:
    data = source.read(min(wanted, IN_MEMORY))
    if len(data) == wanted or len(data) < IN_MEMORY:
        return _Body(io.BytesIO(data), len(data), data)
    spool: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (closed with the request)
    size = spool.write(data)
    while size < wanted and (data := source.read(min(PIECE, wanted - size))):
        size += spool.write(data)
    spool.seek(0)
    return _Body(spool, size, None)
