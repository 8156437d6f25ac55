"""The lane before Flask answers as Flask would, and leaves to Flask what is not plain."""

import io
import json
import threading
import time
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, request, request_started
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.app import LARGEST_UPLOAD, create_app
from survey_app.config import Settings
from survey_app.operations.fieldwork import close_survey, find_survey
from survey_app.operations.intake import Intake
from survey_app.storage.database import Database
from survey_app.storage.models import SurveyResponse
from survey_app.web import bodies
from survey_app.web.access import ACCESS, Access
from survey_app.web.api.reading import LARGEST_BODY
from survey_app.web.express import MOST_AT_WORK
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


@pytest.mark.parametrize("length", ["", "x", "-1", "²"])
def test_a_body_is_read_to_its_end_whatever_its_head_says(
    client: FlaskClient, database: Database, links: tuple[str, str], length: str
) -> None:
    body = json.dumps({"link": links[0], "answers": ANSWERS}).encode()
    stream = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": length}
    answer = client.put(f"/api/v1/responses/{uuid4()}", environ_overrides=stream)
    assert answer.status_code == 201


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, LARGEST_UPLOAD, LARGEST_UPLOAD + 1, 10**12])
def test_large_bodies_are_refused(
    client: FlaskClient, links: tuple[str, str], seen: list[str], size: int
) -> None:
    data = io.BytesIO(b" " * min(size, LARGEST_UPLOAD + 1))
    stream = {"wsgi.input": data, "CONTENT_LENGTH": str(size)}
    answer = client.put(f"/api/v1/responses/{uuid4()}", environ_overrides=stream)
    assert answer.status_code == 413
    assert set(answer.json or {}) == {"error"}
    assert len(seen) == 1


def test_half_a_form_is_no_sheet(
    client: FlaskClient, database: Database, links: tuple[str, str]
) -> None:
    """A connection that breaks off in the middle of a form that would be valid as it is."""
    form = f"_response_id={uuid4()}&access.signage=4&comment=".encode()
    stream = {
        "wsgi.input": io.BytesIO(form),
        "CONTENT_LENGTH": str(len(form) + 20),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }
    assert client.post(f"/s/{links[0]}", environ_overrides=stream).status_code == 400
    stream["wsgi.input"] = io.BytesIO(b"{}")
    answer = client.put(f"/api/v1/responses/{uuid4()}", environ_overrides=stream)
    assert answer.status_code == 400 and answer.json
    assert count(database) == 0


class _Stalling(io.RawIOBase):
    """A body that begins and does not go on until it is told to."""

    def __init__(self) -> None:
        self.may_end = threading.Event()

    def read(self, _size: int = -1) -> bytes:
        self.may_end.wait(60)
        return b""


def test_stalled_bodies_are_given_up_and_hold_nobody_up(
    app: Flask, links: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SECONDS_TO_SEND", 0.1)
    stalling = [_Stalling() for _ in range(2 * MOST_AT_WORK)]
    statuses: list[int] = []

    def send(body: _Stalling) -> None:
        stream = {"wsgi.input": body, "CONTENT_LENGTH": "100"}
        answer = app.test_client().put(f"/api/v1/responses/{uuid4()}", environ_overrides=stream)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send, args=[body]) for body in stalling]
    try:
        for thread in threads:
            thread.start()
        while len(statuses) < len(stalling) - bodies.MOST_UNWATCHED:
            time.sleep(0.01)
        assert set(statuses) == {408}
        assert put(app.test_client(), links[0]).status_code == 201
    finally:
        for body in stalling:
            body.may_end.set()
    for thread in threads:
        thread.join(60)
    assert set(statuses) == {408, 400}


def test_the_limit_of_an_open_link_holds_on_both_ways(
    settings: Settings, database: Database, links: tuple[str, str]
) -> None:
    client = create_app(replace(settings, intake_limit=2), database).test_client()
    found = [put(client, links[0]) for _ in range(4)]
    assert [answer.status_code for answer in found] == [201, 201, 429, 429]
    assert 1 <= int(found[-1].headers["Retry-After"]) <= 60
