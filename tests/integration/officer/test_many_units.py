"""Pages about all units of a survey: as many queries for many units as for few, and lists that are
searched and shown page by page."""

import re
from collections.abc import Iterator, Sequence
from types import ModuleType

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from survey_app.operations.fieldwork import collection_points
from survey_app.operations.organisation import unit_search
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit
from survey_app.web.officer import consolidated_views, standing_views
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit
from tests.integration.office import plain, sign_in

PAGES = (
    "/officer/surveys/{}",
    "/officer/surveys/{}?boundaries=present",
    "/officer/surveys/{}/standings",
    "/officer/surveys/{}/consolidated",
    "/officer/surveys/{}/model-estimates",
    "/officer/surveys/{}/units/H01.01",
    "/admin/surveys/{}",
    "/admin/surveys/{}/progress",
    "/admin/surveys/{}/samples",
    "/admin/surveys/{}/targets",
    "/admin/surveys/{}/slips",
    "/admin/surveys/{}/paper",
)


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def survey_of(session: Session, code: str, units: Sequence[AdministrativeUnit]) -> None:
    """An open survey with a target and, in each unit, sheets enough to be shown."""
    survey = make_survey(session, dict.fromkeys(units, 40), code=code)
    survey.target_margin = 0.1
    for unit in units:
        point = make_point(session, survey, unit)
        for _ in range(5):
            answer(session, point.token, {"access.signage": "4"})


def test_many_units_cost_no_more_queries_than_few(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        units = [make_unit(session, f"H01.{n:02}", f"Xã {n}") for n in range(1, 13)]
        survey_of(session, "FEW", units[:3])
        survey_of(session, "MANY", units)
        make_account(session)
    sign_in(client)
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))

    def queries(page: str) -> int:
        asked.clear()
        assert client.get(page).status_code == 200, page
        return len(asked)

    for page in PAGES:
        queries(page.format("FEW"))  # what is kept from the first time on
        assert queries(page.format("MANY")) == queries(page.format("FEW")), page


@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("/officer/surveys/KS-2026", "page"),
        ("/admin/surveys/KS-2026/progress", "units"),
        ("/admin/surveys/KS-2026/samples", "page"),
        ("/admin/surveys/KS-2026/targets", "page"),
        ("/admin/surveys/KS-2026/slips", "page"),
        ("/admin/surveys/KS-2026/paper", "page"),
    ],
)
def test_units_are_searched_and_paged(
    page: str,
    number: str,
    client: FlaskClient,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unit_search, "UNITS_A_PAGE", 1)
    monkeypatch.setattr(collection_points, "POINTS_A_PAGE", 1)
    with database.transaction() as session:
        units = [
            make_unit(session, f"H01.0{n}", name) for n, name in ((1, "Xã Đông"), (2, "Xã Tây"))
        ]
        survey = make_survey(session, units)
        for unit in units:
            make_point(session, survey, unit)
        make_account(session)
    sign_in(client)

    def shown(query: str) -> list[bool]:
        rows = client.get(page + query).text.split("<tbody>")[1].split("</tbody>")[0]
        return [name in rows for name in ("Xã Đông", "Xã Tây")]

    assert (shown(""), shown(f"?{number}=2")) == ([True, False], [False, True])
    assert (shown("?q=xa+tay"), shown("?q=h01.01")) == ([False, True], [True, False])
    nothing = client.get(f"{page}?q=xa+nam")
    assert "khớp với “xa nam”" in plain(nothing) and "<tbody>" not in nothing.text


@pytest.mark.parametrize(
    ("page", "module"), [("standings", standing_views), ("consolidated", consolidated_views)]
)
def test_results_of_units_are_searched_and_paged_and_files_have_all(
    page: str,
    module: ModuleType,
    client: FlaskClient,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "UNITS_A_PAGE", 1)
    with database.transaction() as session:
        units = [
            make_unit(session, f"H01.0{n}", name) for n, name in ((1, "Xã Đông"), (2, "Xã Tây"))
        ]
        survey_of(session, "KS-2026", units)
        make_account(session)
    sign_in(client)
    address = f"/officer/surveys/KS-2026/{page}"

    def shown(query: str) -> list[bool]:
        rows = re.findall(r"<th scope=\"row\".*?</th>", client.get(address + query).text, re.S)
        return [any(name in row for row in rows) for name in ("Xã Đông", "Xã Tây")]

    assert (shown(""), shown("?page=2")) == ([True, False], [False, True])
    assert (shown("?q=xa+tay"), shown("?q=h01.01")) == ([False, True], [True, False])
    whole = "table.json" if page == "standings" else "report.json"
    assert all(name in client.get(f"{address}/{whole}").text for name in ("H01.01", "H01.02"))
