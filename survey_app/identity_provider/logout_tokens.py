"""The logout token: the provider's word that somebody's session there has ended.

OpenID Connect Back-Channel Logout 1.0. It comes from the provider straight to the server, not by a
browser: what it is signed with and what it says is all that tells it from anybody else's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from survey_app.identity_provider.tokens import (
    LEEWAY,
    BadToken,
    is_keepable,
    session_of,
    verified,
)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
#: Seconds after which a token is too old, whatever it says of its own end.
GOOD_FOR = 300
LONGEST_ID = 255
_TYPES = frozenset({"", "jwt", "logout+jwt", "application/logout+jwt"})


@dataclass(frozen=True)
class ToldLogout:
    """Whose session at the provider has ended: that of ``session``, or, where it is "", all of
    ``subject``; one of the two is told at least. ``token_id`` is never used twice."""

    issuer: str
    token_id: str
    subject: str = ""
    session: str = ""


def read_logout_token(
    token: object,
    keys: Iterable[Mapping[str, Any]],
    *,
    issuer: str,
    client_id: str,
    now: datetime,
) -> ToldLogout:
    """What a logout token tells. Raises BadToken, UnknownKey where no key fits."""
    header, claims = verified(token, keys)
    if str(header.get("typ", "")).lower() not in _TYPES:
        raise BadToken("a token of another kind")
    moment = int(now.timestamp())
    registry = JWTClaimsRegistry(
        moment,
        LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        iat={"essential": True},
        jti={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise BadToken(f"{type(error).__name__}: {error}") from error
    _require_logout(claims, moment)
    return ToldLogout(issuer, claims["jti"], claims.get("sub", ""), session_of(claims))


def _require_logout(claims: Mapping[str, Any], moment: int) -> None:
    """Raises BadToken for what is no logout token, or one of long ago."""
    if "nonce" in claims:
        raise BadToken("a nonce: an ID token")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise BadToken("no logout among the events")
    if claims["iat"] < moment - GOOD_FOR - LEEWAY:
        raise BadToken("issued too long ago")
    if len(claims["jti"]) > LONGEST_ID or not is_keepable(claims.get("sub", "-")):
        raise BadToken("a subject or an identifier that cannot be kept")
    if "sid" in claims and not session_of(claims):
        raise BadToken("a session that cannot be kept")
    if "sub" not in claims and "sid" not in claims:
        raise BadToken("neither a subject nor a session")
