"""Many units: pages of a list, search without marks, editing one, its block."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from survey_app.operations.figures.blocks import members_by_block
from survey_app.operations.organisation.units import create_unit, find_unit
from survey_app.storage.database import Database
from tests.factories import make_account, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        for number in range(120):
            make_unit(session, f"H01.{number:03}", f"Xã Đắk {number}", "commune", root)
        gone = create_unit(
            session,
            code="H01.A",
            name="Xã Ân",
            kind="commune",
            valid_from=date(2004, 1, 1),
            parent_id=root.id,
            valid_to=date(2025, 7, 1),
        )
        assert gone.valid_to
        make_account(session)


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


def test_a_list_has_pages_and_units_that_ended_come_last(admin: FlaskClient) -> None:
    first, second = (plain(admin.get(f"/admin/units/H01?page={n}")) for n in (1, 2))
    assert "121 đơn vị trực thuộc" in first and "Trang 1 trên 2" in first
    assert "Xã Đắk 0 " in first and "Xã Đắk 119" not in first and "Xã Ân" not in first
    assert "Xã Đắk 119" in second and "Xã Ân đến 01/07/2025" in second
    assert plain(admin.get("/admin/units/H01?page=9")) == second
    assert admin.get("/admin/units/H01?page=x").status_code == 200


def test_search_needs_no_marks_and_has_pages(admin: FlaskClient) -> None:
    found = plain(admin.get("/admin/units?q=xa+dak"))
    assert "Tìm thấy 120 đơn vị" in found and "Trang 1 trên 2" in found
    assert "Xã Đắk 7 H01.007" in plain(admin.get("/admin/units?q=h01.007"))
    assert "q=xa+dak" in admin.get("/admin/units?q=xa+dak&page=2").text


def test_a_unit_is_edited_and_put_into_a_block(admin: FlaskClient, database: Database) -> None:
    fields = {"agency_name": "UBND xã Đắk 1", "place": "Đắk", "block": "offices"}
    done = post(admin, "/admin/units/H01.001/edit", **fields)
    assert done.location == "/admin/units/H01.001"
    text = plain(admin.get(done.location))
    assert "UBND xã Đắk 1" in text and "Văn phòng, chi nhánh" in text
    assert actions(database)[-1] == "units.edit"
    with database.transaction() as session:
        units = [find_unit(session, f"H01.00{k}") for k in (1, 2)]
        survey = make_survey(session, dict.fromkeys(units))
        blocks = members_by_block(session, survey, None)
    assert blocks == {"communes": [units[1].id], "offices": [units[0].id]}
    wrong = post(admin, "/admin/units/H01.001/edit", **{**fields, "place": "x" * 101})
    assert wrong.status_code == 422 and "UBND xã Đắk 1" in wrong.text
