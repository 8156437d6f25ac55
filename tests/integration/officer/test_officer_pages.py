"""Officers' pages: only the units in their charge, figures as in the documents, comments."""

import csv
import io
import json
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit, AuditEntry, FreeText, Survey
from tests.factories import (
    answer,
    make_account,
    make_point,
    make_survey,
    make_unit,
)
from tests.integration.office import actions, plain, post, sign_in

SHEETS = 12
DOCUMENTS = {
    "pdf": ("application/pdf", b"%PDF-"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    "csv": ("text/csv; charset=utf-8", b""),
    "json": ("application/json", b"{"),
}
RIBBON = "DỮ LIỆU MINH HỌA"


@dataclass(frozen=True)
class Units:
    """Codes: a ward, an office below it, another ward."""

    ward: str = "H01.01"
    office: str = "H01.01.01"
    other: str = "H01.02"


UNITS = Units()


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """Three units with sheets (the other ward has too few), officers of the ward and above."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, UNITS.ward, "Phường Bình Minh", parent=root)
        office = make_unit(session, UNITS.office, "Bộ phận Một cửa Bình Minh", "office", ward)
        other = make_unit(session, UNITS.other, "Xã Hòa Thuận", "commune", root)
        survey = make_survey(session, {ward: 100, office: None, other: 50})
        for unit, count in ((ward, SHEETS), (office, SHEETS), (other, 3)):
            point = make_point(session, survey, unit)
            for number in range(count):
                answers = {
                    "access.signage": "5" if number % 4 else "2",
                    "comment": f"<b>Ý kiến {number}</b> về {unit.name}",
                }
                answer(session, point.token, answers)
        make_account(session, "tinh", AccountRole.OFFICER, root)
        make_account(session, "phuong", AccountRole.OFFICER, ward)
        make_account(session)


@pytest.fixture
def officer(client: FlaskClient) -> FlaskClient:
    """The officer of the ward."""
    sign_in(client, "phuong")
    return client


def page_of(unit: str, rest: str = "") -> str:
    return f"/officer/surveys/KS-2026/units/{unit}{rest}"


def pages_of(unit: str) -> list[str]:
    endings = ["", "/comments", *(f"/report.{ending}" for ending in DOCUMENTS)]
    return [page_of(unit, ending) for ending in endings]


def test_home_counts_only_what_is_in_scope(officer: FlaskClient) -> None:
    text = plain(officer.get("/officer/"))
    assert "Khảo sát thử nghiệm" in text
    assert f"Phiếu đã nhận {2 * SHEETS}" in text
    assert "Đơn vị được khảo sát 2" in text
    assert "Phường Bình Minh và các đơn vị trực thuộc" in text


def test_the_table_lists_only_units_in_scope(officer: FlaskClient) -> None:
    text = plain(officer.get("/officer/surveys/KS-2026"))
    assert "Phường Bình Minh" in text
    assert "Bộ phận Một cửa Bình Minh" in text
    assert "Xã Hòa Thuận" not in text


def test_the_table_gives_n_rate_index_and_interval(client: FlaskClient) -> None:
    sign_in(client, "tinh")
    text = plain(client.get("/officer/surveys/KS-2026"))
    assert "Phường Bình Minh 12 100 12,0% 75,00%" in text
    assert "Bộ phận Một cửa Bình Minh 12 chưa rõ 75,00%" in text
    assert "Xã Hòa Thuận 3 50 6,0% chưa đủ phiếu" in text


def test_the_joined_report_holds_only_units_in_scope(officer: FlaskClient) -> None:
    text = plain(officer.get("/officer/surveys/KS-2026/consolidated"))
    assert f"tổng hợp từ {2 * SHEETS} phiếu của 2 đơn vị" in text
    assert "các đơn vị thuộc phường Bình Minh" in text
    assert "Xã Hòa Thuận" not in text


def test_the_joined_report_can_be_taken_away_and_is_recorded(
    officer: FlaskClient, database: Database
) -> None:
    for ending, (mimetype, start) in DOCUMENTS.items():
        answer = officer.get(f"/officer/surveys/KS-2026/consolidated/report.{ending}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, mimetype)
        assert answer.data.startswith(start)
        assert "BaoCaoTongHop" in answer.headers["Content-Disposition"]
    assert actions(database).count("report.export") == len(DOCUMENTS)
    assert officer.get("/officer/surveys/KS-2026/consolidated/report.docx").status_code == 404


def test_one_unit_alone_has_no_joined_report(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        office = session.scalars(
            select(AdministrativeUnit).where(AdministrativeUnit.code == UNITS.office)
        ).one()
        make_account(session, "mot", AccountRole.OFFICER, office)
    sign_in(client, "mot")
    assert "consolidated" not in client.get("/officer/surveys/KS-2026").text
    assert client.get("/officer/surveys/KS-2026/consolidated").status_code == 404


def test_own_units_and_those_below_can_be_opened(officer: FlaskClient) -> None:
    for unit in (UNITS.ward, UNITS.office):
        assert [officer.get(page).status_code for page in pages_of(unit)] == [200] * 6


def test_a_unit_outside_the_scope_is_not_found(officer: FlaskClient) -> None:
    for unit in (UNITS.other, "H01"):
        assert [officer.get(page).status_code for page in pages_of(unit)] == [404] * 6


def test_a_unit_outside_cannot_be_told_from_one_that_is_not_there(officer: FlaskClient) -> None:
    statuses = {officer.get(page_of(unit)).status_code for unit in (UNITS.other, "H99")}
    assert statuses == {404}


def test_an_unknown_survey_is_not_found(officer: FlaskClient) -> None:
    assert officer.get("/officer/surveys/KHONG-CO").status_code == 404


def test_a_mistake_in_the_office_stays_in_the_office(
    officer: FlaskClient, app: Flask, client: FlaskClient
) -> None:
    for page in (page_of("H99"), "/officer/nowhere"):
        assert "css/office.css" in officer.get(page).text
    text = officer.get(page_of("H99")).text
    assert "<h1>Không tìm thấy</h1>" in text
    assert 'href="/officer/">Về trang chủ</a>' in text
    assert 'aria-label="Chính"' in text
    refused = officer.get("/admin/").text
    assert "Ông/bà không có quyền xem trang này." in refused
    assert "hãy đề nghị người quản trị giao thêm quyền" in refused
    stranger = app.test_client().post("/sign-in").text
    assert 'href="/sign-in">Đến trang đăng nhập</a>' in stranger
    assert "css/citizen.css" in app.test_client().get("/nowhere").text


def test_administrators_see_every_unit(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get(page_of(UNITS.other)).status_code == 200


def test_a_unit_that_is_not_surveyed_has_no_page(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "tinh")
    assert client.get(page_of("H01")).status_code == 404


def test_page_and_documents_give_the_same_figure(officer: FlaskClient) -> None:
    page = plain(officer.get(page_of(UNITS.ward)))
    document = json.loads(officer.get(page_of(UNITS.ward, "/report.json")).data)
    text = officer.get(page_of(UNITS.ward, "/report.csv")).data.decode("utf-8-sig")
    lines = {(x["table"], x["row"], x["column"]): x for x in csv.DictReader(io.StringIO(text))}
    assert "75,00%" in page
    assert document["key_figures"]["index"]["value"] == 0.75
    assert float(lines["key", "index", "value"]["value"]) == 0.75
    for name, table in document["tables"].items():
        for row in table["rows"]:
            for column, cell in row["cells"].items():
                if isinstance(cell, float | int):
                    assert float(lines[name, row["code"], column]["value"]) == cell


@pytest.mark.parametrize("ending", DOCUMENTS)
def test_documents_are_attachments_of_the_right_type(officer: FlaskClient, ending: str) -> None:
    mimetype, start = DOCUMENTS[ending]
    got = officer.get(page_of(UNITS.ward, f"/report.{ending}"))
    assert got.headers["Content-Type"] == mimetype
    assert got.headers["Content-Disposition"].startswith("attachment; filename=BaoCao")
    assert got.headers["Content-Disposition"].endswith(f".{ending}")
    assert got.data.startswith(start)


def test_another_format_is_not_found(officer: FlaskClient) -> None:
    assert officer.get(page_of(UNITS.ward, "/report.exe")).status_code == 404


def test_taking_a_document_out_is_recorded(officer: FlaskClient, database: Database) -> None:
    officer.get(page_of(UNITS.ward, "/report.csv"))
    with database.session() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert entry is not None
        assert (entry.action, entry.subject) == ("report.export", "KS-2026 H01.01 csv")


def test_comments_are_text_never_markup(officer: FlaskClient) -> None:
    answer = officer.get(page_of(UNITS.ward, "/comments"))
    assert "&lt;b&gt;Ý kiến" in answer.text
    assert "<b>Ý kiến" not in answer.text


def test_comments_of_a_unit_with_few_sheets_are_not_shown(client: FlaskClient) -> None:
    sign_in(client, "tinh")
    answer = client.get(page_of(UNITS.other, "/comments"))
    assert "chưa được hiển thị" in answer.text
    assert "Ý kiến 1" not in answer.text


def comment_of(database: Database, unit_name: str) -> FreeText:
    with database.session() as session:
        found = session.scalars(select(FreeText).where(FreeText.text.contains(unit_name)))
        return next(iter(found))


def test_a_hidden_comment_leaves_the_report_and_can_come_back(
    officer: FlaskClient, database: Database
) -> None:
    row = comment_of(database, "về Phường Bình Minh")
    words = row.text.removeprefix("<b>").split("<")[0] + "</b> về"  # "Ý kiến 7</b> về"
    shown = words.replace("</b>", "&lt;/b&gt;")
    fields = {"key": row.response_key.hex(), "question_code": row.question_code}
    page = page_of(UNITS.ward, "/comments")

    assert shown in officer.get(page_of(UNITS.ward)).text
    assert post(officer, page, wish="hide", **fields).status_code == 302
    assert shown not in officer.get(page_of(UNITS.ward)).text
    assert "Đã ẩn" in plain(officer.get(page))
    post(officer, page, wish="show", **fields)
    assert shown in officer.get(page_of(UNITS.ward)).text
    assert actions(database)[-2:] == ["comment.hide", "comment.show"]


def test_the_audit_record_does_not_repeat_a_citizens_words(
    officer: FlaskClient, database: Database
) -> None:
    row = comment_of(database, "về Phường Bình Minh")
    fields = {"key": row.response_key.hex(), "question_code": row.question_code}
    post(officer, page_of(UNITS.ward, "/comments"), wish="hide", **fields)
    with database.session() as session:
        entries = session.scalars(select(AuditEntry)).all()
        assert not any("Ý kiến" in entry.subject + entry.detail for entry in entries)


def test_a_comment_of_another_unit_cannot_be_hidden(
    officer: FlaskClient, database: Database
) -> None:
    row = comment_of(database, "về Xã Hòa Thuận")
    fields = {"key": row.response_key.hex(), "question_code": row.question_code, "wish": "hide"}
    assert post(officer, page_of(UNITS.other, "/comments"), **fields).status_code == 404
    assert post(officer, page_of(UNITS.ward, "/comments"), **fields).status_code == 404
    assert not comment_of(database, "về Xã Hòa Thuận").is_hidden


def test_a_broken_comment_form_is_refused(officer: FlaskClient) -> None:
    page = page_of(UNITS.ward, "/comments")
    fields = {"key": "zz", "question_code": "comment"}
    assert post(officer, page, wish="delete", **fields).status_code == 422
    assert post(officer, page, wish="hide", **fields).status_code == 404


def test_every_page_of_a_demo_survey_says_so(officer: FlaskClient, database: Database) -> None:
    pages = ["/officer/", "/officer/surveys/KS-2026", page_of(UNITS.ward)]
    pages.append(page_of(UNITS.ward, "/comments"))
    assert not any(RIBBON in officer.get(page).text for page in pages)
    with database.transaction() as session:
        session.scalars(select(Survey)).one().is_demo = True
    assert [page for page in pages if RIBBON not in officer.get(page).text] == []
