"""The API for machines: every status, every way to be wrong, and what is stored in the end."""

import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.storage.database import Database
from survey_app.storage.models import (
    CollectionPoint,
    FreeText,
    OneTimeLink,
    SpentLink,
    Survey,
    SurveyResponse,
)
from survey_app.web.api.description import DESCRIPTION
from survey_app.web.limits import WRONG_CODES_A_MINUTE
from tests.factories import NOW, make_one_time_link, make_point, make_survey, make_unit

ANSWERS = {"access.signage": "4", "overall.satisfaction": "5", "needs.improvements": ["online"]}
TOO_LARGE = 64 * 1024 + 1


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@dataclass
class Fieldwork:
    survey_id: int
    token: str
    one_time: str


@pytest.fixture
def fieldwork(database: Database) -> Fieldwork:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        point = make_point(session, survey, unit)
        return Fieldwork(survey.id, point.token, make_one_time_link(session, point))


@pytest.fixture
def put(client: FlaskClient, fieldwork: Fieldwork) -> Callable[..., TestResponse]:
    """put(identifier, **changes of the body) sends one sheet."""

    def send(identifier: object = None, **changes: Any) -> TestResponse:
        body = {"link": fieldwork.token, "answers": ANSWERS} | changes
        return client.put(f"/api/v1/responses/{identifier or uuid4()}", json=body)

    return send


@pytest.fixture
def put_raw(client: FlaskClient) -> Callable[[bytes], TestResponse]:
    return lambda body: client.put(f"/api/v1/responses/{uuid4()}", data=body)


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def close(database: Database, survey_id: int) -> None:
    with database.transaction() as session:
        close_survey(session.get_one(Survey, survey_id))


def test_a_sheet_is_stored_and_answered_with_a_receipt(
    put: Callable[..., TestResponse], database: Database
) -> None:
    answer = put(version="sipas-counter@1", language="en", mode="interview", seconds=83)
    assert answer.status_code == 201
    assert set(answer.json) == {"receipt"}
    with database.session() as session:
        row = session.scalars(select(SurveyResponse)).one()
    assert (row.language, row.mode, row.seconds) == ("en", "interview", 83)


@pytest.mark.parametrize("said", ["paper", "kiosk"])
@pytest.mark.parametrize("own", ["phone", "kiosk"])
def test_a_sender_without_a_key_cannot_pass_for_a_device_or_the_office(
    put: Callable[..., TestResponse], database: Database, said: str, own: str
) -> None:
    with database.transaction() as session:
        session.scalars(select(CollectionPoint)).one().mode = own
    assert put(mode=said).status_code == 201
    with database.session() as session:
        assert session.scalars(select(SurveyResponse.mode)).one() == own


def test_acknowledged_means_stored(
    put: Callable[..., TestResponse], settings: Settings, database: Database
) -> None:
    assert put().status_code == 201
    other_process = Database(settings.database_url)
    assert count(other_process) == 1
    other_process.dispose()


def test_the_same_sheet_again_gives_the_same_receipt(
    put: Callable[..., TestResponse], database: Database
) -> None:
    identifier = uuid4()
    first, second = put(identifier), put(str(identifier).upper())
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert count(database) == 1


def test_the_same_sheet_is_recognised_after_the_survey_has_closed(
    put: Callable[..., TestResponse], database: Database, fieldwork: Fieldwork
) -> None:
    identifier = uuid4()
    first = put(identifier)
    close(database, fieldwork.survey_id)
    again = put(identifier)
    assert (again.status_code, again.json) == (200, first.json)
    assert put().status_code == 410


def test_other_answers_under_the_same_id_are_refused(put: Callable[..., TestResponse]) -> None:
    identifier = uuid4()
    put(identifier)
    answer = put(identifier, answers=ANSWERS | {"access.signage": "1"})
    assert answer.status_code == 409
    assert set(answer.json) == {"error"}


def test_the_mode_is_that_of_the_collection_point_unless_said(
    put: Callable[..., TestResponse], database: Database
) -> None:
    put()
    with database.session() as session:
        assert session.scalars(select(SurveyResponse.mode)).one() == "phone"


def test_a_one_time_link_carries_one_sheet(
    put: Callable[..., TestResponse], fieldwork: Fieldwork
) -> None:
    identifier = uuid4()
    assert put(identifier, link=fieldwork.one_time).status_code == 201
    assert put(identifier, link=fieldwork.one_time).status_code == 200
    assert put(link=fieldwork.one_time).status_code == 403


def test_a_used_link_cannot_be_joined_to_its_sheet(
    put: Callable[..., TestResponse], database: Database, fieldwork: Fieldwork
) -> None:
    put(link=fieldwork.one_time)
    with database.session() as session:
        link = session.scalars(select(OneTimeLink)).one()
        sheet = session.scalars(select(SurveyResponse)).one()
        tables = session.execute(text("SELECT name, sql FROM sqlite_master")).all()
    assert not link.is_used, "it is marked later, together with others"
    shared = {c.name for c in OneTimeLink.__table__.columns} & {
        c.name for c in SurveyResponse.__table__.columns
    }
    assert shared == {"collection_point_id"}  # hundreds of slips share a point
    values = {bytes(v) for v in vars(sheet).values() if isinstance(v, bytes)}
    assert link.token_hash not in values
    pointing = {name for name, sql in tables if "REFERENCES one_time_link" in str(sql)}
    assert pointing == {"spent_link"}  # which holds the hash of the link and nothing else
    assert [column.name for column in SpentLink.__table__.columns] == ["token_hash"]


def test_expired_link(
    put: Callable[..., TestResponse],
    database: Database,
    fieldwork: Fieldwork,
) -> None:
    with database.transaction() as session:
        link = session.scalars(select(OneTimeLink)).one()
        link.expires_on = (NOW - timedelta(days=1)).date()
    answer = put(link=fieldwork.one_time)
    assert answer.status_code == 410
    assert "hết hạn" in answer.json["error"]


def test_unknown_link(put: Callable[..., TestResponse]) -> None:
    answer = put(link="NOSUCH23")
    assert answer.status_code == 404
    assert "Mã khảo sát không đúng" in answer.json["error"]


def test_every_mistake_is_listed_by_question(put: Callable[..., TestResponse]) -> None:
    wrong = {"access.signage": "9", "visit.trips": ["1"], "no.such": "x", "comment": "x" * 2001}
    answer = put(answers=wrong, seconds=-1)
    assert answer.status_code == 422
    problems = answer.json["problems"]
    assert {p["question"] for p in problems if p["question"]} == set(wrong)
    assert {p["field"] for p in problems} == {"answers", "seconds"}
    assert all(p["message"] for p in problems)


def test_an_empty_sheet_is_refused(put: Callable[..., TestResponse]) -> None:
    assert put(answers={}).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("link", None),
        ("link", 5),
        ("link", ""),
        ("link", "x" * 301),
        ("link", "A\0"),
        ("link", ["A"]),
        ("version", 1),
        ("version", "sipas-counter@99"),
        ("language", {}),
        ("language", "fr"),
        ("language", "\ud800"),
        ("mode", "carrier-pigeon"),
        ("mode", 3),
        ("mode", []),
        ("seconds", "83"),
        ("seconds", 8.5),
        ("seconds", True),
        ("seconds", -1),
        ("seconds", 10**30),
        ("answers", None),
        ("answers", []),
        ("answers", "4"),
        ("answers", {"access.signage": True}),
        ("answers", {"access.signage": {"deep": [1]}}),
        ("answers", {"access.signage": 4.0}),
        ("answers", {"needs.improvements": [["online"]]}),
        ("answers", {"comment": 5}),
        ("answers", {"comment": "nửa \ud83d ký tự"}),
        ("answers", {"comment": "không\0có"}),
        ("answers", {"com\0ment": "x"}),
        ("answers", {"needs.improvements": ["\udfff"]}),
        ("colour", "red"),
    ],
)
def test_wrong_values_are_refused(
    put: Callable[..., TestResponse], database: Database, field: str, value: object
) -> None:
    answer = put(**{field: value})
    assert answer.status_code == 422
    assert answer.json["problems"]
    assert count(database) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"link": NaN}',
        b'{"seconds": Infinity}',
        b'{"link": "A", "link": "B"}',
        b'{"answers": {"a": "1", "a": "2"}}',
        b"[" * 30_000,
        b'{"answers": ' + b'{"a":' * 9_000,
        b'{"seconds": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_no_sheet_is_refused(put_raw: Callable[[bytes], TestResponse], body: bytes) -> None:
    answer = put_raw(body)
    assert answer.status_code == 422
    assert answer.json["error"]
    assert answer.json["problems"]


@pytest.mark.parametrize(
    "identifier",
    [
        "1",
        "x" * 36,
        "{0190b5f0-0000-7000-8000-000000000000}",
        "0190b5f0000070008000000000000000",
    ],
)
def test_the_id_must_be_a_uuid(put: Callable[..., TestResponse], identifier: str) -> None:
    answer = put(identifier)
    assert answer.status_code == 422
    assert answer.json["problems"][0]["field"] == "id"


def test_the_type_of_the_content_does_not_matter(client: FlaskClient, fieldwork: Fieldwork) -> None:
    body = json.dumps({"link": fieldwork.token, "answers": ANSWERS})
    answer = client.put(f"/api/v1/responses/{uuid4()}", data=body, content_type="text/plain")
    assert answer.status_code == 201


def test_a_large_body_is_refused(client: FlaskClient) -> None:
    answer = client.put(f"/api/v1/responses/{uuid4()}", data=b" " * TOO_LARGE)
    assert answer.status_code == 413
    assert answer.json["error"]


def test_text_is_stored_composed(put: Callable[..., TestResponse], database: Database) -> None:
    words = "Cán bộ nhiệt tình <script>alert(1)</script> '; DROP TABLE survey; --"
    assert put(answers={"comment": unicodedata.normalize("NFD", words)}).status_code == 201
    with database.session() as session:
        assert session.scalars(select(FreeText.text)).one() == words


def test_composed_and_decomposed_are_the_same_sheet(put: Callable[..., TestResponse]) -> None:
    identifier, words = uuid4(), "Giấy tờ rườm rà"
    put(identifier, answers={"comment": words})
    again = put(identifier, answers={"comment": unicodedata.normalize("NFD", words)})
    assert again.status_code == 200


def test_errors_under_api_are_always_json(client: FlaskClient) -> None:
    for answer in (client.get("/api/v1/nothing"), client.post("/api/v1/responses/1")):
        assert answer.status_code in {404, 405}
        assert answer.json["error"]


def test_an_open_link_takes_so_many_sheets_a_minute(
    settings: Settings, database: Database, fieldwork: Fieldwork
) -> None:
    client = limited_app(settings, database, 2).test_client()

    def send(link: str) -> TestResponse:
        body = {"link": link, "answers": ANSWERS}
        return client.put(f"/api/v1/responses/{uuid4()}", json=body)

    address = f"https://example.test/s/{fieldwork.token.lower()}"
    statuses = [send(link).status_code for link in (fieldwork.token, address)]
    refused = send(fieldwork.token)
    assert statuses == [201, 201]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert send(fieldwork.one_time).status_code == 201  # limited by being used


@pytest.mark.parametrize("way", [{}, {"Cookie": "size=large"}], ids=["lane", "flask"])
def test_what_is_not_stored_anew_shuts_no_link(
    settings: Settings, database: Database, fieldwork: Fieldwork, way: dict[str, str]
) -> None:
    """Invalid sheets, conflicts and repetitions from one place; then citizens' own sheets."""
    client = limited_app(settings, database, 2).test_client(use_cookies=False)

    def send(answers: object, identifier: object) -> int:
        body = {"link": fieldwork.token, "answers": answers}
        path = f"/api/v1/responses/{identifier}"
        return client.put(path, json=body, headers=way).status_code

    known = uuid4()
    assert send(ANSWERS, known) == 201
    for _ in range(5):
        assert send({"access.signage": "9"}, uuid4()) == 422
        assert send(ANSWERS, known) == 200
        assert send({"access.signage": "1"}, known) == 409
        form = {"_response_id": str(uuid4()), "access.signage": "9"}
        assert client.post(f"/s/{fieldwork.token}", data=form, headers=way).status_code == 422
    assert send(ANSWERS, uuid4()) == 201
    assert send(ANSWERS, uuid4()) == 429


def limited_app(settings: Settings, database: Database, limit: int) -> Flask:
    return create_app(
        Settings(**{**vars(settings), "intake_limit": limit}),
        database,
    )


def test_guessing_codes_is_slowed_down(put: Callable[..., TestResponse]) -> None:
    for _ in range(WRONG_CODES_A_MINUTE):
        assert put(link="NOSUCH23").status_code == 404
    refused = put(link="NOSUCH24")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert put().status_code == 201  # others behind the same address are not shut out


def test_addresses_are_not_kept(put: Callable[..., TestResponse], app: Flask) -> None:
    put(link="NOSUCH23")
    kept = app.extensions["hailong.limits"]._limiter.storage.storage
    assert kept
    assert not any("127.0.0.1" in key for key in kept)


def test_an_inactive_point_takes_nothing(
    put: Callable[..., TestResponse], database: Database
) -> None:
    with database.transaction() as session:
        session.scalars(select(CollectionPoint)).one().is_active = False
    assert put().status_code == 410


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok"}


def test_not_ready_without_migrations(settings: Settings) -> None:
    empty = Database(settings.database_url)
    answer = create_app(settings, empty).test_client().get("/readyz")
    empty.dispose()
    assert answer.status_code == 503


def test_the_description_matches_the_routes(app: Flask, client: FlaskClient) -> None:
    described = {
        (path.replace("{", "<").replace("}", ">"), method.upper())
        for path, item in DESCRIPTION["paths"].items()
        for method in item
        if method != "parameters"
    }
    served = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.openapi"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served
    assert client.get("/openapi.json").json == DESCRIPTION


def test_the_description_knows_its_references_and_statuses() -> None:
    references = [part.split('"')[0] for part in json.dumps(DESCRIPTION).split("#/components/")[1:]]
    schemas = DESCRIPTION["components"]["schemas"]
    assert {reference.removeprefix("schemas/") for reference in references} == set(schemas)
    put = DESCRIPTION["paths"]["/api/v1/responses/{identifier}"]["put"]
    assert sorted(put["responses"]) == "200 201 400 403 404 409 410 413 422 423 429".split()  # noqa: SIM905
