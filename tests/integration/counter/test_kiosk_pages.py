"""The kiosk's addresses: who may use them, what becomes of each sheet, what the worker keeps."""

import hashlib
import json
from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app.operations.fieldwork.collection_points import add_collection_point
from survey_app.operations.fieldwork.devices import add_device, enrol, revoke
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, Device, Mode, SurveyResponse
from survey_app.web.limits import DEVICE_SHEETS_A_MINUTE
from tests.factories import NOW, make_one_time_link, make_point, make_survey, make_unit

COOKIE = "hailong-kiosk"


@pytest.fixture(autouse=True)
def fixed_time() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def device(database: Database, client: FlaskClient) -> Device:
    """A device whose key the client holds."""
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit], document="one-stop-rating.yaml")
        point = add_collection_point(session, survey, unit.id, label="Quầy 1", mode=Mode.KIOSK)
        device, code = add_device(session, point, label="Máy 1", pin="2580", now=NOW)
        _, key = enrol(session, code, now=NOW)
    client.set_cookie(COOKIE, key, path="/k")
    return device


@pytest.fixture
def token(database: Database, device: Device) -> str:
    with database.session() as session:
        point = session.get(CollectionPoint, device.collection_point_id)
        assert point
        return point.token


def sheet(token: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "link": token,
        "version": "one-stop-rating@1",
        "language": "vi",
        "answers": {"service.overall": "4"},
        "seconds": 20,
        "answered_at": "2026-06-15T03:00:00.000Z",
        "is_partial": False,
    } | changes


def send(client: FlaskClient, *sheets: Any) -> TestResponse:
    return client.post("/k/sheets", json=list(sheets), headers={"Origin": "http://localhost"})


def count(session: Session) -> int:
    return session.query(SurveyResponse).count()


def test_each_sheet_has_its_own_outcome(
    client: FlaskClient, database: Database, token: str
) -> None:
    good = sheet(token)
    results = send(
        client,
        good,
        sheet(token, answers={"service.overall": "9"}),
        sheet(token, link="ABCDEFGH"),
        "nothing",
        {"id": 7},
        sheet(token, id=good["id"], answers={"service.overall": "1"}),
        sheet(token, version="one-stop-rating@9"),
    ).get_json()["results"]
    assert [result["status"] for result in results] == ["stored", *["refused"] * 6]
    assert results[0]["id"] == good["id"]
    assert all(result["reason"] for result in results[1:])
    again = send(client, good).get_json()["results"]
    assert again == [{"id": good["id"], "status": "known", "receipt": results[0]["receipt"]}]
    with database.session() as session:
        assert count(session) == 1


def test_only_the_page_itself_may_send(client: FlaskClient, token: str) -> None:
    strange = client.post("/k/sheets", json=[], headers={"Origin": "https://example.org"})
    assert strange.status_code == 403
    assert "reason" not in strange.get_json()  # as through a proxy that changes the address
    form = client.post("/k/sheets", data="[]", content_type="text/plain")
    assert form.status_code == 403
    for path in ("/k/code", "/k/report", "/k/leave"):
        answer = client.post(path, json={}, headers={"Origin": "https://example.org"})
        assert answer.status_code == 403


def test_without_a_key_nothing_is_taken(client: FlaskClient, token: str) -> None:
    client.delete_cookie(COOKIE, path="/k")
    assert send(client, sheet(token)).status_code == 403
    assert client.get("/k").location == "/k/enrol"
    assert client.get("/k/sw.js").status_code == 403


def test_a_revoked_device_is_told_so(
    client: FlaskClient, database: Database, device: Device, token: str
) -> None:
    with database.transaction() as session:
        found = session.get(Device, device.id)
        assert found
        revoke(session, found, now=NOW)
    answer = send(client, sheet(token))
    assert answer.status_code == 403
    assert answer.get_json() == {
        "error": "Thiết bị đã bị thu hồi. Vui lòng báo cán bộ phụ trách.",
        "reason": "revoked",
    }
    looked = client.post("/k/code", json={"code": "", "version": "", "language": "vi"})
    assert (looked.status_code, looked.get_json()["reason"]) == (403, "revoked")
    page = client.get("/k")
    assert page.status_code == 403
    assert "Thiết bị đã bị thu hồi" in page.text


def test_a_key_is_good_for_one_unit(
    client: FlaskClient, database: Database, device: Device, token: str
) -> None:
    with database.transaction() as session:
        here = session.get(CollectionPoint, device.collection_point_id)
        assert here
        beside = add_collection_point(
            session, here.survey, here.unit_id, label="Quầy 2", mode=Mode.PHONE
        )
        unit = make_unit(session, "H01.02", "Phường An")
        survey = make_survey(session, [unit], code="KS-2", document="one-stop-rating.yaml")
        other = make_point(session, survey, unit)
        slip = make_one_time_link(session, other)
        links = (token, beside.token, other.token, slip)
    results = send(client, *(sheet(link) for link in links)).get_json()["results"]
    assert [result["status"] for result in results] == ["stored", "stored", "refused", "refused"]
    assert "một đơn vị khác" in results[2]["reason"]
    body = {"code": slip, "version": "one-stop-rating@1", "language": "en"}
    looked = client.post("/k/code", json=body)
    assert looked.status_code == 409
    assert "another office" in looked.get_json()["error"]
    with database.session() as session:
        assert {found.unit_id for found in session.query(SurveyResponse)} == {here.unit_id}


@pytest.mark.parametrize(
    "body",
    ["", "{", "[[", "{}", "null", "7", "[" * 100_000, "\ud800", "[NaN]", '[{"id": 1, "id": 2}]'],
)
def test_a_batch_that_is_none_is_refused(client: FlaskClient, token: str, body: str) -> None:
    answer = client.post(
        "/k/sheets",
        data=body.encode(errors="surrogatepass"),
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert answer.get_json()["error"]


def test_a_batch_has_an_end(client: FlaskClient, token: str) -> None:
    assert send(client, *[{}] * 51).status_code == 422
    assert send(client, "x" * 5_000_000).status_code == 413


def test_a_device_cannot_flood(client: FlaskClient, token: str) -> None:
    statuses = [
        send(client, *[{}] * 50).status_code for _ in range(DEVICE_SHEETS_A_MINUTE // 50 + 1)
    ]
    assert statuses == [200] * (len(statuses) - 1) + [429]


def test_a_slip_is_looked_at_before_anything_is_answered(
    client: FlaskClient, database: Database, device: Device, token: str
) -> None:
    def check(code: str, version: str = "one-stop-rating@1", language: str = "vi") -> TestResponse:
        body = {"code": code, "version": version, "language": language}
        return client.post("/k/code", json=body)

    with database.transaction() as session:
        point = session.get(CollectionPoint, device.collection_point_id)
        assert point
        slip = make_one_time_link(session, point)
    assert check(slip).status_code == 200
    assert check(slip, version="sipas-counter@1").status_code == 409
    assert check("ABCDEFGH").status_code == 404
    assert send(client, sheet(slip)).get_json()["results"][0]["status"] == "stored"
    used = check(slip, language="en")
    assert used.status_code == 409
    assert "already been used" in used.get_json()["error"]


def test_the_shell_is_fetched_once(client: FlaskClient, device: Device) -> None:
    first = client.get("/k")
    assert first.status_code == 200
    again = client.get("/k", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    client.set_cookie("contrast", "high")
    assert client.get("/k").data == first.data  # no cookie changes it


def test_the_worker_keeps_all_of_one_version(client: FlaskClient, device: Device) -> None:
    """Every file it names can be had, and is what its digest says."""
    script = client.get("/k/sw.js")
    assert script.headers["Service-Worker-Allowed"] == "/k"
    assert script.mimetype == "text/javascript"
    text = script.text.removeprefix("const SHELL = ")
    shell, _ = json.JSONDecoder().raw_decode(text)
    addresses = [file["address"] for file in shell["files"]]
    assert "/k" in addresses
    assert any("telex.js" in address for address in addresses)
    for file in shell["files"]:
        with client.get(file["address"]) as answer:
            assert answer.status_code == 200, file
            if file["integrity"]:
                digest = b64encode(hashlib.sha256(answer.data).digest()).decode()
                assert file["integrity"] == f"sha256-{digest}"


def test_another_setting_makes_another_worker(
    client: FlaskClient, database: Database, device: Device
) -> None:
    before = client.get("/k/sw.js").data
    assert client.get("/k/sw.js").data == before
    with database.transaction() as session:
        found = session.get(Device, device.id)
        assert found
        found.idle_seconds = 90
    assert client.get("/k/sw.js").data != before


def test_a_device_reports_in(client: FlaskClient, database: Database, device: Device) -> None:
    body = {"waiting": 3, "refused": 1, "app_version": "5f3a9c1b"}
    answer = client.post("/k/report", json=body)
    assert answer.get_json() == {"is_open": True, "is_paused": False}
    assert f"{COOKIE}=" in answer.headers["Set-Cookie"]  # kept for another while
    with database.session() as session:
        found = session.get(Device, device.id)
        assert found
        assert (found.waiting, found.refused, found.app_version) == (3, 1, "5f3a9c1b")
    assert client.post("/k/report", json={"waiting": True}).status_code == 422
