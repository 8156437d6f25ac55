"""Asking for a reply, and reading what was asked: the pages, with a plain client."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.privacy.contact_requests import (
    find_place,
    mix_requests,
    set_offer,
)
from survey_app.operations.privacy.sealing import Sealer
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry, CollectionPoint, ContactRequest, Mode
from survey_app.web.limits import CONTACTS_A_MINUTE
from tests.factories import NOW, make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in

ADDRESS = "/xin-tra-loi/KS-2026/H01.01"
FORM = {"subject": "Hồ sơ đất của tôi bị trễ.", "reach": "0903 123 456", "consent": "yes"}


@pytest.fixture(autouse=True)
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def point(database: Database) -> CollectionPoint:
    with database.transaction() as session:
        unit, other = make_unit(session), make_unit(session, "H01.02", "Phường Khác")
        survey = make_survey(session, [unit, other])
        set_offer(session, survey, 60)
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, unit)
        make_account(session, "nguoikhac", AccountRole.OFFICER, other)
        return make_point(session, survey, unit)


def rows(database: Database) -> list[ContactRequest]:
    with database.session() as session:
        return list(session.scalars(select(ContactRequest)))


def test_the_thanks_lead_to_the_form_without_saying_where_from(
    client: FlaskClient, database: Database, point: CollectionPoint
) -> None:
    thanks = client.get(f"/s/{point.token}/cam-on/ABC-DEF").text
    assert f'rel="noreferrer" href="{ADDRESS}"' in thanks
    form = client.get(ADDRESS).text
    assert point.token not in form and "ABC-DEF" not in form
    assert re.search(r'<input id="consent"[^>]*>', form)[0].count("checked") == 0  # type: ignore[index]
    assert "chậm nhất là sau ngày 14/08/2026" in plain(client.get(ADDRESS))


def test_kiosks_and_other_surveys_offer_nothing(
    client: FlaskClient, database: Database, point: CollectionPoint
) -> None:
    with database.transaction() as session:
        found = session.get(CollectionPoint, point.id)
        assert found
        found.mode = Mode.KIOSK
    assert "xin-tra-loi" not in client.get(f"/s/{point.token}/cam-on/ABC-DEF").text
    with database.transaction() as session:
        survey = find_place(session, "KS-2026", "H01.01", now=NOW).survey
        set_offer(session, survey, None)
    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, data=FORM).status_code == 404


def test_a_request_is_taken_and_its_address_tells_nothing(
    client: FlaskClient, database: Database, point: CollectionPoint
) -> None:
    sent = client.post(ADDRESS, data=FORM)
    assert sent.status_code == 200
    assert "Set-Cookie" not in sent.headers
    assert "Đã nhận yêu cầu" in plain(sent) and point.token not in sent.text
    assert len(rows(database)) == 1
    assert actions(database) == [], "nothing with a minute stands beside it"


def test_nothing_typed_is_lost(client: FlaskClient, point: CollectionPoint) -> None:
    wrong = client.post(ADDRESS, data={**FORM, "reach": "hàng xóm", "name": "Lê Văn Tám"})
    assert wrong.status_code == 422
    assert "Nhập một số điện thoại" in plain(wrong)
    for text in ("Hồ sơ đất của tôi bị trễ.", "hàng xóm", "Lê Văn Tám"):
        assert text in wrong.text
    assert re.search(r'id="consent"[^>]*checked', wrong.text)
    english = client.post(ADDRESS, data={**FORM, "_display": "lang:en"})
    assert "What you want a reply about" in english.text
    assert "Hồ sơ đất của tôi bị trễ." in english.text


def test_without_the_tick_nothing_is_kept(
    client: FlaskClient, database: Database, point: CollectionPoint
) -> None:
    given = {name: text for name, text in FORM.items() if name != "consent"}
    assert client.post(ADDRESS, data=given).status_code == 422
    assert rows(database) == []


def test_programs_are_thanked_and_forgotten_and_floods_stopped(
    client: FlaskClient, database: Database, point: CollectionPoint
) -> None:
    assert client.post(ADDRESS, data={**FORM, "website": "http://x"}).status_code == 200
    assert rows(database) == []
    for _ in range(CONTACTS_A_MINUTE):
        assert client.post(ADDRESS, data=FORM).status_code == 200
    stopped = client.post(ADDRESS, data=FORM)
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) >= 1
    assert FORM["subject"] in stopped.text


def test_staff_do_not_ask(client: FlaskClient, database: Database, point: CollectionPoint) -> None:
    sign_in(client)
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, data=FORM).status_code == 403
    assert rows(database) == []


def code_told(client: FlaskClient, **fields: str) -> str:
    sent = client.post(ADDRESS, data={**FORM, **fields})
    found = re.search(r"withdrawal-code[^>]*>([A-Z2-9]{6}-[A-Z2-9]{6})<", sent.text)
    assert found
    return found[1]


def test_who_asked_withdraws_it_at_any_time(
    client: FlaskClient, database: Database, point: CollectionPoint, app: Flask
) -> None:
    sealer = Sealer.of(app.config["SETTINGS"])
    code, other = code_told(client, _nonce="một"), code_told(client, _nonce="hai")
    assert code_told(client, _nonce="một") == code != other, "sent anew, the page says the same"
    with database.transaction() as session:
        mix_requests(session, sealer, now=NOW + timedelta(days=1))
        found = find_place(session, "KS-2026", "H01.01", now=NOW).survey
        set_offer(session, found, None)
        close_survey(found)
    wrong = client.post(f"{ADDRESS}/rut-lai", data={"code": "AAAAAA-AAAAAA"})
    assert wrong.status_code == 422 and "Mã không đúng" in plain(wrong)
    assert client.post(f"{ADDRESS}/rut-lai", data={"code": ""}).status_code == 422
    done = client.post(f"{ADDRESS}/rut-lai", data={"code": f" {code.lower().replace('-', ' ')}"})
    assert "những gì ông/bà viết đã bị xóa" in plain(done)
    assert sorted(row.sealed is None for row in rows(database)) == [False, True]
    assert client.post(f"{ADDRESS}/rut-lai", data={"code": code}).status_code == 422, "once"
    assert actions(database) == [], "nothing with a minute stands beside it"


def test_nothing_in_the_database_withdraws_a_request(
    client: FlaskClient, database: Database, point: CollectionPoint
) -> None:
    code = code_told(client, _nonce="một").replace("-", "")
    (row,) = rows(database)
    assert code.encode() not in row.sealed and code.encode() not in row.id  # type: ignore[operator]


# ── reading ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def asked(
    client: FlaskClient,
    database: Database,
    point: CollectionPoint,
    moment: time_machine.Traveller,
) -> str:
    """A request of yesterday; its address in the office."""
    client.post(ADDRESS, data=FORM)
    moment.move_to(NOW + timedelta(days=1), tick=False)
    (row,) = rows(database)
    return f"/officer/contact-requests/{row.id.hex()}"


def test_reading_is_on_record_without_a_word_of_it(
    client: FlaskClient, database: Database, asked: str
) -> None:
    sign_in(client, "canbo")
    listed = client.get("/officer/contact-requests")
    assert asked in listed.text and "đất của tôi" not in listed.text
    assert "contact.read" not in actions(database)
    assert "Hồ sơ đất của tôi bị trễ." in plain(client.get(asked))
    assert actions(database)[-1] == "contact.read"
    with database.session() as session:
        for entry in session.scalars(select(AuditEntry)):
            assert "0903" not in entry.detail and "đất" not in entry.detail


def test_what_was_answered_is_gone(client: FlaskClient, database: Database, asked: str) -> None:
    sign_in(client, "canbo")
    assert post(client, asked).status_code == 302
    assert actions(database)[-1] == "contact.finish"
    assert rows(database)[0].sealed is None
    assert "đất của tôi" not in client.get(asked).text
    assert "Đã xong 16/06/2026" in plain(client.get("/officer/contact-requests"))


def test_another_unit_neither_sees_nor_finishes_it(
    client: FlaskClient, database: Database, asked: str
) -> None:
    sign_in(client, "nguoikhac")
    assert asked not in client.get("/officer/contact-requests").text
    assert client.get(asked).status_code == 404
    assert post(client, asked).status_code == 404
    assert rows(database)[0].sealed is not None
    assert "contact.read" not in actions(database)


def test_an_administrator_offers_replies_and_ends_the_offer(
    app: Flask, client: FlaskClient, database: Database, point: CollectionPoint
) -> None:
    sign_in(client)
    address = "/admin/surveys/KS-2026/contact-offer"
    assert "giữ nhiều nhất 60 ngày" in plain(client.get("/admin/surveys/KS-2026"))
    assert post(client, address, wish="offer", days="30").status_code == 302
    assert "giữ nhiều nhất 30 ngày" in plain(client.get("/admin/surveys/KS-2026"))
    for days in ("0", "366", "many", "٣", ""):
        refused = post(client, address, wish="offer", days=days)
        assert refused.status_code == 422
        assert 'href="#contact-days">Nhập số ngày từ 1 đến 365.' in refused.text
        assert f'name="days" required type="text" value="{days}"' in refused.text
    assert "giữ nhiều nhất 30 ngày" in plain(client.get("/admin/surveys/KS-2026"))
    assert post(client, address, wish="withdraw").status_code == 302
    assert actions(database)[-2:] == ["contact.offer", "contact.offer"]
    assert app.test_client().get(ADDRESS).status_code == 404
