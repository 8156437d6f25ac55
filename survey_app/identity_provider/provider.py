"""One provider: what its description says, sending a browser there, reading what it brings back."""

import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.discovery import get_well_known_url

from survey_app.config import ProviderSettings
from survey_app.errors import Forbidden, Unavailable
from survey_app.identity_provider.conversation import Carrier, NoAnswer, get_json, is_safe
from survey_app.identity_provider.logout_tokens import ToldLogout, read_logout_token
from survey_app.identity_provider.tokens import (
    BadToken,
    Expected,
    ToldIdentity,
    UnknownKey,
    identity_of,
    read_id_token,
)

log = logging.getLogger(__name__)

SCOPE = "openid profile"
#: How long the description and the keys are believed without asking again. A key that is not among
#: them is asked for at once.
BELIEVED_FOR = timedelta(hours=1)
#: How long strangers cannot have the keys asked for again.
KEYS_STAY_FOR = timedelta(minutes=1)
SECRET_WAYS = ("client_secret_basic", "client_secret_post")
LONGEST_CODE = 2048
BEARER = r"[\x21-\x7e]+"  # fit to stand in a header


class Declined(BadToken):
    """Whoever was asked at the provider said no."""


@dataclass(frozen=True)
class Journey:
    """What a browser takes along to the provider, and must bring back."""

    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True)
class _Known:
    """The provider's description and keys, and when they were read."""

    description: Mapping[str, Any]
    keys: tuple[Mapping[str, Any], ...]
    read_at: datetime
    keys_read_at: datetime


class IdentityProvider:
    """The provider of one installation; safe to be used by several threads."""

    def __init__(self, settings: ProviderSettings) -> None:
        self.settings = settings
        self._known: _Known | None = None

    def begin(self, back_to: str, *, longest_ago: timedelta, now: datetime) -> tuple[str, Journey]:
        """The provider's address to send a browser to, and what the way back is checked by.

        ``longest_ago``: who showed who they are there longer ago is to do so anew; none at all =
        in any case. Being asked, the provider also tells when that was. Raises Unavailable.
        """
        asked = {"max_age": f"{longest_ago.total_seconds():.0f}"}
        if not longest_ago:
            asked["prompt"] = "login"
        known = self._read(now)
        journey = Journey(*(secrets.token_urlsafe(32) for _ in range(3)))
        address, _state = self._client(known, back_to).create_authorization_url(
            known.description["authorization_endpoint"],
            state=journey.state,
            code_verifier=journey.code_verifier,
            nonce=journey.nonce,
            **asked,
        )
        return str(address), journey

    def finish(
        self, journey: Journey, brought: Mapping[str, str], back_to: str, *, now: datetime
    ) -> ToldIdentity:
        """Who came back. Raises Forbidden for whatever proves nothing, Unavailable."""
        known = self._read(now)
        try:
            self._require_own_journey(journey, brought, known)
            token = self._exchange(known, brought["code"], journey, back_to)
            claims = self._claims(known, token, journey, now)
            return identity_of(claims | self._more_claims(known, token, claims))
        except Declined as refusal:
            raise Forbidden(
                f"Ông/bà đã dừng ở nơi cấp {self.settings.name}, hoặc nơi cấp không cho phép; chưa "
                "đăng nhập."
            ) from refusal
        except (BadToken, OAuth2Error) as refusal:
            log.warning("sign-in by %s refused: %s", self.settings.issuer, refusal)
            raise Forbidden(
                f"Không đăng nhập được bằng {self.settings.name}: nơi cấp tài khoản từ chối, hoặc "
                "thông tin nhận về không hợp lệ hay đã quá hạn. Vui lòng đăng nhập lại từ đầu."
            ) from refusal
        except NoAnswer as silence:
            raise self._unavailable(silence) from silence

    def sign_out_address(self, back_to: str, *, now: datetime) -> str | None:
        """Where the provider ends its own session, if it tells. Raises Unavailable.

        No ID token is kept to send along: the provider asks the person to confirm.
        """
        end = self._read(now).description.get("end_session_endpoint")
        if not is_safe(end):
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back_to}
        return f"{end}{'&' if '?' in end else '?'}{urlencode(asked)}"

    def hear_logout(self, token: str, *, may_ask: bool, now: datetime) -> ToldLogout:
        """Whose session at the provider has ended. Raises Forbidden for a token that proves
        nothing, Unavailable. ``may_ask``: the provider may be asked for what is not known."""
        issuer, client_id = self.settings.issuer, self.settings.client_id
        try:
            known = self._read(now) if may_ask else self._known
            if known is None:
                raise NoAnswer("nothing is known of it yet")
            try:
                return read_logout_token(
                    token, known.keys, issuer=issuer, client_id=client_id, now=now
                )
            except UnknownKey:
                if not may_ask:
                    raise
                keys = self._keys_anew(known, now)
                return read_logout_token(token, keys, issuer=issuer, client_id=client_id, now=now)
        except BadToken as refusal:
            log.warning("a logout token in the name of %s refused: %s", issuer, refusal)
            raise Forbidden("Thông báo đăng xuất không hợp lệ hoặc đã quá hạn.") from refusal
        except NoAnswer as silence:
            raise self._unavailable(silence) from silence

    def check(self, *, now: datetime) -> None:
        """Raises Unavailable unless its description and its keys can be read."""
        self._read(now)

    # ── what is known of the provider ─────────────────────────────────────────────────────────

    def _read(self, now: datetime) -> _Known:
        known = self._known
        if known is not None and timedelta(0) <= now - known.read_at < BELIEVED_FOR:
            return known
        try:
            description = get_json(get_well_known_url(self.settings.issuer, external=True))
            _require_usable(description, self.settings.issuer)
            self._known = _Known(description, _keys_at(description["jwks_uri"]), now, now)
        except NoAnswer as silence:
            raise self._unavailable(silence) from silence
        return self._known

    def _claims(
        self, known: _Known, token: Mapping[str, Any], journey: Journey, now: datetime
    ) -> dict[str, Any]:
        access_token = token.get("access_token")
        expected = Expected(
            self.settings.issuer,
            self.settings.client_id,
            journey.nonce,
            access_token if isinstance(access_token, str) else "",
        )
        id_token = token.get("id_token")
        try:
            return read_id_token(id_token, known.keys, expected, now=now)
        except UnknownKey:
            keys = _keys_at(known.description["jwks_uri"])
            self._known = replace(known, keys=keys, keys_read_at=now)
            return read_id_token(id_token, keys, expected, now=now)

    def _keys_anew(self, known: _Known, now: datetime) -> tuple[Mapping[str, Any], ...]:
        """The keys as they are now, asked for once a minute at the most: anybody may send a token
        that names a key of its own. Raises UnknownKey, NoAnswer."""
        if timedelta(0) <= now - known.keys_read_at < KEYS_STAY_FOR:
            raise UnknownKey("a key that was not there a minute ago")
        keys = _keys_at(known.description["jwks_uri"])
        self._known = replace(known, keys=keys, keys_read_at=now)
        return keys

    def _more_claims(
        self, known: _Known, token: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The names, from the place for them, where the token has none: an administrator shall
        recognise a person. They are not needed to sign in: what fails here is let be."""
        place, access_token = known.description.get("userinfo_endpoint"), token.get("access_token")
        if claims.get("name") or claims.get("preferred_username") or not is_safe(place):
            return {}
        if not isinstance(access_token, str) or not re.fullmatch(BEARER, access_token):
            return {}
        try:
            told = get_json(place, bearer=access_token)
        except NoAnswer as silence:
            log.warning("names were not told by %s: %s", self.settings.issuer, silence)
            return {}
        if told.get("sub") != claims["sub"]:
            return {}
        return {name: told.get(name) for name in ("name", "preferred_username")}

    # ── the exchange ──────────────────────────────────────────────────────────────────────────

    def _require_own_journey(
        self, journey: Journey, brought: Mapping[str, str], known: _Known
    ) -> None:
        """Raises BadToken unless the browser brings a code, from this provider, of this journey."""
        if not secrets.compare_digest(brought.get("state", "").encode(), journey.state.encode()):
            raise BadToken("the state of another journey")
        named = brought.get("iss")
        is_promised = known.description.get("authorization_response_iss_parameter_supported")
        if (named or is_promised) and named != self.settings.issuer:
            raise BadToken("an answer that names another issuer, or none")
        if brought.get("error") == "access_denied":
            raise Declined("access_denied")
        if brought.get("error"):
            raise BadToken(f"the provider says {brought['error'][:80]!r}")
        if not 1 <= len(brought.get("code", "")) <= LONGEST_CODE:
            raise BadToken("no code")

    def _exchange(
        self, known: _Known, code: str, journey: Journey, back_to: str
    ) -> Mapping[str, Any]:
        try:
            token = self._client(known, back_to).fetch_token(
                known.description["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=journey.code_verifier,
                redirect_uri=back_to,
            )
        except (ValueError, TypeError, AttributeError) as nonsense:
            # What Authlib makes of an answer that is none; it takes its shape for granted.
            raise NoAnswer(f"no token: {nonsense}") from nonsense
        return dict(token)

    def _client(self, known: _Known, back_to: str) -> OAuth2Client:
        return OAuth2Client(
            Carrier(),
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret,
            token_endpoint_auth_method=_secret_way(known.description),
            scope=SCOPE,
            redirect_uri=back_to,
            code_challenge_method="S256",
        )

    def _unavailable(self, silence: NoAnswer) -> Unavailable:
        log.warning("provider %s: %s", self.settings.issuer, silence)
        return Unavailable(
            f"Hiện không kết nối được với nơi cấp {self.settings.name}. Vui lòng thử lại sau ít "
            "phút; ai có mật khẩu của hệ thống này có thể đăng nhập bằng mật khẩu."
        )


def _require_usable(description: Mapping[str, Any], issuer: str) -> None:
    """Raises NoAnswer for a description of somebody else, or without the addresses needed."""
    if description.get("issuer") != issuer:
        raise NoAnswer("the description names another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_safe(description.get(name)):
            raise NoAnswer(f"{name} is missing or without HTTPS")


def _keys_at(address: str) -> tuple[Mapping[str, Any], ...]:
    keys = get_json(address).get("keys")
    if not isinstance(keys, list):
        raise NoAnswer("no list of keys")
    return tuple(key for key in keys if isinstance(key, dict))


def _secret_way(description: Mapping[str, Any]) -> str:
    """How the secret is shown: the usual way, unless the provider takes only the other."""
    taken = description.get("token_endpoint_auth_methods_supported")
    if isinstance(taken, list) and SECRET_WAYS[0] not in taken and SECRET_WAYS[1] in taken:
        return SECRET_WAYS[1]
    return SECRET_WAYS[0]
