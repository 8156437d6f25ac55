"""Around signing in at a provider: where it may lead, and a browser somebody was known by."""

import socket
import threading
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.identity_provider import conversation
from survey_app.operations.access.signing_in import ABSOLUTE_LIMIT
from survey_app.storage.database import Database
from survey_app.storage.models import SignIn
from tests.identity_provider import Provider
from tests.integration.access.provider.visits import come
from tests.integration.office import plain, post

ENROLMENT = "/account/second-step"


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/account", "/account"),
        ("https://elsewhere.example/", "/officer/"),
        ("//elsewhere.example/", "/officer/"),
        ("/sign-out", "/officer/"),
        ("/admin/accounts", "/officer/"),
        ("/sign-out/provider", "/officer/"),
        (f"/account?x={'x' * 5000}", "/officer/"),  # no cookie could carry it
    ],
)
def test_it_leads_to_pages_of_this_site_only(
    wanted: str, location: str, client: FlaskClient, linked: None
) -> None:
    assert come(client, f"/sign-in/provider?next={wanted}").location == location


@pytest.mark.parametrize("begun", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n{"])
def test_an_answer_that_drips_gives_its_turn_back(
    monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    turn, is_over = threading.BoundedSemaphore(1), threading.Event()
    monkeypatch.setattr(conversation, "turns", turn)
    monkeypatch.setattr(conversation, "DEADLINE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                line.sendall(begun)
                while not is_over.wait(0.02):
                    line.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        with pytest.raises(conversation.NoAnswer, match="no answer within"):
            conversation.get_json(f"http://127.0.0.1:{server.getsockname()[1]}/")
        is_free = turn.acquire(timeout=10)
        is_over.set()
        dripping.join()
    assert is_free


def asked_of(client: FlaskClient, address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(client.get(address).location).query)


def test_who_only_was_known_by_the_browser_sets_up_no_second_step(
    client: FlaskClient, linked: None, provider: Provider, database: Database
) -> None:
    provider.proven_at = int(time.time()) - 3600  # the owner went away; one click, and one is in
    come(client)
    page = client.get(ENROLMENT)
    assert "nhập lại mật khẩu hoặc mã ở nơi cấp tài khoản của tỉnh" in plain(page)
    assert post(client, f"{ENROLMENT}/begin").status_code == 403
    again = f"/sign-in/provider?again=1&next={ENROLMENT}"
    assert again.replace("&", "&amp;") in page.text
    assert come(client, again).location == ENROLMENT  # asked anew, though signed in
    assert post(client, f"{ENROLMENT}/begin").status_code == 302
    with database.session() as session:  # the session before is not left open
        found = session.scalars(select(SignIn.proven_at).where(SignIn.is_by_provider.is_(True)))
        assert len(found.all()) == 1


def test_a_provider_that_does_not_tell_when_is_not_taken_for_just_now(
    app: Flask, linked: None, provider: Provider
) -> None:
    refused = []
    for told in (None, "yesterday", True, 10**30, time.time() + 86400):
        client = app.test_client()
        provider.claims = {"auth_time": told}
        if come(client).status_code == 403:  # the token as a whole
            refused.append(told)
        else:
            assert post(client, f"{ENROLMENT}/begin").status_code == 403, told
    assert refused == ["yesterday"]


def test_the_provider_is_asked_to_tell_and_at_times_to_ask_anew(
    client: FlaskClient, linked: None
) -> None:
    usual = asked_of(client, "/sign-in/provider")
    assert usual["max_age"] == [f"{ABSOLUTE_LIMIT.total_seconds():.0f}"]
    assert "prompt" not in usual
    anew = asked_of(client, "/sign-in/provider?again=1")
    assert (anew["max_age"], anew["prompt"]) == (["0"], ["login"])
