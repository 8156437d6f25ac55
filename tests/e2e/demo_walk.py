"""Steps through the demo that tests and the maker of screenshots share."""

from playwright.sync_api import Page, expect

from survey_app.storage.database import Database
from survey_app.storage.queries.collection_points import collection_points
from survey_app.storage.queries.surveys import list_surveys

#: One question of each kind on the way; all others are passed over.
CHOICES = {
    "access.signage": ("radio", "Hài lòng"),
    "officers.courtesy": ("radio", "Rất hài lòng"),
    "feedback.reply": ("radio", "Không áp dụng/Không có ý kiến"),
    "overall.satisfaction": ("radio", "Hài lòng"),
    "needs.improvements": ("checkbox", "Thủ tục đơn giản hơn"),
}


def open_link(database: Database, unit_code: str) -> str:
    """The path of a unit's open link in the demo's main survey."""
    with database.session() as session:
        survey = next(s for s in list_surveys(session) if s.code.startswith("SIPAS"))
        points = collection_points(session, survey.id)
        return f"/s/{next(p.token for p in points if p.unit.code == unit_code)}"


def answer_on_a_phone(page: Page, address: str) -> None:
    """Walk through the long questionnaire, one question a page, and hand it in."""
    page.goto(address)
    page.get_by_role("link", name="Bắt đầu").click()
    while not page.get_by_role("button", name="Gửi phiếu").is_visible():
        code = page.locator(".page:visible").first.get_attribute("id") or ""
        role, name = CHOICES.get(code.removeprefix("q-"), ("", ""))
        here = page.locator(".page:visible")
        if role == "radio":
            here.get_by_role("radio", name=name, exact=True).check()
        elif role == "checkbox":
            here.get_by_role("checkbox", name=name, exact=True).check()
        elif code == "q-comment":
            here.get_by_role("textbox").fill("Hướng dẫn rõ ràng, cảm ơn cán bộ.")
        here.get_by_role("link", name="Tiếp tục").click()
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà")).to_be_visible()
