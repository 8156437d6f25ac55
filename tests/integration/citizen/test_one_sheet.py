"""One sheet for one opened questionnaire: reload, two tabs, sending twice, somebody else's turn."""

from collections.abc import Iterator
from http.cookies import Morsel, SimpleCookie
from uuid import UUID, uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.storage.database import Database
from survey_app.storage.models import SurveyResponse
from survey_app.web.citizen.one_sheet import (
    COOKIE,
    JUST_SENT,
    JUST_SENT_SECONDS,
    OPEN_SECONDS,
    SENT,
    SENT_SECONDS,
    shown_id,
)
from tests.factories import NOW, make_one_time_link, make_point, make_survey, make_unit
from tests.integration.citizen.test_citizen_pages import Form


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def links(database: Database) -> tuple[str, str]:
    """An open and a one-time link of the same point."""
    with database.transaction() as session:
        unit = make_unit(session)
        point = make_point(session, make_survey(session, [unit]), unit)
        return f"/s/{point.token}", f"/s/{make_one_time_link(session, point)}"


@pytest.fixture
def link(links: tuple[str, str]) -> str:
    return links[0]


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def given_id(page: TestResponse) -> str:
    return Form.on(page).fields["_response_id"][0]


def cookie_of(reply: TestResponse) -> Morsel[str] | None:
    found = SimpleCookie("; ".join(h for h in reply.headers.getlist("Set-Cookie") if COOKIE in h))
    return found.get(COOKIE)


def fill(page: TestResponse, comment: str) -> dict[str, list[str]]:
    return Form.on(page).filled(comment=comment)


def test_a_reload_and_a_second_tab_show_the_same_sheet(client: FlaskClient, link: str) -> None:
    first = client.get(link)
    again = [client.get(link), client.get(f"{link}?trang=mot"), client.get(f"{link}?lang=en")]
    assert {given_id(page) for page in again} == {given_id(first)}
    assert all(cookie_of(page) is None for page in again)  # and its time runs on


def test_the_cookie_holds_an_id_and_no_more(client: FlaskClient, link: str) -> None:
    page = client.get(link)
    cookie = cookie_of(page)
    assert cookie
    assert given_id(page) == str(shown_id(UUID(cookie.value)))
    assert str(UUID(cookie.value)) == cookie.value
    assert cookie.value not in page.text
    assert (cookie["path"], cookie["samesite"]) == (link, "Lax")
    assert cookie["httponly"]
    assert int(cookie["max-age"]) == OPEN_SECONDS


def test_links_have_sheets_of_their_own(client: FlaskClient, links: tuple[str, str]) -> None:
    assert len({given_id(client.get(link)) for link in links}) == 2


def test_sent_twice_stored_once_with_the_same_receipt(
    client: FlaskClient, link: str, database: Database
) -> None:
    data = fill(client.get(link), "Tốt")
    first, second = client.post(link, data=data), client.post(link, data=data)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert count(database) == 1


def test_the_second_tab_with_other_answers_is_told(
    client: FlaskClient, link: str, database: Database
) -> None:
    tabs = [fill(client.get(link), "Tốt"), fill(client.get(link), "Chưa tốt lắm")]
    assert client.post(link, data=tabs[0]).status_code == 303
    refused = client.post(link, data=tabs[1])
    assert refused.status_code == 409
    assert "Các câu trả lời đầu tiên được giữ nguyên" in refused.text
    assert "Chưa tốt lắm" in refused.text
    assert count(database) == 1


def test_after_sending_a_mark_takes_the_place_of_the_id(client: FlaskClient, link: str) -> None:
    data = fill(client.get(link), "Tốt")
    cookie = cookie_of(client.post(link, data=data))
    assert cookie
    assert (cookie.value, int(cookie["max-age"]), cookie["path"]) == (SENT, SENT_SECONDS, link)
    page = client.get(link)
    assert "Thiết bị này vừa gửi một phiếu qua mã này" in page.text
    assert 'id="phieu"' not in page.text
    assert "Tốt" not in page.text


def test_somebody_else_may_answer_on_the_same_phone(
    client: FlaskClient, link: str, database: Database
) -> None:
    client.post(link, data=fill(client.get(link), "Tốt"))
    asked = client.get(link)
    opened = client.post(Form.on(asked).action)
    assert (opened.status_code, opened.location) == (303, link)
    page = client.get(link)
    assert given_id(client.get(link)) == given_id(page)
    assert client.post(link, data=fill(page, "Tốt")).status_code == 303
    assert count(database) == 2
    assert "Thiết bị này vừa gửi" in client.get(link).text


def test_tabs_opened_at_one_moment_store_one_sheet(
    client: FlaskClient, link: str, database: Database
) -> None:
    """Neither had a cookie yet; the browser kept that of the second."""
    first = client.application.test_client().get(link)
    second = client.get(link)
    assert given_id(first) != given_id(second)
    assert client.post(link, data=fill(first, "Tốt")).status_code == 303
    assert client.post(link, data=fill(second, "Tốt")).status_code == 303  # the same sheet
    assert client.post(link, data=fill(second, "Kém")).status_code == 409
    assert count(database) == 1


def test_a_forgotten_tab_asks_before_it_becomes_another_sheet(
    client: FlaskClient, link: str, database: Database
) -> None:
    forgotten = client.application.test_client().get(link)
    client.post(link, data=fill(client.get(link), "Tốt"))
    for _ in range(2):  # a script sends twice: nothing is stored by that
        asked = client.post(link, data=fill(forgotten, "Của mẹ"))
        assert asked.status_code == 422
        assert "Thiết bị này vừa gửi một phiếu" in asked.text
    assert count(database) == 1
    form = Form.on(asked)
    assert form.fields["comment"] == ["Của mẹ"]
    assert client.post(link, data=form.filled()).status_code == 303
    assert client.post(link, data=form.filled()).status_code == 303
    assert count(database) == 2


def test_wanted_as_another_stays_so_after_a_mistake(
    client: FlaskClient, link: str, database: Database
) -> None:
    forgotten = client.application.test_client().get(link)
    client.post(link, data=fill(client.get(link), "Tốt"))
    asked = client.post(link, data=fill(forgotten, "Của mẹ"))
    wrong = client.post(link, data=Form.on(asked).filled(comment="x" * 2001))
    assert wrong.status_code == 422
    larger = client.post(link, data=Form.on(wrong).filled() | {"_display": ["size:large"]})
    assert client.post(link, data=Form.on(larger).filled(comment="Của mẹ")).status_code == 303
    assert count(database) == 2


def test_without_cookies_a_sheet_is_stored_all_the_same(
    client: FlaskClient, link: str, database: Database
) -> None:
    data = fill(client.get(link), "Tốt")
    bare = client.application.test_client(use_cookies=False)
    assert bare.post(link, data=data).status_code == 303
    assert bare.post(link, data=data).status_code == 303
    assert count(database) == 1


def test_nonsense_in_the_cookie_is_nothing(client: FlaskClient, link: str) -> None:
    client.set_cookie(COOKIE, "' OR 1=1", path=link)
    page = client.get(link)
    cookie = cookie_of(page)
    assert cookie
    assert given_id(page) == str(shown_id(UUID(cookie.value)))


@pytest.mark.parametrize("opened_before", [0, 2], ids=["flask", "lane"])
def test_who_saw_the_page_before_learns_nothing_and_stops_nothing(
    client: FlaskClient, link: str, database: Database, opened_before: int
) -> None:
    """Somebody opens the link in a shared browser and notes the id; the next person answers."""
    for _ in range(opened_before):
        client.application.test_client(use_cookies=False).get(link)
    noted = given_id(client.get(link))
    elsewhere = client.application.test_client(use_cookies=False)

    def guess(comment: str) -> TestResponse:
        body = {"link": link.removeprefix("/s/"), "answers": {"comment": comment}}
        return elsewhere.put(f"/api/v1/responses/{noted}", json=body)

    data = fill(client.get(link), "Tốt")
    assert data["_response_id"] == [noted]
    assert guess("Của người khác").status_code == 201, "it is a sheet of its own"
    sent = client.post(link, data=data)
    assert sent.status_code == 303
    assert guess("Tốt").status_code == 409, "it is told about what it sent itself"
    assert guess("Của người khác").json["receipt"] not in sent.location
    assert client.post(link, data=data).location == sent.location
    assert count(database) == 2


def test_what_was_just_sent_is_known_for_ten_minutes(
    client: FlaskClient, link: str, database: Database
) -> None:
    tabs = [fill(client.get(link), "Tốt") for _ in range(2)]
    with time_machine.travel(NOW, tick=False) as clock:
        sent = client.post(link, data=tabs[0])
        clock.shift(JUST_SENT_SECONDS - 1)
        assert client.post(link, data=tabs[1]).location == sent.location
        cookies = [client.get_cookie(name, path=link) for name in (COOKIE, JUST_SENT)]
        assert [cookie.max_age for cookie in cookies if cookie] == [SENT_SECONDS, JUST_SENT_SECONDS]
        client.delete_cookie(JUST_SENT, path=link)  # its time is over
        assert client.post(link, data=tabs[1]).status_code == 422
    assert count(database) == 1


def test_a_slip_reloaded_and_sent_from_two_tabs(
    client: FlaskClient, links: tuple[str, str], database: Database
) -> None:
    slip = links[1]
    tabs = [fill(client.get(slip), "Tốt"), fill(client.get(slip), "Tốt")]
    assert [client.post(slip, data=tab).status_code for tab in tabs] == [303, 303]
    assert count(database) == 1
    assert client.get(slip).status_code == 403
    stranger = tabs[0] | {"_response_id": [str(uuid4())]}
    assert client.post(slip, data=stranger).status_code == 403


def test_an_address_typed_in_small_letters_is_the_same_link(client: FlaskClient, link: str) -> None:
    small = client.get(f"{link.lower()}?lang=en")
    assert (small.status_code, small.location) == (302, f"{link}?lang=en")
    assert given_id(client.get(small.location)) == given_id(client.get(link))
