"""Keys of other software: how they look, the administrators' pages, the command line."""

import re
import zlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from survey_app.cli import hailong
from survey_app.clock import local_date, now
from survey_app.config import Settings
from survey_app.errors import Invalid
from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.access.api_keys import (
    LONGEST_LIFE,
    KeyScope,
    create_api_key,
    is_alive,
    is_key,
    recognise_key,
)
from survey_app.storage.database import Database
from survey_app.storage.models import ApiKey
from tests.factories import NOW, make_account, make_unit
from tests.integration.office import actions, plain, post, sign_in

KEY = re.compile(r"hl_[0-9A-Za-z]{46}")
BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def province(database: Database) -> None:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, root)


def make_key(session: Session, expires_on: date = date(2026, 12, 31)) -> tuple[str, ApiKey]:
    return create_api_key(
        session,
        label="Một cửa",
        scopes=[KeyScope.INVITATIONS],
        unit_id=make_unit(session).id,
        expires_on=expires_on,
        now=NOW,
    )


def only_key(database: Database) -> ApiKey:
    with database.session() as session:
        return session.scalars(select(ApiKey).options(joinedload(ApiKey.unit))).one()


def test_a_key_can_be_told_from_other_texts_by_its_checksum(session: Session) -> None:
    text, row = make_key(session)
    assert KEY.fullmatch(text)
    number = 0
    for letter in text[-6:]:
        number = number * 62 + BASE_62.index(letter)
    assert number == zlib.crc32(text[:-6].encode())
    assert is_key(text)
    swapped = text[:10] + text[11] + text[10] + text[12:]
    assert swapped == text or not is_key(swapped)
    assert text.startswith(row.opening)
    assert text.encode() not in row.key_hash
    assert recognise_key(session, text, now=NOW) is row


def test_mistakes_of_a_key_are_told_together(session: Session) -> None:
    with pytest.raises(Invalid) as refusal:
        create_api_key(
            session,
            label=" ",
            scopes=[],
            unit_id=None,
            expires_on=local_date(NOW) - timedelta(days=1),
            now=NOW,
        )
    places = [problem.where for problem in refusal.value.problems]
    assert places == ["label", "scopes", "unit", "expires_on"]
    with pytest.raises(Invalid):
        make_key(session, local_date(NOW) + LONGEST_LIFE + timedelta(days=1))


@pytest.mark.usefixtures("province")
def test_a_key_is_made_shown_once_and_revoked(client: FlaskClient, database: Database) -> None:
    sign_in(client)
    assert "Chưa có khóa API nào." in client.get("/admin/api-keys").text
    last = local_date(now()) + timedelta(days=90)
    fields = {"label": "Một cửa", "unit": "h01", "scopes": ["invitations:create"]}
    made = post(client, "/admin/create-api-key", **fields, expires_on=last.isoformat())
    (text,) = KEY.findall(made.text)
    row = only_key(database)
    assert (row.label, row.unit.code, row.expires_on) == ("Một cửa", "H01", last)
    page = client.get("/admin/api-keys")
    assert text not in page.text
    assert f"{text[:7]}…" in page.text
    assert "Đang dùng được" in page.text
    post(client, f"/admin/api-keys/{row.id}/revoke")
    assert not is_alive(only_key(database), now())
    assert "Thu hồi ngày" in plain(client.get("/admin/api-keys"))
    post(client, f"/admin/api-keys/{row.id}/revoke")
    assert actions(database) == ["sign_in", "api_key.create", "api_key.revoke"]
    assert text not in client.get("/admin/audit").text


@pytest.mark.usefixtures("province")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": ""}, "Nhập tên của khóa."),
        ({"unit": "H99"}, "Không có đơn vị mang mã “H99”."),
        ({"scopes": []}, "Chọn ít nhất một quyền của khóa."),
        ({"scopes": ["everything"]}, "Hãy chọn trong các mục có sẵn."),
        ({"expires_on": "2020-01-01"}, "Ngày hết hạn phải từ hôm nay đến hai năm sau."),
    ],
)
def test_mistakes_in_the_form_are_told(
    client: FlaskClient, database: Database, changes: dict[str, object], message: str
) -> None:
    sign_in(client)
    fields: dict[str, object] = {
        "label": "Một cửa",
        "unit": "H01",
        "scopes": ["invitations:create"],
        "expires_on": local_date(now()).isoformat(),
    }
    answer = post(client, "/admin/create-api-key", **(fields | changes))
    assert answer.status_code == 422
    assert message in plain(answer)
    with database.session() as session:
        assert session.scalars(select(ApiKey)).all() == []


@pytest.mark.usefixtures("province")
def test_officers_neither_see_nor_make_keys(client: FlaskClient) -> None:
    sign_in(client, "canbo")
    assert client.get("/admin/api-keys").status_code == 403
    assert client.get("/admin/create-api-key").status_code == 403


@pytest.mark.usefixtures("province")
def test_the_command_line_makes_lists_and_revokes(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path))
    run = CliRunner()
    last = (local_date(now()) + timedelta(days=30)).isoformat()
    words = ["--label", "Một cửa tỉnh", "--unit", "H01", "--expires-on", last]
    text = run.invoke(hailong, ["api-key", "create", *words]).output.strip()
    assert is_key(text)
    row = only_key(database)
    listed = run.invoke(hailong, ["api-key", "list"]).output
    assert f"{row.id}  {text[:7]}…  Một cửa tỉnh; H01; invitations:create" in listed
    assert text not in listed
    done = run.invoke(hailong, ["api-key", "revoke", str(row.id)]).output
    assert done == "Đã thu hồi khóa “Một cửa tỉnh”.\n"
    assert "từ trước" in run.invoke(hailong, ["api-key", "revoke", str(row.id)]).output
    assert "hết hiệu lực" in run.invoke(hailong, ["api-key", "list"]).output
    assert actions(database) == ["api_key.create", "api_key.revoke"]
