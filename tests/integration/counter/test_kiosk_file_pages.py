"""The page for a kiosk's exported file: a dry run, then the import; officers their units only."""

import io
import os
import re
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.clock import hour_of, now
from survey_app.errors import Invalid
from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.devices import add_device
from survey_app.operations.intake.kiosk_file import read_kiosk_file
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, SurveyResponse
from tests.factories import make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, csrf_token, plain, post, sign_in
from tests.integration.operations.test_kiosk_file import item, written
from tests.program import run_forked

PAGE = "/admin/kiosk-sheets"


@pytest.fixture(autouse=True)
def points(database: Database) -> list[CollectionPoint]:
    """A counter of a ward and one of a commune, an officer of the ward, an administrator."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        commune = make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root)
        survey = make_survey(
            session,
            [ward, commune],
            document="one-stop-rating.yaml",
            ends_on=date(2099, 12, 31),  # the clock of the pages is the real one
        )
        make_account(session)
        make_account(session, "phuong", AccountRole.OFFICER, ward)
        points = [make_point(session, survey, unit) for unit in (ward, commune)]
        for point in points:
            add_device(session, point, label="Kiosk", pin="2580", now=now())
        return points


@pytest.fixture
def file(points: list[CollectionPoint]) -> bytes:
    """A sheet of each counter and one that nobody knows."""
    unknown = item(points[0], link="ABCDEFGH")
    at = hour_of(now()).isoformat()
    return written(*(item(point, answered_at=at) for point in points), unknown)


def check(client: FlaskClient, content: bytes) -> TestResponse:
    return post(client, PAGE, page=PAGE, wish="check", file=(io.BytesIO(content), "kiosk.json"))


def confirm(client: FlaskClient, checked: TestResponse) -> TestResponse:
    hidden = dict(re.findall(r'name="(content|filename)" value="([^"]*)"', checked.text))
    return client.post(
        PAGE, data={"csrf_token": csrf_token(client, PAGE), "wish": "import", **hidden}
    )


def stored(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def test_a_file_is_checked_then_imported_and_known_the_second_time(
    client: FlaskClient, database: Database, file: bytes
) -> None:
    sign_in(client)
    checked = check(client, file)
    assert checked.status_code == 200
    words = plain(checked)
    assert "chưa nhập phiếu nào" in words
    assert "Nhập 2 phiếu" in words
    assert "Mã khảo sát không đúng" in words
    assert stored(database) == 0
    answer = confirm(client, checked)
    assert answer.status_code == 302
    assert "Đã nhập 2 phiếu mới. 1 phiếu bị từ chối. Hãy xóa tệp" in plain(client.get(PAGE))
    assert stored(database) == 2
    again = check(client, file)
    assert "Nhập 2 phiếu" not in plain(again)
    confirm(client, again)
    assert "Đã nhập 0 phiếu mới. 2 phiếu đã có từ trước." in plain(client.get(PAGE))
    assert stored(database) == 2
    assert actions(database).count("kiosk.import") == 2


def test_an_officer_imports_sheets_of_the_own_units(
    client: FlaskClient, database: Database, file: bytes
) -> None:
    sign_in(client, "phuong")
    checked = check(client, file)
    assert "Nhập 1 phiếu" in plain(checked)
    assert "ngoài phạm vi của ông/bà" in plain(checked)
    assert "Xã Hòa Thuận" not in plain(checked)
    confirm(client, checked)
    assert stored(database) == 1


@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04", written(5)])
def test_what_is_no_such_file_is_told(client: FlaskClient, content: bytes) -> None:
    sign_in(client)
    answer = check(client, content)
    assert answer.status_code == 422
    assert "Nhập phiếu từ kiosk" in plain(answer)
    assert 'class="error-summary"' in answer.text


def test_a_missing_file_and_a_large_one_are_told(client: FlaskClient) -> None:
    sign_in(client)
    assert "Chọn tệp." in plain(post(client, PAGE, page=PAGE, wish="check"))
    too_large = check(client, b"x" * (4 * 1024**2 + 1))
    assert "lớn hơn 4 MB" in plain(too_large)
    too_large.request.environ["wsgi.input"].close()  # a file of the test client, it is so large


def test_the_command_line_does_the_same(database: Database, tmp_path: Path, file: bytes) -> None:
    (tmp_path / "kiosk.json").write_bytes(file)
    environment = os.environ | {"DATABASE_URL": database.url, "HAILONG_ENV": "development"}

    def call(*arguments: str) -> str:
        words = ("kiosk", "import", "kiosk.json", *arguments)
        done = run_forked(*words, environment=environment, folder=tmp_path)
        return f"{done.returncode} {done.stdout}{done.stderr}"

    told = call("--dry-run")
    assert told.startswith("0 Phường Bình Minh, Quầy số 1 (")
    assert "Phiếu 3 bị từ chối: Mã khảo sát không đúng" in told
    assert "Chưa nhập phiếu nào." in told
    assert stored(database) == 0
    assert "Đã nhập 2 phiếu kiosk." in call()
    assert "0 phiếu mới, 1 phiếu đã có" in call()
    assert stored(database) == 2


def test_the_command_line_takes_part_by_part_what_is_too_much_for_the_page(
    database: Database, tmp_path: Path, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kiosk that was without network for long writes one file."""
    (tmp_path / "kiosk.json").write_bytes(file)
    monkeypatch.setattr("survey_app.cli.kiosk.MOST_SHEETS", 2)
    with pytest.raises(Invalid, match="hailong kiosk import"):
        read_kiosk_file(file, most=2)
    environment = os.environ | {"DATABASE_URL": database.url, "HAILONG_ENV": "development"}
    words = ("kiosk", "import", "kiosk.json")
    done = run_forked(*words, environment=environment, folder=tmp_path)
    assert "Phiếu 3 bị từ chối" in done.stdout
    assert "Đã nhập 2 phiếu kiosk." in done.stdout
    assert stored(database) == 2
