"""Bodies of requests are read to their end before any work begins, and given up when they stall.

The server hands a request over as soon as its head is there; the body may come later, or never.
Reading it holds a thread, so there are many threads that may read and few that may work
(``web.express``). A body that ends too early is refused: half a form is no answer sheet.
"""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Flask, abort, request

Environment = dict[str, Any]

#: So many bodies are read by their own thread. Beyond, another thread reads, and may be given up.
MOST_UNWATCHED = 16
SECONDS_TO_SEND = 15.0
SLOWEST_BYTES_PER_SECOND = 16 * 1024  # of what is over a few pieces
PIECE = 64 * 1024
IN_MEMORY = 256 * 1024

TOO_SLOW, BROKEN_OFF = 408, 400
_STATUS, _BODY, _STREAM = "hailong.body_status", "hailong.body", "hailong.body_stream"
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Bodies:
    """The reading of bodies in one process. ``most``: bytes; larger ones are left to Flask, which
    refuses them unread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._under_way = 0

    def settle(self, environ: Environment) -> bool:
        """Read the body, so that nobody has to wait for it later. False: it did not come whole."""
        length = _announced(environ)
        if length == 0 or (length is not None and length > self._most):
            return True
        wanted = self._most + 1 if length is None else length
        with self._counted() as is_crowded:
            if is_crowded:
                body = _read_in_time(environ["wsgi.input"], wanted)
            else:
                body = _read(environ["wsgi.input"], wanted)
        if body is None or (length is not None and body.size < length):
            environ[_STATUS] = TOO_SLOW if body is None else BROKEN_OFF
            return False
        environ["wsgi.input"] = environ[_STREAM] = body.stream
        environ["CONTENT_LENGTH"] = str(body.size)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ[_BODY] = body.data
        return True

    @contextmanager
    def _counted(self) -> Iterator[bool]:
        """Whether so many are read already that this one must be watched."""
        with self._guard:
            self._under_way += 1
            is_crowded = self._under_way > MOST_UNWATCHED
        try:
            yield is_crowded
        finally:
            with self._guard:
                self._under_way -= 1


def release(environ: Environment) -> None:
    """Give the room of a long body back."""
    if environ.get(_STREAM):
        environ[_STREAM].close()


def small_body(environ: Environment, most: int) -> bytes | None:
    """The body that was read, up to ``most`` bytes; Flask can read it once more."""
    body: bytes | None = environ.get(_BODY)
    return None if body is None or len(body) > most else body


def init_bodies(app: Flask) -> None:
    """Refuse requests whose body did not come whole; before everything else."""

    @app.before_request
    def refuse() -> None:
        status = request.environ.get(_STATUS)
        if status:
            abort(status)


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


def _read_in_time(source: IO[bytes], wanted: int) -> _Body | None:
    """Read in a thread of its own; None when it takes too long. The server ends such a reading
    when it closes the connection behind the refusal."""
    seconds = SECONDS_TO_SEND + wanted / SLOWEST_BYTES_PER_SECOND
    return _in_time(lambda: _read(source, wanted), seconds)


def _in_time(work: Callable[[], _Body], seconds: float) -> _Body | None:
    found: list[_Body] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None
