"""The lane before Flask answers as Flask would, and leaves to Flask what is not plain."""

import gzip
import io
import json
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.app import LARGEST_UPLOAD, create_app
from survey_app.config import Settings
from survey_app.operations.fieldwork.surveys import close_survey, find_survey
from survey_app.operations.intake.intake import Intake
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit, CollectionPoint, SurveyResponse
from survey_app.web import express
from survey_app.web.access import ACCESS, Access
from survey_app.web.api.reading import LARGEST_BODY
from survey_app.web.bodies import RETRY_SECONDS
from survey_app.web.express import MOST_AT_WORK
from survey_app.web.limits import Limits
from survey_app.web.proof import Gate
from tests.factories import make_one_time_link, make_point, make_survey, make_unit

ANSWERS = {"access.signage": "4", "comment": "Cảm ơn"}
#: What a lane asks before it stores a sheet, and the storing.
BEFORE_STORING = ((Gate, "is_open"), (Limits, "sheet_wait"), (Intake, "submit"))
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
    links: tuple[str, str], while_failing: Callable[..., TestResponse]
) -> None:
    for thing, name in BEFORE_STORING:
        answer = while_failing(thing, name, lambda client: put(client, links[0]))
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
        self.is_read, self.may_end = threading.Event(), threading.Event()

    def read(self, _size: int = -1) -> bytes:
        self.is_read.set()
        self.may_end.wait(60)
        return b""


def test_stalled_bodies_hold_nobody_up(app: Flask, links: tuple[str, str]) -> None:
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
        assert all(body.is_read.wait(60) for body in stalling)
        assert put(app.test_client(), links[0]).status_code == 201
        assert statuses == []
    finally:
        for body in stalling:
            body.may_end.set()
    for thread in threads:
        thread.join(60)
    assert statuses == [400] * len(stalling)


def test_threads_stay_for_requests_without_bodies(
    settings: Settings,
    database: Database,
    links: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(express, "MOST_READING", 1)
    app, stalling = create_app(settings, database), _Stalling()

    def send() -> None:
        stream = {"wsgi.input": stalling, "CONTENT_LENGTH": "100"}
        app.test_client().put(f"/api/v1/responses/{uuid4()}", environ_overrides=stream)

    thread = threading.Thread(target=send)
    try:
        thread.start()
        assert stalling.is_read.wait(60)
        refused = put(app.test_client(), links[0])
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(RETRY_SECONDS))
        assert refused.json == {"error": "Vui lòng thử lại sau ít phút."}
        assert app.test_client().get(f"/s/{links[0]}").status_code == 200
    finally:
        stalling.may_end.set()
        thread.join(60)
    assert put(app.test_client(), links[0]).status_code == 201


# ── blank pages ───────────────────────────────────────────────────────────────────────────────

ANY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def opened(client: FlaskClient, token: str, **headers: str) -> tuple[str, list[str], str, set[str]]:
    """Status, headers and text of a page without its ids, and the ids."""
    answer = client.get(f"/s/{token}", headers=headers)
    is_packed = answer.content_encoding == "gzip"
    text = (gzip.decompress(answer.data) if is_packed else answer.data).decode()
    ids = {found[0] for found in ANY_ID.finditer(text)}
    kept = sorted(ANY_ID.sub("ID", f"{name}: {value}") for name, value in answer.headers)
    if is_packed:  # an id may pack into a byte more or less
        kept = [line for line in kept if not line.startswith("Content-Length")]
    return answer.status, kept, ANY_ID.sub("ID", text), ids


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser that keeps no cookies: each opening is the first."""
    return app.test_client(use_cookies=False)


@pytest.mark.parametrize("accepted", ["", "gzip", "gzip, deflate, br"])
def test_a_page_shown_again_is_the_same_page_with_another_id(
    browser: FlaskClient, links: tuple[str, str], seen: list[str], accepted: str
) -> None:
    first, *others = [opened(browser, links[0], Accept_Encoding=accepted) for _ in range(4)]
    assert len(seen) == 1, "the others did not come to Flask"
    assert first[0] == "200 OK"
    for other in others:
        assert other[:3] == first[:3]
    assert len({frozenset(page[3]) for page in (first, *others)}) == 4
    assert all(len(page[3]) == 1 for page in (first, *others))


def test_what_is_not_plain_is_shown_by_flask(
    browser: FlaskClient, links: tuple[str, str], seen: list[str]
) -> None:
    addresses = [
        f"/s/{links[0]}?lang=en",
        f"/s/{links[0]}?trang=mot",
        f"/s/{links[1]}",
        f"/s/{links[0].lower()}",
        "/s/ZZZZZZZZ",
    ]
    browser.get(f"/s/{links[0]}")
    for address in addresses:
        for _ in range(2):
            browser.get(address)
    browser.get(f"/s/{links[0]}", headers=ANY_COOKIE)
    browser.get(f"/s/{links[0]}", headers={"Accept-Encoding": "gzip;q=0"})
    browser.head(f"/s/{links[0]}")
    assert len(seen) == 1 + 2 * len(addresses) + 3


def test_a_change_shows_at_once(
    browser: FlaskClient, database: Database, links: tuple[str, str]
) -> None:
    def page() -> TestResponse:
        browser.get(f"/s/{links[0]}")
        return browser.get(f"/s/{links[0]}")

    assert "Phường Mẫu" in page().text
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        survey.title = "Khảo sát mang tên khác"
        session.scalars(select(AdministrativeUnit)).one().name = "Phường Tên Mới"
    assert "Khảo sát mang tên khác" in page().text
    assert "Phường Tên Mới" in page().text
    with database.transaction() as session:
        session.scalars(select(CollectionPoint)).one().is_active = False
    assert page().status_code == 410
    with database.transaction() as session:
        session.scalars(select(CollectionPoint)).one().is_active = True
    assert page().status_code == 200
    with time_machine.travel(datetime(2099, 1, 2, tzinfo=UTC)):
        assert page().status_code == 410
    with database.transaction() as session:
        close_survey(find_survey(session, "KS-2026"))
    assert page().status_code == 410


def test_a_page_that_changed_while_it_was_made_is_not_kept(
    browser: FlaskClient,
    database: Database,
    links: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The title is mended just before the page is rendered, and put back later: what was shown in
    between is not to come again."""
    read = Intake.page_mark

    def name(title: str) -> None:
        with database.transaction() as session:
            find_survey(session, "KS-2026").title = title

    def read_then_change(self: Intake, token: str) -> object:
        monkeypatch.undo()
        mark = read(self, token)
        name("Tên đặt nhầm")
        return mark

    name("Tên đúng")
    monkeypatch.setattr(Intake, "page_mark", read_then_change)
    assert "Tên đặt nhầm" in browser.get(f"/s/{links[0]}").text
    name("Tên đúng")
    again = browser.get(f"/s/{links[0]}").text
    assert "Tên đúng" in again and "Tên đặt nhầm" not in again


def test_a_page_with_a_cookie_of_somebodys_own_is_not_kept(
    app: Flask, links: tuple[str, str], seen: list[str]
) -> None:
    """No page has one today; should one get it, others are not handed it."""

    @app.after_request
    def add(response: Response) -> Response:
        response.set_cookie("hailong_form", f"of visitor {len(seen)}")
        return response

    browser = app.test_client(use_cookies=False)
    for address in (f"/s/{links[0]}", f"/s/{links[0]}/cam-on/K7Q-4MZ"):
        told = [browser.get(address).headers.getlist("Set-Cookie")[-1] for _ in range(2)]
        assert [cookie.startswith("hailong_form=") for cookie in told] == [True, True]
        assert told[0] != told[1]
    assert len(seen) == 4
