"""The pages of the audit record: looked through, taken out, checked."""

import io
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.audit import search
from survey_app.operations.audit.entries import record
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry
from survey_app.web.admin import audit_views
from tests.factories import NOW, make_account, make_unit
from tests.integration.audit.books import tampering, write
from tests.integration.office import actions, plain, post, sign_in

PAGE = "/admin/audit"


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    with database.transaction() as session:
        ward = make_unit(session, "H01.01", "Phường Bình Minh")
        make_account(session)
        officer = make_account(session, "canbo", AccountRole.OFFICER, ward)
        record(session, "sign_in", now=NOW, account=officer)
        record(
            session,
            "survey.population",
            now=NOW.replace(day=20),
            account=officer,
            subject="KS-2026 H01.01",
            detail={"from": {"population": None}, "to": {"population": 1200}},
        )


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


def found(admin: FlaskClient, query: str) -> str:
    """What the page of a search says, below its form."""
    answer = admin.get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    return plain(answer).partition("Bỏ điều kiện")[2]


def test_each_entry_is_a_sentence(admin: FlaskClient) -> None:
    text = plain(admin.get(PAGE))
    assert (
        "2 10:30 20/06/2026 canbo đã sửa số hồ sơ trong kỳ KS-2026 H01.01: "
        "số hồ sơ trong kỳ từ chưa có thành 1.200" in text
    )
    assert "quantri đã đăng nhập" in text


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("person=canbo", True),
        ("person=CanBo", True),
        ("person=quantri", False),
        ("person=-", False),
        ("action=survey.population", True),
        ("action=sign_in", False),
        ("subject=h01.01", True),
        ("subject=H01%25", False),
        ("since=2026-06-20", True),
        ("since=2026-06-21", False),
        ("until=2026-06-20&since=2026-06-16", True),
        ("until=2026-06-19", False),
    ],
)
def test_entries_are_found_by_person_action_subject_and_day(
    admin: FlaskClient, query: str, is_found: bool
) -> None:
    assert ("đã sửa số hồ sơ" in found(admin, query)) == is_found


def test_an_account_that_was_acted_on_is_found_by_its_name(admin: FlaskClient) -> None:
    post(admin, "/admin/accounts/2/active", wish="deactivate")
    assert "đã khóa tài khoản canbo" in found(admin, "subject=canbo")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("person=khong.co", "Không có tài khoản này."),
        ("since=hom-nay", "Nhập ngày có đủ ngày, tháng, năm."),
        ("action=boom", "Hãy chọn một trong các mục có sẵn."),
    ],
)
def test_what_cannot_be_looked_for_is_told_beside_its_field(
    admin: FlaskClient, query: str, message: str
) -> None:
    answer = admin.get(f"{PAGE}?{query}&subject=giu-lai")
    assert answer.status_code == 422
    assert message in plain(answer)
    assert 'value="giu-lai"' in answer.text
    assert admin.get(f"{PAGE}/entries.csv?{query}").status_code == 404


def test_pages_go_by_number_and_keep_the_search(admin: FlaskClient, database: Database) -> None:
    write(database, 60)
    first = admin.get(f"{PAGE}?action=survey.open").text
    assert first.count("đã mở cuộc khảo sát") == 50
    assert "KS-59" in first and "KS-9" not in first.replace("KS-59", "")
    write(database, 1)  # comes meanwhile and moves nothing
    older = admin.get(f"{PAGE}?before=14&action=survey.open").text
    assert "before=14" in first
    assert older.count("đã mở cuộc khảo sát") == 10
    assert "KS-9" in older and "KS-10" not in older


def test_what_was_found_is_taken_out_and_that_is_on_record(
    admin: FlaskClient, database: Database
) -> None:
    got = admin.get(f"{PAGE}/entries.csv?person=canbo")
    assert got.headers["Content-Disposition"] == "attachment; filename=NhatKy_HaiLong.csv"
    lines = got.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("Số,Thời điểm,Tài khoản")
    assert "20/06/2026 10:30:00,canbo,Sửa số hồ sơ trong kỳ,survey.population" in lines[2]
    book = load_workbook(io.BytesIO(admin.get(f"{PAGE}/entries.xlsx?person=canbo").data))
    rows = list(book.worksheets[0].values)
    assert [row[0] for row in rows] == ["Số", 1, 2]
    jsonl = admin.get(f"{PAGE}/entries.jsonl?action=survey.population").text
    (line,) = map(json.loads, jsonl.splitlines())
    assert line["account_id"] == 2 and "canbo" not in jsonl
    assert json.loads(line["detail"])["to"] == {"population": 1200}
    assert actions(database)[-3:] == ["audit.export"] * 3
    assert "đã xuất nhật ký" in found(admin, "action=audit.export")
    assert admin.get(f"{PAGE}/entries.pdf").status_code == 404


def test_formulas_stay_text(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        record(session, "units.import", now=NOW, subject="=1+1")
    text = admin.get(f"{PAGE}/entries.csv?subject=%3D1").data.decode("utf-8-sig")
    assert "'=1+1" in text
    data = admin.get(f"{PAGE}/entries.xlsx?subject=%3D1").data
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert [cell.value for cell in sheet[2] if cell.data_type == "f"] == []


def test_the_chain_is_checked_and_what_is_new_afterwards(
    admin: FlaskClient, database: Database
) -> None:
    assert "Chuỗi chưa được kiểm tra lần nào." in plain(admin.get(PAGE))
    assert admin.get(f"{PAGE}/check").status_code == 405, "a link that is followed writes nothing"
    assert "Chuỗi nguyên vẹn từ mục số 1 đến mục số 3." in plain(check_page(admin))
    page = admin.get(PAGE)
    assert "Đã kiểm tra đến mục số 3 lúc" in plain(page)
    assert "tài khoản quantri" in plain(page)
    assert 'name="first" value="3"' in page.text
    assert "từ mục số 4 đến mục số 4" in plain(check_page(admin, first=3))
    assert actions(database)[-2:] == ["audit.verify"] * 2


def test_a_long_chain_is_checked_in_steps_with_a_bar(
    admin: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "ENTRIES_A_STEP", 4)
    write(database, 6)
    first = check_page(admin)
    assert "data-next-step" in first.text and "js/next_step" in first.text
    assert '<progress value="4" max="9"' in first.text
    assert "audit.verify" not in actions(database)
    second = check_page(admin, first=0, after=4)
    assert 'name="after" value="8"' in second.text
    last = plain(check_page(admin, first=0, after=8))
    assert "từ mục số 1 đến mục số 9" in last
    assert actions(database).count("audit.verify") == 1


def test_a_broken_chain_is_told_with_its_place(admin: FlaskClient, database: Database) -> None:
    write(database, 3)
    with tampering(database) as connection:
        connection.exec_driver_sql("UPDATE audit_entry SET subject = 'X' WHERE number = 2")
    text = plain(check_page(admin))
    assert "Chuỗi bị đứt. Mục số 2: nội dung đã bị sửa." in text
    assert "Lần kiểm tra gần nhất thấy chuỗi bị đứt ở mục số 2" in plain(admin.get(PAGE))


def test_officers_do_not_see_it(app: Flask) -> None:
    officer = app.test_client()
    sign_in(officer, "canbo")
    for address in (PAGE, f"{PAGE}/entries.csv"):
        assert officer.get(address).status_code == 403
    assert check_page(officer).status_code == 403


def check_page(client: FlaskClient, **fields: object) -> TestResponse:
    """One step of the check, sent as the page's own form sends it."""
    return post(client, f"{PAGE}/check", **fields)


def test_an_auditor_has_it_checked(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make_account(session, "kiemtra", AccountRole.AUDITOR)
    auditor = app.test_client()
    sign_in(auditor, "kiemtra")
    assert "Chuỗi nguyên vẹn" in plain(check_page(auditor))
    assert actions(database)[-1] == "audit.verify"


def test_more_than_a_page_can_wait_for_goes_by_command(
    admin: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_EXPORTED", 2)
    refused = admin.get(f"{PAGE}/entries.csv")
    assert refused.status_code == 422
    assert "hailong audit export" in plain(refused)
    assert admin.get(f"{PAGE}/entries.csv?person=canbo").status_code == 200
    assert actions(database).count("audit.export") == 1


def test_a_search_on_record_names_no_account(admin: FlaskClient, database: Database) -> None:
    admin.get(f"{PAGE}/entries.csv?person=canbo&subject=canbo&since=2026-06-15&until=2026-06-20")
    with database.session() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert last and "canbo" not in last.detail
    assert json.loads(last.detail) == {
        "account": 2,
        "count": 0,
        "form": "csv",
        "since": "2026-06-15",
        "subject": 2,
        "until": "2026-06-20",
    }
