"""The main job from end to end: a telephone, an answer, the officer's figures, the paper."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from survey_app.clock import now
from survey_app.operations.demo.loading import SignInSheet, load_demo
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.storage.database import Database
from survey_app.storage.queries.surveys import list_surveys, sheets_by_unit, survey_units
from tests.e2e.conftest import DESKTOP
from tests.e2e.demo_walk import answer_on_a_phone, open_link
from tests.e2e.office import sign_in

NewPage = Callable[..., Page]


@pytest.fixture
def sign_ins(database: Database) -> dict[str, SignInSheet]:
    with database.transaction() as session:
        sheets = load_demo(session, now=now(), units=3, responses=150, seed=11)
    return {sheet.username: sheet for sheet in sheets}


def sheets_of_first_unit(database: Database) -> int:
    with database.session() as session:
        code = next(s.code for s in list_surveys(session) if s.code.startswith("SIPAS"))
        survey = find_survey(session, code)
        unit = next(u for u in survey_units(session, survey.id) if u.unit.code == "H99.01")
        return sheets_by_unit(session, survey.id)[unit.unit_id]


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_from_the_telephone_to_the_paper(
    new_page: NewPage,
    database: Database,
    sign_ins: dict[str, SignInSheet],
    tmp_path: Path,
    has_script: bool,
) -> None:
    before = sheets_of_first_unit(database)
    phone = new_page(java_script_enabled=has_script)
    answer_on_a_phone(phone, open_link(database, "H99.01"))
    assert sheets_of_first_unit(database) == before + 1

    desk = new_page(java_script_enabled=has_script, viewport=DESKTOP, accept_downloads=True)
    officer = sign_ins["canbo"]
    sign_in(desk, officer.username, officer.password)
    desk.get_by_role("link", name=re.compile("^Khảo sát sự hài lòng")).first.click()
    desk.get_by_role("link", name="Sở Nội vụ").click()
    expect(desk.get_by_text("DỮ LIỆU MINH HỌA").first).to_be_visible()
    page = desk.locator("main").inner_text()
    index = re.search(r"Chỉ số hài lòng chung: ([0-9,]+%)", page)
    assert index
    assert f"{before + 1} phiếu" in page
    with desk.expect_download() as coming:
        desk.get_by_role("navigation", name="Tải báo cáo").get_by_text("PDF").click()
    paper = tmp_path / "report.pdf"
    coming.value.save_as(paper)
    text = subprocess.run(["pdftotext", paper, "-"], capture_output=True, text=True, check=True)
    assert index.group(1) in text.stdout
    assert f"{before + 1} phiếu" in text.stdout
    assert "Độc lập - Tự do - Hạnh phúc" in text.stdout
