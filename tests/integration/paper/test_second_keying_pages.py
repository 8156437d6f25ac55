"""Pages of second keying: blind, within the own units, decided by the paper; report and files."""

import io
import re

import openpyxl
import pypdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.organisation.units import find_unit
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, SecondKeying, Survey
from tests.factories import make_account
from tests.integration.office import actions, plain, post, sign_in
from tests.integration.paper.test_entry_pages import key, sheets, value

PAPER = "/admin/surveys/KS-2026/paper"
SECOND = f"{PAPER}/second"


@pytest.fixture(autouse=True)
def clerks(database: Database, province: None) -> None:
    """Two clerks of the ward and one of the commune; every form is keyed twice."""
    with database.transaction() as session:
        find_survey(session, "KS-2026").second_keying_share = 1.0
        ward, commune = find_unit(session, "H01.01"), find_unit(session, "H01.02")
        make_account(session, "lan", AccountRole.OFFICER, ward)
        make_account(session, "mai", AccountRole.OFFICER, ward)
        make_account(session, "thuan", AccountRole.OFFICER, commune)


@pytest.fixture
def ward(points: dict[str, CollectionPoint]) -> int:
    return points["H01.01"].id


def sign_in_as(client: FlaskClient, username: str) -> None:
    client.delete_cookie("hailong")
    sign_in(client, username)


def keyed_differently(client: FlaskClient, ward: int) -> str:
    """Lan keys form 12, Mai keys it again with another first answer; where it is decided."""
    sign_in_as(client, "lan")
    key(client, f"{PAPER}/entry/{ward}", "12", access__signage="5", access__equipment="4")
    sign_in_as(client, "mai")
    key(client, f"{SECOND}/{ward}", "12", access__signage="3", access__equipment="4")
    found = re.search(rf'href="({SECOND}/forms/\w+)"', client.get(SECOND).text)
    assert found
    return found[1]


def test_the_list_names_forms_for_others_and_the_page_of_entry_is_blind(
    client: FlaskClient, ward: int
) -> None:
    sign_in(client, "lan")
    assert "Không có phiếu nào chờ nhập lần hai." in plain(client.get(SECOND))
    for number in ("7", "12"):
        key(client, f"{PAPER}/entry/{ward}", number, access__signage="5", comment="Rất tốt")
    page = plain(client.get(SECOND))
    assert "0007, 0012" in page
    assert "Nhập lần hai và chất lượng nhập phiếu : 2 phiếu đang chờ" in plain(client.get(PAPER))
    assert "Các phiếu đang chờ đều do ông/bà nhập lần đầu" in page
    refused = key(client, f"{SECOND}/{ward}", "7", access__signage="5")
    assert refused.status_code == 422
    assert "do chính ông/bà nhập lần đầu" in plain(refused)
    assert value(refused, "q-access.signage") == "5"

    sign_in_as(client, "mai")
    assert f'href="{SECOND}/{ward}"' in client.get(SECOND).text
    guesses = [
        key(client, f"{PAPER}/entry/{ward}", "7", access__signage=answer, comment="Rất tốt")
        for answer in ("5", "3")
    ]
    for guess in guesses:
        assert guess.status_code == 422
        assert "đang chờ nhập lần hai" in plain(guess)
        assert not re.search("giống hệt|câu trả lời khác", guess.text)
    blind = client.get(f"{SECOND}/{ward}")
    assert "Phiếu ông/bà cần lấy ra: 0007, 0012" in plain(blind)
    assert value(blind, "_number") == "0007"
    assert value(blind, "q-access.signage") == ""
    assert "Rất tốt" not in blind.text
    assert 'name="q-comment"' not in blind.text
    saved = key(client, f"{SECOND}/{ward}", "0007", access__signage="5")
    assert saved.location == f"{SECOND}/{ward}"
    after = client.get(f"{SECOND}/{ward}")
    assert "Đã lưu phiếu số 7" in plain(after)
    assert value(after, "_number") == "0012"


def test_the_paper_decides_and_the_audit_record_tells_no_answer(
    client: FlaskClient, database: Database, ward: int
) -> None:
    address = keyed_differently(client, ward)
    page = client.get(address)
    text = plain(page)
    assert "Đối chiếu phiếu số 0012" in text
    assert "5 – Rất hài lòng" in text
    assert "3 – Bình thường" in text
    assert "Trang thiết bị" not in text
    nothing = post(client, address)
    assert nothing.status_code == 422
    assert "Hãy chọn một giá trị theo phiếu giấy." in plain(nothing)
    fields = {"q-access.signage": "other", "k-access.signage": "8"}
    refused = post(client, address, **fields)
    assert refused.status_code == 422
    assert "Không hiểu “8”" in plain(refused)
    assert 'value="8"' in refused.text
    fields["k-access.signage"] = "2"
    assert post(client, address, **fields).location == SECOND
    assert sheets(database) == [{"access.signage": "2", "access.equipment": "4"}]
    page = plain(client.get(SECOND))
    assert "Phiếu số 0012: đã sửa 1 câu theo phiếu giấy." in page
    assert "Phường Bình Minh Quầy số 1 0012 1 Người thử" in page
    assert client.get(address).status_code == 404
    assert actions(database)[-1] == "paper.correct"
    sign_in_as(client, "quantri")
    audit = plain(client.get("/admin/audit"))
    assert "Sửa phiếu đã nhập theo phiếu giấy" in audit
    assert ": access.signage" in audit
    assert "0012" not in audit
    assert "Rất hài lòng" not in audit


def test_other_branches_see_and_reach_nothing(
    client: FlaskClient, database: Database, ward: int
) -> None:
    address = keyed_differently(client, ward)
    sign_in_as(client, "lan")
    assert "cần người khác" in plain(client.get(SECOND))
    assert client.get(address).status_code == 403
    sign_in_as(client, "thuan")
    assert "0012" not in plain(client.get(SECOND))
    assert client.get(address).status_code == 404
    assert post(client, address, **{"q-access.signage": "1"}).status_code == 404
    assert client.get(f"{SECOND}/{ward}").status_code == 404
    assert key(client, f"{SECOND}/{ward}", "12", access__signage="5").status_code == 404
    for path in ("forms/zz", f"forms/{'0' * 32}", "9999", "report.exe"):
        assert client.get(f"{SECOND}/{path}").status_code == 404, path
    assert sheets(database) == [{"access.signage": "5", "access.equipment": "4"}]
    own = openpyxl.load_workbook(io.BytesIO(client.get(f"{SECOND}/report.xlsx").data))
    cells = [cell.value for sheet in own for row in sheet.rows for cell in row]
    assert "Phiếu nhập hai lần" in cells
    assert "Câu sai" not in cells


def test_only_administrators_set_the_share(client: FlaskClient, database: Database) -> None:
    sign_in(client, "lan")
    assert "Lưu tỷ lệ" not in client.get(SECOND).text
    assert post(client, SECOND, share="50").status_code == 403
    sign_in_as(client, "quantri")
    assert 'value="100"' in client.get(SECOND).text
    for wrong in ("101", "x", ""):
        refused = post(client, SECOND, share=wrong)
        assert refused.status_code == 422, wrong
    assert post(client, SECOND, share="12,5", same_clerk="y").status_code == 302
    with database.session() as session:
        survey = session.scalars(select(Survey)).one()
        assert (survey.second_keying_share, survey.same_clerk_may_repeat) == (0.125, True)
    record = plain(client.get("/admin/audit"))
    assert "tỷ lệ phiếu nhập lần hai từ 100% thành 12,5%" in record
    assert "cùng một người được nhập hai lần từ không thành có" in record


def test_the_report_says_the_same_as_page_and_files(
    client: FlaskClient, database: Database, ward: int
) -> None:
    keyed_differently(client, ward)
    sign_in_as(client, "quantri")
    page = plain(client.get(SECOND))
    assert "Trong 2 câu được nhập hai lần ở 1 phiếu, có 1 câu hai lần nhập khác nhau" in page
    assert "50,00%" in page
    pdf = client.get(f"{SECOND}/report.pdf")
    text = " ".join(
        " ".join(page.extract_text().split())
        for page in pypdf.PdfReader(io.BytesIO(pdf.data)).pages
    )
    assert "Chất lượng nhập phiếu giấy" in text
    assert "50,00%" in text
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{SECOND}/report.xlsx").data))
    assert {"Loại câu hỏi", "Câu hỏi"} <= set(book.sheetnames)
    assert client.get(f"{SECOND}/report.json").status_code == 200
    assert actions(database).count("report.export") == 3


def test_a_form_chosen_by_nobody_leaves_no_row(
    client: FlaskClient, database: Database, ward: int
) -> None:
    with database.transaction() as session:
        find_survey(session, "KS-2026").second_keying_share = 0
    sign_in(client, "lan")
    key(client, f"{PAPER}/entry/{ward}", "1", access__signage="5")
    with database.session() as session:
        assert session.scalars(select(SecondKeying)).all() == []
