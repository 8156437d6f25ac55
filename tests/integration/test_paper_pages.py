"""Pages for paper: forms to print, a workbook to key into; officers reach their own units only."""

import io

import pypdf
import pytest
from flask.testing import FlaskClient

from survey_app.operations.accounts import AccountRole
from survey_app.operations.fieldwork import find_survey
from survey_app.operations.paper_forms import paper_points
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint
from tests.factories import make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, plain, sign_in

PAPER = "/admin/surveys/KS-2026/paper"


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """A ward and a commune with a counter each, an officer of the ward, an administrator."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        commune = make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root)
        survey = make_survey(session, [ward, commune])
        for unit in (ward, commune):
            make_point(session, survey, unit)
        make_account(session)
        make_account(session, "phuong", AccountRole.OFFICER, ward)


@pytest.fixture
def points(database: Database) -> dict[str, CollectionPoint]:
    """The counters by the code of their unit."""
    with database.session() as session:
        found = paper_points(session, find_survey(session, "KS-2026"), None)
        return {point.unit.code: point for point in found}


# ── printing ──────────────────────────────────────────────────────────────────────────────────


def test_forms_are_printed_and_the_printing_is_on_record(
    client: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    sign_in(client)
    assert "Xã Hòa Thuận" in plain(client.get(PAPER))
    point = points["H01.02"]
    answer = client.get(f"{PAPER}/{point.id}.pdf?first=51&copies=3")
    assert answer.mimetype == "application/pdf"
    assert f"_{point.token}_0051_0053.pdf" in answer.headers["Content-Disposition"]
    pages = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    assert "Số phiếu: 0053" in pages[-1].extract_text()
    assert actions(database)[-1] == "paper.print"
    assert "0051–0053" in plain(client.get("/admin/audit"))
    assert client.get(f"{PAPER}/{point.id}.pdf").status_code == 200


@pytest.mark.parametrize("wish", ["copies=0", "copies=201", "copies=x", "first=-1", "copies=²"])
def test_impossible_numbers_are_told(
    client: FlaskClient, points: dict[str, CollectionPoint], wish: str
) -> None:
    sign_in(client)
    answer = client.get(f"{PAPER}/{points['H01.01'].id}.pdf?{wish}")
    assert answer.status_code == 422
    assert "phiếu" in plain(answer)


def test_an_officer_prints_for_the_own_units_only(
    client: FlaskClient, points: dict[str, CollectionPoint]
) -> None:
    sign_in(client, "phuong")
    page = plain(client.get(PAPER))
    assert "Phường Bình Minh" in page
    assert "Xã Hòa Thuận" not in page
    assert client.get(f"{PAPER}/{points['H01.01'].id}.pdf").status_code == 200
    assert client.get(f"{PAPER}/{points['H01.02'].id}.pdf").status_code == 404
    assert client.get(f"{PAPER}/999.pdf").status_code == 404
