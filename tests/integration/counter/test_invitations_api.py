"""One-time links for other software: keys, branches, retries, races, and what stays behind."""

import json
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.config import Settings
from survey_app.operations.access.api_keys import (
    KeyScope,
    create_api_key,
    find_api_key,
    revoke_api_key,
)
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.invitations.invitations import REPEATABLE_FOR, forget_old_requests
from survey_app.operations.reports.batches import FOLDER
from survey_app.storage.database import Database
from survey_app.storage.models import (
    ApiKey,
    AuditEntry,
    Base,
    CollectionPoint,
    InvitationRequest,
    OneTimeLink,
    Survey,
)
from survey_app.web.api.description import DESCRIPTION
from survey_app.web.api.invitation_views import LARGEST_BODY
from survey_app.web.limits import REQUESTS_A_MINUTE_BY_KEY
from survey_app.worker import Housekeeping
from tests.factories import NOW, make_point, make_survey, make_unit, noted

ADDRESS = "/api/v1/invitations"
DOSSIERS = ("H01.01-260615-0001", "H01.01-260615-0002", "Nguyễn Văn A, 0912 345 678")


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@dataclass
class Province:
    key: str
    key_id: int
    survey_id: int


@pytest.fixture
def province(database: Database) -> Province:
    """Two branches; the key is good for the first. Each has a commune in the survey."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        first = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        second = make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root)
        survey = make_survey(session, [first, second])
        make_point(session, survey, first)
        make_point(session, survey, second)
        key, row = create_api_key(
            session,
            label="Một cửa điện tử",
            scopes=[KeyScope.INVITATIONS],
            unit_id=first.id,
            expires_on=date(2026, 12, 31),
            now=NOW,
        )
        return Province(key, row.id, survey.id)


Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient, province: Province) -> Ask:
    """ask(name of the request, **changes of the body) asks for the links of three dossiers."""

    def send(name: str | None = "yeu-cau-0001", key: str = "", **changes: Any) -> TestResponse:
        items = [{"reference": dossier} for dossier in DOSSIERS]
        body = {"survey": "KS-2026", "unit": "H01.01", "invitations": items} | changes
        headers = {"Authorization": f"Bearer {key or province.key}"}
        if name is not None:
            headers["Idempotency-Key"] = name
        return client.post(ADDRESS, json=body, headers=headers)

    return send


def links(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(OneTimeLink)) or 0


def codes(answer: TestResponse) -> list[str]:
    return [item["code"] for item in answer.json["invitations"]]


def fields(answer: TestResponse) -> list[str]:
    return [problem["field"] for problem in answer.json["problems"]]


# ── what is made ──────────────────────────────────────────────────────────────────────────────


def test_each_dossier_gets_a_link_that_opens_the_questionnaire(
    ask: Ask, client: FlaskClient, database: Database
) -> None:
    answer = ask()
    assert answer.status_code == 201
    assert answer.json["expires_on"] == "2026-12-31"
    items = answer.json["invitations"]
    assert [item["reference"] for item in items] == list(DOSSIERS)
    assert [item["url"] for item in items] == [f"http://localhost/s/{c}" for c in codes(answer)]
    assert len(set(codes(answer))) == links(database) == 3
    assert {client.get(f"/s/{code}").status_code for code in codes(answer)} == {200}


def test_a_code_carries_one_sheet(ask: Ask, client: FlaskClient) -> None:
    (code, *_) = codes(ask())
    sheet = {"link": code, "answers": {"access.signage": "4"}}
    assert client.put(f"/api/v1/responses/{uuid4()}", json=sheet).status_code == 201
    assert client.put(f"/api/v1/responses/{uuid4()}", json=sheet).status_code == 403


def test_squares_come_as_pictures_when_asked(ask: Ask) -> None:
    for number, (kind, start) in enumerate({"svg": b"<?xml", "png": b"\x89PNG"}.items()):
        for item in ask(f"co-anh-qr-{number}", qr=kind).json["invitations"]:
            head, _, data = item["qr"].partition(";base64,")
            assert head == {"svg": "data:image/svg+xml", "png": "data:image/png"}[kind]
            assert b64decode(data).startswith(start)
    assert "qr" not in ask("khong-co-anh").json["invitations"][0]


def test_nothing_of_a_dossier_stays_in_the_database(
    ask: Ask, database: Database, province: Province
) -> None:
    answer = ask("H01.01-260615-0001")  # a caller may even name the request after a dossier
    found: list[str] = []
    with database.session() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                found += [v.hex() if isinstance(v, bytes) else str(v) for v in row]
    stored = " ".join(found)
    for secret in (*DOSSIERS, "0912", *codes(answer), province.key):
        assert secret not in stored
        assert secret.encode().hex() not in stored
    with database.session() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject) == ("links.issue_by_key", "KS-2026 H01.01")
    assert noted(entry) == "3 mã, đến 31/12/2026, khóa “Một cửa điện tử”"


def test_use_of_a_key_is_kept_to_the_day(ask: Ask, database: Database, province: Province) -> None:
    ask()
    with database.session() as session:
        assert find_api_key(session, province.key_id).last_used_on == date(2026, 6, 15)


# ── sent again ────────────────────────────────────────────────────────────────────────────────


def test_a_request_is_known_again_after_the_secret_was_changed(ask: Ask, app: Flask) -> None:
    settings = app.config["SETTINGS"]
    first = ask()
    changed = replace(
        settings, secret_key="another-" + "y" * 32, old_secret_keys=(settings.secret_key,)
    )
    app.config["SETTINGS"] = changed
    again, other = ask(), ask(expires_on="2026-12-01")
    assert (again.status_code, again.json) == (200, first.json)
    assert other.status_code == 409
    new = ask("yeu-cau-0002")
    app.config["SETTINGS"] = replace(changed, old_secret_keys=())  # when the old key is forgotten
    assert (ask("yeu-cau-0002").json, new.status_code) == (new.json, 201)


def test_the_same_request_again_gives_the_same_codes(ask: Ask, database: Database) -> None:
    first, again = ask(), ask()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert links(database) == 3


def test_it_is_recognised_after_the_survey_has_closed(
    ask: Ask, database: Database, province: Province
) -> None:
    first = ask()
    with database.transaction() as session:
        close_survey(session.get_one(Survey, province.survey_id))
    assert ask().json == first.json
    assert ask("yeu-cau-0002").status_code == 410


@pytest.mark.parametrize(
    "change",
    [
        {"invitations": [{"reference": DOSSIERS[0]}]},
        {"invitations": [{"reference": text} for text in reversed(DOSSIERS)]},
        {"expires_on": "2026-12-01"},
        {"qr": "png"},
    ],
)
def test_another_request_under_the_same_name_is_refused(
    ask: Ask, database: Database, change: dict[str, Any]
) -> None:
    first = ask()
    assert ask(**change).status_code == 409
    assert ask().json == first.json
    assert links(database) == 3


def test_other_names_and_other_keys_get_other_codes(ask: Ask, database: Database) -> None:
    with database.transaction() as session:
        row = session.scalars(select(ApiKey)).one()
        other, _ = create_api_key(
            session,
            label="Khác",
            scopes=[KeyScope.INVITATIONS],
            unit_id=row.unit_id,
            expires_on=row.expires_on,
            now=NOW,
        )
    made = [*codes(ask()), *codes(ask("yeu-cau-0002")), *codes(ask(key=other))]
    assert len(set(made)) == links(database) == 9


def test_of_many_who_send_at_once_all_get_the_same_codes(
    app: Flask, province: Province, database: Database
) -> None:
    body = {"survey": "KS-2026", "unit": "H01.01", "invitations": [{"reference": "một"}]}
    headers = {"Authorization": f"Bearer {province.key}", "Idempotency-Key": str(uuid4())}
    start, answers = threading.Barrier(6), []

    def send() -> None:
        client = app.test_client()
        start.wait(timeout=10)
        answers.append(client.post(ADDRESS, json=body, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({codes(answer)[0] for answer in answers}) == links(database) == 1


def test_old_requests_are_forgotten_with_what_their_codes_were_made_from(
    ask: Ask, database: Database, fixed_time: time_machine.Traveller
) -> None:
    first = codes(ask())
    with database.transaction() as session:
        assert forget_old_requests(session, now=NOW + REPEATABLE_FOR) == 0
        assert forget_old_requests(session, now=NOW + REPEATABLE_FOR + timedelta(days=1)) == 1
        assert session.scalars(select(InvitationRequest)).all() == []
    assert not set(codes(ask())) & set(first)


def test_the_worker_forgets_them(ask: Ask, database: Database, settings: Settings) -> None:
    ask()
    (settings.data_directory / FOLDER).mkdir()
    housekeeping = Housekeeping(database, settings, NOW)
    for days, left in ((7, 1), (8, 0)):
        housekeeping.do_if_due(NOW + timedelta(days=days))
        with database.session() as session:
            assert session.scalar(select(func.count()).select_from(InvitationRequest)) == left


# ── who may ask ───────────────────────────────────────────────────────────────────────────────


def test_without_a_living_key_nothing_is_read(
    client: FlaskClient, ask: Ask, database: Database, province: Province
) -> None:
    wrong = province.key[:-1] + ("a" if province.key[-1] != "a" else "b")
    unknown = [ask(key=wrong), ask(key="hl_"), client.post(ADDRESS, data=b"{")]
    unknown.append(client.post(ADDRESS, headers={"Authorization": f"Basic {province.key}"}))
    with database.transaction() as session:
        revoke_api_key(find_api_key(session, province.key_id), now=NOW)
    unknown.append(ask())
    for answer in unknown:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert set(answer.json) == {"error"}
    assert links(database) == 0


def test_a_key_ends_with_its_last_day(ask: Ask, fixed_time: time_machine.Traveller) -> None:
    fixed_time.move_to(NOW.replace(month=12, day=31))
    assert ask().status_code == 201
    fixed_time.move_to(NOW.replace(year=2027, month=1, day=1))
    assert ask().status_code == 401


def test_a_key_without_the_scope_is_refused(
    ask: Ask, database: Database, province: Province
) -> None:
    with database.transaction() as session:
        find_api_key(session, province.key_id).scopes = "figures:read"
    answer = ask()
    assert answer.status_code == 403
    assert "invitations:create" in answer.json["error"]


def test_another_branch_is_not_there(ask: Ask, database: Database) -> None:
    with database.session() as session:
        foreign = session.scalars(
            select(CollectionPoint.token).join(CollectionPoint.unit).filter_by(code="H01.02")
        ).one()
    for change in ({"unit": "H01.02"}, {"unit": "H01"}, {"unit": "H99"}):
        answer = ask(**change)
        assert answer.status_code == 404
        assert answer.json["error"] == "Không có đơn vị này trong phạm vi của khóa API."
    assert ask(point=foreign).status_code == 404
    assert ask(survey="KS-2025").status_code == 404
    assert links(database) == 0


def test_a_survey_without_the_unit_is_not_there(ask: Ask, database: Database) -> None:
    with database.transaction() as session:
        make_survey(session, [make_unit(session, "H02", "Tỉnh Khác", "province")], code="KS-H02")
    assert ask(survey="KS-H02").status_code == 404


def test_too_many_requests_with_one_key(ask: Ask) -> None:
    for number in range(REQUESTS_A_MINUTE_BY_KEY):
        assert ask(f"yeu-cau-so-{number}", invitations=[]).status_code == 422
    answer = ask()
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


# ── ways to be wrong ──────────────────────────────────────────────────────────────────────────


def test_every_mistake_is_told_at_once(ask: Ask, database: Database) -> None:
    items = [
        {"reference": "một"},
        {"reference": ""},
        {"reference": "một"},
        "hai",
        {"reference": "ba", "phone": "0912"},
        {"reference": "x" * 201},
        {"reference": "\0"},
    ]
    answer = ask(
        "ngắn", survey=7, unit=None, expires_on="31/12/2026", qr="gif", extra=1, invitations=items
    )
    assert answer.status_code == 422
    wanted = ["Idempotency-Key", "body", "unit", "survey", "expires_on", "qr"]
    assert fields(answer) == wanted + [f"invitations[{n}]" for n in range(1, 7)]
    assert links(database) == 0


@pytest.mark.parametrize("name", [None, "", "1234567", "có dấu và dài", "a b c d e f", "x" * 201])
def test_a_request_needs_a_sound_name(ask: Ask, name: str | None) -> None:
    if name is not None and not name.isascii():
        name = name.encode().decode("latin-1")
    assert fields(ask(name)) == ["Idempotency-Key"]


@pytest.mark.parametrize("count", [0, 501])
def test_one_to_five_hundred_at_once(ask: Ask, count: int) -> None:
    items = [{"reference": str(n)} for n in range(count)]
    assert fields(ask(invitations=items)) == ["invitations"]


def test_five_hundred_at_once(ask: Ask, database: Database) -> None:
    items = [{"reference": str(n)} for n in range(500)]
    assert fields(ask("co-anh-qr", invitations=items, qr="svg")) == ["qr"]
    assert len(set(codes(ask(invitations=items)))) == links(database) == 500


@pytest.mark.parametrize("day", ["2026-06-14", "2027-01-01"])
def test_the_last_day_lies_within_the_survey(ask: Ask, day: str) -> None:
    assert fields(ask(expires_on=day)) == ["expires_on"]


def test_the_last_day_is_kept(ask: Ask, database: Database) -> None:
    assert ask(expires_on="2026-06-15").json["expires_on"] == "2026-06-15"
    with database.session() as session:
        assert set(session.scalars(select(OneTimeLink.expires_on))) == {date(2026, 6, 15)}


def test_a_unit_with_several_places_needs_one_named(
    ask: Ask, database: Database, province: Province
) -> None:
    with database.transaction() as session:
        survey = session.get_one(Survey, province.survey_id)
        first = session.scalars(select(CollectionPoint).filter_by(survey=survey)).first()
        assert first
        first.is_active = False
        second = make_point(session, survey, first.unit)
        session.flush()
        closed, token, unit = first.token, second.token, first.unit
    assert ask("chi-mot-noi").status_code == 201, "the other one takes nothing"
    assert ask("noi-da-dung", point=closed).status_code == 410
    with database.transaction() as session:
        make_point(session, session.get_one(Survey, province.survey_id), unit)
    answer = ask("nhieu-noi-01")
    assert fields(answer) == ["point"]
    assert token in answer.json["error"]
    assert ask("nhieu-noi-02", point=token.lower()).status_code == 201


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"survey": 1, "survey": 2}'])
def test_what_is_no_object_is_refused(client: FlaskClient, province: Province, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {province.key}", "Idempotency-Key": "yeu-cau-0001"}
    answer = client.post(ADDRESS, data=body, headers=headers)
    assert answer.status_code == 422
    assert fields(answer) == ["body"]


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, province: Province) -> None:
    headers = {"Authorization": f"Bearer {province.key}", "Idempotency-Key": "yeu-cau-0001"}
    answer = client.post(ADDRESS, data=b" " * (LARGEST_BODY + 1), headers=headers)
    assert answer.status_code == 413
    assert answer.json["error"]


def test_the_description_names_key_scope_and_statuses() -> None:
    post = DESCRIPTION["paths"][ADDRESS]["post"]
    assert post["security"] == [{"apiKey": ["invitations:create"]}]
    assert DESCRIPTION["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    wanted = "200 201 401 403 404 409 410 413 422 423 429".split()  # noqa: SIM905
    assert sorted(post["responses"]) == wanted
    example = {"survey": "KS-2026", "unit": "H01.01", "invitations": [{"reference": "x"}]}
    schema = DESCRIPTION["components"]["schemas"]["InvitationRequest"]
    assert set(schema["required"]) == set(example)
    assert json.dumps(DESCRIPTION)
