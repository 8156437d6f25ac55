"""The ID token: whose signature it bears, for whom it was made, when, and about whom."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from survey_app.text import clean_line

#: The family of keys that each algorithm takes. None with a shared secret, and not "none": the
#: secret of this client, or a public key taken for a secret, signs nothing.
ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "Ed25519": "OKP",
}
SHORTEST_RSA = 2048
#: Seconds that the provider's clock may be off.
LEEWAY = 60
LONGEST_TOKEN = 32_000
LONGEST_SUBJECT = 255
LONGEST_TOLD = 120


class BadToken(Exception):
    """The token proves nothing; the words are for the log."""


class UnknownKey(BadToken):
    """No key of the set signed it: the provider may have changed its keys."""


@dataclass(frozen=True)
class Expected:
    """What an ID token must say. ``access_token``: what came with it."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str = ""


@dataclass(frozen=True)
class ToldIdentity:
    """Who somebody is, as the provider tells: ``subject`` is its key for them; the names are what
    they are called there, perhaps by themselves, and prove nothing. ``session``: the provider's
    name for its own session, "" = it tells none; ``proven_at``: when it last had them show who they
    are, None = it does not tell."""

    issuer: str
    subject: str
    name: str = ""
    username: str = ""
    session: str = ""
    proven_at: datetime | None = None


def read_id_token(
    token: object, keys: Iterable[Mapping[str, Any]], expected: Expected, *, now: datetime
) -> dict[str, Any]:
    """The claims of an ID token. Raises BadToken, UnknownKey where no key fits."""
    header, told = verified(token, keys)
    try:
        claims = CodeIDToken(
            told,
            header,
            {"iss": {"essential": True, "value": expected.issuer}},
            {
                "nonce": expected.nonce,
                "client_id": expected.client_id,
                "access_token": expected.access_token,
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadToken(f"{type(error).__name__}: {error}") from error
    _require_ours(claims, expected)
    return dict(claims)


def verified(
    token: object, keys: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that one of the keys signed. Raises BadToken, UnknownKey."""
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise BadToken("no token")
    header = _header(token)
    key = _key_for(header, keys)
    try:
        decoded = jwt.decode(token, key, algorithms=[header["alg"]])
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadToken(f"{type(error).__name__}: {error}") from error
    return dict(decoded.header), dict(decoded.claims)


def identity_of(claims: Mapping[str, Any]) -> ToldIdentity:
    """Who the claims of a good token are about."""
    return ToldIdentity(
        issuer=claims["iss"],
        subject=claims["sub"],
        name=_told(claims.get("name")),
        username=_told(claims.get("preferred_username")),
        session=session_of(claims),
        proven_at=_moment(claims.get("auth_time")),
    )


def session_of(claims: Mapping[str, Any]) -> str:
    """The provider's name for its own session, "" where it tells none that can be kept."""
    found = claims.get("sid", "")
    return found if is_keepable(found) else ""


def is_keepable(subject: object) -> bool:
    """Whether a text can stand for somebody, or for a session of theirs."""
    return (
        isinstance(subject, str) and 1 <= len(subject) <= LONGEST_SUBJECT and subject.isprintable()
    )


def _require_ours(claims: Mapping[str, Any], expected: Expected) -> None:
    """What the library leaves to others. Raises BadToken."""
    audience, subject = claims["aud"], claims["sub"]
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise BadToken("made for another client")
    if not is_keepable(subject):
        raise BadToken("a subject that cannot be kept")


def _header(token: str) -> dict[str, Any]:
    try:
        header = json.loads(_bytes(token.partition(".")[0]))
    except (ValueError, RecursionError) as error:
        raise BadToken("no header") from error
    if not isinstance(header, dict) or header.get("alg") not in ALGORITHMS:
        raise BadToken("an algorithm that is not taken")
    return header


def _key_for(header: Mapping[str, Any], keys: Iterable[Mapping[str, Any]]) -> Any:
    """The one key that may have signed. Without a name for it (kid) only a lone key will do."""
    fitting = [key for key in keys if _fits(key, header["alg"])]
    if "kid" in header:
        fitting = [key for key in fitting if key.get("kid") == header["kid"]]
    if len(fitting) != 1:
        raise UnknownKey("no key, or more than one, for this signature")
    try:
        if fitting[0]["kty"] == "RSA" and _bits(fitting[0]["n"]) < SHORTEST_RSA:
            raise BadToken("an RSA key that is too short")
        return JWKRegistry.import_key(dict(fitting[0]))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadToken(f"a key that cannot be read: {error}") from error


def _fits(key: object, algorithm: str) -> bool:
    return (
        isinstance(key, Mapping)
        and key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
    )


def _bytes(part: str) -> bytes:
    """Base64 as tokens and keys have it; raises ValueError."""
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _bits(number: str) -> int:
    return int.from_bytes(_bytes(number), "big").bit_length()


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _told(value: object) -> str:
    return clean_line(value)[:LONGEST_TOLD] if isinstance(value, str) else ""
