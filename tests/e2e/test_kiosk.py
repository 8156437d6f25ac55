"""A citizen before the kiosk: from the start page to the thanks, in every language, by any key."""

import io
import re
import threading
import wave
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect

from survey_app.operations.questionnaires.recordings import store_recording
from survey_app.storage.database import Database
from survey_app.storage.models import Survey
from tests.e2e.kiosks import (
    LANDSCAPE,
    Kiosk,
    NewPage,
    answer_and_send,
    begin,
    enrol,
    finish,
    go_to,
    make_kiosk,
    queue_of,
    stored,
)
from tests.factories import NOW

RECEIPT = re.compile(r"^[A-Z2-9]{3}-[A-Z2-9]{3}$")


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def open_kiosk(new_page: NewPage, kiosk: Kiosk) -> Page:
    page = new_page(viewport=LANDSCAPE)
    enrol(page, kiosk)
    return page


def test_from_the_start_page_to_the_receipt_and_back(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    begin(page)
    answer_and_send(page)
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà, phiếu đã được gửi")).to_be_focused()
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)
    (sheet,) = stored(database)
    assert (sheet.mode, sheet.language, sheet.is_partial) == ("kiosk", "vi", False)
    assert queue_of(page)["waiting"] == []
    page.get_by_role("button", name="Xong").click()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    expect(page.locator(".sitting")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "code", "face", "thanks"),
    [
        ("English", "en", "Satisfied", "Thank you for your rating."),
        ("中文", "zh", "满意", "感谢"),
    ],
)
def test_every_language_of_the_questionnaire(
    new_page: NewPage, database: Database, name: str, code: str, face: str, thanks: str
) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    begin(page, name)
    expect(page.locator("html")).to_have_attribute("lang", code)
    answer_and_send(page, face)
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)
    expect(page.locator(".thanks")).to_contain_text(thanks)
    (sheet,) = stored(database)
    assert sheet.language == code
    page.locator(".thanks [data-act=done]").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")


MINORITY = """
format: 1
code: rade-rating
title: { vi: Đánh giá, rad: Bi mjing }
languages: [vi, rad]
scales:
  two:
    levels:
      - { code: "1", label: { vi: Chưa tốt, rad: Kayơh } }
      - { code: "2", label: { vi: Tốt, rad: Jăk } }
    satisfied: ["2"]
    not_applicable: { vi: Không có ý kiến, rad: Amâo mâo }
scoring: { version: "1", item: top2, roll_up: pooled }
sections:
  - code: service
    title: { vi: Phục vụ, rad: Bruă }
    factor: true
    questions:
      - code: service.overall
        kind: scale
        role: criterion
        scale: two
        required: true
        text: { vi: Ông/bà thấy thế nào?, rad: Ih mĩn si? }
"""


def test_a_language_by_translation_of_the_questionnaire_alone(
    new_page: NewPage, database: Database
) -> None:
    """No catalogue: the questions speak it, the sentences around them Vietnamese."""
    page = open_kiosk(new_page, make_kiosk(database, source=MINORITY))
    page.locator("[data-begin=rad]").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    page.get_by_role("link", name="Bắt đầu").click()
    expect(page.locator('.is-shown .question-text [lang="rad"]')).to_have_text("Ih mĩn si?")
    answer_and_send(page, "Jăk")
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)
    (sheet,) = stored(database)
    assert sheet.language == "rad"


def test_a_mistake_stops_the_way_on(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    begin(page)
    go_to(page, "service.overall")
    page.locator(".is-shown [data-next]").click()
    expect(page.get_by_role("alert")).to_have_text("Vui lòng chọn một câu trả lời.")
    expect(page.locator('[id="q-service.overall"]')).to_be_visible()


# --- the code on a slip ---


def type_code(page: Page, code: str) -> None:
    page.get_by_role("button", name="Tôi có mã trên giấy hẹn, phiếu mời").click()
    for letter in code:
        page.locator(f"[data-panel=code] [data-key='{letter}']").click()
    page.get_by_role("button", name="Xong").click()
    expect(page.locator(".code-page:visible [role=alert]:empty")).to_have_count(0)


def test_the_code_of_a_slip_carries_one_sheet(new_page: NewPage, database: Database) -> None:
    kiosk = make_kiosk(database)
    page = open_kiosk(new_page, kiosk)
    page.get_by_role("button", name="Tiếng Việt").click()
    type_code(page, kiosk.slip)
    answer_and_send(page)
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)
    assert len(stored(database)) == 1
    page.get_by_role("button", name="Xong").click()
    page.get_by_role("button", name="English").click()
    page.locator("[data-act=ask-code]").click()
    page.locator(".code-input").fill(kiosk.slip)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("already been used")
    page.locator("[data-act=no-code]").click()  # one may answer without a code
    page.locator(".introduction .button-start").click()
    answer_and_send(page, "Satisfied")
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)
    assert len(stored(database)) == 2


def test_a_wrong_code_is_told_before_anything_is_answered(
    new_page: NewPage, database: Database
) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    page.get_by_role("button", name="Tiếng Việt").click()
    type_code(page, "ABC")
    expect(page.get_by_role("alert")).to_contain_text("Mã gồm 8 hoặc 13 chữ và số.")
    page.locator(".code-input").fill("ABCDEFGH")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Mã khảo sát không đúng.")


def test_a_scanner_opens_the_sheet_of_a_slip(new_page: NewPage, database: Database) -> None:
    """It types the whole address and Enter, whatever has the focus on the start page."""
    kiosk = make_kiosk(database)
    page = open_kiosk(new_page, kiosk)
    page.get_by_role("button", name="English").focus()
    page.keyboard.type(f"https://hailong.example/s/{kiosk.slip}")
    page.keyboard.press("Enter")
    expect(page.locator(".sitting")).to_have_attribute("lang", "vi")
    page.locator(".introduction .button-start").click()
    answer_and_send(page)
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)
    page.get_by_role("button", name="Xong").click()
    page.keyboard.type(kiosk.slip)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Mã này đã được dùng")


def test_who_answers_faster_than_a_code_is_looked_up_still_uses_it(
    new_page: NewPage, database: Database, app: Flask
) -> None:
    kiosk = make_kiosk(database)
    page = open_kiosk(new_page, kiosk)
    may_reply = threading.Event()
    inner = app.wsgi_app

    def late(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == "/k/code":
            may_reply.wait(20)
        return inner(environ, start_response)

    app.wsgi_app = late  # type: ignore[method-assign]
    page.keyboard.type(kiosk.slip)
    page.keyboard.press("Enter")
    page.locator(".introduction .button-start").click()
    answer_and_send(page)
    expect(page.locator(".button-send")).to_have_attribute("aria-disabled", "true")
    assert stored(database) == []
    may_reply.set()
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)
    page.get_by_role("button", name="Xong").click()
    page.keyboard.type(kiosk.slip)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Mã này đã được dùng")


# --- reading aloud ---


def tone(seconds: float) -> bytes:
    """A recording: silence as WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setparams((1, 2, 8000, 0, "NONE", ""))
        recording.writeframes(bytes(round(16_000 * seconds)))
    return file.getvalue()


def test_a_recording_is_played_without_network(new_page: NewPage, database: Database) -> None:
    """The button is there only where there is something to hear."""
    kiosk = make_kiosk(database)
    with database.transaction() as session:
        survey = session.get(Survey, kiosk.survey_id)
        assert survey
        for language in ("vi", "en"):
            store_recording(
                session,
                survey.version,
                question_code="service.overall",
                language=language,
                content=tone(1.0),
                now=NOW,
            )
    page = open_kiosk(new_page, kiosk)
    page.context.set_offline(True)
    begin(page)
    go_to(page, "service.overall")
    button = page.get_by_role("button", name="Đọc to")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_have_attribute("aria-pressed", "false")  # it has come to its end
    page.locator(".is-shown").get_by_text("Hài lòng", exact=True).click()
    page.locator(".is-shown [data-next]").click()
    expect(page.locator('[id="q-service.waiting_time"]')).to_be_visible()
    expect(button).to_be_hidden()


# --- the keyboard on the screen ---


def press(page: Page, keys: str) -> None:
    for key in keys:
        name = {" ": "[data-act=space]", "<": "[data-act=back]", "^": "[data-act=shift]"}.get(key)
        page.locator(f"[data-panel]:visible {name or f'[data-key={key!r}]'}").click()


def test_vietnamese_is_written_on_the_screen(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    begin(page)
    go_to(page, "service.overall")
    page.locator(".is-shown").get_by_text("Hài lòng", exact=True).click()
    go_to(page, "comment")
    field = page.locator(".is-shown textarea")
    press(page, "^caanr ^vieetj")  # Telex
    expect(field).to_have_value("Cẩn Việt")
    press(page, " ghê")
    page.get_by_role("button", name="Dấu sắc").click()
    expect(field).to_have_value("Cẩn Việt ghế")
    expect(page.locator("[data-said]")).to_have_text("ghế")  # what a screen reader hears
    press(page, "<<<<")
    page.get_by_role("button", name="Telex").click()
    press(page, " class as")
    expect(field).to_have_value("Cẩn Việt class as")
    page.get_by_role("button", name="Telex").click()
    page.get_by_role("button", name="Số và dấu câu").click()
    press(page, "15/6")
    expect(field).to_have_value("Cẩn Việt class as15/6")
    field.evaluate("(field) => field.setSelectionRange(4, 8)")
    page.get_by_role("button", name="Chữ cái").click()
    press(page, "^nam")  # in place of what was selected
    expect(field).to_have_value("Cẩn Nam class as15/6")
    field.evaluate("(field) => field.focus()")
    page.keyboard.press("End")
    page.keyboard.type(" nhanh hown")  # a real keyboard
    expect(field).to_have_value("Cẩn Nam class as15/6 nhanh hơn")
    expect(page.locator("[data-counter]")).to_contain_text("Còn 970 ký tự.")
    page.get_by_role("button", name="Xong").click()
    expect(page.locator(".keyboard")).to_be_hidden()
    finish(page)
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.locator(".receipt-code")).to_have_text(RECEIPT)


def test_the_keys_can_be_reached_without_a_finger(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    begin(page, "English")
    go_to(page, "service.overall")
    page.locator(".is-shown").get_by_text("Satisfied", exact=True).click()
    go_to(page, "comment")
    expect(page.get_by_role("region", name="On-screen keyboard")).to_be_visible()
    assert page.locator("[data-tone]").count() == 0
    key = page.locator("[data-key=q]")
    key.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(page.locator(".is-shown textarea")).to_have_value("qq")
    expect(key).to_be_focused()
