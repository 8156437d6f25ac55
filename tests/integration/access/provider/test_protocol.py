"""The protocol against a provider on loopback: a good way, and every hostile one refused."""

import base64
import hmac
import json
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from survey_app.clock import now
from survey_app.config import ProviderSettings
from survey_app.errors import Forbidden, HaiLongError, Unavailable
from survey_app.identity_provider import IdentityProvider, Journey, ToldIdentity, conversation
from survey_app.web.express import MOST_AT_WORK
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, KEYS, Provider
from tests.integration.access.provider.visits import sent_back

HOUR = timedelta(hours=1)
BACK_TO = "http://localhost/sign-in/provider/callback"


@pytest.fixture
def client(provider: Provider) -> IdentityProvider:
    return IdentityProvider(ProviderSettings(provider.issuer, CLIENT_ID, CLIENT_SECRET))


def brought_back(address: str) -> dict[str, str]:
    """What a browser that opens an address brings along from there."""
    return {name: values[0] for name, values in parse_qs(sent_back(address).query).items()}


def begin(client: IdentityProvider) -> tuple[Journey, dict[str, str]]:
    address, journey = client.begin(BACK_TO, longest_ago=HOUR, now=now())
    return journey, brought_back(address)


def go(client: IdentityProvider) -> ToldIdentity:
    journey, brought = begin(client)
    return replace(client.finish(journey, brought, BACK_TO, now=now()), proven_at=None)


def test_the_provider_tells_who_came(client: IdentityProvider, provider: Provider) -> None:
    told = go(client)
    assert told == ToldIdentity(provider.issuer, "a1b2-c3d4", "Trần Thị Bình", "binh.tt")


def test_names_may_be_told_apart_from_the_token(
    client: IdentityProvider, provider: Provider
) -> None:
    provider.tells_names_apart = True
    assert go(client).username == "binh.tt"


def test_what_is_told_apart_about_somebody_else_is_let_be(
    client: IdentityProvider, provider: Provider
) -> None:
    provider.claims = {"sub": "another"}
    provider.tells_names_apart = True
    assert go(client) == ToldIdentity(provider.issuer, "another")


def test_the_secrets_of_a_journey_differ_and_the_verifier_stays_here(
    client: IdentityProvider,
) -> None:
    one, one_journey = client.begin(BACK_TO, longest_ago=HOUR, now=now())
    _, other_journey = client.begin(BACK_TO, longest_ago=HOUR, now=now())
    asked = {name: values[0] for name, values in parse_qs(urlsplit(one).query).items()}
    assert len({*vars(one_journey).values(), *vars(other_journey).values()}) == 6
    assert one_journey.code_verifier not in one
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid profile"


def moved(**claims: Any) -> Callable[[Provider], None]:
    return lambda provider: provider.claims.update(claims)


def timed(name: str, seconds: int) -> Callable[[Provider], None]:
    """A time so far from now, which is when the test runs and not when it was read."""
    return lambda provider: provider.claims.update({name: int(time.time()) + seconds})


def headed(**header: Any) -> Callable[[Provider], None]:
    return lambda provider: provider.header.update(header)


def unsigned(provider: Provider) -> None:
    def sign(_header: dict[str, Any], claims: dict[str, Any]) -> str:
        parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
        return ".".join(map(_base64, parts)) + "."

    provider.sign = sign


def signed_by(key: Any, **header: Any) -> Callable[[Provider], None]:
    def sign(made: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode(made | header, claims, key, algorithms=[(made | header)["alg"]])

    return lambda provider: setattr(provider, "sign", sign)


def public_key_as_secret(provider: Provider) -> None:
    public = KEYS[0].as_pem(private=False)  # the libraries refuse to sign with it

    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        parts = [json.dumps(part).encode() for part in ({**header, "alg": "HS256"}, claims)]
        signed = ".".join(map(_base64, parts))
        return f"{signed}.{_base64(hmac.digest(public, signed.encode(), 'sha256'))}"

    provider.sign = sign


def client_secret_as_key(provider: Provider) -> None:
    secret = _base64(CLIENT_SECRET.encode())
    signed_by(OctKey.import_key({"kty": "oct", "k": secret}), alg="HS256")(provider)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


HOSTILE: dict[str, Callable[[Provider], None]] = {
    "a wrong nonce": moved(nonce="another"),
    "no nonce": moved(nonce=None),
    "another audience": moved(aud="somebody-else"),
    "another audience, though asked for by this client": moved(aud="another", azp=CLIENT_ID),
    "several audiences, made for none of them": moved(aud=[CLIENT_ID, "other"]),
    "several audiences, made for another": moved(aud=[CLIENT_ID, "other"], azp="other"),
    "an audience that is no text": moved(aud={CLIENT_ID: 1}),
    "another issuer": moved(iss="https://elsewhere.example"),
    "an issuer with a slash too many": lambda p: p.claims.update(iss=p.issuer + "/"),
    "expired": timed("exp", -120),
    "never expiring": moved(exp=None),
    "an expiry that is no number": moved(exp="never"),
    "made in the future": timed("iat", 600),
    "not good yet": timed("nbf", 600),
    "no subject": moved(sub=None),
    "a subject that is no text": moved(sub=["a1b2-c3d4"]),
    "an endless subject": moved(sub="x" * 256),
    "a subject with a line end": moved(sub="a\nb"),
    "an access token of another": moved(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "no signature": unsigned,
    "the public key as a secret": public_key_as_secret,
    "the secret of the client as a key": client_secret_as_key,
    "an unknown key": headed(kid="unknown"),
    "a key of somebody else under a known name": signed_by(KEYS[1]),
    "no token": lambda p: setattr(p, "sign", lambda *_: ""),
    "a token of noise": lambda p: setattr(p, "sign", lambda *_: "é.é.é"),
    "a token that is a list": lambda p: setattr(p, "sign", lambda *_: ["a"]),
    "the answer names another issuer": lambda p: p.brought.update(iss="https://elsewhere.example"),
    "the answer names no issuer, as was promised": lambda p: p.description.update(
        authorization_response_iss_parameter_supported=True
    ),
    "another state": lambda p: p.brought.update(state="another"),
    "an answer that refuses": lambda p: p.brought.update(error="server_error"),
    "no code": lambda p: p.brought.update(code=""),
    "another code": lambda p: p.brought.update(code="another"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_it_is_refused(what: str, client: IdentityProvider, provider: Provider) -> None:
    HOSTILE[what](provider)
    with pytest.raises(Forbidden) as refusal:
        go(client)
    assert "Không đăng nhập được bằng tài khoản của tỉnh" in refusal.value.message


def test_a_short_key_signs_nothing(client: IdentityProvider, provider: Provider) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library only warns
        short = RSAKey.generate_key(1024, {"alg": "RS256"}, auto_kid=True)
    provider.key, provider.published = short, [short]
    with pytest.raises(Forbidden):
        go(client)


def test_a_clock_may_be_off_by_a_minute(client: IdentityProvider, provider: Provider) -> None:
    provider.claims = {"iat": int(time.time()) + 50, "exp": int(time.time()) - 50}
    assert go(client).subject == "a1b2-c3d4"


def test_a_code_is_good_once_and_only_in_the_browser_that_began(client: IdentityProvider) -> None:
    journey, brought = begin(client)
    assert client.finish(journey, brought, BACK_TO, now=now()).subject
    with pytest.raises(Forbidden):  # replayed
        client.finish(journey, brought, BACK_TO, now=now())
    other, _ = begin(client)
    _, stolen = begin(client)
    with pytest.raises(Forbidden):  # the code of another browser: its verifier is not here
        client.finish(other, {**stolen, "state": other.state}, BACK_TO, now=now())


def test_new_keys_are_learnt_when_they_are_met(
    client: IdentityProvider, provider: Provider
) -> None:
    go(client)
    provider.key, provider.published = KEYS[1], [KEYS[1]]
    assert go(client).subject == "a1b2-c3d4"
    assert provider.asked.count("/keys") == 2
    go(client)
    assert provider.asked.count("/keys") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1


def test_a_signature_without_the_name_of_its_key(
    client: IdentityProvider, provider: Provider
) -> None:
    provider.header = {"kid": None}
    assert go(client).subject  # there is but one
    provider.published = KEYS
    other = IdentityProvider(client.settings)
    with pytest.raises(Forbidden):  # not tried out one after the other
        go(other)


def nonsense(status: int, body: bytes) -> Callable[[], tuple[int, bytes]]:
    return lambda: (status, body)


BROKEN = {
    "an error": nonsense(500, b"{}"),
    "a page": nonsense(200, b"<html>"),
    "a list": nonsense(200, b"[]"),
    "noise": nonsense(200, b"\xff\x00"),
    "depths": nonsense(200, b"[" * 100_000),
    "floods": nonsense(200, b"{}" + b" " * conversation.LONGEST_ANSWER),
}


@pytest.mark.parametrize("place", ["/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_provider_is_told_as_such(
    what: str, place: str, client: IdentityProvider, provider: Provider
) -> None:
    provider.broken[place] = BROKEN[what]
    with pytest.raises(Unavailable, match="Hiện không kết nối được với nơi cấp tài khoản của tỉnh"):
        go(client)


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": None},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://"},
    ],
)
def test_a_description_that_leads_elsewhere_is_not_followed(
    description: dict[str, Any], client: IdentityProvider, provider: Provider
) -> None:
    provider.description = description
    with pytest.raises(Unavailable):
        client.begin(BACK_TO, longest_ago=HOUR, now=now())


def test_redirects_are_not_followed(client: IdentityProvider, provider: Provider) -> None:
    provider.moved["/keys"] = "/other-keys"
    with pytest.raises(Unavailable):
        client.begin(BACK_TO, longest_ago=HOUR, now=now())
    assert "/other-keys" not in provider.asked
    keys = json.dumps({"keys": [KEYS[0].as_dict(private=False)]}).encode()
    provider.moved.clear()
    provider.broken["/keys"] = nonsense(302, keys)
    with pytest.raises(Unavailable):
        client.begin(BACK_TO, longest_ago=HOUR, now=now())


def test_a_provider_that_is_away_or_hangs_holds_up_nobody(
    client: IdentityProvider, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = IdentityProvider(ProviderSettings("http://127.0.0.1:9", CLIENT_ID, CLIENT_SECRET))
    with pytest.raises(Unavailable):
        away.begin(BACK_TO, longest_ago=HOUR, now=now())
    few = threading.BoundedSemaphore(conversation.MOST_AT_ONCE)
    monkeypatch.setattr(conversation, "turns", few)
    monkeypatch.setattr(conversation, "PATIENCE", 0.05)
    asked, is_over = threading.Semaphore(0), threading.Event()

    def hang() -> tuple[int, bytes]:
        asked.release()
        is_over.wait(30)
        return 200, b"{}"

    def ask() -> None:
        with pytest.raises(Unavailable):
            client.begin(BACK_TO, longest_ago=HOUR, now=now())

    provider.broken["/.well-known/openid-configuration"] = hang
    waiting = [threading.Thread(target=ask) for _ in range(conversation.MOST_AT_ONCE)]
    for thread in waiting:
        thread.start()
    try:
        assert all(asked.acquire(timeout=10) for _ in waiting)
        ask()  # no turn is left: the provider is not even asked
        assert not asked.acquire(blocking=False)
    finally:
        is_over.set()
    for thread in waiting:
        thread.join()
    is_over.clear()
    monkeypatch.setattr(conversation, "DEADLINE", 0.05)
    try:
        ask()  # before its answer came: it never does
        assert all(few.acquire(timeout=10) for _ in waiting)
    finally:
        is_over.set()


def test_those_who_wait_for_a_hanging_provider_leave_places_for_citizens(
    client: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[dict[str, Any]] = []

    class Taken(threading.Semaphore):
        def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
            tries.append({"blocking": blocking, "timeout": timeout})
            return False

    def ask() -> int:
        """How often a turn was tried for."""
        tries.clear()
        with pytest.raises(Unavailable):
            client.begin(BACK_TO, longest_ago=HOUR, now=now())
        return len(tries)

    room = threading.BoundedSemaphore(1)
    monkeypatch.setattr(conversation, "turns", Taken())
    monkeypatch.setattr(conversation, "waiting", room)
    assert ask() == 2
    assert tries[-1] == {"blocking": True, "timeout": conversation.PATIENCE}
    with room:
        assert ask() == 1, "too many wait already"
    assert conversation.MOST_AT_ONCE + conversation.MOST_WAITING <= MOST_AT_WORK / 2


def test_the_description_is_believed_for_an_hour(
    client: IdentityProvider, provider: Provider
) -> None:
    client.begin(BACK_TO, longest_ago=HOUR, now=now())
    provider.broken["/keys"] = nonsense(500, b"{}")
    client.begin(BACK_TO, longest_ago=HOUR, now=now())
    with pytest.raises(HaiLongError):
        client.begin(BACK_TO, longest_ago=HOUR, now=now() + timedelta(hours=1))


def test_where_to_end_the_session_there(client: IdentityProvider, provider: Provider) -> None:
    address = client.sign_out_address("http://localhost/sign-in", now=now())
    assert address == (
        f"{provider.issuer}/end?client_id=hailong"
        "&post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fsign-in"
    )
    provider.description = {"end_session_endpoint": "javascript:alert(1)"}
    assert IdentityProvider(client.settings).sign_out_address("http://x", now=now()) is None
