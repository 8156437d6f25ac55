"""The lane before Flask answers as Flask would, and leaves to Flask what is not plain."""

import io
import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, request, request_started
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.operations.fieldwork import close_survey, find_survey
from survey_app.operations.intake import Intake
from survey_app.storage.database import Database
from survey_app.storage.models import SurveyResponse
from survey_app.web.access import ACCESS, Access
from survey_app.web.api.reading import LARGEST_BODY
from tests.factories import make_one_time_link, make_point, make_survey, make_unit

ANSWERS = {"access.signage": "4", "comment": "Cảm ơn"}
#: With a cookie every request takes the long way.
ANY_COOKIE = {"Cookie": "size=large"}


@pytest.fixture
def links(database: Database) -> tuple[str, str]:
    """An open link and a one-time link."""
    with database.transaction() as session:
        unit = make_unit(session)
        period = {"starts_on": date(2020, 1, 1), "ends_on": date(2099, 1, 1)}
        point = make_point(session, make_survey(session, [unit], **period), unit)
        return point.token, make_one_time_link(session, point)


@pytest.fixture
def seen(app: Flask) -> list[str]:
    """The requests that came to Flask."""
    paths: list[str] = []
    request_started.connect(lambda *_, **__: paths.append(request.path), app, weak=False)
    return paths


def put(client: FlaskClient, link: str, identifier: object = None, **more: Any) -> TestResponse:
    body = {"link": link, "answers": ANSWERS}
    return client.put(f"/api/v1/responses/{identifier or uuid4()}", json=body, **more)


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


@pytest.mark.parametrize("environment", ["development", "production"])
def test_both_ways_answer_alike(
    environment: str, settings: Settings, database: Database, links: tuple[str, str]
) -> None:
    app = create_app(replace(settings, environment=environment), database)
    client, identifier = app.test_client(use_cookies=False), uuid4()
    new = put(client, links[0], identifier), put(client, links[0], headers=ANY_COOKIE)
    known = (
        put(client, links[0], identifier),
        put(client, links[0], identifier, headers=ANY_COOKIE),
    )
    assert known[0].data == known[1].data == new[0].data
    for (short, long), status in ((new, "201 CREATED"), (known, "200 OK")):
        assert short.status == long.status == status
        assert sorted(short.headers) == sorted(long.headers)
    assert count(database) == 2


def test_a_plain_sheet_does_not_come_to_flask(
    client: FlaskClient, database: Database, links: tuple[str, str], seen: list[str]
) -> None:
    assert ACCESS["api.put_response"] is Access.PUBLIC, "nobody is asked who they are"
    for link in links:
        assert put(client, link).status_code == 201
        assert put(client, f"https://khaosat.example.vn/s/{link}/").status_code in {201, 403}
    assert len(seen) == 1, "only the refusal of the used link"
    assert count(database) == 3


def test_what_is_refused_is_refused_by_flask_and_tried_once(
    client: FlaskClient,
    database: Database,
    links: tuple[str, str],
    seen: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[object] = []
    submit = Intake.submit
    monkeypatch.setattr(Intake, "submit", lambda *a, **k: (tried.append(a), submit(*a, **k))[1])
    identifier = uuid4()
    put(client, links[0], identifier)
    other = {"link": links[0], "answers": {"access.signage": "1"}}
    wrong = {"link": links[0], "answers": {"access.signage": "9"}}
    address = f"/api/v1/responses/{identifier}"
    assert client.put(address, json=other).status_code == 409
    assert client.put(f"/api/v1/responses/{uuid4()}", json=wrong).status_code == 422
    assert put(client, "ZZZZZZZZ").status_code == 404
    with database.transaction() as session:
        close_survey(find_survey(session, "KS-2026"))
    assert put(client, links[0]).status_code == 410
    assert len(seen) == 4
    assert len(tried) == 5
    assert count(database) == 1


def test_an_unexpected_failure_is_flasks_to_tell(
    app: Flask, links: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.testing = False

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Intake, "submit", fail)
    answer = put(app.test_client(), links[0])
    assert answer.status_code == 500
    assert answer.json == {"error": "Lỗi đã được ghi nhận; vui lòng thử lại sau."}


def test_bodies_that_are_not_plain_take_the_long_way(
    client: FlaskClient, links: tuple[str, str], seen: list[str]
) -> None:
    address = f"/api/v1/responses/{uuid4()}"
    body = json.dumps({"link": links[0], "answers": ANSWERS}).encode()
    for data, length in (
        (b" " * (LARGEST_BODY + 1), None),
        (body, ""),
        (body, "x"),
        (body, "-1"),
        (body, "²"),
        (body[:-2], str(len(body))),
    ):
        length = str(len(data)) if length is None else length
        stream = {"wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": length}
        answer = client.put(address, environ_overrides=stream)
        assert 400 <= answer.status_code < 500, (length, answer.status)
    assert len(seen) == 6


def test_the_limit_of_an_open_link_holds_on_both_ways(
    settings: Settings, database: Database, links: tuple[str, str]
) -> None:
    client = create_app(replace(settings, intake_limit=2), database).test_client()
    found = [put(client, links[0]) for _ in range(4)]
    assert [answer.status_code for answer in found] == [201, 201, 429, 429]
    assert 1 <= int(found[-1].headers["Retry-After"]) <= 60
