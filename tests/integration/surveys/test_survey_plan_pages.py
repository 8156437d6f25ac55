"""The page of a survey's plan: what is saved and recorded, two who save, another branch's units."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.plan import plan_of
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.fieldwork.ways import Way, languages_of, ways_of
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit
from survey_app.storage.queries.surveys import survey_units
from survey_app.web.admin.surveys import unit_choice
from tests.factories import NOW, make_account, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in

PAGE = "/admin/surveys/KS-2026"


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def manager(client: FlaskClient, database: Database) -> FlaskClient:
    """Signed in for a district, whose one commune is surveyed; another commune lies outside."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        branch = make_unit(session, "H01.01", "Khu vực Bắc", "department", parent=root)
        ward = make_unit(session, "H01.01.01", "Phường An", parent=branch)
        make_unit(session, "H01.01.02", "Xã Đông", parent=branch)
        make_unit(session, "H01.02", "Xã Ngoài", parent=root)
        make_survey(session, [ward], is_open=False)
        make_account(session, "phutrach", AccountRole.SURVEY_MANAGER, branch)
    sign_in(client, "phutrach")
    return client


def ids(database: Database) -> dict[str, str]:
    with database.session() as session:
        return {unit.code: str(unit.id) for unit in session.scalars(select(AdministrativeUnit))}


def fields(**changes: object) -> dict[str, object]:
    return {
        "title": "Khảo sát thử nghiệm",
        "version_id": "1",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "revision": "1",
    } | changes


def test_a_plan_is_saved_and_recorded(manager: FlaskClient, database: Database) -> None:
    by_code = ids(database)
    shown = manager.get(f"{PAGE}/plan").text
    assert "Xã Đông" in shown
    assert "Xã Ngoài" not in shown
    units = [by_code["H01.01.02"], by_code["H01.02"]]  # the second is another branch's
    sent = fields(title="Đợt hai", ends_on="2026-11-30", unit=units)
    assert post(manager, f"{PAGE}/plan", **sent).location == PAGE
    with database.session() as session:
        plan = plan_of(session, find_survey(session, "KS-2026"))
    assert (plan.title, plan.ends_on) == ("Đợt hai", date(2026, 11, 30))
    assert [str(unit_id) for unit_id in plan.units] == units[:1]
    assert "survey.plan" in actions(database)


def test_of_two_managers_the_second_is_told_and_loses_nothing(
    manager: FlaskClient, database: Database
) -> None:
    by_code = ids(database)
    post(manager, f"{PAGE}/plan", **fields(title="Của người thứ nhất", unit=[by_code["H01.01.01"]]))
    mine = fields(title="Của người thứ hai", unit=[by_code["H01.01.02"]])
    told = post(manager, f"{PAGE}/plan", **mine)
    assert told.status_code == 409
    assert "Bản đang lưu: “Của người thứ nhất”" in plain(told)
    assert "không có trong bản của ông/bà: Phường An." in plain(told)
    assert "Chỉ có trong bản của ông/bà: Xã Đông." in plain(told)
    assert 'value="Của người thứ hai"' in told.text
    assert 'name="revision" value="2"' in told.text
    assert post(manager, f"{PAGE}/plan", **(mine | {"revision": "2"})).status_code == 302


def test_an_open_survey_is_prolonged_with_a_reason(
    manager: FlaskClient, database: Database
) -> None:
    unit = ids(database)["H01.01.01"]
    with database.transaction() as session:
        find_survey(session, "KS-2026").status = "open"
    longer = fields(ends_on="2027-01-31", unit=[unit])
    refused = post(manager, f"{PAGE}/plan", **longer)
    assert refused.status_code == 422
    assert "Ghi lý do đổi ngày kết thúc." in plain(refused)
    assert 'value="2027-01-31"' in refused.text
    assert post(manager, f"{PAGE}/plan", **longer, reason="còn ít phiếu").status_code == 302
    told = plain(manager.get(PAGE))
    assert "Kéo dài kỳ khảo sát: đến hết 31/01/2027 thay cho 31/12/2026" in told
    assert "Lý do: còn ít phiếu" in told


def test_ways_and_languages_are_saved_and_recorded(
    manager: FlaskClient, database: Database
) -> None:
    sent = {"ways": ["paper", "slip"], "languages": [], "revision": "1"}
    assert post(manager, f"{PAGE}/offer", **sent).status_code == 302
    with database.session() as session:
        survey = find_survey(session, "KS-2026")
        assert ways_of(survey) == (Way.SLIP, Way.PAPER)
        assert languages_of(survey) == ("vi",)
    assert "survey.offer" in actions(database)
    stale = post(manager, f"{PAGE}/offer", **sent)
    assert stale.status_code == 422
    assert "vừa được người khác thay đổi" in plain(stale)
    none = post(manager, f"{PAGE}/offer", revision="2")
    assert "Chọn ít nhất một cách nhận phiếu." in plain(none)


def test_a_large_tree_is_opened_branch_by_branch(
    manager: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not on the page keeps its tick and its number, and is stored."""
    monkeypatch.setattr(unit_choice, "MOST_AT_ONCE", 2)
    units, page = ids(database), "/admin/create-survey"
    branch, an, dong = (units[code] for code in ("H01.01", "H01.01.01", "H01.01.02"))
    folded = plain(manager.get(page))
    assert "Khu vực Bắc đã chọn 0/3" in folded and "Phường An" not in folded
    opened = post(manager, page, show=f"open-{branch}")
    assert "Phường An" in plain(opened)
    typed = {"opened": branch, "unit": an, f"population-{dong}": "120"}
    again = post(manager, page, show=f"fold-{branch}", **typed)
    assert "Khu vực Bắc đã chọn 2/3" in plain(again) and "Phường An" not in plain(again)
    carried = {"carried": f"{an} {dong}", f"population-{dong}": "120"}
    for name, value in carried.items():
        assert f'name="{name}" value="{value}"' in again.text
    found = post(manager, page, show="find", find="xa dong", **carried)
    assert 'value="120"' in found.text and "Phường An" not in plain(found)
    assert f'name="carried" value="{an}"' in found.text
    sent = fields(code="DOT-2", starts_on="2026-07-01", **carried)
    assert post(manager, page, **sent).location == "/admin/surveys/DOT-2"
    with database.session() as session:
        rows = survey_units(session, find_survey(session, "DOT-2").id)
        assert {str(row.unit_id): row.population for row in rows} == {an: None, dong: 120}
    left = post(manager, page, show=f"leave-{branch}", **carried)
    assert "đã chọn 0/3" in plain(left) and 'value="120"' not in left.text
