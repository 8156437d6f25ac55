"""Accounts made, stopped and let in again by administrators; the audit record."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.operations.access.rights import AccountRole
from survey_app.storage.database import Database
from tests.factories import PASSWORD, make_account, make_unit
from tests.integration.office import plain, post, sign_in


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    with database.transaction() as session:
        ward = make_unit(session, "H01.01", "Phường Bình Minh")
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, ward)


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


def test_an_account_is_made_for_a_unit(app: Flask, admin: FlaskClient) -> None:
    fields = {"username": "lan.anh", "display_name": "Lan Anh", "role": "officer"}
    made = post(admin, "/admin/create-account", **fields, unit="h01.01", password="một câu đủ dài")
    assert made.location == "/admin/accounts/3"
    other = app.test_client()
    sign_in(other, "lan.anh", "một câu đủ dài")
    own = {"new": PASSWORD, "repeated": PASSWORD}
    page = "/account/choose-password"
    post(other, page, page=page, current="một câu đủ dài", **own)
    sign_in(other, "lan.anh")
    assert "Phường Bình Minh" in other.get("/officer/").text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"username": "lan anh"}, "Tên đăng nhập gồm 3–64"),
        ({"username": "quantri"}, "đã có người dùng"),
        ({"password": "ngắn"}, "ít nhất 12 ký tự"),
        ({"unit": ""}, "Nhập mã đơn vị, hoặc đánh dấu “Mọi đơn vị”."),
        ({"unit": "H99"}, "Không có đơn vị mang mã “H99”."),
        ({"role": "boss"}, "Hãy chọn một trong các mục có sẵn."),
    ],
)
def test_mistakes_in_an_account_are_told_and_the_password_is_not_sent_back(
    admin: FlaskClient, changes: dict[str, str], message: str
) -> None:
    fields = {
        "username": "lan.anh",
        "display_name": "Lan Anh",
        "role": "officer",
        "unit": "H01.01",
        "password": "một câu đủ dài",
    } | changes
    answer = post(admin, "/admin/create-account", **fields)
    assert answer.status_code == 422
    assert message in plain(answer)
    assert fields["password"] not in answer.text


def test_nobody_locks_the_own_account(admin: FlaskClient) -> None:
    assert post(admin, "/admin/accounts/1/active", wish="deactivate").status_code == 409
    assert admin.get("/admin/").status_code == 200
    assert post(admin, "/admin/accounts/99/active", wish="activate").status_code == 404


@pytest.mark.parametrize("wish", ["", "delete"])
def test_an_unknown_wish_changes_nothing(admin: FlaskClient, app: Flask, wish: str) -> None:
    assert post(admin, "/admin/accounts/2/active", wish=wish).status_code == 422
    sign_in(app.test_client(), "canbo")


def test_a_new_password_and_a_lock_are_asked_for_twice(admin: FlaskClient) -> None:
    page = admin.get("/admin/accounts").text
    folded = [part.split("</details>")[0] for part in page.split('<details class="confirm">')[1:]]
    assert len(folded) == 2
    assert "Xác nhận cấp lại mật khẩu" in folded[0]
    assert 'value="deactivate"' in folded[1]
    assert page.count('value="deactivate"') == 1
    answer = post(admin, "/admin/accounts/2/password")
    assert "Mật khẩu mới của" in plain(answer)
    assert "quantri đã cấp lại mật khẩu canbo" in plain(admin.get("/admin/audit"))


def test_the_record_tells_who_did_what(admin: FlaskClient) -> None:
    post(admin, "/admin/accounts/2/active", wish="deactivate")
    text = plain(admin.get("/admin/audit"))
    assert "quantri đã khóa tài khoản canbo" in text
    assert "quantri đã đăng nhập" in text
