"""Pages of samples: list, draw, check, download; officers see only their own units."""

import io
import re
from datetime import UTC, datetime

import openpyxl
import pytest
import xlsxwriter
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.surveys import close_survey, find_survey
from survey_app.operations.figures.targets import set_target
from survey_app.operations.organisation.units import find_unit
from survey_app.operations.samples.draws import make_draw
from survey_app.operations.samples.planning import SampleWish, plan_draw
from survey_app.storage.database import Database
from survey_app.storage.models import SampleDraw, SurveyUnit
from survey_app.web.admin.surveys.sample_views import DOSSIERS_SHOWN
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in
from tests.integration.operations.drawing import listed

SAMPLES = "/admin/surveys/KS-2026/samples"
WARD = f"{SAMPLES}/H01.01"
DAY = "2026-06-01"


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """A ward with 12 sheets whose dossiers are not known, a commune with 50 and none."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        commune = make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root)
        survey = make_survey(session, {ward: None, commune: 50})
        point = make_point(session, survey, ward)
        for _ in range(12):
            answer(session, point.token, {"access.signage": "4"})
        make_account(session)
        make_account(session, "kiemtra", AccountRole.AUDITOR)
        make_account(session, "phuong", AccountRole.OFFICER, ward)


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


def workbook(count: int, *, sheet: str = "Hồ sơ") -> tuple[io.BytesIO, str]:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, ("STT", "Mã hồ sơ", "Lĩnh vực"))
        for number in range(count):
            page.write_row(number + 1, 0, (number + 1, f"HS-{number}", "AB"[number % 2]))
    output.seek(0)
    return output, "ho-so.xlsx"


def send(client: FlaskClient, wish: str, **changes: object) -> TestResponse:
    fields = {"file": workbook(1000), "as_of": DAY, "method": "simple", "allocation": "none"}
    return post(client, WARD, wish=wish, **fields | changes)


def confirm(client: FlaskClient, checked: TestResponse, **more: str) -> TestResponse:
    """Press the button of the second step: everything the first one put into the page."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', checked.text))
    found.pop("csrf_token", None)
    return post(client, WARD, wish="draw", **found | more)


def set_goal(
    database: Database, margin: float | None = 0.05, response_rate: float | None = None
) -> None:
    with database.transaction() as session:
        set_target(find_survey(session, "KS-2026"), margin=margin, response_rate=response_rate)


def drawn(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SampleDraw)) or 0


def draw_directly(database: Database, unit_code: str = "H01.01") -> None:
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        plan = plan_draw(survey, listed(100), SampleWish(n=10))
        make_draw(session, survey, find_unit(session, unit_code).id, plan, now=NOW)


# ── targets ───────────────────────────────────────────────────────────────────────────────────


def test_the_target_is_told_and_set_on_its_own_page(admin: FlaskClient, database: Database) -> None:
    page = admin.get(SAMPLES)
    assert "Cuộc khảo sát chưa đặt mục tiêu. Đặt mục tiêu" in plain(page)
    assert 'href="/admin/surveys/KS-2026/targets"' in page.text
    set_goal(database, 0.075, 0.8)
    told = "Sai số mong muốn ở mỗi đơn vị: ±7,5%; tỷ lệ thu về dự kiến: 80%."
    assert f"{told} Sửa mục tiêu" in plain(admin.get(SAMPLES))
    auditor = admin.application.test_client()
    sign_in(auditor, "kiemtra")
    page = auditor.get(SAMPLES)
    assert told in plain(page)
    assert "Sửa mục tiêu" not in plain(page)


def test_the_confidence_of_a_target_is_the_one_it_is_reckoned_with(
    admin: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_goal(database)
    text = plain(admin.get(SAMPLES))
    assert "độ tin cậy 95%" in text and "chưa rõ 385" in text
    monkeypatch.setattr("survey_app.operations.figures.targets.CONFIDENCE", 0.9)
    text = plain(admin.get(SAMPLES))
    assert "độ tin cậy 90%" in text and "chưa rõ 271" in text  # 1.645² · 0.25/0.05² = 270.6


def test_the_progress_of_every_unit_is_shown(admin: FlaskClient, database: Database) -> None:
    assert "Phiếu cần có" not in plain(admin.get(SAMPLES))
    set_goal(database, 0.05, 0.8)
    text = plain(admin.get(SAMPLES))
    assert "Phường Bình Minh chưa rõ 385 – 482 12 còn thiếu 373 phiếu để đạt ±5%" in text
    assert "(phát thêm 467 phiếu) hiện đạt ±28,3%" in text
    assert "Xã Hòa Thuận 50 45 45 50 0 còn thiếu 45 phiếu để đạt ±5%" in text
    set_goal(database, None)
    assert "Phiếu cần có" not in plain(admin.get(SAMPLES))


# ── drawing ───────────────────────────────────────────────────────────────────────────────────


def test_a_list_is_checked_first_and_then_drawn(admin: FlaskClient, database: Database) -> None:
    set_goal(database, 0.05, 0.8)
    checked = send(admin, "check", allocation="proportional")
    text = plain(checked)
    assert checked.status_code == 200
    assert "Số hồ sơ trong danh sách (N) 1.000" in text
    assert "Phiếu hợp lệ cần có để đạt ±5% 278" in text
    assert "hướng dẫn năm 2013 286" in text
    assert "A 500 174 B 500 174" in text
    assert drawn(database) == 0
    done = confirm(admin, checked, sets_population="y")
    assert done.location == f"{WARD}/1"
    page = plain(admin.get(done.location))
    assert "Đã chọn 348 trong 1.000 hồ sơ" in page
    assert f"Trang này hiện {DOSSIERS_SHOWN} hồ sơ đầu" in page
    assert actions(database)[-1] == "sample.draw"
    with database.session() as session:
        populations = session.scalars(select(SurveyUnit.population)).all()
        assert set(populations) == {1000, 50}
    assert "348/1.000 hồ sơ của Phường Bình Minh" in plain(admin.get(SAMPLES))


def test_what_was_chosen_is_taken_along_to_the_second_step(
    admin: FlaskClient, database: Database
) -> None:
    checked = send(admin, "check", n="40", seed="123456789012345", method="systematic")
    assert confirm(admin, checked).location == f"{WARD}/1"
    with database.session() as session:
        made = session.scalars(select(SampleDraw)).one()
        assert (made.n, made.seed, made.method) == (40, 123456789012345, "systematic")
        assert (made.allocation, made.as_of.isoformat()) == ("none", DAY)
        populations = session.scalars(select(SurveyUnit.population)).all()
        assert set(populations) == {None, 50}


def test_unequal_chances_are_warned_of(admin: FlaskClient) -> None:
    warning = "cơ hội được chọn khác nhau"
    assert warning in plain(send(admin, "check", n="40", allocation="equal"))
    assert warning not in plain(send(admin, "check", n="40", allocation="proportional"))


def test_a_list_of_another_length_than_on_record_is_warned_of(admin: FlaskClient) -> None:
    fields = {"file": workbook(60), "as_of": DAY, "method": "simple", "n": "5", "wish": "check"} | {
        "allocation": "none"
    }
    text = plain(post(admin, f"{SAMPLES}/H01.02", **fields))
    assert "Danh sách có 60 hồ sơ, còn số hồ sơ trong kỳ đã ghi là 50." in text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"file": ""}, "Chọn tệp."),
        ({"file": (io.BytesIO(b"\x89PNG"), "a.png")}, "Chỉ nhận tệp"),
        ({"n": "1001"}, "Danh sách có 1000 hồ sơ, không chọn được 1001."),
        ({"n": "nhiều"}, "Nhập một số nguyên."),
        ({"n": "5", "as_of": "2099-01-01"}, "Ngày của danh sách không thể sau hôm nay."),
        ({"n": "5", "as_of": ""}, "Nhập ngày của danh sách."),
        ({"n": "5", "method": "pps"}, "Danh sách không có cột quy mô"),
        ({"n": "5", "method": "by-hand"}, "Hãy chọn một trong các mục có sẵn."),
        ({"n": "5", "seed": "-1"}, "Hạt giống là số nguyên không âm"),
        ({}, "Ghi số hồ sơ cần chọn, hoặc đặt mục tiêu"),
    ],
)
def test_mistakes_are_told_and_nothing_is_drawn(
    admin: FlaskClient, database: Database, changes: dict[str, object], message: str
) -> None:
    found = send(admin, "draw", **changes)
    assert found.status_code == 422
    assert message in plain(found)
    assert drawn(database) == 0


def test_every_bad_cell_of_a_list_is_shown(admin: FlaskClient, database: Database) -> None:
    rows = "Mã hồ sơ;Quy mô\nHS1;hai\n;1\nHS1;1\n"
    found = send(admin, "check", n="1", file=(io.BytesIO(rows.encode()), "a.csv"))
    text = plain(found)
    assert found.status_code == 422
    for place in ("dòng 2, cột B", "dòng 3, cột A", "dòng 4"):
        assert place in text
    many = "Mã hồ sơ\n" + "HS1\n" * 300
    text = plain(send(admin, "check", n="1", file=(io.BytesIO(many.encode()), "a.csv")))
    assert "Còn 99 chỗ nữa." in text


def test_a_second_draw_needs_a_reason(admin: FlaskClient, database: Database) -> None:
    draw_directly(database)
    refused = send(admin, "check", n="5")
    assert refused.status_code == 422
    assert "hãy ghi lý do chọn lại" in plain(refused)
    checked = send(admin, "check", n="5", reason="Danh sách cũ thiếu hồ sơ")
    assert confirm(admin, checked).location == f"{WARD}/2"
    text = plain(admin.get(WARD))
    assert "Lần 2 đang dùng" in text
    assert "Danh sách cũ thiếu hồ sơ" in text
    assert "Lần 1 đã thay" in text


def test_a_closed_survey_is_not_drawn_from(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        close_survey(find_survey(session, "KS-2026"))
    assert "không chọn mẫu được nữa" in plain(admin.get(WARD))
    assert send(admin, "draw", n="5").status_code == 422
    assert drawn(database) == 0


# ── checking and taking along ─────────────────────────────────────────────────────────────────


def test_a_draw_is_checked_against_its_list(admin: FlaskClient, database: Database) -> None:
    confirm(admin, send(admin, "check", n="40"))
    same = post(admin, f"{WARD}/1/verify", file=workbook(1000, sheet="Tên khác"))
    assert "Danh sách khớp." in plain(same)
    other = post(admin, f"{WARD}/1/verify", file=workbook(999))
    assert "Danh sách không khớp. Tệp vừa tải lên có 999 hồ sơ" in plain(other)
    assert actions(database)[-2:] == ["sample.verify", "sample.verify"]
    assert post(admin, f"{WARD}/1/verify").status_code == 422
    bad = post(admin, f"{WARD}/1/verify", file=(io.BytesIO(b"a"), "a.csv"))
    assert bad.status_code == 422
    assert post(admin, f"{WARD}/2/verify", file=workbook(10)).status_code == 404


def test_the_drawn_list_is_taken_along_and_that_is_recorded(
    admin: FlaskClient, database: Database
) -> None:
    draw_directly(database)
    found = admin.get(f"{WARD}/1/list.xlsx")
    assert "DanhSachChonMau_KS2026_H0101_1.xlsx" in found.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(found.data))
    assert book.sheetnames == ["Tổng hợp", "Hồ sơ được chọn", "Các tầng", "Phương pháp"]
    assert actions(database)[-1] == "sample.export"
    assert admin.get(f"{WARD}/2/list.xlsx").status_code == 404
    assert admin.get("/admin/dossiers-template.xlsx").data.startswith(b"PK")


def test_identifiers_are_erased_after_the_survey(admin: FlaskClient, database: Database) -> None:
    draw_directly(database)
    assert "Có thể xóa sau khi đóng cuộc khảo sát." in plain(admin.get(SAMPLES))
    assert post(admin, f"{SAMPLES}/erase").status_code == 409
    with database.transaction() as session:
        close_survey(find_survey(session, "KS-2026"))
    assert "10 mã hồ sơ" in plain(admin.get(SAMPLES))
    assert post(admin, f"{SAMPLES}/erase").location == SAMPLES
    assert "Xóa mã hồ sơ" not in plain(admin.get(SAMPLES))
    assert "HS-" not in plain(admin.get(f"{WARD}/1"))
    assert actions(database)[-1] == "sample.erase"


@pytest.mark.parametrize("rest", ["", "/H77", "/H01", "/H01.01/1", "/H01.01/1/list.xlsx"])
def test_what_is_not_there_is_not_found(admin: FlaskClient, rest: str) -> None:
    assert admin.get(f"/admin/surveys/KS-1999/samples{rest}").status_code == 404
    if rest:
        assert admin.get(f"{SAMPLES}{rest}").status_code == 404


def test_forged_forms_change_nothing(admin: FlaskClient, database: Database) -> None:
    draw_directly(database)
    for address in (WARD, f"{SAMPLES}/erase", f"{WARD}/1/verify"):
        assert admin.post(address, data={"wish": "draw"}).status_code == 400
    assert drawn(database) == 1


# ── officers ──────────────────────────────────────────────────────────────────────────────────


def test_an_officer_sees_the_progress_of_the_own_units(
    client: FlaskClient, database: Database
) -> None:
    sign_in(client, "phuong")
    assert "<progress" not in client.get("/officer/surveys/KS-2026").text
    with database.transaction() as session:
        set_target(find_survey(session, "KS-2026"), margin=0.075, response_rate=None)
    page = client.get("/officer/surveys/KS-2026")
    assert "còn thiếu 159 phiếu để đạt ±7,5%" in plain(page)
    assert '<progress value="12" max="171"' in page.text
    assert "Danh sách được chọn" not in plain(page)


def test_an_officer_takes_along_the_list_of_the_own_unit_only(
    client: FlaskClient, database: Database
) -> None:
    for code in ("H01.01", "H01.02"):
        draw_directly(database, code)
    sign_in(client, "phuong")
    page = client.get("/officer/surveys/KS-2026")
    assert "Tải 10 hồ sơ được chọn của Phường Bình Minh" in plain(page)
    address = "/officer/surveys/KS-2026/units/{}/samples/{}.xlsx"
    found = client.get(address.format("H01.01", 1))
    assert found.status_code == 200
    assert found.data.startswith(b"PK")
    assert actions(database)[-1] == "sample.export"
    for code, number in (("H01.02", 1), ("H01", 1), ("H01.01", 2)):
        assert client.get(address.format(code, number)).status_code == 404
    assert client.get(SAMPLES).status_code == 403


def test_the_moment_of_a_draw_is_that_of_the_clock_on_the_wall(
    admin: FlaskClient, database: Database
) -> None:
    draw_directly(database)
    assert datetime(2026, 6, 15, 3, 30, tzinfo=UTC) == NOW
    assert "10:30 15/06/2026" in plain(admin.get(f"{WARD}/1"))
