"""The table of targets: tried, saved, recorded; mistakes lose nothing."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient

from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.figures.unit_targets import UnitNumbers, targets_of
from survey_app.operations.organisation import unit_search
from survey_app.storage.database import Database
from tests.factories import NOW, make_account, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in

PAGE = "/admin/surveys/KS-2026/targets"


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def ids(client: FlaskClient, database: Database) -> list[int]:
    """Two wards in a draft, somebody signed in."""
    with database.transaction() as session:
        units = [make_unit(session, f"H01.0{n}", f"Phường {n}") for n in (1, 2)]
        make_survey(session, dict(zip(units, (60, None), strict=True)), is_open=False)
        make_account(session)
        found = [unit.id for unit in units]
    sign_in(client)
    return found


def sent(ids: list[int], **changes: object) -> dict[str, object]:
    numbers = {f"population-{ids[0]}": "60", f"population-{ids[1]}": "2.000"}
    own = {f"own-{ids[0]}": "", f"own-{ids[1]}": "100"}
    return {"margin": "5", "response_rate": "80", "revision": "1", **numbers, **own, **changes}


def test_targets_are_tried_without_being_saved_and_saved(
    client: FlaskClient, database: Database, ids: list[int]
) -> None:
    assert client.get(PAGE).status_code == 200
    tried = post(client, PAGE, **sent(ids), wish="try")
    assert "tính thử với các số đang nhập, chưa lưu" in plain(tried)
    assert "±9,6%, rộng hơn mục tiêu" in plain(tried)
    assert "phiếu cần có 153" in plain(tried)
    assert post(client, PAGE, **sent(ids), wish="save").location == PAGE
    with database.session() as session:
        known = targets_of(session, find_survey(session, "KS-2026"))
    assert (known.margin, known.response_rate) == (0.05, 0.8)
    assert known.numbers == {ids[0]: UnitNumbers(60, None), ids[1]: UnitNumbers(2000, 100)}
    done = [action for action in actions(database) if action.startswith("survey.")]
    assert done == ["survey.target", "survey.unit_target"]
    stale = post(client, PAGE, **sent(ids, margin="9"), wish="save")
    assert stale.status_code == 422
    assert "vừa được người khác thay đổi" in plain(stale)
    assert 'value="9"' in stale.text
    with database.session() as session:
        assert find_survey(session, "KS-2026").target_margin == 0.05


@pytest.mark.parametrize(
    ("margin", "rate", "shown"),
    [("7,5", "80%", ("7,5", "80")), ("5.0", "", ("5", "")), (" 10 % ", "62,5", ("10", "62,5"))],
)
def test_a_target_is_set_in_percent(
    client: FlaskClient, ids: list[int], margin: str, rate: str, shown: tuple[str, str]
) -> None:
    values = sent(ids, margin=margin, response_rate=rate)
    assert post(client, PAGE, **values, wish="save").location == PAGE
    page = client.get(PAGE).text
    for name, value in zip(("margin", "response_rate"), shown, strict=True):
        assert re.search(rf'<input[^>]*name="{name}"[^>]*value="{value}"', page)
    record = plain(client.get("/admin/audit"))
    assert f"sai số mong muốn từ chưa có thành {shown[0]}%" in record
    expected = f"tỷ lệ thu về dự kiến từ chưa có thành {shown[1]}%"
    assert not shown[1] or expected in record


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"margin": "năm"}, "Nhập một số phần trăm, như 5 hoặc 7,5."),
        ({"margin": "0,1"}, "Sai số mong muốn phải từ 0,5% đến 30%."),
        ({"response_rate": "120"}, "Tỷ lệ thu về dự kiến phải từ 1% đến 100%."),
        ({"margin": ""}, "Nhập sai số mong muốn trước khi đặt số phiếu riêng"),
        ({"own-2": "nhiều"}, "Phường 2: số phiếu riêng phải là số nguyên dương"),
        ({"own-2": "2001"}, "Phường 2: số phiếu riêng (2001) nhiều hơn số hồ sơ (2000)"),
    ],
)
def test_mistakes_lose_nothing(
    client: FlaskClient, ids: list[int], changes: dict[str, object], message: str
) -> None:
    wrong = {key.replace("-2", f"-{ids[1]}"): value for key, value in changes.items()}
    refused = post(client, PAGE, **sent(ids, **wrong), wish="save")
    assert refused.status_code == 422
    assert message in plain(refused) and "units:" not in plain(refused)
    assert 'value="2.000"' in refused.text
    assert f'value="{changes.get("margin", 5)}"' in refused.text


def test_what_is_typed_goes_along_to_other_pages_and_is_saved(
    client: FlaskClient, database: Database, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_search, "UNITS_A_PAGE", 1)
    first, second = (f"population-{unit_id}" for unit_id in ids)
    page = client.get(PAGE).text
    assert f'name="{first}" value="60"' in page and f'name="{second}"' not in page
    form = {"margin": "5", "response_rate": "80", "revision": "1", "at": "1", "found": ""}
    typed = {**form, first: "6.000", f"own-{ids[0]}": "nhiều"}
    turned = post(client, PAGE, **typed, show="page-2")
    carried = (f'name="{first}" value="6.000"', f'name="own-{ids[0]}" value="nhiều"')
    assert all(f'type="hidden" {box}' in turned.text for box in carried)
    assert "Phường 1: số phiếu riêng phải là số nguyên dương" in plain(turned)
    assert "Trang 2 trên 2" in plain(turned) and '<th scope="row">Phường 2' in turned.text
    form["at"] = "2"
    right = {**form, first: "6.000", f"own-{ids[0]}": "", second: "500", f"own-{ids[1]}": ""}
    found = post(client, PAGE, **right, find="phuong 1", show="find")
    assert "chưa lưu" in plain(found) and "1 đơn vị khớp với “phuong 1”" in plain(found)
    assert f'type="hidden" name="{second}" value="500"' in found.text
    assert 'value="6.000"' in found.text
    del right[f"own-{ids[1]}"]  # neither carried nor on the page: it stays as it is stored
    saved = post(client, PAGE, **{**right, "at": "1", "found": "phuong 1"}, wish="save")
    assert saved.location == f"{PAGE}?q=phuong+1"
    with database.session() as session:
        known = targets_of(session, find_survey(session, "KS-2026"))
    assert known.numbers == {ids[0]: UnitNumbers(6000, None), ids[1]: UnitNumbers(500, None)}
