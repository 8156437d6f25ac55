"""The proof of work: nothing while a link is calm, a moment's work under pressure."""

import hashlib
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, SurveyResponse
from survey_app.web.citizen.one_sheet import COOKIE
from survey_app.web.proof import FEWEST_BITS, HEADER, MOST_BITS, MOST_LINKS, Gate, Pressure
from tests.factories import NOW, make_one_time_link, make_point, make_survey, make_unit
from tests.integration.citizen.test_citizen_pages import Form

CALM = 3
ANSWERS = {"overall.satisfaction": "5"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def pressed(settings: Settings, database: Database) -> Flask:
    """An application that asks for proofs above three sheets a minute."""
    return create_app(Settings(**{**vars(settings), "calm_rate": CALM}), database)


@pytest.fixture
def phone(pressed: Flask) -> FlaskClient:
    return pressed.test_client()


@pytest.fixture
def tokens(database: Database) -> tuple[str, str]:
    """An open link and a one-time link of the same point."""
    with database.transaction() as session:
        unit = make_unit(session)
        point = make_point(session, make_survey(session, [unit]), unit)
        return point.token, make_one_time_link(session, point)


@pytest.fixture
def token(tokens: tuple[str, str]) -> str:
    return tokens[0]


def put(phone: FlaskClient, token: str, identifier: object, **more: object) -> TestResponse:
    body = {"link": token, "answers": ANSWERS} | more
    return phone.put(f"/api/v1/responses/{identifier}", json=body)


def press(phone: FlaskClient, token: str, sheets: int = CALM) -> None:
    for _ in range(sheets):
        assert put(phone, token, uuid4()).status_code == 201


def solve(challenge: str) -> str:
    bits = int(challenge.partition(".")[0])
    for number in range(1 << 26):
        proof = f"{challenge}.{number}"
        if int.from_bytes(hashlib.sha256(proof.encode()).digest(), "big") >> (256 - bits) == 0:
            return proof
    raise AssertionError("no proof found")


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def test_under_pressure_a_sheet_comes_with_a_proof(
    phone: FlaskClient, token: str, database: Database
) -> None:
    press(phone, token)
    sheet = uuid4()
    asked = put(phone, token, sheet)
    assert asked.status_code == 429
    assert asked.json == {
        "error": "Đang có quá nhiều phiếu gửi cùng lúc. Vui lòng gửi lại sau ít phút."
    }
    assert 1 <= int(asked.headers["Retry-After"]) <= 60
    challenge = asked.headers[HEADER]
    assert re.fullmatch(rf"{FEWEST_BITS}\.\d+\.[0-9a-f]{{20}}", challenge)
    proof = solve(challenge)
    for address in (token, f"https://example.test/s/{token.lower()}"):
        assert put(phone, address, sheet, proof=proof).status_code in {200, 201}
    assert count(database) == CALM + 1


def test_a_proof_is_good_for_its_own_sheet_and_link_only(
    phone: FlaskClient, token: str, database: Database
) -> None:
    press(phone, token)
    sheet = uuid4()
    challenge = put(phone, token, sheet).headers[HEADER]
    proof = solve(challenge)
    assert put(phone, token, uuid4(), proof=proof).status_code == 429
    easier = "1" + challenge[2:]
    for wrong in (
        challenge,
        f"{challenge}.x",
        f"{challenge}.-1",
        solve(easier),
        proof.replace(str(FEWEST_BITS), "1", 1),
        "9" * 300,
    ):
        assert put(phone, token, sheet, proof=wrong).status_code == 429, wrong
    assert count(database) == CALM


def test_a_proof_is_asked_of_nobody_while_the_link_is_calm(
    phone: FlaskClient, token: str, clock: time_machine.Traveller
) -> None:
    press(phone, token)
    assert put(phone, token, uuid4()).status_code == 429
    clock.shift(120)
    press(phone, token)
    assert put(phone, token, uuid4(), proof="whatever").status_code == 429
    clock.shift(3 * 3600)
    assert put(phone, token, uuid4(), proof="whatever").status_code == 201


def test_an_old_challenge_is_worth_nothing(
    phone: FlaskClient, token: str, clock: time_machine.Traveller
) -> None:
    press(phone, token)
    sheet = uuid4()
    proof = solve(put(phone, token, sheet).headers[HEADER])
    clock.shift(2 * 3600)
    press(phone, token)
    assert put(phone, token, sheet, proof=proof).status_code == 429


def test_letters_that_have_two_capitals_lead_nowhere(
    phone: FlaskClient, token: str, database: Database
) -> None:
    """Seven letters that become eight would pass beside every count by length."""
    with database.transaction() as session:
        session.scalars(select(CollectionPoint)).one().token = "ABSSCDEF"
    assert put(phone, "abßcdef", uuid4()).status_code == 404
    assert put(phone, "absscdef", uuid4()).status_code == 201


def test_only_the_link_under_pressure_asks(
    phone: FlaskClient, tokens: tuple[str, str], database: Database
) -> None:
    with database.transaction() as session:
        unit = make_unit(session, code="H01.02")
        other = make_point(session, make_survey(session, [unit], code="KS-2"), unit).token
    press(phone, tokens[0])
    assert put(phone, tokens[0], uuid4()).status_code == 429
    assert put(phone, other, uuid4()).status_code == 201
    assert put(phone, tokens[1], uuid4()).status_code == 201  # limited by being used


def test_without_the_setting_nothing_is_asked(client: FlaskClient, token: str) -> None:
    press(client, token, 3 * CALM)


def test_without_script_every_answer_stays_on_the_page(
    phone: FlaskClient, token: str, database: Database
) -> None:
    form = Form.on(phone.get(f"/s/{token}"))
    press(phone.application.test_client(), token)
    data = form.filled(comment="Xin thêm ghế chờ")
    refused = phone.post(form.action, data=data)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert "Vui lòng gửi lại sau ít phút" in refused.text
    again = Form.on(refused)
    assert again.filled() == data
    proven = again.filled() | {"_proof": [solve(refused.headers[HEADER])]}
    assert phone.post(again.action, data=proven).status_code == 303
    assert count(database) == CALM + 1


def test_one_proof_admits_one_sheet_whatever_cookies_say(
    phone: FlaskClient, token: str, database: Database
) -> None:
    """What is stored goes by the id in the cookie, and so must the proof."""
    form = Form.on(phone.get(f"/s/{token}"))
    press(phone.application.test_client(), token)
    answers = form.filled(comment="Xin thêm ghế chờ")

    def send(proof: str) -> TestResponse:
        phone.set_cookie(COOKIE, str(uuid4()), path=f"/s/{token}")
        return phone.post(form.action, data=answers | {"_proof": [proof]})

    challenge = phone.post(form.action, data=answers).headers[HEADER]
    proof = solve(challenge)
    for _ in range(2):
        refused = send(proof)
        assert refused.status_code == 429
        assert refused.headers[HEADER] != challenge
    assert count(database) == CALM
    proven = solve(refused.headers[HEADER])
    assert phone.post(form.action, data=answers | {"_proof": [proven]}).status_code == 303
    assert send(proven).status_code == 429
    assert count(database) == CALM + 1


@pytest.mark.parametrize("digits", ["١٥", "１５", "१५", "²"])
def test_digits_of_other_scripts_are_no_proof(
    phone: FlaskClient, token: str, database: Database, digits: str
) -> None:
    form = Form.on(phone.get(f"/s/{token}"))
    press(phone.application.test_client(use_cookies=False), token)
    hour = int(NOW.timestamp()) // 3600
    proof = f"{digits}.{hour}.{'0' * 20}.1"
    bare = phone.application.test_client(use_cookies=False)
    assert put(bare, token, uuid4(), proof=proof).status_code == 429
    assert phone.post(form.action, data=form.filled() | {"_proof": [proof]}).status_code == 429
    assert count(database) == CALM


def test_the_work_grows_with_the_pressure() -> None:
    pressure = Pressure()
    gate = Gate(10, b"secret", pressure)
    wanted = []
    for _ in range(1000):
        wanted.append(gate.bits_wanted("ABCDEFGH", 30.0))
        pressure.note("ABCDEFGH", 30.0)
    assert (wanted[9], wanted[10], wanted[19], wanted[20]) == (
        0,
        FEWEST_BITS,
        FEWEST_BITS,
        FEWEST_BITS + 1,
    )
    assert wanted == sorted(wanted)
    assert wanted[-1] == MOST_BITS
    asked_a_moment_ago = gate.challenge("ABCDEFGH", uuid4(), FEWEST_BITS, 0)
    assert not gate.is_proven("ABCDEFGH", uuid4(), f"{asked_a_moment_ago}.1", MOST_BITS, 30.0)


def test_the_window_slides_and_forgets() -> None:
    pressure = Pressure()
    for _ in range(60):
        pressure.note("ABCDEFGH", 59.0)
    assert pressure.rate("ABCDEFGH", 59.0) == 60
    assert pressure.rate("ABCDEFGH", 75.0) == 45
    assert pressure.rate("ABCDEFGH", 119.0) == pytest.approx(1)
    assert pressure.rate("ABCDEFGH", 180.0) == 0
    assert pressure.rate("NOTHING2", 180.0) == 0


def test_not_more_links_are_remembered_than_fit() -> None:
    pressure = Pressure()
    for number in range(3 * MOST_LINKS):
        pressure.note(str(number), 0.0)
    assert len(pressure._links) <= MOST_LINKS
