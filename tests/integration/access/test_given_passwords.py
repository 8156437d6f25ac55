"""A password that an administrator gave: it opens one page, for a while, and must be replaced."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.clock import now
from survey_app.operations.access.accounts import Account, account_named, reset_password
from survey_app.operations.access.passwords import draw
from survey_app.operations.access.rights import AccountRole
from survey_app.operations.access.second_step import set_required_roles
from survey_app.operations.access.signing_in import GIVEN_FOR, open_session
from survey_app.storage.database import Database, Session
from survey_app.web.guard import cookie_name
from tests.factories import PASSWORD, make_account
from tests.integration.office import actions, plain, post, sign_in

OWN = "một câu do chính tôi chọn"
CHOOSE = "/account/choose-password"


@pytest.fixture(autouse=True)
def house(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)


@pytest.fixture
def given(database: Database) -> str:
    """The password that "canbo" was given just now."""
    with database.transaction() as session:
        password, hashed = draw()
        account = make_account(session, "canbo", AccountRole.OFFICER)
        reset_password(session, account, hashed, now=now())
        return password


def choose(client: FlaskClient, current: str, new: str = OWN) -> TestResponse:
    return post(client, CHOOSE, page=CHOOSE, current=current, new=new, repeated=new)


def test_nothing_is_open_until_an_own_password_is_chosen(
    client: FlaskClient, database: Database, given: str
) -> None:
    with database.transaction() as session:
        set_required_roles(session, [AccountRole.OFFICER])  # the password comes before the code
    sign_in(client, "canbo", given)
    for page in ("/officer/", "/account", "/account/second-step"):
        assert client.get(page).location == CHOOSE
    assert post(client, "/account/sign-out-everywhere", page=CHOOSE).location == CHOOSE
    assert choose(client, "mật khẩu không phải").status_code == 422
    assert "khác mật khẩu được cấp" in plain(choose(client, given, given))
    assert "ít nhất 12 ký tự" in plain(choose(client, given, "ngắn"))
    assert choose(client, given).location == "/sign-in"
    assert "account.choose_password" in actions(database)
    assert client.get(CHOOSE).location.startswith("/sign-in")  # signed out, as after any change
    sign_in(client, "canbo", OWN)
    assert client.get("/officer/").location == "/account/second-step"


def test_who_was_given_a_password_may_sign_out(client: FlaskClient, given: str) -> None:
    sign_in(client, "canbo", given)
    assert post(client, "/sign-out", page=CHOOSE).location == "/sign-in"


def test_a_new_account_has_a_given_password(client: FlaskClient, app: Flask) -> None:
    sign_in(client)
    fields = {"username": "moi", "display_name": "Mới", "role": "officer", "everywhere": "y"}
    post(client, "/admin/create-account", **fields, password=PASSWORD)
    assert "chưa chọn mật khẩu riêng" in plain(client.get("/admin/accounts/2"))
    other = app.test_client()
    sign_in(other, "moi")
    assert other.get("/officer/").location == CHOOSE


def test_a_given_password_expires(
    app: Flask, client: FlaskClient, database: Database, given: str
) -> None:
    with database.transaction() as session:
        account_of(session).password_given_at = now() - GIVEN_FOR
    answer = post(client, "/sign-in", page="/sign-in", username="canbo", password=given)
    assert answer.status_code == 403
    assert "đã quá 14 ngày" in plain(answer)
    wrong = post(client, "/sign-in", page="/sign-in", username="canbo", password="đoán mò thôi nhé")
    assert "14 ngày" not in plain(wrong)  # only who knows it is told
    sign_in(client)
    assert "đã hết hạn" in plain(client.get("/admin/accounts/2"))
    with database.transaction() as session:
        account_of(session).password_given_at = now() - GIVEN_FOR + timedelta(hours=1)
    sign_in(app.test_client(), "canbo", given)


def test_who_came_from_a_provider_is_not_stopped(
    client: FlaskClient, database: Database, given: str
) -> None:
    with database.transaction() as session:
        token, row = open_session(session, account_of(session), now=now())
        row.is_by_provider = True
    client.set_cookie(cookie_of(client), token)
    assert client.get("/officer/").status_code == 200


def account_of(session: Session) -> Account:
    found = account_named(session, "canbo")
    assert found
    return found


def cookie_of(client: FlaskClient) -> str:
    with client.application.app_context():
        return cookie_name()
