"""What is said to the provider over the network: small JSON, in little time, to nobody else.

The standard library carries it: certificates are judged by the store of the operating system, where
an agency puts its own authority, and the agency's outgoing proxy is found in the environment.
"""

import json
import logging
import queue
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Protocol, TypeGuard
from urllib.parse import urlencode, urlsplit

from survey_app.config import LOOPBACK

log = logging.getLogger(__name__)

#: Seconds after which a silent socket is given up, and any conversation as a whole.
SILENCE = 5.0
DEADLINE = 8.0
#: Bytes of the longest answer: key sets of large providers have some ten thousand.
LONGEST_ANSWER = 256 * 1024
#: Conversations at a time. A provider that hangs holds so many threads, and none of those that
#: serve pages for longer than the deadline.
MOST_AT_ONCE = 4
#: So long a further one waits for its turn: at half past seven a whole office comes at once.
PATIENCE = 3.0  # seconds
#: So many wait, the rest is refused at once: all of them together hold half of the places at which
#: a process works (``web.express``), and the other half is for citizens.
MOST_WAITING = 12

turns = threading.BoundedSemaphore(MOST_AT_ONCE)
waiting = threading.BoundedSemaphore(MOST_WAITING)


class NoAnswer(Exception):
    """The provider cannot be reached, is too slow, or says nothing that can be read."""


class Auth(Protocol):
    """How a client shows its secret: Authlib's ``ClientAuth``."""

    def prepare(
        self, method: str, uri: str, headers: dict[str, str], body: str
    ) -> tuple[str, dict[str, str], str]: ...


@dataclass(frozen=True)
class Answer:
    """A status and a JSON body, with the few methods that Authlib asks of a response."""

    status_code: int
    body: bytes

    def json(self) -> Any:
        """Raises ValueError."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("JSON nested too deep") from error

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise NoAnswer(f"status {self.status_code}")


class Carrier:
    """The session that Authlib's client speaks through."""

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Auth
    ) -> Answer:
        sent = dict(headers)
        url, sent, body = auth.prepare("POST", url, sent, urlencode(data))
        return ask(urllib.request.Request(url, body.encode(), sent))  # noqa: S310 (see ask)


def get_json(url: str, *, bearer: str = "") -> dict[str, Any]:
    """The JSON object at an address. Raises NoAnswer."""
    headers = {"Accept": "application/json"}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    answer = ask(urllib.request.Request(url, headers=headers))  # noqa: S310 (see ask)
    if answer.status_code != HTTPStatus.OK:
        raise NoAnswer(f"{url}: status {answer.status_code}")
    try:
        found = answer.json()
    except ValueError as error:
        raise NoAnswer(f"{url}: no JSON") from error
    if not isinstance(found, dict):
        raise NoAnswer(f"{url}: not an object")
    return found


def is_safe(url: object) -> TypeGuard[str]:
    """Whether an address may be spoken to: HTTPS, or a provider on this very machine."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment or not url.isascii():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def ask(request: urllib.request.Request) -> Answer:
    """Send one request and wait for the answer, at most ``DEADLINE`` seconds. Raises NoAnswer.

    The waiting is done by a thread of its own: names that resolve slowly and answers that drip
    byte by byte hold up nobody here. Past the deadline the line is cut, and its turn is free.
    """
    if not is_safe(request.full_url):
        raise NoAnswer("an address without HTTPS")
    turn = turns
    if not (turn.acquire(blocking=False) or _wait_for(turn)):
        raise NoAnswer("too many conversations at once")
    told: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()
    line = _Line()
    args = (request, line, told.put, turn.release)
    threading.Thread(target=_converse, args=args, daemon=True).start()
    try:
        answer = told.get(timeout=DEADLINE)
    except queue.Empty:
        line.cut()
        raise NoAnswer(f"no answer within {DEADLINE:.0f} seconds") from None
    if isinstance(answer, Exception):
        raise NoAnswer(f"{type(answer).__name__}: {answer}") from answer
    return answer


def _wait_for(turn: threading.Semaphore) -> bool:
    """Whether a turn was had within ``PATIENCE`` seconds; False at once where too many wait."""
    if not waiting.acquire(blocking=False):
        return False
    try:
        return turn.acquire(timeout=PATIENCE)
    finally:
        waiting.release()


def _converse(
    request: urllib.request.Request,
    line: "_Line",
    tell: Callable[[Answer | Exception], None],
    end_turn: Callable[[], None],
) -> None:
    try:
        answer: Answer | Exception = _open(request, line)
    except (OSError, HTTPException, ValueError) as error:
        answer = error
    finally:
        end_turn()
    tell(answer)


def _open(request: urllib.request.Request, line: "_Line") -> Answer:
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), _Http(line), _Https(line)]
    if urlsplit(request.full_url).hostname in LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(request, timeout=SILENCE) as response:
            body, status = response.read(LONGEST_ANSWER + 1), response.status
    except urllib.error.HTTPError as refusal:
        with refusal:
            body, status = refusal.read(LONGEST_ANSWER + 1), refusal.code
    if len(body) > LONGEST_ANSWER:
        raise ValueError("the answer is too long")
    return Answer(status, body)


class _Line:
    """What a conversation goes over, to be cut by whoever waits no longer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def keep(self, connected: socket.socket) -> None:
        with self._lock:
            self._socket = connected
            if self._is_cut:  # the name was resolved too late
                raise TimeoutError("nobody waits any longer")

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                with suppress(OSError):  # it ended by itself
                    self._socket.shutdown(socket.SHUT_RDWR)


def _keeping(kind: type[HTTPConnection], line: _Line) -> Any:
    """A kind of connection that hands its socket over once it has one."""

    class Kept(kind):  # type: ignore[misc, valid-type]
        def connect(self) -> None:
            super().connect()
            line.keep(self.sock)

    return Kept


class _Http(urllib.request.HTTPHandler):
    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def http_open(self, request: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_keeping(HTTPConnection, self._line), request)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def https_open(self, request: urllib.request.Request) -> HTTPResponse:
        context = ssl.create_default_context()
        return self.do_open(_keeping(HTTPSConnection, self._line), request, context=context)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A provider is asked where its description says; it sends nobody elsewhere."""

    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        return None
