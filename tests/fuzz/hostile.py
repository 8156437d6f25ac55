"""Hostile requests, written byte by byte: what no honest client would send."""

import json
import random
import socket
import time
from collections.abc import Callable
from itertools import cycle
from urllib.parse import quote
from uuid import UUID

METHODS = (
    "GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT PROPFIND BREW get X-" + "A" * 300
).split()
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PATIENCE_SECONDS = 60

Maker = Callable[[random.Random, str], bytes]


def exchange(port: int, data: bytes, *, patience: float = PATIENCE_SECONDS) -> bytes:
    """Send everything, end the sending, and read until the server hangs up; what it said.

    Raises TimeoutError when nothing comes and nobody hangs up for so many seconds.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as line:
        received = b""
        try:
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
            while piece := line.recv(65536):
                received += piece
        except TimeoutError:
            raise
        except OSError:
            pass  # hung up in the middle of what it did not want to hear
        return received


def statuses(received: bytes) -> list[int]:
    """The status of each reply of a connection."""
    lines = received.split(b"HTTP/1.1 ")[1:]
    return [int(line[:3]) for line in lines if line[:3].isdigit()]


def request(
    method: str, path: str, body: bytes = b"", *, kind: str = JSON, more: str = "", length: str = ""
) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: fuzz\r\nConnection: close\r\n{more}"
    if body or length:
        head += f"Content-Type: {kind}\r\nContent-Length: {length or len(body)}\r\n"
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + body


def _new_id(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


# ── bodies ────────────────────────────────────────────────────────────────────────────────────


def _bodies(chance: random.Random, token: str) -> list[bytes]:
    number = chance.choice(["9" * 5000, "1e999", "-0", "1E400", "0x10", "NaN", "Infinity", "1.5"])
    depth = chance.choice([100, 5000, 30_000])
    word = json.dumps(chance.choice(["\0", "\ud800", "\u202e" * 50, "A" * 60_000, "é" * 2001, ""]))
    start = f'{{"link": "{token}", "answers": '
    texts = [
        "[" * depth,
        '{"a":' * depth,
        f"{start}{number}}}",
        f'{start}{{"access.signage": {number}}}}}',
        f'{start}{{"access.signage": "4"}}, "seconds": {number}}}',
        f'{start}{{"access.signage": {word}}}}}',
        f'{start}{{{word}: "4"}}}}',
        f'{start}{{"access.signage": "4", "access.signage": "5"}}}}',
        f'{start}{{}}, "answers": {{}}}}',
        f'{start}{{"needs.improvements": [[[]]], "comment": {{}}}}}}',
        f"{start}{'[' * depth}{']' * depth}}}",
        f'{{"link": {word}, "answers": {{}}, "mode": {number}}}',
        '{"link": null, "answers": null}',
        f"\ufeff{start}{{}}}}",
        "null",
        "",
        '"',
    ]
    raw = [bytes(chance.getrandbits(8) for _ in range(chance.randrange(1, 2000)))]
    raw += [b"\xff\xfe" + texts[2].encode("utf-16-le"), b'{"link": "\xc3\x28"}', b"\0" * 70_000]
    return [*(text.encode("utf-8", "surrogatepass") for text in texts), *raw]


def bad_json(chance: random.Random, token: str) -> bytes:
    identifier = chance.choice([_new_id(chance), "x", "%00", "0" * 400, "../../healthz"])
    body = chance.choice(_bodies(chance, token))
    kind = chance.choice([JSON, FORM, "text/plain; charset=utf-7", "", "multipart/form-data"])
    return request("PUT", f"/api/v1/responses/{identifier}", body, kind=kind)


def bad_invitation(chance: random.Random, token: str) -> bytes:
    key = chance.choice(["", "Bearer", "Bearer hl_x", "Basic Zm9v", "Bearer " + "A" * 4000])
    body = chance.choice(_bodies(chance, token))
    return request("POST", "/api/v1/invitations", body, more=f"Authorization: {key}\r\n")


def bad_form(chance: random.Random, token: str) -> bytes:
    identifier = _new_id(chance)
    boundary = "--x\r\nContent-Disposition: form-data; name="
    part = boundary.encode() + b'"_response_id"\r\n\r\n'
    choices = [
        (FORM, b"&".join([b"a=b"] * chance.choice([10, 5000, 100_000]))),
        (FORM, f"_response_id={identifier}&access.signage=%ff%fe%00&comment=%f0%28".encode()),
        (FORM, f"_response_id={identifier}&_display=lang:xx&_seconds=-{'9' * 400}".encode()),
        (FORM, f"_response_id=%00&_version=%ed%a0%80&_language={'x' * 9000}".encode()),
        (FORM, b"access.signage=4&" * 3000 + b"access.signage=5"),
        (FORM, b"comment=" + b"%F0%9F%92%A9" * 100_000),
        (FORM, b"=" * 100_000),
        ("multipart/form-data; boundary=x", part + b"\xff" * 5000),
        ("multipart/form-data; boundary=x", part * 2000),
        ("multipart/form-data", part),
        ("multipart/form-data; boundary=" + "y" * 5000, part),
        (FORM + "; charset=utf-7", b"comment=+AGEAYg-"),
        ("application/json", b"{}"),
    ]
    kind, body = chance.choice(choices)
    return request("POST", f"/s/{token}", body, kind=kind)


def bad_length(chance: random.Random, token: str) -> bytes:
    body = json.dumps({"link": token, "answers": {"access.signage": "4"}}).encode()
    address = f"/api/v1/responses/{_new_id(chance)}"
    length = chance.choice(["9999", "-1", "1e3", "0x10", "4, 5", "", "99999999999999999999", "0"])
    twice = chance.choice(["", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n"])
    return request("PUT", address, body, length=length or "1", more=twice)


def bad_chunks(chance: random.Random, token: str) -> bytes:
    head = request(
        chance.choice(["PUT", "POST", "GET"]),
        chance.choice([f"/api/v1/responses/{_new_id(chance)}", f"/s/{token}", "/healthz"]),
        more="Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n",
    )
    chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
    bodies = [
        b"xyz\r\nabc\r\n0\r\n\r\n",
        b"-5\r\nabc\r\n",
        b"ffffffffffffffff\r\nabc",
        b"3\r\nab",
        b"1;" + b"x" * 20_000 + b"\r\na\r\n0\r\n\r\n",
        b"1\r\na\r\n" * 2000,
        chunk * 3000,  # twelve megabytes, and no end
        b"0\r\nX-Trailer: \x00\r\n\r\n",
    ]
    return head + chance.choice(bodies)


# ── heads ─────────────────────────────────────────────────────────────────────────────────────


def bad_heads(chance: random.Random, token: str) -> bytes:
    path = chance.choice([f"/s/{token}", "/", "/healthz", "/k", "/sign-in", "/openapi.json"])
    choices = [
        "".join(f"X-{n}: a\r\n" for n in range(chance.choice([50, 99, 2000]))),
        f"X-Long: {'a' * chance.choice([8000, 70_000, 900_000])}\r\n",
        f"Cookie: {'a=b; ' * 4000}\r\n",
        "Cookie: hailong_form=.eJw; hailong=x; lang=../..; size=\x7f; phieu=\xff; =;;;=\r\n",
        "Accept-Encoding: gzip;q=abc, *;q=-1, \x7f\r\n",
        "Accept-Language: " + "vi;q=0." + "9" * 400 + "\r\n",
        "If-None-Match: *\r\nIf-Modified-Since: yesterday\r\nRange: bytes=9-1,-,x\r\n",
        "X-Forwarded-For: \x01, ::::\r\nX-Forwarded-Proto: ftp\r\nForwarded: for=\r\n",
        "Expect: 200-maybe\r\n",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n",
        "No colon here\r\n",
        " : empty\r\n",
        "Folded: a\r\n b\r\n",
        "Nul: \x00\r\n",
        "Host: other\r\nHost: [::1\r\n",
        "Origin: null\r\nReferer: \xff\xfe\r\n",
        "Authorization: Basic " + "=" * 999 + "\r\n",
    ]
    return request("GET", path, more=chance.choice(choices))


def bad_lines(chance: random.Random, token: str) -> bytes:
    lines = [
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\r\n" * 500,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a browser that wants TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: fuzz\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: fuzz\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: fuzz\r\n\r\n" * 50,
        bytes(chance.getrandbits(8) for _ in range(chance.randrange(1, 500))),
    ]
    return chance.choice(lines)


def bad_paths(chance: random.Random, token: str) -> bytes:
    odd = chance.choice(
        ["%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "%ed%a0%80", "a" * 5000, "%", "%zz", "ﬁ", "²"]
    )
    number = chance.choice(["0", "-1", str(2**31), str(2**63), "9" * 400, "٣"])
    places = [
        f"/s/{odd}",
        f"/s/{token}?lang={odd}&trang={odd}&_display={odd}",
        f"/s/{token.lower()}",
        f"/s/{token}/cam-on/{odd}",
        f"/s/{token}/cam-on/AAA-AAA?lang={odd}",
        f"/s/{token}/{odd}",
        f"/?ma={odd}&lang={odd}",
        f"/api/v1/responses/{odd}",
        f"/static/{odd}",
        "/static/../../wsgi.py",
        f"/fonts/{odd}",
        f"/k/{odd}?{odd}",
        f"/recordings/{odd}",
        f"/officer/surveys/{odd}/units/{odd}",
        f"/admin/surveys/{odd}/devices/{number}",
        f"/sign-in?next={odd}",
        f"//{odd}",
        f"/{quote(chr(chance.randrange(0x80, 0x2FFF)))}",
    ]
    return request(chance.choice(METHODS), chance.choice(places).replace("ﬁ", "%EF%AC%81"))


MAKERS: tuple[Maker, ...] = (
    bad_json,
    bad_form,
    bad_length,
    bad_chunks,
    bad_heads,
    bad_lines,
    bad_paths,
    bad_invitation,
)


class SlowClients:
    """Connections that say little and never end: half a head, half a body, endless chunks, and
    some that ask for many pages and read none."""

    def __init__(self, port: int, token: str, each: int) -> None:
        sheet = b"PUT /api/v1/responses/x HTTP/1.1\r\nHost: fuzz\r\nContent-Length: 60000\r\n\r\n{"
        form = f"POST /s/{token} HTTP/1.1\r\nHost: fuzz\r\nContent-Type: {FORM}\r\n"
        page = f"GET /s/{token} HTTP/1.1\r\nHost: fuzz\r\n\r\n"
        kinds = (
            (b"GET / HTTP/1.1\r\nHost: fuzz\r\nX-Slow: ", b"a"),
            (sheet, b" "),
            (f"{form}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\na\r\n"),
            (page.encode() * 5, b""),
        )
        self._lines: list[tuple[socket.socket, bytes]] = []
        for _, (first, drop) in zip(range(each * len(kinds)), cycle(kinds), strict=False):
            line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
            line.sendall(first)
            self._lines.append((line, drop))

    def drip(self) -> int:
        """Send a little through each line; how many the server has hung up by now."""
        gone = 0
        for line, drop in self._lines:
            try:
                line.sendall(drop)
            except OSError:
                gone += 1
        return gone

    def close(self) -> None:
        for line, _ in self._lines:
            line.close()


def answers_at_all(port: int) -> bool:
    """Whether the server answers a plain question."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE_SECONDS:
        if statuses(exchange(port, request("GET", "/healthz"))) == [200]:
            return True
    return False
