"""The second step: set up, asked for, never twice by the same code, demanded by role, reset."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from survey_app.clock import now
from survey_app.operations.access.accounts import find_account, set_active
from survey_app.operations.access.rights import AccountRole
from survey_app.operations.access.signing_in import FRESH_FOR, MOST_FAILED_ATTEMPTS
from survey_app.operations.privacy.erasure import erase_account
from survey_app.storage.database import Database
from survey_app.storage.models import SecondStep, SignIn
from tests.factories import NOW, PASSWORD, make_account, make_unit
from tests.integration.office import actions, plain, post, sign_in

STEP = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, make_unit(session))


def enrol(client: FlaskClient) -> tuple[pyotp.TOTP, list[str]]:
    """The authenticator of who is signed in, and the recovery codes."""
    assert post(client, "/account/second-step/begin", page="/account/second-step").location
    page = plain(client.get("/account/second-step"))
    found = re.search(r"Khóa: ((?:[A-Z2-7]{4} ?)+)", page)
    assert found
    totp = pyotp.TOTP(found.group(1).replace(" ", ""))
    page = "/account/second-step"
    done = post(client, f"{page}/confirm", page=page, code=totp.at(_now()))
    assert done.status_code == 200, done.text
    return totp, re.findall(r'class="token">([A-Z2-9]{5}-[A-Z2-9]{5})<', done.text)


def _now() -> datetime:
    return now()


def first_step(client: FlaskClient, username: str = "canbo") -> None:
    answer = post(client, "/sign-in", page="/sign-in", username=username, password=PASSWORD)
    assert answer.location == "/sign-in/code"


def show(client: FlaskClient, code: str) -> int:
    return post(client, "/sign-in/code", page="/sign-in/code", code=code).status_code


@pytest.fixture
def enrolled(
    app: Flask, clock: time_machine.Traveller
) -> tuple[FlaskClient, pyotp.TOTP, list[str]]:
    """A browser signed in with a second step that was just set up; a step has passed since."""
    client = app.test_client()
    sign_in(client, "canbo")
    totp, codes = enrol(client)
    clock.shift(STEP)
    return client, totp, codes


def test_the_password_alone_opens_nothing(app: Flask, enrolled: tuple) -> None:
    _, totp, _ = enrolled
    client = app.test_client()
    first_step(client)
    assert client.get("/account").status_code == 302
    assert show(client, totp.at(_now())) == 302
    assert client.get("/account").status_code == 200


def test_a_code_is_good_once(app: Flask, enrolled: tuple, clock: time_machine.Traveller) -> None:
    _, totp, _ = enrolled
    code = totp.at(_now())
    one, two = app.test_client(), app.test_client()
    for client in (one, two):
        first_step(client)
    assert show(one, code) == 302
    assert show(two, code) == 403
    assert show(two, totp.at(_now() - STEP)) == 403, "nor an earlier one"
    clock.shift(STEP)
    assert show(two, totp.at(_now())) == 302


def test_the_code_that_confirmed_is_used_up(app: Flask, clock: time_machine.Traveller) -> None:
    client, other = app.test_client(), app.test_client()
    sign_in(client, "canbo")
    totp, _ = enrol(client)
    first_step(other)
    assert show(other, totp.at(_now())) == 403


def test_wrong_codes_and_wrong_passwords_share_one_lock(
    app: Flask, enrolled: tuple, database: Database
) -> None:
    _, totp, _ = enrolled
    client = app.test_client()
    first_step(client)
    for _ in range(MOST_FAILED_ATTEMPTS - 1):
        assert show(client, "000000") == 403
    again = app.test_client()
    first_step(again)  # a right password does not forget the wrong codes
    assert show(again, "000000") == 403
    assert show(again, totp.at(_now())) == 403, "locked"
    refused = post(client, "/sign-in", page="/sign-in", username="canbo", password=PASSWORD)
    assert refused.status_code == 403
    assert actions(database).count("sign_in.failed") == MOST_FAILED_ATTEMPTS


def test_recovery_codes_are_shown_once_and_good_once(
    app: Flask, enrolled: tuple, database: Database
) -> None:
    client, _, codes = enrolled
    assert len(set(codes)) == 10
    assert codes[0] not in client.get("/account/second-step").text
    one, two = app.test_client(), app.test_client()
    for browser in (one, two):
        first_step(browser)
    assert show(one, codes[0].lower()) == 302
    assert show(two, codes[0]) == 403
    assert "Còn 9 mã khôi phục" in plain(one.get("/account/second-step"))
    assert "sign_in.recovery_code" in actions(database)


def test_nothing_in_the_database_opens_a_second_step(enrolled: tuple, database: Database) -> None:
    _, totp, codes = enrolled
    with database.session() as session:
        sealed = session.scalars(select(SecondStep.sealed_secret)).one()
        rows = session.execute(text("SELECT * FROM recovery_code")).all()
    assert totp.secret.encode() not in sealed
    assert not any(code.replace("-", "") in repr(rows) for code in codes)


def test_the_wait_for_a_code_ends(
    app: Flask, enrolled: tuple, clock: time_machine.Traveller
) -> None:
    client = app.test_client()
    first_step(client)
    clock.shift(timedelta(minutes=5))
    away = client.get("/sign-in/code")
    assert away.location == "/sign-in"
    assert client.get("/account").status_code == 302


def test_who_must_have_one_can_do_nothing_else_before(app: Flask) -> None:
    administrator, officer = app.test_client(), app.test_client()
    sign_in(administrator)
    sign_in(officer, "canbo")
    post(administrator, "/admin/security", role="officer")
    record = plain(administrator.get("/admin/audit"))
    assert "vai trò từ chưa có thành “Cán bộ cải cách hành chính”" in record
    for address in ("/officer/", "/account", "/officer/files", "/admin/counter"):
        assert officer.get(address).location == "/account/second-step", address
    assert officer.post("/account/sign-out-everywhere").location == "/account/second-step"
    enrol(officer)
    assert officer.get("/officer/").status_code == 200
    page = "/account/second-step"
    refused = post(officer, f"{page}/remove", page=page, code="000000")
    assert refused.status_code == 409
    assert administrator.get("/admin/").status_code == 200, "the other roles are free of it"


def test_setting_it_up_ends_what_the_password_alone_had_opened(app: Flask) -> None:
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        sign_in(client, "canbo")
    enrol(here)
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


def test_a_browser_left_open_sets_no_second_step_up(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    sign_in(client, "canbo")
    page = "/account/second-step"
    post(client, f"{page}/begin", page=page)
    clock.shift(FRESH_FOR)
    shown = plain(client.get(page))
    assert "Vui lòng đăng xuất rồi đăng nhập lại" in shown
    assert "Khóa:" not in shown
    for step in ("begin", "confirm"):
        assert post(client, f"{page}/{step}", page=page, code="123456").status_code == 403
    post(client, "/sign-out", page=page)
    sign_in(client, "canbo")
    enrol(client)


def test_an_administrator_resets_it(app: Flask, enrolled: tuple, database: Database) -> None:
    client, _, _ = enrolled
    administrator = app.test_client()
    sign_in(administrator)
    assert post(administrator, "/admin/accounts/2/second-step/reset").status_code == 302
    assert client.get("/account").status_code == 302, "signed out"
    sign_in(client, "canbo")
    assert "second_step.remove" in actions(database)
    assert post(administrator, "/admin/accounts/1/second-step/reset").status_code == 409


def test_browsers_are_listed_and_revoked_one_by_one(app: Flask, database: Database) -> None:
    here = app.test_client()
    there = app.test_client()
    there.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Gecko Firefox/140.0"
    for client in (here, there):
        sign_in(client, "canbo")
    page = here.get("/account")
    assert "Firefox trên Windows" in page.text
    assert "140" not in page.text
    (address,) = re.findall(r'action="(/account/sessions/\w+/revoke)"', page.text)
    stranger = app.test_client()
    sign_in(stranger)
    assert post(stranger, address).status_code == 404, "another account's"
    assert post(here, address).status_code == 302
    assert there.get("/account").status_code == 302
    assert here.get("/account").status_code == 200
    with database.session() as session:
        assert len(session.scalars(select(SignIn)).all()) == 2


def test_extra_fields_of_a_form_change_nothing(app: Flask, database: Database) -> None:
    """What a form does not offer cannot be set through it."""
    officer, administrator = app.test_client(), app.test_client()
    sign_in(officer, "canbo")
    sign_in(administrator)
    fresh = "một câu mới dễ nhớ"
    post(
        officer,
        "/account",
        current=PASSWORD,
        new=fresh,
        repeated=fresh,
        role="administrator",
        username="khac",
        is_active="",
        display_name="Khác",
    )
    post(
        administrator,
        "/admin/accounts/2/name",
        display_name="Lan Anh",
        username="khac",
        password_hash="x",
        role="administrator",
    )
    with database.session() as session:
        row = session.execute(text("SELECT * FROM account WHERE id = 2")).one()
        roles = session.execute(text("SELECT role FROM account_grant WHERE account_id = 2")).all()
    assert (row.username, row.display_name, bool(row.is_active)) == ("canbo", "Lan Anh", True)
    assert [role for (role,) in roles] == ["officer"]
    sign_in(officer, "canbo", fresh)


def test_a_session_token_is_made_new_at_each_sign_in(app: Flask) -> None:
    """Fixation: a token planted in the browser before signing in is good for nothing after."""
    client = app.test_client()
    client.set_cookie("hailong", "planted-by-somebody-else")
    sign_in(client, "canbo")
    first = client.get_cookie("hailong").value
    assert first != "planted-by-somebody-else"
    other = app.test_client()
    other.set_cookie("hailong", "planted-by-somebody-else")
    assert other.get("/account").status_code == 302
    client.delete_cookie("hailong")
    sign_in(client, "canbo")
    assert client.get_cookie("hailong").value != first


def test_grants_are_given_and_ended_on_the_page_of_an_account(app: Flask) -> None:
    administrator, officer = app.test_client(), app.test_client()
    sign_in(administrator)
    sign_in(officer, "canbo")
    page = "/admin/accounts/2"
    wrong = post(administrator, f"{page}/grants", role="leader", valid_from="2026-06-01")
    assert wrong.status_code == 422
    assert "Mọi đơn vị" in plain(wrong)
    done = post(
        administrator, f"{page}/grants", role="leader", unit="h01.01", valid_from="2026-06-01"
    )
    assert done.status_code == 302
    assert officer.get("/officer/files").status_code == 200
    post(administrator, f"{page}/grants/2/end")
    assert officer.get("/officer/files").status_code == 403
    assert officer.get("/officer/").status_code == 200, "still a leader"
    assert "Đã kết thúc" in plain(administrator.get(page))
    today = f"{NOW:%Y-%m-%d}"
    post(administrator, f"{page}/grants", role="clerk", unit="h01.01", valid_from=today)
    post(administrator, f"{page}/grants/4/end")
    told = plain(administrator.get(page))
    assert "15/06/2026 đã thu hồi trong ngày đầu" in told and "14/06/2026" in told
    assert post(administrator, f"{page}/grants/1/end").status_code == 404, "another account's"
    own = post(administrator, "/admin/accounts/1/grants/1/end")
    assert own.status_code == 409, "the last administrator's"


def test_a_stopped_or_erased_account_gets_no_more_rights(app: Flask, database: Database) -> None:
    client, page = app.test_client(), "/admin/accounts/2"
    sign_in(client)
    wanted = {"role": "leader", "unit": "h01.01", "valid_from": "2026-06-01"}
    with database.transaction() as session:
        account = find_account(session, 2)
        set_active(session, account, False, now=NOW)
    assert f'action="{page}/grants"' not in client.get(page).text
    refused = post(client, f"{page}/grants", **wanted)
    assert refused.status_code == 422 and "hãy mở lại tài khoản" in plain(refused)
    with database.transaction() as session:
        erase_account(session, find_account(session, 2), now=NOW)
    assert f'action="{page}' not in client.get(page).text, "nothing is left to do"
    assert "Đang có hiệu lực" not in plain(client.get(page))
    for address in ("grants", "grants/2/end", "name"):
        refused = post(client, f"{page}/{address}", display_name="Ai đó", **wanted)
        assert refused.status_code in {409, 422}, address
        assert "đã được xóa" in plain(refused), address
