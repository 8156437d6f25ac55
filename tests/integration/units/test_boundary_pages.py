"""The officers' pages by the boundaries of the survey and by those of today."""

import json
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.organisation.reorganisation import (
    EventKind,
    Reorganisation,
    Successor,
)
from survey_app.operations.organisation.unit_events import reorganise
from survey_app.operations.organisation.units import create_unit, find_unit
from survey_app.storage.database import Database
from tests.factories import NOW, QUESTIONNAIRES, answer, make_account, make_point, make_survey
from tests.integration.office import plain, sign_in

SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
#: Dossiers, sheets, satisfied: 0.5 and 0.9; by dossiers (100·0.5 + 300·0.9)/400 = 0.8.
NUMBERS = {"A": (100, 40, 20), "B": (300, 40, 36), "E": (500, 40, 30)}


@pytest.fixture(autouse=True)
def merged(database: Database) -> None:
    with database.transaction() as session:
        root = create_unit(
            session, code="H", name="Tỉnh Mẫu", kind="province", valid_from=date(2004, 1, 1)
        )
        units = {
            create_unit(
                session,
                code=code,
                name=f"Xã {code}",
                kind="commune",
                valid_from=date(2004, 1, 1),
                parent_id=root.id,
            ): found
            for code, found in NUMBERS.items()
        }
        survey = make_survey(
            session,
            {unit: found[0] for unit, found in units.items()},
            code="KS",
            source=SOURCE,
            starts_on=date(2024, 1, 1),
            ends_on=date(2024, 12, 31),
        )
        for unit, (_, n, satisfied) in units.items():
            token = make_point(session, survey, unit).token
            for number in range(n):
                level = {"service.overall": "5" if number < satisfied else "1"}
                answer(session, token, level, at=datetime(2024, 6, 1, 3, tzinfo=UTC))
        plan = Reorganisation(
            EventKind.MERGE, date(2025, 7, 1), "NQ", ("A", "B"), (Successor("M", "Xã Mới"),)
        )
        reorganise(session, plan, now=NOW)
        make_account(session, "canbo", AccountRole.OFFICER, root)
        make_account(session, "canboxa", AccountRole.OFFICER, find_unit(session, "M"))
        make_account(session, "canboe", AccountRole.OFFICER, find_unit(session, "E"))


def test_the_overview_both_ways(client: FlaskClient) -> None:
    sign_in(client, "canbo")
    then = plain(client.get("/officer/surveys/KS"))
    assert "Xã A 40 100" in then and "Xã Mới" not in then
    now = client.get("/officer/surveys/KS?boundaries=present")
    assert "Xã Mới 80 400" in plain(now) and "80,00%" in plain(now)
    assert "Xã Mới gồm Xã A và Xã B khi khảo sát" in plain(now)
    assert "/officer/surveys/KS/units/M?boundaries=present" in now.text
    assert client.get("/officer/surveys/KS?boundaries=x").status_code == 404


@pytest.mark.parametrize(
    "page", ["units/M", "consolidated", "standings", "model-estimates", "units/E"]
)
def test_every_page_takes_the_wish_along(client: FlaskClient, page: str) -> None:
    sign_in(client, "canbo")
    got = client.get(f"/officer/surveys/KS/{page}?boundaries=present")
    assert got.status_code == 200
    assert "theo địa giới hiện nay" in plain(got).lower()


def test_the_other_boundaries_lead_to_what_stands_for_a_unit(client: FlaskClient) -> None:
    sign_in(client, "canbo")
    unit = "/officer/surveys/KS/units"
    assert client.get(f"{unit}/A?boundaries=present").location == f"{unit}/M?boundaries=present"
    assert client.get(f"{unit}/M").location == "/officer/surveys/KS"
    assert "khi khảo sát: Xã Mới gồm Xã A và Xã B" in plain(client.get("/officer/surveys/KS"))
    assert client.get(f"{unit}/H").status_code == 404  # surveyed by neither


def test_files_both_ways(client: FlaskClient) -> None:
    sign_in(client, "canbo")
    got = client.get("/officer/surveys/KS/units/M/report.json?boundaries=present")
    assert got.status_code == 200
    assert "DiaGioiHienNay" in got.headers["Content-Disposition"]
    assert "0.8" in json.dumps(got.json)
    assert client.get("/officer/surveys/KS/units/M/report.json").status_code == 404
    for address in ("standings/table.json", "consolidated/report.json"):
        then = client.get(f"/officer/surveys/KS/{address}")
        now = client.get(f"/officer/surveys/KS/{address}?boundaries=present")
        assert then.status_code == now.status_code == 200
        assert "Xã Mới" in now.text and "Xã Mới" not in then.text


def test_an_officer_sees_what_went_into_the_own_unit_and_nothing_else(
    client: FlaskClient,
) -> None:
    sign_in(client, "canboxa")
    assert "Xã Mới" in plain(client.get("/officer/surveys/KS?boundaries=present"))
    assert client.get("/officer/surveys/KS/units/M?boundaries=present").status_code == 200
    assert client.get("/officer/surveys/KS/units/A").status_code == 404


def test_an_officer_of_another_unit_sees_nothing_of_it(client: FlaskClient) -> None:
    sign_in(client, "canboe")
    assert "Xã Mới" not in plain(client.get("/officer/surveys/KS?boundaries=present"))
    assert client.get("/officer/surveys/KS/units/M?boundaries=present").status_code == 404


def test_a_survey_with_a_target_is_shown_by_both_boundaries(
    client: FlaskClient, database: Database
) -> None:
    """Targets belong to the units that were surveyed: by the others there is no such column."""
    with database.transaction() as session:
        find_survey(session, "KS").target_margin = 0.05
    sign_in(client, "canbo")
    assert "Tiến độ" in plain(client.get("/officer/surveys/KS"))
    page = client.get("/officer/surveys/KS?boundaries=present")
    assert page.status_code == 200
    assert 'data-label="Tiến độ"' not in page.text
