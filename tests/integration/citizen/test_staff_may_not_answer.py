"""Staff cannot open or send a sheet in their own signed-in browser; citizens notice nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from survey_app.clock import now
from survey_app.operations.access.rights import AccountRole
from survey_app.operations.access.signing_in import ABSOLUTE_LIMIT
from survey_app.operations.fieldwork.devices import add_device
from survey_app.operations.fieldwork.links import find_link
from survey_app.storage.database import Database
from survey_app.storage.models import SurveyResponse
from survey_app.web.access import ACCESS, NOT_FOR_STAFF, Access
from tests.factories import make_account, make_one_time_link, make_point, make_survey, make_unit
from tests.integration.office import csrf_token, plain, post, sign_in

ANSWERS = {"access.signage": "4"}


@pytest.fixture
def links(database: Database) -> tuple[str, str]:
    """An open link and a one-time link of today's survey; an officer and an administrator."""
    today = now().date()
    with database.transaction() as session:
        unit = make_unit(session)
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, unit)
        period = {"starts_on": today - timedelta(days=9), "ends_on": today + timedelta(days=400)}
        point = make_point(session, make_survey(session, [unit], **period), unit)
        return point.token, make_one_time_link(session, point)


def sheets(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def ways_in(client: FlaskClient, token: str) -> list[TestResponse]:
    """Look at the questionnaire, send it as a form, send it as JSON."""
    form = {"_response_id": str(uuid4()), "_language": "vi", "access.signage": "4"}
    sheet = {"link": token, "answers": ANSWERS}
    return [
        client.get(f"/s/{token}"),
        client.post(f"/s/{token}", data=form),
        client.put(f"/api/v1/responses/{uuid4()}", json=sheet),
    ]


@pytest.mark.parametrize("username", ["canbo", "quantri"])
def test_who_is_signed_in_is_turned_away_until_signed_out(
    client: FlaskClient, links: tuple[str, str], database: Database, username: str
) -> None:
    sign_in(client, username)
    for token in links:
        answers = ways_in(client, token)
        assert [answer.status_code for answer in answers] == [403] * 3
        assert "phiếu dành cho người dân" in answers[2].json["error"]
    page = client.get(f"/s/{links[1]}")
    assert "phiếu dành cho người dân" in plain(page)
    assert ("Bộ câu hỏi" in plain(page)) == (username == "quantri")
    assert sheets(database) == 0
    left = post(client, "/sign-out", page=f"/s/{links[1]}")
    assert left.location == "/sign-in"
    assert [answer.status_code for answer in ways_in(client, links[1])] == [200, 303, 403]
    assert sheets(database) == 1, "the one-time link was not used up by the refusal"


def test_a_device_takes_nothing_while_somebody_is_signed_in_on_it(
    client: FlaskClient, links: tuple[str, str], database: Database
) -> None:
    with database.transaction() as session:
        point = find_link(session, links[0]).point
        _, code = add_device(session, point, label="Máy số 1", pin="2580", now=now())
    assert post(client, "/k/enrol", page="/k/enrol", code=code).status_code == 303
    sheet = {
        "id": str(uuid4()),
        "link": links[0],
        "version": "sipas-counter@1",
        "language": "vi",
        "answers": ANSWERS,
    }
    ways = (("/k/sheets", [sheet]), ("/k/report", {"waiting": 1, "refused": 0, "app_version": "x"}))
    sign_in(client)
    assert "Phiếu dành cho người dân" in plain(client.get("/k"))
    for address, body in ways:
        answer = client.post(address, json=body)
        assert answer.status_code == 403
        assert "phiếu dành cho người dân" in answer.json["error"]
    assert sheets(database) == 0
    post(client, "/sign-out")
    assert client.get("/k").status_code == 200
    assert [client.post(address, json=body).status_code for address, body in ways] == [200, 200]
    assert sheets(database) == 1


def test_a_sign_in_that_has_ended_stands_in_nobodys_way(
    client: FlaskClient, links: tuple[str, str]
) -> None:
    sign_in(client)
    with time_machine.travel(now() + ABSOLUTE_LIMIT, tick=False):
        assert client.get(f"/s/{links[0]}").status_code == 200
    client.set_cookie("hailong", "no such sign-in")
    assert client.get(f"/s/{links[0]}").status_code == 200


def test_citizens_are_not_asked_for_their_sign_in(
    app: Flask, links: tuple[str, str], database: Database
) -> None:
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    client = app.test_client()
    assert [answer.status_code for answer in ways_in(client, links[0])] == [200, 303, 201]
    assert asked
    assert not [statement for statement in asked if "sign_in" in statement]


def test_the_table_names_public_endpoints_alone() -> None:
    assert {ACCESS[endpoint] for endpoint in NOT_FOR_STAFF} == {Access.PUBLIC}
    assert {"citizen.show", "citizen.answer", "api.put_response"} <= NOT_FOR_STAFF


def test_the_page_of_refusal_carries_a_form_that_works(
    client: FlaskClient, links: tuple[str, str]
) -> None:
    sign_in(client, "canbo")
    assert csrf_token(client, f"/s/{links[0]}")
