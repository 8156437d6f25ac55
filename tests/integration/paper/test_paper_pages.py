"""Pages for paper: forms to print, a workbook to key into; officers reach their own units only."""

import io
import re

import openpyxl
import pypdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.operations.fieldwork.surveys import close_survey, find_survey
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, SurveyResponse
from tests.integration.office import actions, plain, post, sign_in

PAPER = "/admin/surveys/KS-2026/paper"


# ── printing ──────────────────────────────────────────────────────────────────────────────────


def test_forms_are_printed_and_the_printing_is_on_record(
    client: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    sign_in(client)
    assert "Xã Hòa Thuận" in plain(client.get(PAPER))
    point = points["H01.02"]
    answer = client.get(f"{PAPER}/{point.id}.pdf?first=51&copies=3")
    assert answer.mimetype == "application/pdf"
    assert f"_{point.token}_0051_0053.pdf" in answer.headers["Content-Disposition"]
    pages = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    assert "Số phiếu: 0053" in pages[-1].extract_text()
    assert actions(database)[-1] == "paper.print"
    assert "0051–0053" in plain(client.get("/admin/audit"))
    assert client.get(f"{PAPER}/{point.id}.pdf").status_code == 200


@pytest.mark.parametrize("wish", ["copies=0", "copies=201", "copies=x", "first=-1", "copies=²"])
def test_impossible_numbers_are_told(
    client: FlaskClient, points: dict[str, CollectionPoint], wish: str
) -> None:
    sign_in(client)
    answer = client.get(f"{PAPER}/{points['H01.01'].id}.pdf?{wish}")
    assert answer.status_code == 422
    assert "phiếu" in plain(answer)


def test_an_officer_prints_for_the_own_units_only(
    client: FlaskClient, points: dict[str, CollectionPoint]
) -> None:
    sign_in(client, "phuong")
    page = plain(client.get(PAPER))
    assert "Phường Bình Minh" in page
    assert "Xã Hòa Thuận" not in page
    assert client.get(f"{PAPER}/{points['H01.01'].id}.pdf").status_code == 200
    assert client.get(f"{PAPER}/{points['H01.02'].id}.pdf").status_code == 404
    assert client.get(f"{PAPER}/999.pdf").status_code == 404


# ── keyed forms ───────────────────────────────────────────────────────────────────────────────


def a_file(*rows: tuple[str, ...], name: str = "phieu.csv") -> tuple[io.BytesIO, str]:
    lines = [("Mã điểm", "Số phiếu", "access.signage", "comment"), *rows]
    return io.BytesIO("\n".join(";".join(line) for line in lines).encode()), name


def send(client: FlaskClient, *rows: tuple[str, ...], wish: str = "check") -> TestResponse:
    return post(client, PAPER, wish=wish, file=a_file(*rows))


def press(client: FlaskClient, shown: TestResponse, wish: str) -> TestResponse:
    """Press a button of the page that was shown: the file travels along."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown.text)
    fields = {name: value for name, value in hidden if name != "csrf_token"}
    assert fields["content"]
    return post(client, PAPER, wish=wish, **fields)


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def test_a_file_is_checked_then_imported_and_again_changes_nothing(
    client: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    sign_in(client)
    tokens = [points[code].token for code in ("H01.01", "H01.02")]
    rows = [(tokens[number % 2], str(number), "5", "Tốt") for number in range(5)]
    checked = send(client, *rows)
    assert checked.status_code == 200
    assert "Phường Bình Minh Quầy số 1 3 0" in plain(checked)
    assert "Xã Hòa Thuận Quầy số 1 2 0" in plain(checked)
    assert count(database) == 0
    done = press(client, checked, "import")
    assert done.location == PAPER
    assert "Đã nhập 5 phiếu giấy." in plain(client.get(PAPER))
    assert count(database) == 5
    assert actions(database)[-1] == "paper.import"
    assert "5 phiếu mới, 0 phiếu đã có" in plain(client.get("/admin/audit"))
    again = send(client, *rows)
    assert "5 phiếu đã được nhập trước đây" in plain(again)
    assert 'value="import"' not in again.text
    press(client, again, "import")
    assert count(database) == 5


def test_a_file_with_mistakes_comes_back_with_the_cells_marked(
    client: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    sign_in(client)
    token = points["H01.01"].token
    rows = [(token, "1", "5", ""), (token, "2", "chín", "<b>")]
    refused = send(client, *rows)
    assert refused.status_code == 422
    text = plain(refused)
    assert "Tệp có 1 chỗ cần sửa; chưa nhập phiếu nào." in text
    assert "dòng 3, cột C không hiểu “chín”; hãy ghi 1, 2, 3, 4, 5 hoặc 0" in text
    marked = press(client, refused, "marked")
    book = openpyxl.load_workbook(io.BytesIO(marked.data))
    assert book["Dữ liệu"]["C3"].fill.fgColor.rgb == "FFFFC7CE"
    assert press(client, refused, "import").status_code == 422
    assert count(database) == 0
    assert "paper.import" not in actions(database)


def test_what_is_no_file_of_forms_is_told(client: FlaskClient) -> None:
    sign_in(client)
    assert "Chọn tệp." in plain(post(client, PAPER, wish="check"))
    wrong = post(client, PAPER, wish="check", file=(io.BytesIO(b"PK\x03\x04"), "a.xlsx"))
    assert wrong.status_code == 422
    assert "Không đọc được tệp" in plain(wrong)
    assert "Chỉ nhận tệp" in plain(
        post(client, PAPER, wish="marked", file=(io.BytesIO(b"x"), "a.pdf"))
    )
    large = io.BytesIO(b"x" * (4 * 1024**2 + 1))
    too_large = post(client, PAPER, wish="check", file=(large, "a.csv"))
    assert "lớn hơn 4 MB" in plain(too_large)
    too_large.request.environ["wsgi.input"].close()  # a file of the test client, it is so large
    assert post(client, PAPER, wish="other", file=a_file()).status_code == 422
    assert post(client, "/admin/surveys/XX/paper", wish="check", file=a_file()).status_code == 404


def test_a_form_without_its_token_is_refused(client: FlaskClient, database: Database) -> None:
    sign_in(client)
    assert client.post(PAPER, data={"wish": "import", "file": a_file()}).status_code == 400
    assert count(database) == 0


def test_an_officer_keys_for_the_own_units_only(
    client: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    sign_in(client, "phuong")
    own, other = points["H01.01"].token, points["H01.02"].token
    for wish in ("check", "import"):
        refused = send(client, (own, "1", "5", ""), (other, "1", "5", ""), wish=wish)
        assert refused.status_code == 422
        assert f"không có điểm thu thập “{other}” trong phạm vi" in plain(refused)
    assert count(database) == 0
    assert send(client, (own, "1", "5", ""), wish="import").status_code == 302
    assert count(database) == 1
    template = client.get(f"{PAPER}/template.xlsx")
    offered = openpyxl.load_workbook(io.BytesIO(template.data))["Điểm thu thập"]
    assert [str(cell.value)[:8] for (cell,) in offered.rows][1:] == [own]


def test_a_closed_survey_takes_no_forms(
    client: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    with database.transaction() as session:
        close_survey(find_survey(session, "KS-2026"))
    sign_in(client)
    assert "không nhập thêm phiếu giấy được" in plain(client.get(PAPER))
    refused = send(client, (points["H01.01"].token, "1", "5", ""), wish="import")
    assert refused.status_code == 410
    assert count(database) == 0


def test_pages_about_the_survey_lead_here(client: FlaskClient) -> None:
    sign_in(client)
    assert f'href="{PAPER}"' in client.get("/admin/surveys/KS-2026").text
    assert f'href="{PAPER}"' in client.get("/officer/surveys/KS-2026").text
