"""Somebody builds the questionnaire of 22 criteria from nothing, adds English, publishes, edits one
wording and one scale, and sees the series break for the scale only."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.organisation.units import find_unit
from survey_app.operations.questionnaires.drafts import draft_source, find_draft
from survey_app.operations.questionnaires.publishing import load_questionnaire, version_by_id
from survey_app.questionnaire.definition import Section
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP
from tests.e2e.office import follow, sign_in
from tests.e2e.test_editor import add_question, add_section, said
from tests.factories import (
    NOW,
    QUESTIONNAIRES,
    answer,
    make_account,
    make_point,
    make_survey,
    make_unit,
)

NewPage = Callable[..., Page]
SIGNAGE, SEATS = "Biển hiệu, chỉ dẫn dễ thấy", "Chỗ ngồi chờ, bàn viết đầy đủ"
SHIPPED = parse_questionnaire((QUESTIONNAIRES / "sipas-counter.yaml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def office(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)


def save(page: Page) -> None:
    page.get_by_role("button", name="Lưu", exact=True).last.click()


def build(page: Page, section: Section) -> None:
    """A factor with its criteria, in both languages."""
    add_section(page, str(section.title))
    page.locator("#title-en").fill(section.title.in_language("en"))
    for criterion in section.criteria:
        add_question(page, str(criterion.text))
        page.locator("#text-en").fill(criterion.text.in_language("en"))


def test_from_an_empty_draft_to_a_series_that_breaks_for_the_scale_only(
    new_page: NewPage, database: Database
) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto("/admin/create-draft")
    page.get_by_label("Tên bộ câu hỏi").fill("Khảo sát sự hài lòng")
    page.get_by_label("Mã bộ câu hỏi").fill("sipas-moi")
    follow(page.get_by_role("button", name="Tạo bản thảo"))
    page.get_by_label("Thêm ngôn ngữ").select_option("en")
    page.get_by_role("button", name="Thêm ngôn ngữ", exact=True).click()
    said(page, "Đã thêm ngôn ngữ")
    page.locator('[name="general/title"]').fill("Satisfaction survey")  # saved by what is done next
    for section in SHIPPED.factors:
        build(page, section)
    page.get_by_role("link", name="5 mức: Rất không hài lòng – Rất hài lòng").click()
    scale = SHIPPED["access.signage"].scale
    assert scale
    expect(page.get_by_role("heading", level=2, name="Thang đo: 5 mức")).to_be_visible()
    for place, level in enumerate(scale.levels):
        page.locator(f"#levels-{place}-label-en").fill(level.label.in_language("en"))
    page.locator("#not_applicable-en").fill(scale.not_applicable.in_language("en"))
    save(page)
    said(page, "Đã lưu thang đo.")
    expect(page.get_by_role("link", name="Kiểm tra: đã đủ, 1 lời khuyên")).to_be_visible()

    page.get_by_role("link", name="Cách tính chỉ số").click()
    expect(page.get_by_text("Gộp mọi câu trả lời: tổng 45 : 62")).to_be_visible()

    with database.session() as session:
        built = parse_questionnaire(draft_source(find_draft(session, 1)))
    assert [words_of(section) for section in built.factors] == [
        words_of(section) for section in SHIPPED.factors
    ]
    publish(page)
    expect(page.get_by_role("status")).to_contain_text("Đã công bố phiên bản sipas-moi@1")
    conduct(database, 1, 2025)

    follow(page.get_by_role("link", name="Soạn phiên bản mới"))
    follow(page.get_by_role("button", name="Tạo bản thảo"))
    page.get_by_role("link", name=SIGNAGE).click()
    page.locator("#text-vi").fill("Biển hiệu, chỉ dẫn dễ nhìn thấy, dễ tìm")
    page.get_by_role("link", name="5 mức: Rất không hài lòng – Rất hài lòng").click()
    page.get_by_role("button", name="Nhân đôi thang đo này").click()
    said(page, "Đã nhân đôi")
    page.get_by_role("button", name="Xóa mức 3").click()
    said(page, "Đã xóa dòng “3”.")
    page.get_by_role("link", name=SEATS).click()
    page.get_by_label("Thang đo", exact=True).select_option("satisfaction_2")
    save(page)
    said(page, "Đã lưu câu hỏi.")
    publish(page)
    expect(page.get_by_role("status")).to_contain_text("Đã công bố phiên bản sipas-moi@2")
    conduct(database, 2, 2026)

    page.goto("/officer/surveys/KS-2026/units/H01.01")
    changes = page.locator("table", has_text="Tỷ lệ hài lòng từng tiêu chí so với kỳ trước")
    expect(changes.get_by_role("row", name=SEATS)).to_contain_text("Không so sánh")
    assert changes.get_by_role("row").filter(has_text="Không so sánh").count() == 1


def publish(page: Page) -> None:
    """Publish the open draft; every change of words is said to leave the series whole."""
    follow(page.get_by_role("link", name="Kiểm tra: đã đủ"))
    follow(page.get_by_role("link", name="Xem thay đổi và công bố"))
    for choice in page.get_by_role("radio", name="So sánh được").all():
        choice.check()
    for reason in page.get_by_label("Lý do").all():
        reason.fill("Chỉ rõ nghĩa hơn")
    page.get_by_role("button", name="Công bố").click()


def conduct(database: Database, version_id: int, year: int) -> None:
    """A survey of one ward by a version, with answers to everything."""
    with database.transaction() as session:
        version = version_by_id(session, version_id)
        unit = make_unit(session) if year == 2025 else find_unit(session, "H01.01")
        period = {"starts_on": date(year, 1, 1), "ends_on": date(year, 12, 31)}
        survey = make_survey(
            session, {unit: 400}, code=f"KS-{year}", source=version.source, **period
        )
        point = make_point(session, survey, unit)
        codes = [question.code for question in load_questionnaire(version).questions]
        for number in range(24):
            level = "5" if number % 4 else "2"
            answers = dict.fromkeys(codes, level)
            answer(session, point.token, answers, at=NOW.replace(year=year))


def words_of(section: Section) -> list[str]:
    """Title and criteria in Vietnamese and English, with how they are answered."""
    texts = [section.title, *(criterion.text for criterion in section.criteria)]
    kinds = [f"{c.kind} {c.not_applicable}" for c in section.criteria]
    return [*map(str, texts), *(text.in_language("en") for text in texts), *kinds]
