"""Questionnaires for other programs, on the administrators' pages: files out, XLSForm in."""

import re
from html import unescape
from io import BytesIO
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey_app.clock import now
from survey_app.operations.questionnaires.drafts import draft_source
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.storage.database import Database
from survey_app.storage.models import QuestionnaireDraft
from tests.factories import QUESTIONNAIRES, make_account
from tests.integration.office import csrf_token, sign_in
from tests.unit.interchange.xlsform.forms import ASKED, LABEL, TEXT, form

SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")


@pytest.fixture
def version(database: Database) -> int:
    with database.transaction() as session:
        make_account(session)
        first = SOURCE.replace("code: social", "code: society")
        publish_questionnaire(session, first, now=now())
        return publish_questionnaire(session, SOURCE, now=now()).version.id


@pytest.fixture
def admin(client: FlaskClient, version: int) -> FlaskClient:
    sign_in(client)
    return client


def file(admin: FlaskClient, version: int, kind: str) -> TestResponse:
    return admin.get(f"/admin/questionnaires/{version}/files/{kind}")


def test_the_page_offers_every_file(admin: FlaskClient, version: int) -> None:
    page = admin.get(f"/admin/questionnaires/{version}").text
    offered = re.findall(rf"/admin/questionnaires/{version}/files/([a-z-]+)", page)
    assert offered == ["codebook-pdf", "codebook-xlsx", "xlsform", "ddi", "yaml"]
    for kind in offered:
        answer = file(admin, version, kind)
        assert answer.status_code == 200
        assert "one-stop-rating-2" in answer.headers["Content-Disposition"]
    assert file(admin, version, "yaml").text == SOURCE
    assert ElementTree.fromstring(file(admin, version, "ddi").data).tag.endswith("codeBook")
    assert file(admin, version, "dta").status_code == 404


def test_the_codebook_on_paper_and_as_excel(admin: FlaskClient, version: int) -> None:
    pages = PdfReader(BytesIO(file(admin, version, "codebook-pdf").data)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "BẢNG MÃ" in text
    assert "service_overall" in text
    assert "câu service.overall là “Rất không hài lòng”" in text
    assert "Nhãn tiếng Trung có trong bảng mã dạng Excel." in text
    assert "非常" not in text
    book = load_workbook(BytesIO(file(admin, version, "codebook-xlsx").data))
    rows = {row[0]: row for row in book["Cột về câu trả lời"].iter_rows(values_only=True)}
    assert rows["visit_field"][-1] == "1*, 2"  # the first version had another option
    assert rows["service_overall"][2:4] == ("1 đến 5 (thang satisfaction)", "Tiêu chí")
    labels = list(book["Thang đo, phương án"].iter_rows(values_only=True))
    assert (4, "4", "Hài lòng ✓", "Satisfied", "满意") in labels
    missing = [row[0] for row in book["Mã khuyết"].iter_rows(values_only=True)]
    assert missing[-4:] == [-9, -8, -7, -6]


def upload(admin: FlaskClient, data: bytes, filename: str = "phieu.xlsx") -> TestResponse:
    token = csrf_token(admin, "/admin/import-xlsform")
    fields = {"csrf_token": token, "file": (BytesIO(data), filename), "wish": "check"}
    return admin.post("/admin/import-xlsform", data=fields)


def test_a_form_becomes_a_draft(admin: FlaskClient, database: Database) -> None:
    page = upload(admin, form(ASKED, TEXT, {"type": "start", "name": "start"}))
    assert page.status_code == 200
    assert "nhập được" in page.text
    assert "Thông tin tự ghi của thiết bị" in page.text
    with database.session() as session:
        assert session.scalars(select(QuestionnaireDraft)).all() == []  # nothing stored yet
    fields = dict(re.findall(r'<input[^>]+name="(\w+)"[^>]+value="([^"]*)"', page.text))
    sent = {name: unescape(value) for name, value in fields.items()} | {"wish": "import"}
    answer = admin.post("/admin/import-xlsform", data=sent)
    assert answer.status_code == 302
    with database.session() as session:
        draft = session.scalars(select(QuestionnaireDraft)).one()
        assert answer.location.endswith(f"/admin/drafts/{draft.id}")
        questions = parse_questionnaire(draft_source(draft)).questions
    assert [question.code for question in questions] == ["came", "said"]


def test_what_cannot_be_expressed_is_listed_with_its_cell(
    admin: FlaskClient, database: Database
) -> None:
    rows = (ASKED, {"type": "geopoint", "name": "where", LABEL: "Ở đâu?"})
    page = upload(admin, form(*rows))
    assert page.status_code == 422
    assert "1 chỗ không biểu đạt được" in page.text
    assert "trang “survey”, dòng 3, cột A (type)" in page.text
    assert "Tạo bản thảo</button>" not in page.text
    with database.session() as session:
        assert session.scalars(select(QuestionnaireDraft)).all() == []


@pytest.mark.parametrize(
    ("data", "filename", "sentence"),
    [
        (b"", "a.xlsx", "Tệp trống"),
        (b"PK\x03\x04 not really", "a.xlsx", "Không đọc được tệp"),
        (b"type,name\ntext,a\n", "a.csv", "không có trang tên"),
        (b"<script>alert(1)</script>", "a.xlsx", "trang web mang đuôi"),
    ],
)
def test_files_that_are_refused(
    admin: FlaskClient, data: bytes, filename: str, sentence: str
) -> None:
    page = upload(admin, data, filename)
    assert page.status_code == 422
    assert sentence in page.text
