"""The quarantine pages by role and unit, and what every form of a report says of flagged sheets."""

import csv
import io
import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.storage.database import Database
from survey_app.storage.models import Mode, Review
from tests.factories import answer, make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in

REASON = "Đã kiểm tra với bộ phận một cửa."
WARD, OFFICE, OTHER = "H01.01", "H01.01.01", "H01.02"
BOX = re.compile(r'name="group"[^>]*value="([^"]+)"')


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """A ward, an office below it, another ward; each has 20 sheets and 8 hasty ones."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, WARD, "Phường Bình Minh", parent=root)
        office = make_unit(session, OFFICE, "Bộ phận Một cửa Bình Minh", "office", ward)
        other = make_unit(session, OTHER, "Xã Hòa Thuận", "commune", root)
        survey = make_survey(session, {ward: 300, office: 200, other: 250})
        questions = [q.code for _, q in load_questionnaire(survey.version).criteria][:5]
        for unit in (ward, office, other):
            token = make_point(session, survey, unit).token
            for number in range(28):
                level = "1" if number < 8 else "5"
                seconds = 2 if number < 8 else 80
                answers = dict.fromkeys(questions, level)
                answer(session, token, answers, seconds=seconds, mode=Mode.KIOSK)
        make_account(session, "tinh", AccountRole.OFFICER, root)
        make_account(session, "phuong", AccountRole.OFFICER, ward)
        make_account(session)


def address(unit: str, rest: str = "") -> str:
    return f"/officer/surveys/KS-2026/units/{unit}/quarantine{rest}"


def report(unit: str, ending: str) -> str:
    return f"/officer/surveys/KS-2026/units/{unit}/report.{ending}"


def exclude(client: FlaskClient, unit: str, **fields: object) -> int:
    groups = [unescape(box) for box in BOX.findall(client.get(address(unit)).text)]
    form = {"group": groups, "verdict": "excluded", "reason": REASON, **fields}
    return post(client, address(unit), **form).status_code


def reviews(database: Database) -> list[int]:
    with database.session() as session:
        return list(session.scalars(select(Review.id).order_by(Review.id)))


def test_an_officer_sees_the_units_in_charge(client: FlaskClient) -> None:
    sign_in(client, "phuong")
    page = plain(client.get("/officer/surveys/KS-2026/quarantine"))
    assert "Phường Bình Minh 8 0 0" in page
    assert "Hòa Thuận" not in page
    assert client.get(address(OFFICE)).status_code == 200


@pytest.mark.parametrize("rest", ["", "/1"])
def test_another_branch_is_not_there(client: FlaskClient, database: Database, rest: str) -> None:
    sign_in(client)
    assert exclude(client, OTHER) == 302
    post(client, "/sign-out")
    sign_in(client, "phuong")
    assert client.get(address(OTHER)).status_code == 404
    form = {"group": ["rest~few"], "verdict": "accepted", "reason": REASON}
    assert post(client, address(OTHER, rest), **form).status_code == 404
    # Nor by the address of a unit that is the officer's own to decide on.
    assert post(client, address(OFFICE, "/1"), reason=REASON).status_code == 404
    assert reviews(database) == [1]


def test_the_own_unit_can_be_seen_and_not_judged(client: FlaskClient, database: Database) -> None:
    sign_in(client, "phuong")
    page = client.get(address(WARD))
    assert "do cơ quan cấp trên hoặc người quản trị xem xét" in plain(page)
    assert BOX.findall(page.text) == []
    group = unescape(BOX.findall(client.get(address(OFFICE)).text)[0])
    form = {"group": [group], "verdict": "excluded", "reason": REASON}
    assert post(client, address(WARD), **form).status_code == 403
    assert reviews(database) == []


def test_an_officer_above_decides_and_turns_it_round(
    client: FlaskClient, database: Database
) -> None:
    sign_in(client, "phuong")
    assert exclude(client, OFFICE) == 302
    page = plain(client.get(address(OFFICE)))
    assert "Không có phiếu nào đang chờ xem xét" in page
    assert f"Loại khỏi kết quả 8 Trả lời quá nhanh {REASON}" in page
    answered = post(client, address(OFFICE, "/1"), reason="Hỏi lại thì đúng là một đoàn khách.")
    assert answered.status_code == 302
    assert "Đã được thay" in plain(client.get(address(OFFICE)))
    assert actions(database)[-2:] == ["sheets.exclude", "sheets.accept"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reason": "  "}, "Nêu lý do, từ 10 đến 500 ký tự."),
        ({"group": []}, "Chọn ít nhất một nhóm phiếu."),
        ({"verdict": "delete"}, "Thao tác không hợp lệ"),
    ],
)
def test_a_wrong_form_is_said_and_nothing_lost(
    client: FlaskClient, database: Database, fields: dict[str, object], said: str
) -> None:
    sign_in(client)
    boxes = BOX.findall(client.get(address(WARD)).text)
    form = {"group": [unescape(b) for b in boxes], "verdict": "excluded", "reason": REASON}
    page = post(client, address(WARD), **{**form, **fields})
    assert page.status_code == 422
    assert said in plain(page)
    if "reason" in fields:
        assert re.search(r'name="group"[^>]* checked', page.text)
    assert reviews(database) == []


def test_nothing_without_the_token_of_the_form(client: FlaskClient, database: Database) -> None:
    sign_in(client)
    boxes = [unescape(box) for box in BOX.findall(client.get(address(WARD)).text)]
    form = {"group": boxes, "verdict": "excluded", "reason": REASON}
    assert client.post(address(WARD), data=form).status_code == 400
    assert reviews(database) == []


@pytest.mark.parametrize("path", ["", "KS-2026/quarantine"])
def test_the_pages_tell_no_opinion(client: FlaskClient, path: str) -> None:
    sign_in(client)
    address_of_page = f"/officer/surveys/{path}" if path else address(WARD)
    page = plain(client.get(address_of_page))
    for word in ("%", "71,43", "Rất hài lòng", "Rất không hài lòng"):
        assert word not in page


# ── reports ───────────────────────────────────────────────────────────────────────────────────


def test_every_form_says_the_same(client: FlaskClient) -> None:
    sign_in(client)
    assert exclude(client, WARD) == 302
    document = json.loads(client.get(report(WARD, "json")).data)
    figures = {code: item["value"] for code, item in document["key_figures"].items()}
    assert figures["sheets"] == 20
    assert figures["flagged_excluded"] == 8
    assert figures["flagged_waiting"] == figures["flagged_accepted"] == figures["partial"] == 0
    rows = {row["code"]: row["cells"] for row in document["tables"]["with_and_without"]["rows"]}
    assert (rows["without"]["index"], rows["with"]["index"]) == (1.0, pytest.approx(20 / 28))
    assert (rows["without"]["n"], rows["with"]["n"]) == (20, 28)
    assert rows["with"]["interval"]["low"] < 20 / 28 < rows["with"]["interval"]["high"]
    flags = document["tables"]["flags"]["rows"]
    assert [row["code"] for row in flags] == ["too_fast", "total"]

    lines = list(csv.reader(io.StringIO(client.get(report(WARD, "csv")).data.decode("utf-8-sig"))))
    cells = {(line[0], line[1], line[2]): line[4] for line in lines}
    assert cells["quality", "flagged_excluded", "value"] == "8"
    assert float(cells["with_and_without", "with", "index"]) == rows["with"]["index"]

    book = load_workbook(io.BytesIO(client.get(report(WARD, "xlsx")).data))
    values = [value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
    assert "Có tính phiếu bị loại" in values
    assert rows["with"]["index"] in [v for v in values if isinstance(v, float)]

    page = plain(client.get(f"/officer/surveys/KS-2026/units/{WARD}"))
    pdf = PdfReader(io.BytesIO(client.get(report(WARD, "pdf")).data))
    paper = " ".join(" ".join(p.extract_text() for p in pdf.pages).split())
    for text in (page, paper):
        assert "đã loại khỏi kết quả: 8 phiếu" in text
        assert "Ngoài ra có 8 phiếu đã bị loại sau khi xem xét" in text
        assert "71,43" in text


def test_the_joined_report_says_it(client: FlaskClient) -> None:
    sign_in(client)
    exclude(client, WARD)
    document = json.loads(client.get("/officer/surveys/KS-2026/consolidated/report.json").data)
    figures = {code: item["value"] for code, item in document["key_figures"].items()}
    assert (figures["sheets"], figures["flagged_excluded"]) == (76, 8)
    assert figures["flagged_waiting"] == 16
    assert "with_and_without" in document["tables"]


def test_standings_say_it_of_every_unit(client: FlaskClient) -> None:
    sign_in(client)
    exclude(client, OTHER)
    address_of_page = "/officer/surveys/KS-2026/standings"
    document = json.loads(client.get(f"{address_of_page}/table.json?block=all").data)
    figures = {code: item["value"] for code, item in document["key_figures"].items()}
    (block,) = (
        code.removesuffix(".flagged_excluded")
        for code, value in figures.items()
        if code.endswith(".flagged_excluded") and value == 8
    )
    rows = {row["code"]: row["cells"] for row in document["tables"][f"quality_{block}"]["rows"]}
    assert rows[OTHER]["excluded"] == 8
    assert (rows[OTHER]["index"], rows[OTHER]["index_with"]) == (1.0, pytest.approx(20 / 28))
    assert rows[OTHER]["interval_with"]["low"] < 20 / 28
    assert document["tables"][f"flags_{block}"]["rows"][0]["code"] == "too_fast"
    page = plain(client.get(f"{address_of_page}?block={block}"))
    assert "đã loại khỏi kết quả: 8 phiếu" in page
    assert "71,43%" in page
