"""The citizen's pages with a plain client: nothing in here runs a line of script."""

import gzip
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.storage.database import Database
from survey_app.storage.models import FreeText, OneTimeLink, Survey, SurveyResponse
from survey_app.web.answer_form import build_page, read_form
from tests.factories import (
    NOW,
    QUESTIONNAIRES,
    make_one_time_link,
    make_point,
    make_survey,
    make_unit,
)

INJECTION = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@dataclass
class Fieldwork:
    survey_id: int
    token: str
    one_time: str

    @property
    def address(self) -> str:
        return f"/s/{self.token}"


@pytest.fixture
def fieldwork(database: Database) -> Fieldwork:
    with database.transaction() as session:
        unit = make_unit(session, name="Phường Trấn Biên")
        survey = make_survey(session, [unit])
        point = make_point(session, survey, unit)
        return Fieldwork(survey.id, point.token, make_one_time_link(session, point))


@dataclass
class Form(HTMLParser):
    """The form of a page as a browser without script would send it."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    action: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._area = ""

    @classmethod
    def on(cls, page: TestResponse) -> "Form":
        found = cls()
        found.feed(page.text)
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        kind, name, value = given.get("type"), given.get("name"), given.get("value") or ""
        if tag == "form":
            self.action = given.get("action") or ""
        elif tag == "textarea" and name:
            self._area = name
            self.fields[name] = [""]
        elif tag == "input" and name:
            is_sent = kind not in {"radio", "checkbox"} or "checked" in given
            self.fields.setdefault(name, []).extend([value] if is_sent else [])

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._area][0] = self.fields[self._area][0].removeprefix("\n")
            self._area = ""

    def filled(self, **answers: str | list[str]) -> dict[str, list[str]]:
        given = {name: [a] if isinstance(a, str) else a for name, a in answers.items()}
        return {name: values for name, values in (self.fields | given).items() if values}


def send(
    client: FlaskClient, address: str, **answers: str | list[str]
) -> tuple[TestResponse, dict[str, list[str]]]:
    """Open the questionnaire, fill it in, send it."""
    form = Form.on(client.get(address))
    data = form.filled(**answers)
    return client.post(form.action, data=data), data


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def test_the_code_on_the_slip_opens_the_questionnaire(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    typed = f" {fieldwork.token[:4].lower()}-{fieldwork.token[4:]} "
    answer = client.get("/", query_string={"ma": typed})
    assert answer.location == fieldwork.address
    assert client.get("/").status_code == 200
    assert "Lỗi: " in client.get("/?ma=").text


def test_the_page_holds_every_question_and_nothing_is_chosen(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    page = client.get(fieldwork.address)
    questionnaire = parse_questionnaire((QUESTIONNAIRES / "sipas-counter.yaml").read_text())
    for question in questionnaire.questions:
        assert f'id="q-{question.code}"' in page.text
    assert " checked" not in page.text
    assert "Phường Trấn Biên" in page.text
    assert "không sửa hoặc rút lại được nữa" in page.text.split('id="gui"')[1], "before sending"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_walk_without_script(
    client: FlaskClient, fieldwork: Fieldwork, database: Database
) -> None:
    answers = {"access.signage": "4", "needs.improvements": ["online", "faster"], "comment": "Tốt"}
    answer, _ = send(client, fieldwork.address, **answers)
    assert answer.status_code == 303
    thanks = client.get(answer.location)
    assert thanks.status_code == 200
    receipt = answer.location.rpartition("/")[2]
    assert receipt in thanks.text
    assert f'href="{fieldwork.address}' not in thanks.text
    assert "Mã này xác nhận phiếu của ông/bà đã được lưu." in thanks.text
    assert "rút lại" in thanks.text
    assert "hỏi phiếu" not in thanks.text, "nobody can look a receipt up"
    assert count(database) == 1


def test_sending_twice_stores_once(
    client: FlaskClient, fieldwork: Fieldwork, database: Database
) -> None:
    first, data = send(client, fieldwork.address, comment="Tốt")
    second = client.post(fieldwork.address, data=data)
    assert second.location == first.location
    assert count(database) == 1


def test_form_and_api_are_one_way_in(client: FlaskClient, fieldwork: Fieldwork) -> None:
    bare = client.application.test_client(use_cookies=False)
    answer, data = send(bare, fieldwork.address, comment="Tốt")
    body = {"link": fieldwork.token, "answers": {"comment": "Tốt"}}
    again = client.put(f"/api/v1/responses/{data['_response_id'][0]}", json=body)
    assert again.status_code == 200
    assert answer.location.endswith(again.json["receipt"])


def test_other_answers_after_sending_are_refused(client: FlaskClient, fieldwork: Fieldwork) -> None:
    _, data = send(client, fieldwork.address, comment="Tốt")
    assert client.post(fieldwork.address, data=data | {"comment": ["Khác"]}).status_code == 409


def test_when_the_link_is_busy_the_answers_stay(
    settings: Settings, database: Database, fieldwork: Fieldwork
) -> None:
    limited = Settings(**{**vars(settings), "intake_limit": 1})
    phones = [create_app(limited, database).test_client()]
    phones.append(phones[0].application.test_client())
    assert send(phones[0], fieldwork.address, comment="Một")[0].status_code == 303
    answer, data = send(phones[1], fieldwork.address, comment="Hai")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert Form.on(answer).filled()["comment"] == data["comment"]
    assert count(database) == 1


def test_mistakes_are_shown_and_nothing_is_lost(
    client: FlaskClient, fieldwork: Fieldwork, database: Database
) -> None:
    long = "Ý kiến rất dài. " * 625  # 10,000 characters
    answers = {"access.signage": "2", "needs.improvements": ["online"], "comment": long.strip()}
    answer, data = send(client, fieldwork.address, **answers)
    assert answer.status_code == 422
    assert "<title>Lỗi: " in answer.text
    assert 'href="#q-comment"' in answer.text
    sentence = re.search(r'<a href="#q-comment">([^<]+)', answer.text)
    assert sentence
    assert answer.text.count(sentence[1]) == 2  # in the summary and beside the field
    assert Form.on(answer).filled() == {**data, "_seconds": [""]}
    assert count(database) == 0


def test_an_empty_sheet_is_refused(client: FlaskClient, fieldwork: Fieldwork) -> None:
    answer, _ = send(client, fieldwork.address)
    assert answer.status_code == 422
    assert "chưa có câu trả lời nào" in answer.text


def test_a_sheet_without_an_id_is_shown_again(
    client: FlaskClient, fieldwork: Fieldwork, database: Database
) -> None:
    answer = client.post(fieldwork.address, data={"comment": "Tốt", "_response_id": "x"})
    assert answer.status_code == 422
    assert count(database) == 0
    form = Form.on(answer)
    assert form.fields["comment"] == ["Tốt"]
    assert client.post(form.action, data=form.filled()).status_code == 303


def test_what_is_typed_is_never_markup(client: FlaskClient, fieldwork: Fieldwork) -> None:
    answers = {"comment": INJECTION + "x" * 3000, "access.signage": INJECTION}
    answer, _ = send(client, fieldwork.address, **answers)
    assert answer.status_code == 422
    assert INJECTION not in answer.text
    assert INJECTION in unescape(answer.text)


def test_text_is_stored_composed_and_without_control_characters(
    client: FlaskClient, fieldwork: Fieldwork, database: Database
) -> None:
    words = "Giấy tờ rườm rà;\nxin rút gọn"
    typed = unicodedata.normalize("NFD", words).replace("\n", "\r\n") + "\0\x07"
    answer, _ = send(client, fieldwork.address, comment=typed)
    assert answer.status_code == 303
    with database.session() as session:
        assert session.scalars(select(FreeText.text)).one() == words


def test_a_used_link_says_so(client: FlaskClient, fieldwork: Fieldwork) -> None:
    address = f"/s/{fieldwork.one_time}"
    answer, data = send(client, address, comment="Tốt")
    assert answer.status_code == 303
    assert client.post(address, data=data).status_code == 303  # the same sheet again
    assert client.post(address, data=data | {"_response_id": [str(uuid4())]}).status_code == 403
    again = client.get(address)
    assert again.status_code == 403
    assert "đã được dùng" in again.text


def test_an_expired_link_says_so(
    client: FlaskClient, fieldwork: Fieldwork, database: Database
) -> None:
    with database.transaction() as session:
        link = session.scalars(select(OneTimeLink)).one()
        link.expires_on = (NOW - timedelta(days=1)).date()
    answer = client.get(f"/s/{fieldwork.one_time}")
    assert answer.status_code == 410
    assert "hết hạn" in answer.text


def test_a_closed_survey_says_so(
    client: FlaskClient, fieldwork: Fieldwork, database: Database
) -> None:
    form = Form.on(client.get(fieldwork.address)).filled(comment="Tốt")
    with database.transaction() as session:
        close_survey(session.get_one(Survey, fieldwork.survey_id))
    assert client.get(fieldwork.address).status_code == 410
    assert client.post(fieldwork.address, data=form).status_code == 410


def test_an_unknown_code_says_so(client: FlaskClient, fieldwork: Fieldwork) -> None:
    answer = client.get("/s/NOSUCH23")
    assert answer.status_code == 404
    assert "Mã khảo sát không đúng" in answer.text
    assert client.get(f"{fieldwork.address}/cam-on/NOT-REAL").status_code == 404


def test_english(client: FlaskClient, fieldwork: Fieldwork) -> None:
    page = client.get(f"{fieldwork.address}?lang=en")
    assert '<html lang="en"' in page.text
    assert "Very satisfied" in page.text
    assert "Continue" in page.text
    assert '<html lang="en"' in client.get("/").text  # remembered
    assert '<html lang="vi"' in client.get("/?lang=vi").text


def test_english_mistakes_and_errors(client: FlaskClient, fieldwork: Fieldwork) -> None:
    answer, _ = send(client, f"{fieldwork.address}?lang=en", comment="x" * 2001)
    assert "<title>Error: " in answer.text
    assert "too long" in answer.text
    unknown = client.get("/s/NOSUCH23").text
    assert "<title>Not found" in unknown
    assert "There is no such survey code" in unknown
    used = f"/s/{fieldwork.one_time}"
    send(client, used, comment="Good")
    page = client.get(used).text
    assert "This code has already been used" in page
    assert '<span lang="vi">' not in page


def test_the_size_buttons_are_named_as_they_look(client: FlaskClient) -> None:
    page = client.get("/").text
    buttons = re.findall(r'aria-label="([^"]+)" aria-pressed="\w+">([^<\s]+)</button>', page)
    assert [sign for _, sign in buttons] == ["A−", "A", "A+"]
    assert all(name.startswith(f"{sign} ") for name, sign in buttons)


def test_an_untranslated_text_is_marked(client: FlaskClient, database: Database) -> None:
    source = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
    source = source.replace(", en: Attitude of the officer", "")
    assert "en: Attitude of" not in source
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit], source=source)
        token = make_point(session, survey, unit).token
    page = client.get(f"/s/{token}?lang=en").text
    assert '<span lang="vi">Thái độ của công chức</span>' in page


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        ("size:large", 'data-size="large"'),
        ("contrast:high", 'data-contrast="high"'),
        ("lang:en", '<html lang="en"'),
        ("page:one", 'class="one-page"'),
        ("nonsense", 'data-size="normal"'),
    ],
)
def test_the_switch_keeps_every_answer(
    client: FlaskClient, fieldwork: Fieldwork, database: Database, choice: str, shown: str
) -> None:
    form = Form.on(client.get(fieldwork.address))
    answers = {"access.signage": "na", "needs.improvements": ["online"], "comment": "Tốt "}
    data = form.filled(**answers)
    page = client.post(form.action, data=data | {"_display": [choice]})
    assert page.status_code == 200
    assert shown in page.text
    assert {k: v for k, v in Form.on(page).filled().items() if k != "_language"} == {
        k: v for k, v in data.items() if k != "_language"
    }
    assert count(database) == 0
    again = Form.on(page)
    assert client.post(again.action, data=again.filled()).status_code == 303


def test_the_switch_is_remembered(client: FlaskClient, fieldwork: Fieldwork) -> None:
    client.post(fieldwork.address, data={"_display": "size:large"})
    assert 'data-size="large"' in client.get(fieldwork.address).text
    answer = client.get("/?_display=contrast:high")
    assert (answer.status_code, answer.location) == (302, "/")
    assert 'data-contrast="high"' in client.get("/").text


def test_all_on_one_page(client: FlaskClient, fieldwork: Fieldwork) -> None:
    page = client.get(f"{fieldwork.address}?trang=mot")
    assert 'class="one-page"' in page.text
    form = Form.on(page)
    assert form.action.endswith("?trang=mot")
    back = client.post(form.action, data=form.filled() | {"_display": ["page:many"]})
    assert 'class="paged"' in back.text


def test_enter_does_not_press_a_button_of_the_switch(
    client: FlaskClient, fieldwork: Fieldwork
) -> None:
    first = re.search(r"<button[^>]*>", client.get(fieldwork.address).text)
    assert first
    assert "disabled" in first[0]


def test_the_page_travels_compressed(client: FlaskClient, fieldwork: Fieldwork) -> None:
    page = client.get(fieldwork.address, headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.data) < 15_000
    assert "q-comment" in gzip.decompress(page.data).decode()


def test_every_browser_has_a_sheet_of_its_own(client: FlaskClient, fieldwork: Fieldwork) -> None:
    phones = [client.application.test_client() for _ in range(3)]
    pages = [phone.get(fieldwork.address) for phone in phones]
    assert len({Form.on(page).fields["_response_id"][0] for page in pages}) == 3


def test_demonstration_data_is_marked(
    client: FlaskClient, fieldwork: Fieldwork, database: Database
) -> None:
    assert "Dữ liệu minh họa" not in client.get(fieldwork.address).text
    with database.transaction() as session:
        session.get_one(Survey, fieldwork.survey_id).is_demo = True
    assert "Dữ liệu minh họa" in client.get(fieldwork.address).text


def test_the_fonts_are_small_and_kept_by_the_browser(client: FlaskClient) -> None:
    answer = client.get("/fonts/be-vietnam-pro-regular-1.woff2")
    assert answer.status_code == 200
    assert answer.data[:4] == b"wOF2"
    assert len(answer.data) < 20_000
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/fonts/../secret_key").status_code == 404


def test_a_module_without_a_mark_of_its_content_is_asked_for_each_time(client: FlaskClient) -> None:
    """A script imports others by bare names: an upgrade must never mix old and new ones."""
    module = "/static/js/pages.js"
    bare, marked = client.get(module, buffered=True), client.get(f"{module}?v=1", buffered=True)
    assert bare.headers["Cache-Control"] == "no-cache"
    assert "max-age=3600" in marked.headers["Cache-Control"]
    again = client.get(module, headers={"If-None-Match": bare.headers["ETag"]}, buffered=True)
    assert again.status_code == 304


def test_the_view_models_need_no_request() -> None:
    questionnaire = parse_questionnaire((QUESTIONNAIRES / "sipas-counter.yaml").read_text())
    page = build_page(questionnaire, "vi", {"visit.trips": "3", "needs.improvements": ["online"]})
    by_code = {question.code: question for question in page.questions}
    first, last = page.questions[0], page.questions[-1]
    assert (first.number, first.previous, last.next) == (1, "bat-dau", "gui")
    assert [choice.face for choice in first.choices] == [1, 2, 3, 4, 5]
    assert [c.code for c in by_code["visit.trips"].choices if c.is_chosen] == ["3"]
    assert "câu 24" in str(by_code["visit.trips_reason"].condition)
    assert page.is_begun
    assert page.begin == by_code["needs.improvements"].next


def test_a_number_typed_wins_over_not_applicable() -> None:
    source = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
    source += (
        "      - code: trips\n        kind: number\n        role: context\n"
        "        not_applicable: true\n        text: { vi: Số lần, en: Trips }\n"
    )
    questionnaire = parse_questionnaire(source)
    assert read_form(questionnaire, {"trips": ["3", "na"]}) == {"trips": "3"}
    assert read_form(questionnaire, {"trips": ["", "na"]}) == {"trips": "na"}
    assert read_form(questionnaire, {"trips": [""], "no.such": ["1"]}) == {"trips": None}
