"""On the way to the provider and back: what this browser began, signed, in a cookie of its own.

The cookie binds the way back to the browser that set out: an answer made for somebody else's
browser has another state. It is sent along by the provider's redirect (SameSite=Lax), is good for
a few minutes, and is taken away by the way back, however that ends.
"""

from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from survey_app.identity_provider import Journey

SECONDS = 600


@dataclass(frozen=True)
class Begun:
    """A journey, and the page that was asked for."""

    journey: Journey
    wanted: str


def remember(response: Response, begun: Begun) -> Response:
    response.set_cookie(_name(), _signer().dumps(asdict(begun)), max_age=SECONDS, **_where())
    return response


def begun_here() -> Begun | None:
    """What this browser began, None = nothing, or too long ago."""
    try:
        found = _signer().loads(request.cookies.get(_name(), ""), max_age=SECONDS)
        return Begun(Journey(**found["journey"]), found["wanted"])
    except BadSignature:
        return None


def forget(response: Response) -> Response:
    response.delete_cookie(_name(), **_where())
    return response


def _where() -> dict[str, Any]:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"path": "/", "secure": secure, "httponly": True, "samesite": "Lax"}


def _name() -> str:
    """With HTTPS, a name that no neighbouring site can set."""
    return "__Host-hailong-way" if current_app.config["SESSION_COOKIE_SECURE"] else "hailong-way"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SETTINGS"].derived_secret("provider journey"))
