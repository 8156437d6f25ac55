"""Units: the tree, one unit, imports that write all rows or none, the official list."""

import io
from base64 import b64encode
from datetime import date

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey_app.app import LARGEST_UPLOAD
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit
from survey_app.storage.queries.units import units_by_code
from survey_app.web.admin.uploads import LARGEST_MEGABYTES
from tests.factories import make_account, make_unit
from tests.integration.office import actions, plain, post, sign_in

HEADINGS = ("Mã đơn vị", "Tên đơn vị", "Loại đơn vị", "Mã đơn vị cấp trên")
RIGHT = (("H01.03", "Phường Tân Lập", "Phường", "H01"), ("H01.04", "Xã Ea Mẫu", "Xã", "H01"))
WRONG = (
    ("H01.03", "Phường Tân Lập", "Phường", "H01"),
    ("h01 04", "Xã Ea Mẫu", "Xã", "H01"),
    ("H01.05", "", "Huyện", "H77"),
)


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        make_account(session)


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


def workbook(rows: tuple[tuple[str, ...], ...]) -> tuple[io.BytesIO, str]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADINGS, *rows):
        sheet.append(row)
    output = io.BytesIO()
    book.save(output)
    output.seek(0)
    return output, "don-vi.xlsx"


def units(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(AdministrativeUnit)) or 0


def test_a_code_is_found_by_a_name_without_marks(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make_unit(session, "H01.02", "Xã Bình Minh").valid_to = date(2026, 1, 1)
    found = admin.get("/admin/unit-choices?q=binh minh").get_json()
    assert found["units"] == [{"code": "H01.01", "name": "Phường Bình Minh", "above": "Tỉnh Mẫu"}]
    assert admin.get("/admin/unit-choices?q=").get_json()["units"] == []
    for page in ("create-account", "create-api-key", "create-unit", "reorganise/merge"):
        assert 'data-unit-code="/admin/unit-choices"' in admin.get(f"/admin/{page}").text, page


def test_nothing_is_put_below_a_unit_that_has_ended(admin: FlaskClient, database: Database) -> None:
    offers = ("/admin/create-unit?parent=H01.01", "/admin/create-account?unit=H01.01")
    assert all(offer in admin.get("/admin/units/H01.01").text for offer in offers)
    with database.transaction() as session:
        units_by_code(session)["H01.01"].valid_to = date(2026, 1, 1)
    assert not any(offer in admin.get("/admin/units/H01.01").text for offer in offers)


def test_the_tree_is_walked_from_the_top(admin: FlaskClient) -> None:
    assert "Tỉnh Mẫu" in plain(admin.get("/admin/units"))
    assert "Phường Bình Minh" not in plain(admin.get("/admin/units"))
    assert "Phường Bình Minh H01.01 Phường" in plain(admin.get("/admin/units/H01"))
    assert "Ủy ban nhân dân phường Bình Minh" in plain(admin.get("/admin/units/H01.01"))
    assert admin.get("/admin/units/H99").status_code == 404


@pytest.mark.parametrize("wanted", ["binh minh", "BÌNH", "h01.01"])
def test_units_are_found_without_marks_and_by_code(admin: FlaskClient, wanted: str) -> None:
    text = plain(admin.get("/admin/units", query_string={"q": wanted}))
    assert f"Tìm thấy 1 đơn vị khớp với “{wanted}”" in text
    assert "Phường Bình Minh" in text


def unit_fields(**changes: str) -> dict[str, str]:
    return {
        "code": "h01.09",
        "name": "Xã Hòa Thuận",
        "kind": "commune",
        "parent_code": "H01",
        "valid_from": "2025-07-01",
    } | changes


def test_one_unit_is_added(admin: FlaskClient, database: Database) -> None:
    made = post(admin, "/admin/create-unit", **unit_fields())
    assert made.location == "/admin/units/H01.09"
    assert "Xã Hòa Thuận" in plain(admin.get("/admin/units/H01"))
    assert actions(database)[-1] == "units.create"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "mã"}, "Mã đơn vị"),
        ({"code": "H01.01"}, "Đã có đơn vị mang mã “H01.01”."),
        ({"parent_code": "H77"}, "Không có đơn vị mang mã “H77”."),
        ({"kind": "district"}, "Hãy chọn một trong các mục có sẵn."),
        ({"valid_from": ""}, "Nhập ngày có hiệu lực."),
    ],
)
def test_mistakes_in_a_unit_are_told(
    admin: FlaskClient, database: Database, changes: dict[str, str], message: str
) -> None:
    answer = post(admin, "/admin/create-unit", **unit_fields(**changes))
    assert answer.status_code == 422
    assert message in plain(answer)
    assert 'value="Xã Hòa Thuận"' in answer.text
    assert units(database) == 2


def test_a_wrong_file_shows_every_mistake_and_writes_nothing(
    admin: FlaskClient, database: Database
) -> None:
    for wish in ("check", "import"):
        answer = post(admin, "/admin/import-units", file=workbook(WRONG), wish=wish)
        text = plain(answer)
        assert answer.status_code == 422
        for place in ("dòng 3, cột A", "dòng 4, cột B", "dòng 4, cột C", "dòng 4, cột D"):
            assert place in text
        assert units(database) == 2
    assert "units.import" not in actions(database)


def test_a_right_file_is_tried_first_and_then_imported(
    admin: FlaskClient, database: Database
) -> None:
    tried = post(admin, "/admin/import-units", file=workbook(RIGHT), wish="check")
    assert tried.status_code == 200
    assert "Đơn vị sẽ thêm mới 2" in plain(tried)
    assert units(database) == 2
    content = tried.text.split('name="content" value="')[1].split('"')[0]
    done = post(
        admin, "/admin/import-units", content=content, filename="don-vi.xlsx", wish="import"
    )
    assert done.location == "/admin/units/H01", "the page where the new ones are to be seen"
    assert units(database) == 4
    assert actions(database)[-1] == "units.import"


@pytest.mark.parametrize("fields", [{}, {"content": "%%%"}, {"content": ""}])
def test_no_file_is_a_mistake(admin: FlaskClient, fields: dict[str, str]) -> None:
    answer = post(admin, "/admin/import-units", wish="import", **fields)
    assert answer.status_code == 422
    assert "Hãy chọn tệp" in answer.text


def test_a_file_of_another_kind_is_refused_with_a_sentence(admin: FlaskClient) -> None:
    answer = post(
        admin, "/admin/import-units", file=(io.BytesIO(b"\x89PNG"), "a.png"), wish="check"
    )
    assert answer.status_code == 422


def test_a_file_that_the_second_step_could_not_carry_is_refused_at_the_first(
    admin: FlaskClient,
) -> None:
    most = LARGEST_MEGABYTES * 1024**2
    answer = post(
        admin, "/admin/import-units", file=(io.BytesIO(b"x" * (most + 1)), "a.csv"), wish="check"
    )
    assert answer.status_code == 422
    assert "Tệp lớn hơn 4 MB; vui lòng chia danh sách thành nhiều tệp." in plain(answer)
    answer.request.environ["wsgi.input"].close()  # a file of the test client, it is so large
    assert len(b64encode(b"x" * most)) < LARGEST_UPLOAD - 64 * 1024


def test_an_unknown_wish_is_refused(admin: FlaskClient, database: Database) -> None:
    answer = post(admin, "/admin/import-units", file=workbook(RIGHT), wish="later")
    assert answer.status_code == 422
    assert units(database) == 2


def test_the_template_is_a_workbook_that_imports(admin: FlaskClient, database: Database) -> None:
    got = admin.get("/admin/units-template.xlsx")
    assert got.headers["Content-Disposition"] == "attachment; filename=MauDanhSachDonVi.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(got.data))
    assert book.worksheets[0]["A1"].value == "Mã đơn vị (*)"


def test_a_province_is_loaded_from_the_official_list_once(
    admin: FlaskClient, database: Database
) -> None:
    first = post(admin, "/admin/load-province", province="66")
    assert first.location == "/admin/units/66"
    loaded = units(database)
    assert loaded > 100
    post(admin, "/admin/load-province", province="66")
    assert units(database) == loaded
    assert post(admin, "/admin/load-province", province="00").status_code == 404
