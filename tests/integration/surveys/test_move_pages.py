"""The pages of a survey that moves: the decision, open pages, forms on paper, the two reports."""

import io
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import openpyxl
import pypdf
import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.operations.fieldwork.devices import add_device, enrol
from survey_app.operations.fieldwork.moves import make_due_moves
from survey_app.operations.paper.imports import check_forms, read_keyed_table
from survey_app.storage.database import Database
from survey_app.storage.models import (
    CollectionPoint,
    QuestionnaireVersion,
    Survey,
    SurveyMove,
    SurveyResponse,
)
from tests.factories import (
    NOW,
    answer,
    make_account,
    make_one_time_link,
    make_point,
    make_survey,
    make_unit,
    recorded,
)
from tests.integration.office import plain, post, sign_in
from tests.integration.operations.test_moves import V1, first, published, second

HOUR = timedelta(hours=1)
PAGE = "/admin/surveys/KS-2026/move"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def token(database: Database) -> str:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, {unit: 400}, source=V1)
        make_account(session)
        published(session)
        return make_point(session, survey, unit).token


def make_move(client: FlaskClient, database: Database) -> None:
    sign_in(client)
    with database.session() as session:
        version = session.scalars(select(QuestionnaireVersion.id)).all()[-1]
    sent = {"version_id": str(version), "reason": "thang đo mới", "agreed": "y"}
    assert post(client, PAGE, **sent).status_code == 302
    with database.transaction() as session:
        assert make_due_moves(session, now=NOW + HOUR)


def numbers(database: Database) -> list[int]:
    with database.session() as session:
        return sorted(session.scalars(select(SurveyResponse.version_number)))


def test_the_page_says_what_a_move_means(
    client: FlaskClient, database: Database, token: str
) -> None:
    sign_in(client)
    text = plain(client.get(PAGE))
    assert "2 trong số 3 tiêu chí gộp phiếu của cả hai phiên bản." in text
    assert "“Thời gian chờ đợi” (thang trả lời đã đổi)" in text
    assert "So sánh được (lý do: cùng một ý)" in text and "Ngắt chuỗi" in text
    assert "Phiếu mới không còn câu (xem ở phần riêng của phiên bản 1)" in text
    refused = post(client, PAGE, version_id="2", reason="")
    assert refused.status_code == 422
    assert "Ghi lý do." in plain(refused) and "Đánh dấu ô này" in plain(refused)


def test_the_decision_is_on_record(client: FlaskClient, database: Database, token: str) -> None:
    make_move(client, database)
    text = plain(client.get("/admin/surveys/KS-2026"))
    assert "Chuyển từ phiên bản 1 sang phiên bản 2" in text and "Lý do: thang đo mới" in text
    with database.session(write=True) as session:
        move = session.scalars(select(SurveyMove)).one()
        assert (move.former_number, move.number, move.starts_at.hour) == (1, 2, NOW.hour + 1)
        assert [e.action for e in recorded(session)].count("survey.move") == 1
    assert "Chưa có phiên bản nào được công bố sau phuc-vu@2" in plain(client.get(PAGE))


def test_a_decision_is_taken_back_with_its_reason(
    client: FlaskClient, database: Database, token: str, clock: time_machine.Traveller
) -> None:
    sign_in(client)
    sent = {"version_id": "2", "reason": "thang đo mới", "agreed": "y"}
    assert post(client, PAGE, **sent).status_code == 302
    survey_page = "/admin/surveys/KS-2026"
    assert "Từ 11:00 15/06/2026" in plain(client.get(survey_page))
    clock.move_to(NOW + HOUR)
    sign_in(client)
    late = plain(client.get(survey_page))
    assert "Lẽ ra đã chuyển sang phiên bản 2" in late and "đang không chạy" in late
    with database.transaction() as session:
        survey = session.scalars(select(Survey)).one()
        survey.ends_on = NOW.date() - timedelta(days=1)
    over = plain(client.get(survey_page))
    assert "chỉ khi kỳ khảo sát được kéo dài" in over and "xử lý nền" not in over
    refused = post(client, f"{PAGE}/call-off", reason="")
    assert refused.status_code == 422 and "Ghi lý do." in plain(refused)
    assert post(client, f"{PAGE}/call-off", reason="nhầm bản").location == survey_page
    told = plain(client.get(survey_page))
    assert "Hủy việc chuyển từ phiên bản 1 sang phiên bản 2" in told
    assert "nhầm bản" in told and "Lẽ ra" not in told
    again = post(client, f"{PAGE}/call-off", reason="lần nữa")
    assert again.status_code == 422 and "đã chuyển hoặc đã hủy" in plain(again)
    with database.session(write=True) as session:
        entry = [e for e in recorded(session) if e.action == "survey.call_off_move"]
        assert len(entry) == 1 and "nhầm bản" in entry[0].detail


def test_a_page_that_was_open_is_taken_by_its_own_version(
    client: FlaskClient, database: Database, token: str
) -> None:
    staff, client = client, client.application.test_client()
    assert 'name="_version" value="phuc-vu@1"' in client.get(f"/s/{token}").text
    make_move(staff, database)
    assert 'name="_version" value="phuc-vu@2"' in client.get(f"/s/{token}").text
    form = {"_response_id": str(uuid4()), "_language": "vi", "_version": "phuc-vu@1"}
    shown = client.post(f"/s/{token}", data=form | {"former": "again", "_display": "size:large"})
    assert "Ông/bà đến lần thứ mấy?" in shown.text and 'value="phuc-vu@1"' in shown.text
    stranger = client.application.test_client()
    assert stranger.post(f"/s/{token}", data=form | {"waiting": "5"}).status_code == 303
    form |= {"_version": "phuc-vu@2", "_response_id": str(uuid4())}
    stranger = client.application.test_client()
    assert stranger.post(f"/s/{token}", data=form | {"waiting": "5"}).status_code == 422
    assert stranger.post(f"/s/{token}", data=form | {"waiting": "3"}).status_code == 303
    assert numbers(database) == [1, 2]


def test_a_form_of_the_version_before_is_keyed_as_such(
    client: FlaskClient, database: Database, token: str
) -> None:
    make_move(client, database)
    page = "/admin/surveys/KS-2026/paper/entry/1"
    assert "Nhập phiếu của phiên bản 1" in plain(client.get(page))
    assert "Ông/bà đến lần thứ mấy?" in plain(client.get(f"{page}?version=1"))
    assert client.get(f"{page}?version=3").status_code == 404
    old = {"_version": "1", "_number": "7", "q-waiting": "5"}
    assert post(client, f"{page}?version=1", **old).location == f"{page}?version=1"
    assert post(client, page, _version="2", _number="8", **{"q-waiting": "5"}).status_code == 422
    assert post(client, page, _version="2", _number="8", **{"q-waiting": "3"}).status_code == 302
    assert numbers(database) == [1, 2]
    # The number of a form is one, whatever version somebody takes it to be of.
    assert post(client, page, _version="2", _number="7", **{"q-waiting": "3"}).status_code == 422


def test_a_file_is_of_one_version(client: FlaskClient, database: Database, token: str) -> None:
    make_move(client, database)
    text = f"Mã điểm,Số phiếu,former\n{token},1,again\n"
    table = read_keyed_table(text.encode(), "phieu.csv")
    with database.session() as session:
        survey = session.scalars(select(Survey)).one()
        before = session.scalars(select(QuestionnaireVersion)).all()[0]
        options = {"unit_ids": None, "secret": b"x", "now": NOW}
        batch = check_forms(session, survey, table, version=before, **options)  # type: ignore[arg-type]
        assert batch.forms[0].sheet.version == "phuc-vu@1"
    assert client.get("/admin/surveys/KS-2026/paper/template.xlsx?version=1").status_code == 200
    assert "Phiên bản in trên các phiếu của tệp" in plain(
        client.get("/admin/surveys/KS-2026/paper")
    )


def test_a_kiosk_that_has_not_heard_of_it(
    client: FlaskClient, database: Database, token: str
) -> None:
    with database.transaction() as session:
        point = session.scalars(select(CollectionPoint)).one()
        _, code = add_device(session, point, label="Máy 1", pin="2580", now=NOW)
        _, key = enrol(session, code, now=NOW)
        slip = make_one_time_link(session, point)
    make_move(client, database)
    kiosk = client.application.test_client()
    kiosk.set_cookie("hailong-kiosk", key, path="/k")
    asked = {"code": slip, "language": "vi"}
    for version, status in (("phuc-vu@1", 200), ("phuc-vu@2", 200), ("phuc-vu@3", 409)):
        assert kiosk.post("/k/code", json=asked | {"version": version}).status_code == status
    sheet = {
        "id": str(uuid4()),
        "link": slip,
        "version": "phuc-vu@1",
        "language": "vi",
        "answers": {"waiting": "5"},
        "seconds": 20,
        "answered_at": "2026-06-15T03:00:00.000Z",
        "is_partial": False,
    }
    sent = kiosk.post("/k/sheets", json=[sheet], headers={"Origin": "http://localhost"})
    assert sent.get_json()["results"][0]["status"] == "stored"
    assert numbers(database) == [1]


def test_reports_say_what_is_pooled_and_the_part_stands_alone(
    client: FlaskClient, database: Database, token: str
) -> None:
    make_move(client, database)
    with database.transaction() as session:
        for _ in range(6):
            answer(session, token, first("5", "5", "4"), version="phuc-vu@1")
            answer(session, token, second("1", "2", "1"), version="phuc-vu@2")
    page = "/officer/surveys/KS-2026/units/H01.01"
    whole = plain(client.get(page))
    assert "6 phiếu theo phiên bản 1, 6 phiếu theo phiên bản 2" in whole
    assert "“Thời gian chờ đợi” (thang trả lời đã đổi)" in whole
    assert "Chỉ số hài lòng chung cũng không tính phiếu theo phiên bản 1" in whole
    assert "Ngắt chuỗi trong kỳ" in client.get(f"{page}/report.json").text
    missing = "Kỳ này không có bảng theo nhóm người trả lời: bộ câu hỏi đổi phiên bản giữa kỳ"
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{page}/report.xlsx").data))
    cells = " ".join(str(cell.value) for sheet in book for row in sheet for cell in row)
    paper = pypdf.PdfReader(io.BytesIO(client.get(f"{page}/report.pdf").data))
    printed = " ".join(" ".join(one.extract_text() for one in paper.pages).split())
    for text in (whole, client.get(f"{page}/report.json").get_json(), cells, printed):
        assert missing in str(text)
    for other in ("", "/standings", "/model-estimates"):
        text = plain(client.get(f"/officer/surveys/KS-2026{other}"))
        assert "cuộc khảo sát thôi dùng phiên bản 1 của bộ câu hỏi" in text, other
    part = plain(client.get(f"{page}?version=1"))
    assert "riêng phiếu theo phiên bản 1" in part and "100,0%" in part
    assert "Ông/bà đến lần thứ mấy?" in part  # what only that version asked
    assert client.get(f"{page}/report.json?version=1").status_code == 200
    assert client.get(f"{page}?version=2").status_code == 404
    with database.transaction() as session:  # a few of a third kind would be told by subtraction
        unit_sheets = session.scalars(select(SurveyResponse)).all()
        for sheet in [s for s in unit_sheets if s.version_number == 2][:2]:
            session.delete(sheet)
    assert "100,0%" not in plain(client.get(f"{page}?version=1"))
