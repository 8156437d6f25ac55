"""Signing in and out: lockout, revocation, time limits, forged forms, addresses elsewhere."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.operations.access.rights import AccountRole
from survey_app.operations.access.signing_in import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    LOCKED_FOR,
    MOST_FAILED_ATTEMPTS,
    WRONG_CREDENTIALS,
)
from survey_app.storage.database import Database
from survey_app.storage.models import SignIn
from survey_app.web.limits import (
    SIGN_IN_STEPS_A_MINUTE,
    SIGN_IN_STEPS_A_MINUTE_BY_BROWSER,
    WRONG_SIGN_INS_A_MINUTE_BY_ADDRESS,
)
from tests.factories import NOW, PASSWORD, make_account, make_unit
from tests.integration.office import actions, csrf_token, plain, post, sign_in


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, make_unit(session))


def try_password(client: FlaskClient, password: str, username: str = "quantri") -> int:
    answer = post(client, "/sign-in", page="/sign-in", username=username, password=password)
    return answer.status_code


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_each_role_starts_at_its_own_page(app: Flask) -> None:
    for username, home in (("quantri", "/admin/"), ("canbo", "/officer/")):
        client = app.test_client()
        answer = post(client, "/sign-in", page="/sign-in", username=username, password=PASSWORD)
        assert answer.location == home
        assert client.get(home).status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_ends_with_the_browser(
    client: FlaskClient,
) -> None:
    answer = post(client, "/sign-in", page="/sign-in", username="quantri", password=PASSWORD)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("hailong="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Max-Age" not in cookie
    assert "Expires" not in cookie


def test_in_production_the_cookie_is_bound_to_https(database: Database, settings: Settings) -> None:
    live = Settings(
        "production", settings.data_directory, settings.database_url, settings.secret_key
    )
    client = create_app(live, database).test_client()
    page = client.get("/sign-in", base_url="https://localhost").text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post(
        "/sign-in",
        base_url="https://localhost",
        headers={"Referer": "https://localhost/sign-in"},
        data={"csrf_token": token, "username": "quantri", "password": PASSWORD},
    )
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "hailong=" in c)
    assert cookie.startswith("__Host-hailong=")
    assert "Secure" in cookie


def test_a_wrong_name_and_a_wrong_password_are_told_the_same(client: FlaskClient) -> None:
    pages = [
        post(client, "/sign-in", page="/sign-in", username=name, password="sai mật khẩu")
        for name in ("quantri", "không-có-ai")
    ]
    assert [page.status_code for page in pages] == [403, 403]
    assert all(WRONG_CREDENTIALS in page.text for page in pages)
    assert "sai mật khẩu" not in pages[0].text


def test_failed_attempts_are_kept_and_lock_the_account_for_a_while(
    app: Flask, client: FlaskClient, database: Database
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        statuses = [try_password(client, "sai") for _ in range(MOST_FAILED_ATTEMPTS)]
        assert statuses == [403] * MOST_FAILED_ATTEMPTS
        assert try_password(client, PASSWORD) == 403  # locked, in the same words
        assert try_password(app.test_client(), PASSWORD, "canbo") == 302
        clock.shift(LOCKED_FOR + timedelta(seconds=1))
        assert try_password(client, PASSWORD) == 302
    assert actions(database).count("sign_in.failed") == MOST_FAILED_ATTEMPTS


def test_sixty_officers_behind_one_address_sign_in_within_one_minute(
    app: Flask, database: Database
) -> None:
    names = [f"canbo{number}" for number in range(60)]
    with database.transaction() as session:
        unit = make_unit(session, "H01.02", "Phường Một Địa Chỉ")
        for name in names:
            make_account(session, name, AccountRole.OFFICER, unit)
    with time_machine.travel(NOW, tick=False):
        first = app.test_client()  # a machine at the counter that three of them share
        for name in names[:3]:
            assert [try_password(first, "gõ nhầm", name), try_password(first, PASSWORD, name)] == [
                403,
                302,
            ]
            post(first, "/sign-out")
        met = {try_password(app.test_client(), PASSWORD, name) for name in names[3:]}
        assert met == {302}


def test_a_browser_that_is_refused_shuts_no_name_out(app: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        stranger = app.test_client()
        for number in range(SIGN_IN_STEPS_A_MINUTE_BY_BROWSER):
            try_password(stranger, "sai", f"ten{number}")
        tries = range(SIGN_IN_STEPS_A_MINUTE + 1)
        assert {try_password(stranger, "sai", "quantri") for _ in tries} == {429}
        assert try_password(app.test_client(), PASSWORD, "quantri") == 302


def test_guesses_are_slowed_by_name_by_browser_and_at_last_by_address(app: Flask) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        met = [try_password(app.test_client(), "sai") for _ in range(SIGN_IN_STEPS_A_MINUTE + 1)]
        assert (set(met[:-1]), met[-1]) == ({403}, 429)
        clock.shift(timedelta(minutes=2))
        client = app.test_client()  # many names from one browser
        tries = range(SIGN_IN_STEPS_A_MINUTE_BY_BROWSER + 1)
        met = [try_password(client, "sai", f"ai{number}") for number in tries]
        assert (set(met[:-1]), met[-1]) == ({403}, 429)
        assert try_password(app.test_client(), PASSWORD, "canbo") == 302  # the next machine
        clock.shift(timedelta(minutes=2))
        tries = range(WRONG_SIGN_INS_A_MINUTE_BY_ADDRESS + 1)
        met = [try_password(app.test_client(), "sai", f"ai{number}") for number in tries]
        assert (set(met[:-1]), met[-1]) == ({403}, 429)
        clock.shift(timedelta(minutes=2))
        assert try_password(app.test_client(), PASSWORD, "canbo") == 302


def test_a_name_that_nobody_has_is_kept_nowhere(
    client: FlaskClient,
    database: Database,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mistaken = "079204001234"  # the number of an identity card, or a password, in the wrong field
    before = actions(database)
    assert try_password(client, PASSWORD, mistaken) == 403
    assert actions(database) == before
    files = [path for path in settings.data_directory.rglob("*") if path.is_file()]
    assert files
    assert not any(mistaken.encode() in path.read_bytes() for path in files)
    assert mistaken not in caplog.text


def test_an_empty_form_says_what_to_enter(client: FlaskClient) -> None:
    answer = post(client, "/sign-in", page="/sign-in", username="", password="")
    assert answer.status_code == 422
    assert "Nhập tên đăng nhập." in answer.text
    assert "Nhập mật khẩu." in answer.text


def test_a_form_without_token_is_refused(client: FlaskClient) -> None:
    sign_in(client)
    for address in ("/sign-in", "/sign-out", "/account", "/account/sign-out-everywhere"):
        assert client.post(address, data={"username": "quantri"}).status_code == 400
    assert is_signed_in(client)


def test_the_token_of_another_browser_is_refused(app: Flask) -> None:
    client, other = app.test_client(), app.test_client()
    sign_in(client)
    stolen = csrf_token(other)
    assert client.post("/sign-out", data={"csrf_token": stolen}).status_code == 400


def test_signing_out_ends_the_session_at_the_server(client: FlaskClient) -> None:
    sign_in(client)
    token = client.get_cookie("hailong").value
    assert post(client, "/sign-out").location == "/sign-in"
    client.set_cookie("hailong", token)
    assert not is_signed_in(client)


def test_signing_out_everywhere_reaches_the_other_browser(app: Flask) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here)
    sign_in(there)
    assert "trên 2 trình duyệt" in plain(here.get("/account"))
    post(here, "/account/sign-out-everywhere")
    assert not is_signed_in(here)
    assert not is_signed_in(there)


def test_a_session_left_alone_ends(client: FlaskClient) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        sign_in(client)
        clock.shift(IDLE_LIMIT - timedelta(minutes=1))
        assert is_signed_in(client)
        clock.shift(IDLE_LIMIT - timedelta(minutes=1))
        assert is_signed_in(client), "using it moves the limit"
        clock.shift(IDLE_LIMIT)
        assert not is_signed_in(client)


def test_a_session_in_use_ends_after_half_a_day(client: FlaskClient) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        sign_in(client)
        for _ in range(ABSOLUTE_LIMIT // timedelta(minutes=30) - 1):
            clock.shift(timedelta(minutes=30))
            assert is_signed_in(client)
        clock.shift(timedelta(minutes=30))
        assert not is_signed_in(client)


def test_a_stranger_is_led_back_to_the_page_asked_for(client: FlaskClient) -> None:
    away = client.get("/admin/units?q=x")
    assert away.status_code == 302
    page = client.get(away.location)
    answer = client.post(
        away.location,
        data={"csrf_token": csrf_token(client), "username": "quantri", "password": PASSWORD},
    )
    assert 'name="next" value="/admin/units?q=x"' in page.text
    assert answer.location == "/admin/units?q=x"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "//example.org/admin/",
        "/\\example.org",
        "\\\\example.org",
        "javascript:alert(1)",
        "/admin/\r\nX-Header: 1",
        " //example.org",
        "///example.org/admin/",
        "/sign-out",  # a form's target, no page
        "/nowhere",
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(client: FlaskClient, elsewhere: str) -> None:
    answer = post(
        client,
        "/sign-in",
        page="/sign-in",
        username="quantri",
        password=PASSWORD,
        next=elsewhere,
    )
    assert answer.location == "/admin/"


def test_a_changed_password_counts_at_once_and_ends_every_session(
    app: Flask, database: Database
) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here)
    sign_in(there)
    fresh = "một câu mới dễ nhớ"
    post(here, "/account", current=PASSWORD, new=fresh, repeated=fresh)
    assert not is_signed_in(there)
    assert try_password(here, PASSWORD) == 403
    assert try_password(here, fresh) == 302
    with database.session() as session:
        assert len(session.scalars(select(SignIn)).all()) == 1


def test_a_password_is_not_changed_on_any_mistake(client: FlaskClient) -> None:
    sign_in(client)
    for fields, message in (
        ({"current": "sai", "new": "đủ dài để dùng"}, "Mật khẩu hiện tại không đúng."),
        ({"current": PASSWORD, "new": "ngắn"}, "ít nhất 12 ký tự"),
        ({"current": PASSWORD, "new": "đủ dài để dùng", "repeated": "khác"}, "không giống nhau"),
    ):
        answer = post(client, "/account", **{"repeated": fields["new"], **fields})
        assert answer.status_code == 422
        assert message in answer.text
    assert is_signed_in(client)


def test_a_browser_left_open_is_no_place_to_guess_the_password(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client)
    fields = {"new": "một câu mới dễ nhớ", "repeated": "một câu mới dễ nhớ"}
    for _ in range(MOST_FAILED_ATTEMPTS):
        assert "không đúng" in post(client, "/account", current="sai", **fields).text
    answer = post(client, "/account", current=PASSWORD, **fields)
    assert answer.status_code == 422
    assert "thử lại sau ít nhất 15 phút" in answer.text
    assert try_password(app.test_client(), PASSWORD) == 403


def test_an_account_stopped_by_an_administrator_is_out_at_once(app: Flask) -> None:
    officer, administrator = app.test_client(), app.test_client()
    sign_in(officer, "canbo")
    sign_in(administrator)
    post(administrator, "/admin/accounts/2/active", wish="deactivate")
    assert not is_signed_in(officer)
    assert try_password(officer, PASSWORD, "canbo") == 403
    post(administrator, "/admin/accounts/2/active", wish="activate")
    assert try_password(officer, PASSWORD, "canbo") == 302
