"""The provider's word that a session has ended: whom it signs out, and what is not believed."""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select

from survey_app.app import create_app
from survey_app.clock import now
from survey_app.config import Settings
from survey_app.storage.database import Database
from survey_app.storage.models import SpentLogout
from survey_app.web.limits import WRONG_CODES_A_MINUTE
from tests.identity_provider import KEYS, Provider
from tests.integration.access.provider.visits import come, enrol, show
from tests.integration.office import actions, plain, sign_in

pytestmark = pytest.mark.usefixtures("linked")

ADDRESS = "/sign-out/provider/back-channel"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def tell(app: Flask, token: str) -> int:
    """What the provider does: no cookie, no page before, nothing but the token."""
    answer = app.test_client().post(ADDRESS, data={"logout_token": token})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    return answer.status_code


def come_in(app: Flask, provider: Provider, sid: str | None = None) -> FlaskClient:
    client = app.test_client()
    provider.claims = {"sid": sid}
    come(client)
    assert is_in(client)
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_the_named_session_ends_and_no_other(
    app: Flask, database: Database, provider: Provider
) -> None:
    here, elsewhere, untold = (come_in(app, provider, sid) for sid in ("s-1", "s-2", None))
    by_password = app.test_client()
    sign_in(by_password, "binh")
    assert tell(app, provider.logout_token(sid="s-1")) == 200
    assert not is_in(here) and not is_in(untold)
    assert is_in(elsewhere) and is_in(by_password)
    assert actions(database)[-1] == "sign_out.provider"
    assert tell(app, provider.logout_token(sub=None, sid="s-2")) == 200
    assert not is_in(elsewhere)
    admin = app.test_client()
    sign_in(admin)
    told = plain(admin.get("/admin/audit"))
    assert "đăng xuất theo thông báo của nơi cấp tài khoản bên ngoài" in told
    assert "binh: số lượng 1" in told


def test_without_a_session_all_that_came_by_the_provider_end(
    app: Flask, database: Database, provider: Provider
) -> None:
    both = [come_in(app, provider, "s-1"), come_in(app, provider)]
    by_password = app.test_client()
    sign_in(by_password, "binh")
    assert tell(app, provider.logout_token()) == 200
    assert not any(map(is_in, both))
    assert is_in(by_password)
    assert tell(app, provider.logout_token(sub="a stranger", sid="s-1")) == 200
    assert tell(app, provider.logout_token(sub=None, sid="unknown")) == 200
    assert actions(database).count("sign_out.provider") == 1
    assert is_in(by_password)


def test_a_token_is_good_once_and_its_name_is_not_kept_for_long(
    app: Flask, database: Database, provider: Provider
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        come_in(app, provider)
        token = provider.logout_token()
        assert tell(app, token) == 200
        again = come_in(app, provider)
        assert tell(app, token) == 400
        assert is_in(again)
        clock.shift(timedelta(minutes=16))
        assert tell(app, provider.logout_token(sub="a stranger")) == 200
        with database.session() as session:
            assert len(session.scalars(select(SpentLogout)).all()) == 1


@pytest.mark.parametrize("subject", ["told", None])
def test_who_is_between_the_two_steps_does_not_get_on(
    app: Flask, provider: Provider, subject: str | None
) -> None:
    """Also where the token names the session alone."""
    about = {"sid": "s-1"} if subject else {"sid": "s-1", "sub": None}
    with time_machine.travel(now(), tick=False) as clock:
        totp = enrol(come_in(app, provider, "s-1"))
        clock.shift(timedelta(seconds=30))
        client = app.test_client()
        assert come(client).location == "/sign-in/code"
        clock.shift(timedelta(seconds=1))
        assert tell(app, provider.logout_token(sub=None, sid="s-2")) == 200
        assert tell(app, provider.logout_token(**about)) == 200
        assert tell(app, provider.logout_token(**about)) == 200, "another token, the same session"
        assert show(client, totp).status_code == 403
        clock.shift(timedelta(seconds=30))
        again = app.test_client()
        come(again)
        assert show(again, totp).status_code == 302
        assert is_in(again)


def unsigned(_header: dict[str, Any], claims: dict[str, Any]) -> str:
    return ".".join(map(coded, ({"alg": "none"}, claims))) + "."


def by_the_public_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Signed with what everybody knows, called a secret."""
    text = ".".join(map(coded, (header | {"alg": "HS256"}, claims)))
    mark = hmac.digest(KEYS[0].as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def coded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def by_a_key_of_ones_own(header: dict[str, Any], claims: dict[str, Any]) -> str:
    own = RSAKey.generate_key(2048, {"kid": header["kid"]})
    return jwt.encode(header | {"jwk": own.as_dict(private=False)}, claims, own)


@pytest.mark.parametrize("forge", [unsigned, by_the_public_key, by_a_key_of_ones_own])
def test_only_the_providers_key_signs(
    app: Flask, provider: Provider, forge: Callable[[dict[str, Any], dict[str, Any]], str]
) -> None:
    client = come_in(app, provider)
    provider.sign = forge
    assert tell(app, provider.logout_token()) == 400
    assert is_in(client)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": None},
        {"iat": None},
        {"iat": "now"},
        {"iat": 1_700_000_000},
        {"iat": 4_000_000_000, "exp": 4_000_000_100},
        {"exp": 1_700_000_000},
        {"jti": None},
        {"jti": "x" * 256},
        {"nonce": "n"},
        {"nonce": ""},
        {"sub": None},
        {"sub": ["a1b2-c3d4"]},
        {"sub": "x" * 256},
        {"sid": {"a": 1}},
        {"sid": ""},
        {"events": None},
        {"events": EVENT},
        {"events": {EVENT: "yes"}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
    ],
)
def test_what_is_no_logout_of_now_for_us_ends_nothing(
    app: Flask, provider: Provider, changes: dict[str, Any], database: Database
) -> None:
    client = come_in(app, provider)
    assert tell(app, provider.logout_token(**changes)) == 400
    assert is_in(client)
    assert "sign_out.provider" not in actions(database)


def test_an_id_token_ends_nothing_and_a_logout_token_lets_nobody_in(
    app: Flask, provider: Provider
) -> None:
    client = come_in(app, provider)
    assert tell(app, provider.logout_token({"typ": "at+jwt"})) == 400
    assert tell(app, provider.logout_token(events=None, nonce="n")) == 400
    assert tell(app, "") == 400
    assert tell(app, "x" * 40_000) == 400
    assert app.test_client().get(ADDRESS).status_code == 405
    assert is_in(client)
    provider.sign = lambda _header, _claims: _a_logout(provider)
    assert come(app.test_client()).status_code == 403


def _a_logout(provider: Provider) -> str:
    provider.sign = provider._sign
    return provider.logout_token()


def test_a_new_key_is_asked_for_but_not_for_every_stranger(app: Flask, provider: Provider) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        client = come_in(app, provider)
        asked = provider.asked.count("/keys")
        for _ in range(3):
            assert tell(app, provider.logout_token({"kid": "of a stranger"})) == 400
        assert provider.asked.count("/keys") == asked, "the keys were read a moment ago"
        clock.shift(timedelta(seconds=61))
        provider.key, provider.published = KEYS[1], [KEYS[1]]
        assert tell(app, provider.logout_token()) == 200
        assert not is_in(client)
        assert provider.asked.count("/keys") == asked + 1


def test_strangers_can_neither_deafen_us_nor_have_the_provider_asked(
    app: Flask, provider: Provider, settings: Settings, database: Database
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        come_in(app, provider)
        clock.shift(timedelta(seconds=61))  # the keys might be asked for again
        for _ in range(WRONG_CODES_A_MINUTE):
            assert tell(app, "x") == 400
        asked = len(provider.asked)
        assert tell(app, provider.logout_token({"kid": "of a stranger"})) == 400
        assert tell(app, provider.logout_token()) == 200
        assert len(provider.asked) == asked
        fresh = create_app(settings, database)  # that knows nothing of the provider yet
        provider.broken["/keys"] = lambda: (500, b"")
        for _ in range(WRONG_CODES_A_MINUTE):
            assert tell(fresh, "x") == 400
        asked = len(provider.asked)
        assert tell(fresh, "x") == 400
        assert len(provider.asked) == asked


def test_without_a_provider_there_is_no_such_address(
    settings: Settings, database: Database
) -> None:
    lonely = create_app(replace(settings, provider=None), database)
    assert lonely.test_client().post(ADDRESS, data={"logout_token": "x"}).status_code == 404
