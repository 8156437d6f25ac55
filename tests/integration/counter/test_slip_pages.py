"""Slips: singly, in number, for a list of dossiers; who may make them, and what is kept."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.links import hash_token
from survey_app.operations.fieldwork.surveys import close_survey, find_survey
from survey_app.operations.invitations.slip_lists import REMEMBERED_FOR, forget_old_lists
from survey_app.spreadsheets.records import read_table
from survey_app.storage.database import Database
from survey_app.storage.models import (
    AuditEntry,
    Base,
    CollectionPoint,
    OneTimeLink,
    SlipListDigest,
)
from tests.factories import NOW, make_account, make_point, make_survey, make_unit, noted
from tests.integration.office import actions, csrf_token, plain, post, sign_in

DESK = "/admin/surveys/KS-2026/slips"
DOSSIERS = [f"H01.01-260615-{number:04}" for number in range(1, 8)]
HEADINGS = "Mã hồ sơ;Mã đơn vị;Mã điểm;Ghi chú"
CODE = re.compile(r"\b[A-HJ-KM-NP-Z2-9]{13}\b")


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def points(database: Database) -> dict[str, CollectionPoint]:
    """One place in each of two branches; an officer of the first, an administrator."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        first = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        second = make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root)
        survey = make_survey(session, [first, second])
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, first)
        return {unit.code: make_point(session, survey, unit) for unit in (first, second)}


@pytest.fixture
def officer(client: FlaskClient) -> FlaskClient:
    sign_in(client, "canbo")
    return client


def send_list(
    client: FlaskClient,
    *rows: str,
    headings: str = HEADINGS,
    wish: str = "check",
    point: CollectionPoint | None = None,
    expires_on: str = "2026-12-31",
) -> TestResponse:
    content = "\n".join([headings, *rows]).encode()
    fields = {"wish": wish, "point_id": str(point.id if point else 0), "expires_on": expires_on}
    return post(client, DESK, file=(BytesIO(content), "hồ sơ.csv"), **fields)


def hidden(page: TestResponse) -> dict[str, str]:
    """The fields that the last form of a page sends along."""
    form = page.text.rsplit("<form", 1)[1]
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found if name != "csrf_token"}


def documents(client: FlaskClient, page: TestResponse, wish: str) -> TestResponse:
    form = page.text.split('action="/admin/surveys/KS-2026/slips/documents"', 1)[1]
    form = form.split("</form>", 1)[0]
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    found.pop("csrf_token")
    fields = {name: unescape(value) for name, value in found.items()}
    return post(client, f"{DESK}/documents", wish=wish, **fields)


def text_of(answer: TestResponse, tmp_path: Path) -> str:
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    paper = tmp_path / "slips.pdf"
    paper.write_bytes(answer.data)
    done = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, text=True)
    return done.stdout


def links(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(OneTimeLink)) or 0


# ── singly and in number ──────────────────────────────────────────────────────────────────────


def test_one_button_gives_one_slip_to_show_or_to_print(
    officer: FlaskClient,
    app: Flask,
    database: Database,
    points: dict[str, CollectionPoint],
    tmp_path: Path,
) -> None:
    assert "Tạo một phiếu" in officer.get(DESK).text
    address = f"/admin/surveys/KS-2026/points/{points['H01.01'].id}/slip"
    page = post(officer, address)
    assert page.status_code == 200
    assert page.text.count('class="qr"') == links(database) == 1
    (code,) = re.findall(r'name="codes" value="(\w+)"', page.text)
    assert app.test_client().get(f"/s/{code}").status_code == 200
    text = text_of(documents(officer, page, "pdf"), tmp_path)
    assert f"{code[:4]} {code[4:8]} {code[8:]}" in text
    assert "Ủy ban nhân dân phường Bình Minh" in text
    with database.session() as session:
        entry = session.scalars(select(AuditEntry).filter_by(action="links.issue")).one()
    assert (entry.subject, noted(entry)) == ("KS-2026 H01.01", "1 mã, đến 31/12/2026")


def test_many_slips_are_listed_and_printed(
    officer: FlaskClient, database: Database, points: dict[str, CollectionPoint], tmp_path: Path
) -> None:
    address = f"/admin/surveys/KS-2026/points/{points['H01.01'].id}/slips"
    page = post(officer, address, count="25", expires_on="2026-07-31")
    assert page.status_code == 200
    listed = re.findall(r'<code class="token">(\w+)</code>', page.text)
    assert len(set(listed)) == links(database) == 25
    text = text_of(documents(officer, page, "pdf"), tmp_path)
    assert text.count("đến hết 31/07/2026") == 25
    assert text.count("\f") == 3, "ten slips on a page"


# ── a list of dossiers ────────────────────────────────────────────────────────────────────────


def test_a_list_is_checked_then_made_then_printed_and_given_back(
    officer: FlaskClient,
    app: Flask,
    database: Database,
    points: dict[str, CollectionPoint],
    tmp_path: Path,
) -> None:
    rows = [f"{dossier};;;" for dossier in DOSSIERS[:6]] + [f"{DOSSIERS[6]};h01.01;;Quầy 3"]
    checked = send_list(officer, *rows, point=points["H01.01"])
    assert checked.status_code == 200
    assert "chưa tạo phiếu mời nào" in plain(checked)
    assert links(database) == 0
    made = post(officer, DESK, wish="make", **hidden(checked))
    assert made.status_code == 200
    assert links(database) == 7
    text = text_of(documents(officer, made, "pdf"), tmp_path)
    assert all(f"Hồ sơ: {dossier}" in text for dossier in DOSSIERS)
    assert "Quầy 3" in text
    book = documents(officer, made, "workbook")
    table = read_table(book.data, "PhieuMoi.xlsx")
    assert table.header.cells == (*HEADINGS.split(";"), "Mã dùng một lần", "Địa chỉ")
    assert [row.cells[0] for row in table.rows] == DOSSIERS
    codes = [row.cells[4] for row in table.rows]
    assert [row.cells[5] for row in table.rows] == [f"http://localhost/s/{c}" for c in codes]
    assert {app.test_client().get(f"/s/{code}").status_code for code in codes} == {200}
    for row in table.rows:
        code = row.cells[4]
        layout = re.sub(r"\s+", " ", text)
        assert f"{code[:4]} {code[4:8]} {code[8:]}" in layout


def test_no_dossier_stays_in_the_database(
    officer: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    rows = [f"{dossier};;;Bà Trần Thị B" for dossier in DOSSIERS]
    checked = send_list(officer, *rows, point=points["H01.01"])
    made = post(officer, DESK, wish="make", **hidden(checked))
    codes = CODE.findall(made.text)
    assert len(codes) >= 7
    with database.session() as session:
        stored = " ".join(
            value.decode("latin-1") if isinstance(value, bytes) else str(value)
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
            for value in row
        )
    for text in (*DOSSIERS, *codes, "Trần Thị B"):
        assert text not in stored


def test_the_same_list_again_is_told_and_made_only_when_wanted(
    officer: FlaskClient,
    database: Database,
    points: dict[str, CollectionPoint],
    fixed_time: time_machine.Traveller,
) -> None:
    rows = [f"{dossier};;;" for dossier in DOSSIERS]
    fields = hidden(send_list(officer, *rows, point=points["H01.01"]))
    assert post(officer, DESK, wish="make", **fields).status_code == 200
    twice = post(officer, DESK, wish="make", **fields)
    assert twice.status_code == 409
    assert "đã được tạo phiếu mời ngày 15/06/2026" in plain(twice)
    other_order = send_list(officer, *reversed(rows), point=points["H01.01"])
    assert "đã được tạo phiếu mời ngày" in plain(other_order)
    assert links(database) == 7
    again = post(officer, DESK, wish="make_again", **hidden(twice))
    assert again.status_code == 200
    assert links(database) == 14
    with database.transaction() as session:
        forget_old_lists(session, now=NOW + REMEMBERED_FOR)
        assert session.scalar(select(func.count()).select_from(SlipListDigest)) == 1
        forget_old_lists(session, now=NOW + REMEMBERED_FOR + timedelta(days=1))
        assert session.scalar(select(func.count()).select_from(SlipListDigest)) == 0


def test_a_list_is_known_again_after_the_secret_was_changed(
    officer: FlaskClient, points: dict[str, CollectionPoint]
) -> None:
    rows = [f"{dossier};;;" for dossier in DOSSIERS]
    post(officer, DESK, wish="make", **hidden(send_list(officer, *rows, point=points["H01.01"])))
    config = officer.application.config
    former = (config["SETTINGS"].secret_key,)
    config["SETTINGS"] = replace(
        config["SETTINGS"], secret_key="another-" + "y" * 32, old_secret_keys=former
    )
    assert "đã được tạo phiếu mời ngày" in plain(send_list(officer, *rows, point=points["H01.01"]))


def test_of_a_few_dossiers_no_digest_is_kept(
    officer: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    fields = hidden(send_list(officer, f"{DOSSIERS[0]};;;", point=points["H01.01"]))
    assert post(officer, DESK, wish="make", **fields).status_code == 200
    with database.session() as session:
        assert session.scalars(select(SlipListDigest)).all() == []


def test_every_mistake_is_told_by_row_and_column(
    officer: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    own, other = points["H01.01"].token, points["H01.02"].token
    rows = [
        "A-1;H01.01;;",
        "A-1;H01.01;;",
        ";H01.01;;thiếu mã",
        "A-4;H01.02;;",
        f"A-5;;{other};",
        "A-6;;;",
        f"A-7;H01.02;{own};",
        f"{'A' * 51};H01.01;;{'x' * 81}",
    ]
    answer = send_list(officer, *rows)
    assert answer.status_code == 422
    told = plain(answer)
    assert "Danh sách có 8 chỗ cần sửa" in told
    for mistake in (
        "dòng 3, cột A mã hồ sơ “A-1” đã có ở dòng 2",
        "dòng 4, cột A chưa ghi mã hồ sơ",
        "dòng 5, cột B đơn vị “H01.02” không có điểm thu thập trong phạm vi của ông/bà",
        "dòng 6, cột C không có điểm thu thập mang mã",
        "dòng 7, cột A chưa ghi mã đơn vị hoặc mã điểm",
        f"dòng 8, cột C điểm “{own}” không thuộc đơn vị “H01.02”",
        "dòng 9, cột A dài quá 50 ký tự",
        "dòng 9, cột D dài quá 80 ký tự",
    ):
        assert mistake in told
    form = answer.text.split('value="marked"')[0].rsplit("<form", 1)[1]
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    found.pop("csrf_token")
    marked = post(officer, DESK, wish="marked", **found)
    assert read_table(marked.data, "x.xlsx").rows[0].cells[0] == "A-1"
    assert links(database) == 0


def test_a_unit_with_two_places_needs_one_named(
    officer: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        first = session.get_one(CollectionPoint, points["H01.01"].id)
        second = make_point(session, survey, first.unit)
    answer = send_list(officer, "A-1;H01.01;;")
    assert answer.status_code == 422
    assert f"{second.token} (Quầy số 1)" in plain(answer)
    assert send_list(officer, "A-1;H01.01;;", point=points["H01.01"]).status_code == 200
    assert send_list(officer, f"A-1;H01.01;{second.token.lower()};").status_code == 200


@pytest.mark.parametrize("day", ["2026-06-14", "2027-01-01", ""])
def test_the_last_day_lies_within_the_survey(officer: FlaskClient, day: str) -> None:
    answer = send_list(officer, "A-1;H01.01;;", expires_on=day)
    assert answer.status_code == 422
    wanted = "Chọn ngày từ hôm nay đến 31/12/2026" if day else "Nhập ngày hết hạn."
    assert wanted in plain(answer)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"only;words\n1;2"])
def test_a_file_that_is_no_list_is_refused_with_a_sentence(
    officer: FlaskClient, content: bytes
) -> None:
    fields = {"wish": "check", "point_id": "0", "expires_on": "2026-12-31"}
    answer = post(officer, DESK, file=(BytesIO(content), "x.csv"), **fields)
    assert answer.status_code == 422


def test_a_list_is_of_five_hundred_at_most(
    officer: FlaskClient, points: dict[str, CollectionPoint]
) -> None:
    rows = [f"A-{number};;;" for number in range(501)]
    assert send_list(officer, *rows[:500], point=points["H01.01"]).status_code == 200
    assert send_list(officer, *rows, point=points["H01.01"]).status_code == 422


def test_the_template_is_read_as_it_is(
    officer: FlaskClient, points: dict[str, CollectionPoint]
) -> None:
    template = officer.get(f"{DESK}/template.xlsx")
    fields = {"wish": "check", "point_id": str(points["H01.01"].id), "expires_on": "2026-12-31"}
    answer = post(officer, DESK, file=(BytesIO(template.data), "mau.xlsx"), **fields)
    assert answer.status_code == 200
    assert "Tạo 2 phiếu mời" in answer.text


# ── who may ───────────────────────────────────────────────────────────────────────────────────


def test_another_branch_is_not_there(
    officer: FlaskClient, app: Flask, database: Database, points: dict[str, CollectionPoint]
) -> None:
    foreign = f"/admin/surveys/KS-2026/points/{points['H01.02'].id}"
    assert "Xã Hòa Thuận" not in officer.get(DESK).text
    assert post(officer, f"{foreign}/slip").status_code == 404
    assert officer.get(f"{foreign}/slips").status_code == 404
    sent = post(officer, f"{foreign}/slips", count="5", expires_on="2026-12-31")
    assert sent.status_code == 404
    assert send_list(officer, "A-1;;;", point=points["H01.02"]).status_code == 422
    assert links(database) == 0
    admin = app.test_client()
    sign_in(admin)
    (code,) = re.findall(r'name="codes" value="(\w+)"', post(admin, f"{foreign}/slip").text)
    fields = {"wish": "pdf", "codes": code}
    assert post(officer, f"{DESK}/documents", **fields).status_code == 404
    assert post(admin, f"{DESK}/documents", **fields).status_code == 200


def test_a_place_of_another_survey_is_not_there(
    officer: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    with database.transaction() as session:
        unit = session.get_one(CollectionPoint, points["H01.01"].id).unit
        other = make_survey(session, [unit], code="KS-KHAC")
        place = make_point(session, other, unit)
    assert post(officer, f"/admin/surveys/KS-2026/points/{place.id}/slip").status_code == 404
    address = f"/admin/surveys/KS-KHAC/points/{place.id}/slip"
    (code,) = re.findall(r'name="codes" value="(\w+)"', post(officer, address).text)
    fields = {"wish": "pdf", "codes": code}
    assert post(officer, f"{DESK}/documents", **fields).status_code == 404


def test_documents_are_made_of_codes_that_exist(officer: FlaskClient) -> None:
    for codes, status in (("ABCDEFGHJKMNP", 404), ("", 422), ("ABCDEFGHJKMNP " * 501, 422)):
        assert post(officer, f"{DESK}/documents", wish="pdf", codes=codes).status_code == status


def test_a_survey_that_is_over_gives_no_slips(
    officer: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    with database.transaction() as session:
        close_survey(find_survey(session, "KS-2026"))
    assert "đã kết thúc" in officer.get(DESK).text
    address = f"/admin/surveys/KS-2026/points/{points['H01.01'].id}"
    assert post(officer, f"{address}/slip").status_code == 410
    late = post(officer, f"{address}/slips", count="5", expires_on="2026-12-31")
    assert late.status_code == 410
    assert send_list(officer, "A-1;H01.01;;").status_code == 410
    assert links(database) == 0


def test_forged_forms_make_nothing(
    officer: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    address = f"/admin/surveys/KS-2026/points/{points['H01.01'].id}/slip"
    for path in (address, DESK, f"{DESK}/documents"):
        assert officer.post(path, data={"wish": "make"}).status_code == 400
    assert links(database) == 0
    assert actions(database) == ["sign_in"]
    assert csrf_token(officer, DESK)


def test_links_expire_with_their_slips(
    officer: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    fields = hidden(send_list(officer, "A-1;;;", point=points["H01.01"], expires_on="2026-06-20"))
    made = post(officer, DESK, wish="make", **fields)
    (code,) = re.findall(r'name="codes" value="(\w+)"', made.text)
    with database.session() as session:
        link = session.get_one(OneTimeLink, hash_token(code))
    assert link.expires_on == date(2026, 6, 20)


def test_posters_come_as_pdf(
    client: FlaskClient, points: dict[str, CollectionPoint], tmp_path: Path
) -> None:
    sign_in(client)
    token = points["H01.01"].token
    one = client.get(f"/admin/surveys/KS-2026/points/{points['H01.01'].id}/poster.pdf")
    assert f"{token[:4]} {token[4:]}" in text_of(one, tmp_path)
    assert text_of(client.get("/admin/surveys/KS-2026/posters.pdf"), tmp_path).count("\f") == 2
    page = client.get("/admin/surveys/KS-2026/posters").text
    assert "/admin/surveys/KS-2026/posters.pdf" in page
