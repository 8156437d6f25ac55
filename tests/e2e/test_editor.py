"""The editor of questionnaires in a real browser: with script and without, mouse and keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.questionnaire.editing import parts
from survey_app.questionnaire.editing.document import new_document, write_document
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_accessible, assert_fits, follow, sign_in
from tests.factories import NOW, QUESTIONNAIRES, make_account

NewPage = Callable[..., Page]
DRAFT = "/admin/drafts/1"
LINES = "[...document.querySelectorAll('[data-question]')]"
ZOOMED = {"width": 640, "height": 450}  # a desktop at 200 %
PARTS = (
    "general",
    "section/access",
    "question/access.signage",
    "question/visit.trips_reason",
    "scale/satisfaction",
    "scoring",
    "translation/en",
    "checks",
    "library",
    "preview",
)


@pytest.fixture(autouse=True)
def office(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)


@pytest.fixture
def sipas(database: Database) -> None:
    source = (QUESTIONNAIRES / "sipas-counter.yaml").read_text(encoding="utf-8")
    with database.transaction() as session:
        version = publish_questionnaire(session, source, now=NOW).version
        drafts.draft_from_version(session, version, now=NOW, account=None)


@pytest.fixture
def sixty(database: Database) -> None:
    """A draft of three factors with twenty criteria each."""
    document = new_document("dai", "Dài")
    for number in range(1, 4):
        document, section = parts.add_section(document, f"Yếu tố {number}", is_factor=True)
        for question in range(1, 21):
            document, _ = parts.add_question(document, section, f"Tiêu chí {number} {question}")
    with database.transaction() as session:
        source = write_document(document)
        drafts.draft_from_source(session, source, now=NOW, account=None)


def said(page: Page, sentence: str) -> None:
    expect(page.get_by_role("status").filter(has_text=sentence).first).to_be_visible()


def add_section(page: Page, title: str) -> None:
    page.get_by_label("Thêm phần", exact=True).fill(title)
    page.get_by_label("Là một yếu tố (có tiêu chí)").check()
    page.get_by_role("button", name="Thêm phần", exact=True).click()
    said(page, f"Đã thêm phần “{title}”.")


def add_question(page: Page, text: str) -> None:
    page.locator("#new-question").fill(text)
    page.get_by_role("button", name="Thêm câu hỏi", exact=True).click()
    said(page, "Đã thêm câu hỏi.")
    expect(page.get_by_role("heading", level=2, name=text)).to_be_visible()


def outlined(page: Page) -> list[str]:
    found = page.locator("[data-question] a").all_inner_texts()
    return [text.replace("\n", " ") for text in found]


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])
def test_a_questionnaire_is_built_from_nothing(new_page: NewPage, has_script: bool) -> None:
    page = new_page(viewport=DESKTOP, java_script_enabled=has_script)
    sign_in(page, "quantri")
    page.goto("/admin/questionnaires")
    page.get_by_role("link", name="Bản thảo", exact=True).click()
    page.get_by_role("link", name="Tạo bản thảo").click()
    page.get_by_label("Tên bộ câu hỏi").fill("Đánh giá nhanh")
    page.get_by_label("Mã bộ câu hỏi").fill("nhanh")
    follow(page.get_by_role("button", name="Tạo bản thảo"))
    if has_script:
        page.evaluate("() => { window.sameDocument = true; }")

    add_section(page, "Phục vụ")
    add_question(page, "Thái độ lịch sự")
    add_question(page, "Giải quyết đúng hạn")
    page.get_by_role("button", name="Lên một bậc", exact=True).click()
    said(page, "Đã chuyển lên một bậc.")
    assert outlined(page) == ["1. Giải quyết đúng hạn", "2. Thái độ lịch sự"]

    page.get_by_role("link", name="Thông tin chung").click()
    page.get_by_label("Thêm ngôn ngữ").select_option("en")
    page.get_by_role("button", name="Thêm ngôn ngữ", exact=True).click()
    said(page, "Đã thêm ngôn ngữ")
    missing = page.get_by_role("link", name="Chỉ những chỗ còn thiếu")
    missing.click()
    expect(missing).to_have_attribute("aria-current", "page")
    page.get_by_label("Câu 1, bản tiếng Anh").fill("On time")
    page.get_by_label("Mức 1, bản tiếng Anh").fill("Very dissatisfied")
    if has_script:
        assert_accessible(page)
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    said(page, "Đã lưu 2 bản dịch.")
    expect(page.get_by_label("Câu 1, bản tiếng Anh")).to_have_count(0)  # it is no longer missing
    page.get_by_role("link", name="Thái độ lịch sự").click()
    cell = page.locator("#text-en")
    expect(page.get_by_text("chưa dịch").first).to_be_visible()
    cell.fill("Courtesy")
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    said(page, "Đã lưu câu hỏi.")
    expect(cell).to_have_value("Courtesy")

    page.get_by_role("button", name="Xóa câu hỏi này").click()
    said(page, "Đã xóa câu hỏi.")
    assert outlined(page) == ["1. Giải quyết đúng hạn"]
    page.get_by_role("button", name="Hoàn tác").click()
    said(page, "Đã hoàn tác")
    assert outlined(page) == ["1. Giải quyết đúng hạn", "2. Thái độ lịch sự"]
    expect(page.get_by_role("link", name="Kiểm tra: đã đủ")).to_be_visible()
    if has_script:
        page.get_by_role("link", name="Thái độ lịch sự").click()
        page.get_by_label("Cách trả lời").focus()
        page.get_by_label("Cách trả lời").select_option("number")  # saved by itself
        expect(page.get_by_label("Số nhỏ nhất")).to_be_visible()
        expect(page.get_by_label("Cách trả lời")).to_be_focused()
        page.get_by_role("link", name="Công bố").click()
        expect(page.get_by_role("heading", name="Cần sửa trước khi công bố")).to_be_visible()
        assert page.evaluate("() => window.sameDocument")  # never left the page
        assert_accessible(page)


def test_two_administrators_at_one_question_lose_nothing(new_page: NewPage, sipas: None) -> None:
    pages = [new_page(viewport=DESKTOP) for _ in range(2)]
    for page in pages:
        sign_in(page, "quantri")
        page.goto(f"{DRAFT}/question/access.signage")
    first, second = pages
    for page, text in ((first, "Của người thứ nhất"), (second, "Của người thứ hai")):
        page.locator("#text-vi").fill(text)
        page.get_by_role("button", name="Lưu", exact=True).last.click()
    said(first, "Đã lưu câu hỏi.")
    expect(second.get_by_role("alert")).to_contain_text("chưa được lưu")
    matter = second.get_by_role("group", name="Câu chữ (tiếng Việt)", exact=True)
    expect(matter).to_contain_text("Của người thứ hai")
    expect(matter).to_contain_text("Của người thứ nhất")
    assert_accessible(second)
    second.reload()  # the page has an address of its own: nothing is sent again
    second.get_by_role("link", name="Cách tính chỉ số").click()
    expect(second.get_by_role("heading", level=2, name="Cách tính")).to_be_visible()
    second.get_by_role("link", name="Xem và quyết định").click()
    matter.get_by_label("Lấy của ông/bà").focus()
    second.keyboard.press("Space")
    second.get_by_role("button", name="Lưu theo lựa chọn").press("Enter")
    said(second, "Đã lưu câu hỏi.")
    expect(second.locator("#text-vi")).to_have_value("Của người thứ hai")


def test_an_action_with_sixty_questions_is_one_round_trip(new_page: NewPage, sixty: None) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto(f"{DRAFT}/question/yeu_to_2.tieu_chi_2_5")
    asked: list[str] = []
    kinds = {"document", "fetch", "xhr"}  # a font may come late
    page.on("request", lambda r: asked.append(r.method) if r.resource_type in kinds else None)
    page.evaluate(LINES + ".forEach((line) => { line.seen = true; })")
    page.locator("#text-vi").fill("Tiêu chí đã đổi tên")
    page.get_by_role("button", name="Xuống một bậc", exact=True).press("Enter")
    said(page, "Đã chuyển xuống một bậc.")
    assert asked == ["POST"]
    assert outlined(page)[25] == "26. Tiêu chí đã đổi tên"
    kept = page.evaluate(LINES + ".filter((line) => line.seen).length")
    assert kept == 60  # no line of the outline was made anew
    expect(page.get_by_role("button", name="Xuống một bậc", exact=True)).to_be_focused()


def test_what_was_typed_is_saved_before_another_part_is_opened(
    new_page: NewPage, sixty: None
) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto(f"{DRAFT}/question/yeu_to_1.tieu_chi_1_1")
    page.locator("#text-vi").fill("Gõ dở rồi sang câu khác")
    page.get_by_role("link", name="Tiêu chí 1 2", exact=False).first.click()
    expect(page.get_by_role("heading", level=2, name="Tiêu chí 1 2")).to_be_focused()
    assert outlined(page)[0] == "1. Gõ dở rồi sang câu khác"
    page.go_back()
    expect(page.locator("#text-vi")).to_have_value("Gõ dở rồi sang câu khác")
    page.locator("#text-vi").fill("Gõ dở rồi xem thử")
    page.get_by_role("link", name="Xem thử").click()
    phone = page.frame_locator("iframe[title='Phiếu trên điện thoại']")
    expect(phone.get_by_text("Gõ dở rồi xem thử")).to_be_attached()


def test_a_refusal_is_told_where_it_belongs(new_page: NewPage, sixty: None) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto(f"{DRAFT}/question/yeu_to_1.tieu_chi_1_1")
    page.locator("#text-vi").fill("Chữ vừa gõ")
    page.get_by_label("Mã câu hỏi").fill("Mã sai")
    page.get_by_role("button", name="Lưu", exact=True).last.click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#text-vi")).to_have_value("Chữ vừa gõ")
    assert_accessible(page)
    page.get_by_role("link", name="Mã chỉ gồm").click()
    expect(page.get_by_label("Mã câu hỏi")).to_be_focused()


def test_a_question_is_dragged_to_another_section(new_page: NewPage, sixty: None) -> None:
    page = new_page(viewport={"width": 1280, "height": 2400})
    sign_in(page, "quantri")
    page.goto(f"{DRAFT}/general")
    line = page.locator("[data-question='yeu_to_1.tieu_chi_1_2']")
    target = page.locator("[data-question='yeu_to_2.tieu_chi_2_1']")
    line.drag_to(target, target_position={"x": 40, "y": 2})
    said(page, "Đã chuyển câu hỏi.")
    assert outlined(page)[18:21] == ["19. Tiêu chí 1 20", "20. Tiêu chí 1 2", "21. Tiêu chí 2 1"]


def test_a_row_added_is_ready_for_typing(new_page: NewPage, sixty: None) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto(f"{DRAFT}/scale/satisfaction")
    page.get_by_role("button", name="Thêm mức", exact=True).press("Enter")
    said(page, "Đã thêm một dòng.")
    expect(page.locator("#levels-5-label-vi")).to_be_focused()
    page.get_by_role("button", name="Chuyển lên mức 6").press("Enter")
    said(page, "Đã chuyển “6” một bậc.")
    expect(page.locator("#levels-4-code")).to_have_value("6")
    page.get_by_role("button", name="Hoàn tác").press("Enter")
    expect(page.locator("#levels-5-code")).to_have_value("6")


def test_a_draft_is_tried_out_on_both_screens(new_page: NewPage, sipas: None) -> None:
    page = new_page(viewport={"width": 1600, "height": 1000})
    sign_in(page, "quantri")
    page.goto(f"{DRAFT}/preview")
    phone = page.frame_locator("iframe[title='Phiếu trên điện thoại']")
    phone.get_by_role("link", name="Bắt đầu").click()
    phone.locator("#q-access\\.signage").get_by_text("Rất hài lòng", exact=True).click()
    phone.locator("#q-access\\.signage").get_by_role("link", name="Tiếp tục").click()
    expect(phone.get_by_role("heading", name="Chỗ ngồi chờ")).to_be_visible()
    kiosk = page.frame_locator("iframe[title='Phiếu trên kiosk']")
    kiosk.get_by_role("link", name="Bắt đầu").click()
    expect(kiosk.get_by_role("heading", name="Biển hiệu")).to_be_visible()
    phone.locator("body").evaluate("() => { location.hash = '#gui'; }")
    phone.get_by_role("button", name="Gửi phiếu").click()
    expect(phone.get_by_role("heading", name="Phiếu thử hợp lệ")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "zoomed"])
def test_every_part_is_accessible_and_fits(
    new_page: NewPage, sipas: None, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    sign_in(page, "quantri")
    for address in ("/admin/drafts", "/admin/create-draft", *(f"{DRAFT}/{p}" for p in PARTS)):
        page.goto(address)
        assert_accessible(page)
        assert_fits(page)
