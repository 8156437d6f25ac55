"""A citizen with a telephone, with and without script, with the keyboard, with poor sight."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest
import time_machine
from playwright.sync_api import Locator, Page, Request, Route, expect
from sqlalchemy import func, select

from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.questionnaire.routing import asked
from survey_app.storage.database import Database
from survey_app.storage.models import SurveyResponse
from tests.e2e.conftest import DESKTOP
from tests.e2e.office import assert_accessible, follow
from tests.factories import (
    NOW,
    QUESTIONNAIRES,
    make_one_time_link,
    make_point,
    make_survey,
    make_unit,
)

FIRST_LOAD_BYTES = 100_000
TARGET, CARD = 48, 64
PLACES = ["", "#q-access.signage", "#q-needs.improvements", "#q-comment", "#gui"]
NewPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@dataclass
class Links:
    full: str
    one_time: str
    short: str


@pytest.fixture
def links(database: Database) -> Links:
    """A link of the long questionnaire, a one-time link of it, a link of the short one."""
    short = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
    with database.transaction() as session:
        unit = make_unit(session, name="Phường Trấn Biên")
        survey = make_survey(session, [unit])
        point = make_point(session, survey, unit)
        rating = make_survey(session, [unit], code="DG-2026", source=short)
        return Links(
            f"/s/{point.token}",
            f"/s/{make_one_time_link(session, point)}",
            f"/s/{make_point(session, rating, unit).token}",
        )


def question(page: Page, code: str) -> Locator:
    return page.locator(f'[id="q-{code}"]')


def choose(page: Page, code: str, name: str, role: str = "radio") -> None:
    question(page, code).get_by_role(role, name=name, exact=True).check()  # type: ignore[arg-type]


def go_on(page: Page, code: str) -> None:
    question(page, code).get_by_role("link", name="Tiếp tục").click()


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def rate(page: Page, address: str) -> None:
    """The short questionnaire, answered by somebody who is not satisfied."""
    page.goto(address)
    page.get_by_role("link", name="Bắt đầu").click()
    choose(page, "visit.field", "Đất đai, môi trường")
    go_on(page, "visit.field")
    choose(page, "service.overall", "Không hài lòng")
    go_on(page, "service.overall")
    choose(page, "service.waiting_time", "Không áp dụng/Không có ý kiến")
    for code in ("waiting_time", "attitude", "guidance", "on_time"):
        go_on(page, f"service.{code}")
    choose(page, "improvement.reasons", "Chờ đợi lâu", "checkbox")
    go_on(page, "improvement.reasons")
    page.get_by_role("textbox").fill("Xin thêm ghế ngồi chờ")
    go_on(page, "comment")
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà")).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_from_the_first_question_to_the_thanks(
    new_page: NewPage, links: Links, database: Database, has_script: bool
) -> None:
    page = new_page(java_script_enabled=has_script)
    rate(page, links.short)
    expect(page.locator(".receipt-code")).to_have_text(re.compile(r"^[A-Z2-9]{3}-[A-Z2-9]{3}$"))
    assert count(database) == 1


def test_one_question_at_a_time(new_page: NewPage, links: Links) -> None:
    page = new_page()
    page.goto(links.full)
    expect(page.locator(".page:visible")).to_have_count(1)
    page.get_by_role("link", name="Bắt đầu").click()
    expect(page.locator(".page:visible")).to_have_count(1)
    expect(question(page, "access.signage")).to_contain_text("Câu 1 trên 32")
    expect(question(page, "access.signage").get_by_role("heading")).to_be_focused()
    expect(page).to_have_title(re.compile("Câu 1 trên 32"))


def test_back_keeps_the_answers(new_page: NewPage, links: Links) -> None:
    page = new_page()
    page.goto(links.full)
    page.get_by_role("link", name="Bắt đầu").click()
    choose(page, "access.signage", "Hài lòng")
    go_on(page, "access.signage")
    choose(page, "access.waiting_area", "Bình thường")
    page.go_back()
    first = question(page, "access.signage").get_by_role("radio", name="Hài lòng", exact=True)
    expect(first).to_be_visible()
    expect(first).to_be_checked()
    page.go_forward()
    second = question(page, "access.waiting_area").get_by_role("radio", name="Bình thường")
    expect(second).to_be_checked()


def test_skip_rules_and_progress(new_page: NewPage, links: Links) -> None:
    page = new_page()
    page.goto(f"{links.full}#q-visit.trips")
    trips = question(page, "visit.trips")
    choose(page, "visit.trips", "Ba lần")
    expect(trips).to_contain_text("trên 33")
    go_on(page, "visit.trips")
    expect(question(page, "visit.trips_reason")).to_be_visible()
    page.go_back()
    choose(page, "visit.trips", "Một lần")
    expect(trips).to_contain_text("trên 32")
    go_on(page, "visit.trips")
    expect(question(page, "harassment.trouble")).to_be_visible()


@pytest.mark.parametrize("document", ["sipas-counter.yaml", "one-stop-rating.yaml"])
def test_script_and_server_agree_on_the_skip_rules(new_page: NewPage, document: str) -> None:
    source = (QUESTIONNAIRES / document).read_text(encoding="utf-8")
    questionnaire = parse_questionnaire(source)
    random = Random(document)
    rules = [
        {
            "code": question.code,
            "askWhen": [vars(c) | {"options": sorted(c.options)} for c in question.ask_when],
        }
        for question in questionnaire.questions
    ]
    sheets = [
        {q.code: random.choice(q.choices).code for q in questionnaire.questions if q.choices}
        for _ in range(100)
    ]
    for sheet in sheets:
        for code in random.sample(sorted(sheet), k=random.randrange(4)):
            del sheet[code]
    page = new_page()
    page.goto("/")
    by_script = page.evaluate(
        """async ({ rules, sheets }) => {
            const { asked } = await import("/static/js/routing.js");
            const lists = (sheet) => Object.entries(sheet).map(([code, one]) => [code, [one]]);
            return sheets.map((sheet) => asked(rules, new Map(lists(sheet))));
        }""",
        {"rules": rules, "sheets": sheets},
    )
    assert by_script == [[q.code for q in asked(questionnaire, sheet)] for sheet in sheets]


def test_mistakes_are_told_before_going_on(new_page: NewPage, links: Links) -> None:
    page = new_page()
    page.goto(links.short)
    page.get_by_role("link", name="Bắt đầu").click()
    go_on(page, "visit.field")
    go_on(page, "service.overall")
    wrong = question(page, "service.overall")
    expect(wrong.get_by_role("alert")).to_have_text("Vui lòng chọn một câu trả lời.")
    choose(page, "service.overall", "Hài lòng")
    expect(wrong.get_by_role("alert")).to_have_count(0)
    go_on(page, "service.overall")
    expect(question(page, "service.waiting_time")).to_be_visible()
    page.goto(f"{links.short}#q-comment")
    page.get_by_role("textbox").fill("x" * 1001)
    expect(page.locator("[data-counter]")).to_have_text("Dài quá 1 ký tự; vui lòng rút gọn.")
    go_on(page, "comment")
    expect(question(page, "comment").get_by_role("alert")).to_be_visible()


def test_mistakes_found_by_the_server(new_page: NewPage, links: Links) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(links.short)
    page.goto(f"{links.short}#gui")
    page.get_by_role("button", name="Gửi phiếu").click()
    summary = page.get_by_role("alert").first
    expect(summary).to_contain_text("có chỗ cần xem lại")
    expect(page).to_have_title(re.compile("^Lỗi: "))
    summary.get_by_role("link").first.click()
    expect(question(page, "service.overall")).to_be_visible()
    expect(page.locator(".page:visible")).to_have_count(1)


def test_without_network_the_sheet_stays(
    new_page: NewPage, links: Links, database: Database
) -> None:
    page = new_page()
    page.goto(links.full)
    page.get_by_role("link", name="Bắt đầu").click()
    choose(page, "access.signage", "Hài lòng")
    page.goto(f"{links.full}#gui")
    refuse: Callable[[Route], None] = lambda route: route.abort("internetdisconnected")  # noqa: E731
    page.route("**/s/*", refuse)
    send = page.get_by_role("button", name="Gửi phiếu")
    send.click()
    expect(page.locator("[data-send-notice]")).to_contain_text("chưa có mạng")
    page.unroute("**/s/*", refuse)
    send.click()
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà")).to_be_visible()
    assert count(database) == 1


def test_a_double_press_sends_once(new_page: NewPage, links: Links, database: Database) -> None:
    page = new_page()
    page.goto(f"{links.full}#q-access.signage")
    choose(page, "access.signage", "Hài lòng")
    page.goto(f"{links.full}#gui")
    page.get_by_role("button", name="Gửi phiếu").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà")).to_be_visible()
    assert count(database) == 1
    page.go_back()
    expect(page.locator("input:checked")).to_have_count(0)


def test_a_used_slip(new_page: NewPage, links: Links) -> None:
    page = new_page()
    page.goto(f"{links.one_time}#q-access.signage")
    choose(page, "access.signage", "Hài lòng")
    page.goto(f"{links.one_time}#gui")
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà")).to_be_visible()
    page.goto(links.one_time)
    expect(page.get_by_text("Mã này đã được dùng")).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_the_switch_keeps_answers(new_page: NewPage, links: Links, has_script: bool) -> None:
    page = new_page(java_script_enabled=has_script)
    page.goto(f"{links.full}#q-access.signage")
    choose(page, "access.signage", "Hài lòng")
    page.get_by_role("button", name="Chữ lớn").click()
    page.get_by_role("button", name="Tương phản cao").click()
    html = page.locator("html")
    expect(html).to_have_attribute("data-size", "large")
    expect(html).to_have_attribute("data-contrast", "high")
    follow(page.get_by_role("button", name="English"))
    expect(html).to_have_attribute("lang", "en")
    expect(html).to_have_attribute("data-size", "large")
    if not has_script:
        page.goto(f"{page.url}#q-access.signage")
    satisfied = question(page, "access.signage").get_by_role("radio", name="Satisfied", exact=True)
    expect(satisfied).to_be_visible()
    expect(satisfied).to_be_checked()


def test_with_the_keyboard_alone(new_page: NewPage, links: Links, database: Database) -> None:
    page = new_page(viewport=DESKTOP)
    page.goto(links.full)
    page.get_by_role("link", name="Bắt đầu").focus()
    page.keyboard.press("Enter")
    expect(question(page, "access.signage").get_by_role("heading")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    chosen = question(page, "access.signage").get_by_role(
        "radio", name="Không hài lòng", exact=True
    )
    expect(chosen).to_be_checked()
    page.keyboard.press("Enter")
    expect(question(page, "access.waiting_area").get_by_role("heading")).to_be_focused()
    page.goto(f"{links.full}#gui")
    page.get_by_role("button", name="Gửi phiếu").press("Enter")
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà")).to_be_visible()
    assert count(database) == 1


def test_chinese_by_the_button_at_the_top(
    new_page: NewPage, links: Links, database: Database
) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto(links.short)
    follow(page.get_by_role("button", name="中文"))
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    assert_accessible(page)
    page.get_by_role("link", name="开始").click()
    go_on = page.locator(".page:visible").get_by_role("link", name="继续")
    expect(question(page, "visit.field")).to_be_visible()
    go_on.click()  # the field of the procedure is asked as an option
    expect(question(page, "service.overall")).to_be_visible()
    go_on.click()
    expect(page.locator(".page:visible").get_by_role("alert")).to_have_text("请选择一个答案。")
    choose(page, "service.overall", "满意")
    go_on.click()
    assert_accessible(page)
    page.goto(f"{links.short}#gui")
    assert page.locator("body").evaluate("b => b.scrollWidth <= innerWidth")
    page.get_by_role("button", name="提交问卷").click()
    expect(page.get_by_role("heading", name="感谢您，问卷已提交")).to_be_visible()
    assert_accessible(page)
    with database.session() as session:
        assert session.scalars(select(SurveyResponse.language)).all() == ["zh"]


@pytest.mark.parametrize("contrast", ["normal", "high"])
def test_no_page_has_a_barrier_that_axe_can_see(
    new_page: NewPage, links: Links, live_server: str, contrast: str
) -> None:
    page = new_page()
    page.context.add_cookies([{"name": "contrast", "value": contrast, "url": live_server}])
    addresses = ["/", "/?ma=", "/s/NOSUCH23", f"{links.full}?trang=mot&lang=vi"]
    for address in addresses + [links.full + place for place in PLACES]:
        page.goto("about:blank")
        page.goto(address)
        assert_accessible(page)
    page.goto(f"{links.full}#gui")
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert_accessible(page)
    rate(page, links.short)
    assert_accessible(page)


@pytest.mark.parametrize("size", ["small", "normal", "large"])
def test_everything_can_be_hit_with_a_finger(
    new_page: NewPage, links: Links, live_server: str, size: str
) -> None:
    page = new_page()
    page.context.add_cookies([{"name": "size", "value": size, "url": live_server}])
    for address in ["/", *(links.full + place for place in PLACES)]:
        page.goto("about:blank")
        page.goto(address)
        targets = "a:visible, button:visible, summary:visible, textarea:visible"
        assert smallest(page.locator(targets)) >= TARGET - 0.5, address
        cards = page.locator(".card:visible")
        assert cards.count() == 0 or smallest(cards) >= CARD - 0.5, address
        assert page.locator("body").evaluate("b => b.scrollWidth <= innerWidth"), address


def smallest(targets: Locator) -> float:
    return float(
        targets.evaluate_all("all => Math.min(...all.map(e => e.getBoundingClientRect().height))")
    )


@pytest.mark.parametrize("language", ["vi", "en", "zh"])
def test_the_first_page_is_light(new_page: NewPage, links: Links, language: str) -> None:
    page = new_page()
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    page.goto(f"{links.full}?lang={language}", wait_until="networkidle")
    expect(page.locator("html")).to_have_attribute("lang", language)
    sizes = [request.sizes() for request in requests]
    loaded = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert any("/fonts/" in request.url for request in requests)
    assert loaded < FIRST_LOAD_BYTES
    assert all(request.url.startswith("http://127.0.0.1") for request in requests)
