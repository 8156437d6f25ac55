"""Values that no honest browser sends: refused with a sentence on both databases, no failure."""

import pytest
from flask.testing import FlaskClient

from survey_app.storage.database import Database
from tests.factories import make_account, make_survey
from tests.integration.office import plain, post, sign_in

ZERO = "%00x"


@pytest.fixture(autouse=True)
def office(database: Database, client: FlaskClient) -> None:
    with database.transaction() as session:
        make_account(session)
        make_survey(session)
    sign_in(client)


@pytest.mark.parametrize(
    "address",
    [
        f"/officer/surveys/{ZERO}",
        f"/admin/units/{ZERO}",
        f"/admin/units?q={ZERO}",
        f"/admin/services?q={ZERO}&field={ZERO}",
        f"/admin/audit?person={ZERO}",
        f"/admin/audit?subject={ZERO}",
        f"/recordings/{ZERO}",
        f"/xin-tra-loi/KS-2026/{ZERO}",
    ],
)
def test_a_zero_character_is_no_failure(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code < 500


def test_a_zero_character_in_a_form_is_told(client: FlaskClient, database: Database) -> None:
    address = "/officer/surveys/KS-2026/units/H01.01/comments"
    answer = post(client, address, key="00", question_code="\x00", wish="hide")
    assert answer.status_code == (404 if database.is_sqlite else 400)
    assert database.is_sqlite or "ký tự không ghi được" in plain(answer)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_beyond_any_clock_are_slips(client: FlaskClient, day: str) -> None:
    for name in ("since", "until"):
        answer = client.get(f"/admin/audit?{name}={day}")
        assert answer.status_code == 422
        assert "Nhập năm từ 1900 đến 2199." in plain(answer)
    dates = {"starts_on": "2026-01-01", "ends_on": day} if day > "2" else {"starts_on": day}
    answer = post(client, "/admin/create-survey", code="X", title="X", **dates)
    assert "Nhập năm từ 1900 đến 2199." in plain(answer)


def test_what_is_no_day_is_said_beside_the_day_of_the_list(client: FlaskClient) -> None:
    answer = post(client, "/admin/surveys/KS-2026/samples/H01.01", as_of="hôm qua", wish="check")
    assert answer.status_code == 422
    assert "Nhập ngày có đủ ngày, tháng, năm." in plain(answer)
