"""The lane of sent questionnaires answers and stores as Flask would, and leaves the rest to it; the
thanks after it are shown again before Flask."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.operations.fieldwork.surveys import close_survey, find_survey
from survey_app.operations.fieldwork.ways import Way, set_offer
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import key_of
from survey_app.operations.privacy import contact_requests
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit, FreeText, SurveyResponse
from survey_app.web.citizen.one_sheet import COOKIE, JUST_SENT, SENT, shown_id
from survey_app.web.proof import HEADER
from tests.factories import make_one_time_link, make_point, make_survey, make_unit
from tests.integration.citizen.test_express import BEFORE_STORING, count

KIND = "application/x-www-form-urlencoded"
HIDDEN = {"_version": "sipas-counter@1", "_language": "vi", "_seconds": "95", "_proof": ""}
ANSWERS = {"access.signage": "4", "comment": "Cảm ơn + 100 %"}
#: With a cookie that the lane does not know every request takes the long way.
OTHER_COOKIE = "size=large"


@pytest.fixture
def links(database: Database) -> tuple[str, str]:
    """The addresses of an open link and of a one-time link."""
    with database.transaction() as session:
        unit = make_unit(session)
        period = {"starts_on": date(2020, 1, 1), "ends_on": date(2099, 1, 1)}
        point = make_point(session, make_survey(session, [unit], **period), unit)
        return f"/s/{point.token}", f"/s/{make_one_time_link(session, point)}"


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """Its cookies are those that a test gives it."""
    return app.test_client(use_cookies=False)


def send(
    client: FlaskClient,
    address: str,
    identifier: UUID,
    *cookies: str,
    answers: Mapping[str, Any] = ANSWERS,
    kind: str = KIND,
    **hidden: str,
) -> TestResponse:
    """As a browser sends it whose page shows the sheet ``identifier``."""
    fields = {**HIDDEN, "_response_id": str(identifier)} | hidden | answers
    body = urlencode({k: v for k, v in fields.items() if v is not None}, doseq=True)
    headers = {"Cookie": "; ".join(cookies)} if cookies else {}
    return client.post(address, data=body, content_type=kind, headers=headers)


def stored(database: Database, sheet_id: UUID) -> dict[str, Any]:
    """All that is kept of a sheet, apart from its key."""
    with database.session() as session:
        key = key_of(sheet_id, is_keyed=False)
        row = session.scalars(select(SurveyResponse).filter_by(response_key=key)).one()
        texts = session.scalars(select(FreeText.text).filter_by(response_key=key)).all()
        names = {column.key for column in SurveyResponse.__table__.columns} - {"response_key"}
        return {name: getattr(row, name) for name in names} | {"texts": list(texts)}


# ── plain forms ───────────────────────────────────────────────────────────────────────────────

#: What a browser brings along: with its first page, without cookies, after it has sent this sheet.
MARKS: dict[str, Callable[[UUID], tuple[str, ...]]] = {
    "a page of its own": lambda own: (f"{COOKIE}={own}",),
    "no cookies": lambda _: (),
    "sent a moment ago": lambda own: (f"{COOKIE}={SENT}", f"{JUST_SENT}={own}"),
    "another one open": lambda own: (f"{COOKIE}={uuid4()}", f"{JUST_SENT}={own}"),
}


@pytest.mark.parametrize("environment", ["development", "production"])
@pytest.mark.parametrize("marks", MARKS)
@pytest.mark.parametrize("place", ["", "?trang=mot"])
def test_both_ways_answer_alike(
    environment: str,
    marks: str,
    place: str,
    settings: Settings,
    database: Database,
    links: tuple[str, str],
) -> None:
    app = create_app(replace(settings, environment=environment), database)
    client = app.test_client(use_cookies=False)
    for is_lane_first in (True, False):
        own = uuid4()
        cookies = MARKS[marks](own)
        shown = shown_id(own) if cookies else own
        ways = [cookies, (*cookies, OTHER_COOKIE)]
        replies = [
            send(client, links[0] + place, shown, *way)
            for way in (ways if is_lane_first else ways[::-1])
        ]
        short, long = replies
        assert short.status == long.status == "303 SEE OTHER"
        assert sorted(short.headers) == sorted(long.headers)
        assert short.data == long.data
        assert len(short.headers.getlist("Set-Cookie")) == (
            2 if marks == "a page of its own" else 1
        )
    assert count(database) == 2


def test_plain_forms_do_not_come_to_flask(
    browser: FlaskClient, database: Database, links: tuple[str, str], seen: list[str]
) -> None:
    for address in links:
        own = uuid4()
        assert send(browser, address, shown_id(own), f"{COOKIE}={own}").status_code == 303
        # a double tap: the browser has the mark already, or not yet
        marks = (f"{COOKIE}={SENT}", f"{JUST_SENT}={own}")
        assert send(browser, address, shown_id(own), *marks).status_code == 303
        assert send(browser, address, shown_id(own), f"{COOKIE}={own}").status_code == 303
    script = f"{KIND};charset=UTF-8"
    assert send(browser, links[0], uuid4(), kind=script).status_code == 303
    assert send(browser, links[0], uuid4(), f"{COOKIE}={SENT}", _again="1").status_code == 303
    assert seen == []
    assert count(database) == 4


FORMS: dict[str, dict[str, Any]] = {
    "several": {"needs.improvements": ["online", "faster"], "access.signage": "na"},
    "skipped": {"access.signage": ["", " "], "comment": "", "overall.satisfaction": "5"},
    "twice": {"overall.satisfaction": ["", "2", "4"], "_seconds": ["7", "8"]},
    "lines": {"comment": "Một\r\nHai\tBa\x07  ", "_seconds": "86401"},
    "marks": {"comment": "%zz&=;+ư\u0301 100%", "_seconds": "²"},
    "unknown": {"overall.satisfaction": "5", "không.có": "1", "_x": ["1", "2"]},
    "quick": {"overall.satisfaction": "5", "_seconds": "1", "_language": "en"},
}


@pytest.mark.parametrize("name", FORMS)
def test_both_ways_store_the_same(
    browser: FlaskClient,
    database: Database,
    links: tuple[str, str],
    seen: list[str],
    name: str,
) -> None:
    short, long = uuid4(), uuid4()
    for identifier, cookies in ((short, ()), (long, (OTHER_COOKIE,))):
        reply = send(browser, links[0], identifier, *cookies, answers=FORMS[name])
        assert reply.status_code == 303
    assert len(seen) == 1
    assert stored(database, short) == stored(database, long)


# ── the rest ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_plain_is_left_to_flask(
    browser: FlaskClient, database: Database, links: tuple[str, str], seen: list[str]
) -> None:
    own, other, address = uuid4(), uuid4(), links[0]
    mine = f"{COOKIE}={own}"
    no_ids = {"_response_id": "", "_display": "size:large"}
    replies = [
        # somebody else's cookie, two of one name, and ids that are not as we write them
        send(browser, address, uuid4(), mine, "hailong=x"),
        send(browser, address, uuid4(), mine, f"{COOKIE}={other}"),
        send(browser, address, uuid4(), f"{COOKIE}={{{own}}}"),
        send(browser, address, uuid4(), f"{COOKIE}={SENT}"),
        send(browser, address, shown_id(other), mine),
        *(send(browser, address, own, **{name: value}) for name, value in no_ids.items()),
        send(browser, address, own, _response_id=str(uuid4()).upper()),
        # other languages, versions, addresses, kinds of form
        send(browser, address, uuid4(), _language="xx"),
        send(browser, address, uuid4(), _version="sipas-counter@9"),
        send(browser, f"{address}?lang=en", uuid4()),
        send(browser, address.lower().replace("/S/", "/s/"), uuid4()),
        send(browser, address, uuid4(), kind="multipart/form-data; boundary=x"),
        send(browser, address, uuid4(), kind=f"{KIND}; charset=latin-1"),
        browser.post(address, data="_response_id=1&comment=ữ".encode(), content_type=KIND),
        browser.post(address),
    ]
    assert len(seen) == len(replies)
    assert {reply.status_code for reply in replies} <= {200, 303, 422}


def test_what_is_refused_is_refused_by_flask_and_tried_once(
    browser: FlaskClient,
    database: Database,
    links: tuple[str, str],
    seen: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[object] = []
    submit = Intake.submit
    monkeypatch.setattr(Intake, "submit", lambda *a, **k: (tried.append(a), submit(*a, **k))[1])
    own = uuid4()
    mine = f"{COOKIE}={own}"
    send(browser, links[0], shown_id(own), mine)
    changed = send(browser, links[0], shown_id(own), mine, answers={"access.signage": "1"})
    assert changed.status_code == 409
    assert "Các câu trả lời đầu tiên được giữ nguyên" in changed.text
    assert f"{COOKIE}={SENT}" in changed.headers["Set-Cookie"]
    wrong = send(browser, links[0], uuid4(), answers={"access.signage": "9", "comment": "Giữ lại"})
    assert wrong.status_code == 422
    assert "Giữ lại" in wrong.text
    assert send(browser, links[0], uuid4(), answers={}).status_code == 422
    assert send(browser, links[1], uuid4()).status_code == 303
    assert send(browser, links[1], uuid4()).status_code == 403
    assert send(browser, "/s/ZZZZZZZZ", uuid4()).status_code == 404
    with database.transaction() as session:
        close_survey(find_survey(session, "KS-2026"))
    closed = send(browser, links[0], uuid4())
    assert closed.status_code == 410
    assert "Cảm ơn + 100 %" in closed.text
    assert len(seen) == 6
    assert len(tried) == 7
    assert count(database) == 2


def test_limits_and_proofs_are_flasks_to_ask_for(
    settings: Settings, database: Database, links: tuple[str, str]
) -> None:
    for words in ({"intake_limit": 1}, {"calm_rate": 1}):
        client = create_app(replace(settings, **words), database).test_client(use_cookies=False)
        assert send(client, links[0], uuid4()).status_code == 303
        refused = send(client, links[0], uuid4())
        assert refused.status_code == 429
        assert "Cảm ơn + 100 %" in refused.text
        assert refused.headers["Retry-After"]
        assert (HEADER in refused.headers) is ("calm_rate" in words)
    assert count(database) == 2


def test_an_unexpected_failure_is_flasks_to_tell(
    links: tuple[str, str], while_failing: Callable[..., TestResponse]
) -> None:
    for thing, name in (*BEFORE_STORING, (Intake, "door")):
        answer = while_failing(thing, name, lambda client: send(client, links[0], uuid4()))
        assert answer.status_code == 500
        assert "Lỗi đã được ghi nhận" in answer.text


def test_a_language_no_longer_offered_is_kept_as_it_was_answered(
    browser: FlaskClient, database: Database, links: tuple[str, str]
) -> None:
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        set_offer(session, survey, ways=list(Way), languages=["vi"], revision=survey.revision)
    for cookies in ((), (OTHER_COOKIE,)):
        identifier = uuid4()
        reply = send(browser, links[0], identifier, *cookies, _language="en")
        assert reply.status_code == 303
        assert stored(database, identifier)["language"] == "en"


# ── the thanks ────────────────────────────────────────────────────────────────────────────────


def test_thanks_shown_again_are_the_same_but_for_the_receipt(
    browser: FlaskClient, links: tuple[str, str], seen: list[str]
) -> None:
    marks = {"Cookie": f"{COOKIE}={SENT}; {JUST_SENT}={uuid4()}", "Accept-Encoding": "gzip"}
    first, *others = [
        browser.get(f"{links[0]}/cam-on/{receipt}", headers=headers)
        for receipt in ("K7Q-4MZ", "ABC-DEF", "ABC-234")
        for headers in (marks, {})
    ]
    assert len(seen) == 1, "the others did not come to Flask"
    assert first.status == "200 OK" and "K7Q-4MZ" in first.text
    for other in others:
        receipt = re.search(r">([A-Z2-9]{3}-[A-Z2-9]{3})<", other.text)
        assert receipt
        assert other.text.replace(receipt[1], "K7Q-4MZ") == first.text
        assert sorted(other.headers) == sorted(first.headers)
    assert {text for text in ("ABC-DEF", "ABC-234") if text in others[-1].text} == {"ABC-234"}


def test_other_thanks_are_flasks(
    browser: FlaskClient, links: tuple[str, str], seen: list[str]
) -> None:
    good = f"{links[0]}/cam-on/K7Q-4MZ"
    assert browser.get(good).status_code == 200
    for address, status in (
        (f"{links[1]}/cam-on/K7Q-4MZ", 200),
        (f"{good}?lang=en", 200),
        (f"{links[0]}/cam-on/K7Q-4M0", 404),
        (f"{links[0]}/cam-on/K7Q-4MZZ", 404),
        ("/s/ZZZZZZZZ/cam-on/K7Q-4MZ", 404),
    ):
        assert browser.get(address).status_code == status
    english = browser.get(good, headers={"Cookie": "lang=en"})
    assert '<html lang="en"' in english.text
    assert browser.head(good).status_code == 200
    assert len(seen) == 8


def test_thanks_change_with_what_they_say(
    browser: FlaskClient, database: Database, links: tuple[str, str]
) -> None:
    def thanks() -> str:
        browser.get(f"{links[0]}/cam-on/K7Q-4MZ")
        return browser.get(f"{links[0]}/cam-on/K7Q-4MZ").text

    assert "Phường Mẫu" in thanks()
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        survey.is_demo = True
        session.scalars(select(AdministrativeUnit)).one().name = "Phường Tên Mới"
    assert "Phường Tên Mới" in thanks()
    assert "Dữ liệu minh họa" in thanks()
    assert "/xin-tra-loi/" not in thanks()
    with database.transaction() as session:
        contact_requests.set_offer(session, find_survey(session, "KS-2026"), 60)
    assert "/xin-tra-loi/KS-2026/H01.01" in thanks()
    with database.transaction() as session:
        session.scalars(select(AdministrativeUnit)).one().code = "H01.77"
    assert "/xin-tra-loi/KS-2026/H01.77" in thanks()
    with database.transaction() as session:
        contact_requests.set_offer(session, find_survey(session, "KS-2026"), None)
        close_survey(find_survey(session, "KS-2026"))
    assert "/xin-tra-loi/" not in thanks()
