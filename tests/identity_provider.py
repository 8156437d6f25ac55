"""A small OpenID provider on loopback, real in what matters: it signs, spends codes, checks PKCE.

What a hostile or broken one does is set on the object: ``claims`` and ``header`` are put over the
true ones, ``sign`` signs, ``broken`` answers in place of an address, ``moved`` sends elsewhere.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from survey_app.config import ProviderSettings, Settings

CLIENT_ID = "hailong"
CLIENT_SECRET = "bí mật".encode().hex()
#: One pair of keys for every test: making them is slow.
KEYS = [RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True) for _ in "ab"]


class Provider:
    """Its state, and what it answers."""

    def __init__(self) -> None:
        self.issuer = ""
        self.person = {"sub": "a1b2-c3d4", "name": "Trần Thị Bình", "preferred_username": "binh.tt"}
        self.key = KEYS[0]
        self.published = [KEYS[0]]
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.description: dict[str, Any] = {}
        self.brought: dict[str, str] = {}
        self.broken: dict[str, Callable[[], tuple[int, bytes]]] = {}
        self.moved: dict[str, str] = {}
        self.sign: Callable[[dict[str, Any], dict[str, Any]], str] = self._sign
        self.proven_at: int | None = None  # None = just now
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.is_asking = False
        self.tells_names_apart = False

    # ── answers ───────────────────────────────────────────────────────────────────────────────

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        self.asked.append(path)
        if path in self.moved:
            return 302, b"", {"Location": f"{self.issuer}{self.moved[path]}"}
        if path in self.broken:
            status, body = self.broken[path]()
            return status, body, {}
        if path == "/.well-known/openid-configuration":
            return 200, self._description(), {}
        if path in {"/keys", *self.moved.values()}:
            return 200, {"keys": [key.as_dict(private=False) for key in self.published]}, {}
        if path == "/authorize":
            return self._authorize(query)
        if path == "/end":
            return 200, b"<!doctype html><html lang=vi><title>Ra</title><h1>Ra</h1>", {}
        return 404, {}, {}

    def _description(self) -> dict[str, Any]:
        here = self.issuer
        return {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
            "userinfo_endpoint": f"{here}/userinfo",
            "end_session_endpoint": f"{here}/end",
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.description

    def _authorize(self, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        is_asked_well = (
            query.get("client_id") == CLIENT_ID
            and query.get("response_type") == "code"
            and query.get("code_challenge_method") == "S256"
            and "openid" in query.get("scope", "").split()
            and query.get("state")
            and query.get("nonce")
        )
        if not is_asked_well:
            return 400, b"asked badly", {}
        if self.is_asking and "agreed" not in query:
            hidden = "".join(f"<input type=hidden name={k} value='{v}'>" for k, v in query.items())
            page = (
                "<!doctype html><html lang=vi><title>Nơi cấp</title><main><h1>Nơi cấp</h1>"
                f"<form>{hidden}<button name=agreed value=1>Đồng ý</button></form></main>"
            )
            return 200, page.encode(), {}
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        back = {"code": code, "state": query["state"]} | self.brought
        return 302, b"", {"Location": f"{query['redirect_uri']}?{urlencode(back)}"}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        self.asked.append("/token")
        if "/token" in self.broken:
            return self.broken["/token"]()
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_good = (
            asked is not None
            and asked["redirect_uri"] == form.get("redirect_uri")
            and asked["code_challenge"] == challenge
        )
        if asked is None or not is_good:
            return 400, {"error": "invalid_grant", "error_description": "unknown code"}
        told = {"sub": self.person["sub"]} if self.tells_names_apart else self.person
        moment = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": moment,
            "exp": moment + 300,
            "nonce": asked["nonce"],
            "auth_time": moment if self._asks_anew(asked) else self.proven_at,
        }
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        made = {k: v for k, v in (claims | told | self.claims).items() if v is not None}
        id_token = self.sign({k: v for k, v in header.items() if v is not None}, made)
        return 200, {"access_token": "open", "token_type": "Bearer", "id_token": id_token}

    def logout_token(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """The word that a session has ended; ``changes`` over the true claims, None leaves one
        out."""
        moment = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": moment,
            "exp": moment + 120,
            "jti": secrets.token_urlsafe(8),
            "sub": self.person["sub"],
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | changes
        made = {"alg": "RS256", "kid": self.key.kid, "typ": "logout+jwt"} | (header or {})
        return self.sign(made, {k: v for k, v in claims.items() if v is not None})

    def _asks_anew(self, asked: dict[str, str]) -> bool:
        """Whether somebody had to show who they are, and was not known by the browser."""
        return self.proven_at is None or asked.get("prompt") == "login"

    def _sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/userinfo":
            is_open = self.headers.get("Authorization") == "Bearer open"
            self._send(200 if is_open else 401, self.provider.person)
            return
        status, body, headers = self.provider.answer(parts.path, query)
        self._send(status, body, headers)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        fields = parse_qs(self.rfile.read(length).decode())
        form = {name: values[0] for name, values in fields.items()}
        self._send(*self.provider.token(form, self.headers.get("Authorization", "")))

    def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        is_page = isinstance(body, bytes)
        data = body if is_page else json.dumps(body).encode()
        self.send_response(status)
        kind = "text/html; charset=utf-8" if is_page else "application/json"
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        with suppress(ConnectionError):  # who asked has gone
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing is written to the terminal."""


def with_provider(settings: Settings, provider: Provider) -> Settings:
    """Settings by which people may sign in at this provider."""
    return replace(settings, provider=ProviderSettings(provider.issuer, CLIENT_ID, CLIENT_SECRET))


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on loopback until the end of the block."""
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
