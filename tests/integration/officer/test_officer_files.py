"""A file in the officer's area: understood or refused cell by cell, one result everywhere."""

import io
import json
import re

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from survey_app.estimation.estimate import IntervalMethod
from survey_app.operations.files import results as file_results
from survey_app.operations.files.analysis import analyse_file, read_plan
from survey_app.operations.files.plan_draft import MOST_GROUPS
from survey_app.reporting import formats
from survey_app.reporting.report import Points, PointsInterval
from survey_app.spreadsheets.opening import LARGEST_FILE
from survey_app.storage.database import Database
from survey_app.web.officer.file_views import MOST_PROBLEMS
from tests.integration.office import csrf_token, plain, post, sign_in
from tests.integration.officer.file_forms import (
    FIELDS,
    PAGE,
    analyse,
    lines,
    make_accounts,
    offered,
    shown,
)
from tests.integration.officer.messy import messy_csv, messy_workbook


@pytest.fixture(autouse=True)
def officer(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make_accounts(session)
    sign_in(client, "canbo")


# ── the same figures everywhere ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["tep.csv", "tep.xlsx"])
def test_page_json_and_command_say_the_same(client: FlaskClient, name: str) -> None:
    data = messy_csv() if name.endswith("csv") else messy_workbook()
    page = analyse(client, data, name, **FIELDS)
    assert page.status_code == 200
    given = analyse(client, data, name, **FIELDS, output="json")
    document = json.loads(given.data)
    plan = read_plan(offered(client, page, "yaml").text)
    assert document == analyse_file(data, name, plan).to_document()
    assert json.loads(offered(client, page, "json").data) == document
    for part, table in (("questions", "file_questions"), ("factors", "file_factors")):
        for code, figure in document["estimates"][part].items():
            assert lines(page, table)[code] == shown(figure)
    whole = document["estimates"]["overall"]
    overall = lines(page, "file_overall")
    assert overall["Bình quân các câu hỏi"] == shown(whole["criteria_mean"])
    assert overall["Bình quân các yếu tố"] == shown(whole["factor_mean"])
    assert overall["Gộp mọi câu trả lời"] == shown(whole["pooled"])
    women = document["domains"]["Giới tính=Nữ"]["overall"]["criteria_mean"]
    assert lines(page, "file_domains")["Giới tính: Nữ"] == shown(women)


def test_the_comparison_is_that_of_the_document_and_adjusted(client: FlaskClient) -> None:
    page = analyse(client, messy_csv(), **FIELDS)
    document = json.loads(offered(client, page, "json").data)
    found = document["compare"]["questions"]
    smallest = min(figure["p_value"] for figure in found.values())
    for code, figure in found.items():
        _, difference, interval, p_value, adjusted, verdict = lines(page, "file_compare_questions")[
            code
        ]
        assert difference == formats.cell(Points(figure["estimate"]))
        bounds = (figure["interval"][end] for end in ("low", "high"))
        assert interval == formats.cell(PointsInterval(*bounds, IntervalMethod.MEAN))
        assert p_value == formats.p_value(figure["p_value"])
        if figure["p_value"] == smallest:
            assert adjusted == formats.p_value(min(1.0, smallest * len(found)))
        assert verdict in {"có ý nghĩa thống kê", "chưa có ý nghĩa thống kê"}
    clear = lines(page, "file_compare_questions")["q4"]
    assert clear[-1] == "có ý nghĩa thống kê"


def test_csv_and_workbook_give_the_same(client: FlaskClient) -> None:
    documents = [
        analyse(client, data, name, **FIELDS, output="json").json
        for data, name in ((messy_csv(), "a.csv"), (messy_workbook(), "a.xlsx"))
    ]
    assert documents[0] == documents[1]


def test_what_was_read_is_said(client: FlaskClient) -> None:
    said = plain(analyse(client, messy_csv(), **FIELDS))
    assert "240 dòng số liệu, 4 câu hỏi trong 2 yếu tố" in said
    assert "bỏ qua 2 dòng trống và 1 dòng tiêu đề lặp lại" in said
    assert "chọn cụm theo cột “Xã” (12 cụm)" in said
    assert "hiệu chỉnh tổng thể hữu hạn theo cột “N_h”" in said


def test_questions_are_told_by_their_cells(client: FlaskClient) -> None:
    said = plain(analyse(client, messy_csv()))
    assert "gộp thành một yếu tố (4 cột): “q1”, “q2”, “q3”, “q4”" in said


def test_the_workbook_holds_the_same_numbers(client: FlaskClient) -> None:
    page = analyse(client, messy_csv(), **FIELDS)
    document = json.loads(offered(client, page, "json").data)
    book = openpyxl.load_workbook(io.BytesIO(offered(client, page, "xlsx").data))
    rows = {row[0]: row for row in book["Câu hỏi"].iter_rows(values_only=True)}
    for code, figure in document["estimates"]["questions"].items():
        estimate, low, high, error, deff = rows[code][1:6]
        assert (estimate, error, deff) == pytest.approx(
            (figure["estimate"], figure["standard_error"], figure["deff"]), rel=1e-12
        )
        assert [low, high] == pytest.approx(
            [figure["interval"]["low"], figure["interval"]["high"]], rel=1e-12
        )


def test_the_paper_is_a_paper(client: FlaskClient) -> None:
    answer = analyse(client, messy_csv(), **FIELDS, output="pdf", title="Kết quả quý II")
    assert answer.data.startswith(b"%PDF-")
    assert "PhanTichTep_KetQuaQuyII.pdf" in answer.headers["Content-Disposition"]


def test_a_plan_file_says_it_all(client: FlaskClient) -> None:
    plan = (
        "factors: {F1: [q1, q2], F2: [q3, q4]}\nclusters: Xã\nitem: mean\n"
        "intervals: [default, mean, logit]\n"
    )
    given = (io.BytesIO(plan.encode()), "ke hoach.yaml")
    page = analyse(client, messy_csv(), plan_file=given, factors="Một: lạ")
    document = json.loads(offered(client, page, "json").data)
    assert document == analyse_file(messy_csv(), "a.csv", read_plan(plan)).to_document()
    assert offered(client, page, "yaml").text == plan
    low, high = document["estimates"]["questions"]["q1"]["intervals"]["mean"]
    ends = f"{formats.percent_number(low, 1)}–{formats.percent(high, 1)}"
    assert lines(page, "file_intervals")["q1"][0] == ends


def test_undefined_figures_say_why(client: FlaskClient) -> None:
    page = analyse(client, "q1,q2,q3,xa\n5,4,,a\n5,3,,a\n5,4,,b\n5,2,,b\n", factors="A: q1-q3")
    found = lines(page, "file_questions")
    assert found["q3"][1] == "không tính được: không có câu trả lời"
    assert found["q1"][4] == "không tính được: mọi câu trả lời như nhau"
    assert "nan" not in plain(page).lower()


def test_the_page_names_the_limits_that_hold(client: FlaskClient) -> None:
    said = plain(client.get(PAGE))
    limits = file_results.PAGE_LIMITS
    rows, units = formats.count(limits.rows), formats.count(file_results.MOST_RANKED)
    assert f"lớn nhất {limits.file // 1024**2} MB và {rows} dòng." in said
    assert f"lớn nhất {LARGEST_FILE // 1024**2} MB và {units} đơn vị." in said
    assert f"nhiều nhất {MOST_GROUPS} nhóm mỗi cột." in said


def test_the_pages_of_files_are_marked_in_the_navigation(client: FlaskClient) -> None:
    def marked(page: TestResponse) -> list[tuple[str, str]]:
        return re.findall(r'aria-current="(\w+)">([^<]+)</a>', page.text)

    assert marked(client.get(PAGE)) == [("page", "Phân tích tệp")]
    assert marked(analyse(client, messy_csv(), **FIELDS)) == [("true", "Phân tích tệp")]
    assert marked(client.get("/officer/")) == [("page", "Kết quả")]


def test_few_clusters_are_a_caution(client: FlaskClient) -> None:
    rows = "".join(f"{number % 5 + 1},{'ab'[number % 2]}\n" for number in range(40))
    said = plain(analyse(client, f"q1,xa\n{rows}", clusters="xa"))
    assert "Chỉ có 2 cụm trong 1 tầng, tức 1 bậc tự do" in said


def test_the_plan_can_be_edited_and_used_again(client: FlaskClient) -> None:
    page = offered(client, analyse(client, messy_csv(), **FIELDS, title="Quý II"), "edit")
    assert "Tiếp cận: [q1, q2]" in page.text
    assert 'value="Quý II"' in page.text


# ── refusals ──────────────────────────────────────────────────────────────────────────────────


def test_every_cell_is_listed_and_what_was_typed_stays(client: FlaskClient) -> None:
    rows = "q1,q2,xa\n5,xx,a\n7,4,\n3,3.5,b\n"
    answer = analyse(client, rows, "loi.csv", factors="A: q1, q2", strata="xa", title="Tên riêng")
    assert answer.status_code == 422
    said = plain(answer)
    for place in ("dòng 2, cột B", "dòng 3, cột A", "dòng 4, cột B", "dòng 3, cột C"):
        assert place in said
    assert "Tệp có 4 ô không hiểu được; chưa tính gì." in said
    assert "Xin chọn lại tệp “loi.csv”" in said
    assert 'value="Tên riêng"' in answer.text
    assert "A: q1, q2</textarea>" in answer.text


def test_a_file_of_nothing_but_mistakes_is_cut_and_counted(client: FlaskClient) -> None:
    answer = analyse(client, "q1,ma\n" + "9,a\n" * 2_500, factors="A: q1")
    assert answer.status_code == 422
    assert answer.text.count("không phải câu trả lời") == MOST_PROBLEMS
    assert f"Còn {formats.count(2_500 - MOST_PROBLEMS)} chỗ nữa." in plain(answer)


def test_a_wrong_field_is_linked(client: FlaskClient) -> None:
    answer = analyse(client, "q1\n5\n4\n", weight="trong_so")
    assert answer.status_code == 422
    assert '<a href="#weight">Cột trọng số: Tệp không có cột “trong_so”.</a>' in answer.text


def test_mistakes_of_a_plan_are_not_those_of_the_fields(client: FlaskClient) -> None:
    plan = (io.BytesIO(b"factors: {F1: [q1]}\nitem: best\n"), "k.yaml")
    answer = analyse(client, "q1\n5\n4\n", plan_file=plan)
    assert answer.status_code == 422
    assert "item Chọn một trong: top2, mean." in plain(answer)
    assert "item: best" in answer.text  # the plan is kept in its field


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"population_members": "N"}, "Số lượng của một tầng là 3, ít hơn 4 đã có trong mẫu."),
        ({"population_members": "M"}, "Số lượng phải như nhau ở mọi dòng của cùng một tầng."),
        ({"weight": "Z"}, "Mọi trọng số đều bằng 0."),
    ],
)
def test_a_design_that_cannot_be_is_said_in_words(
    client: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    rows = "q1,N,M,Z\n5,3,10,0\n4,3,10,0\n2,3,11,0\n1,3,10,0\n"
    answer = analyse(client, rows, factors="A: q1", **fields)
    assert answer.status_code == 422
    assert sentence in plain(answer)


def test_letters_that_are_not_unicode_are_refused(client: FlaskClient) -> None:
    answer = analyse(client, "q1,Xã\n5,Đông Hải\n".encode("cp1258", "replace"))
    assert answer.status_code == 422
    assert "CSV UTF-8" in plain(answer)
    marked = b"\xef\xbb\xbf" + "q1,Xã\n5,Đông Hải\n4,An Lạc\n".encode()
    assert analyse(client, marked).status_code == 200


def test_no_file_and_no_such_wish(client: FlaskClient) -> None:
    answer = post(client, PAGE, wish="analyse", output="page")
    assert answer.status_code == 422
    assert '<a href="#file">' in answer.text
    assert post(client, PAGE, wish="delete").status_code == 422
    assert analyse(client, "q1\n5\n4\n", output="docx").status_code == 422


def test_the_token_is_asked_for(client: FlaskClient) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = True
    for address in (PAGE, f"{PAGE}/result", f"{PAGE}/kept/1/delete"):
        assert client.post(address, data={"wish": "rank"}).status_code == 400


def test_larger_files_than_elsewhere_are_taken_and_the_largest_refused(
    client: FlaskClient,
) -> None:
    token = csrf_token(client, "/account")

    def send(rows: str) -> TestResponse:
        file = FileStorage(io.BytesIO(rows.encode()), "tep.csv")
        fields = {"csrf_token": token, "wish": "analyse", "factors": "A: q1", "output": "page"}
        boundary, body = encode_multipart({**fields, "file": file})
        kind = f"multipart/form-data; boundary={boundary}"
        return client.post(PAGE, data=body, content_type=kind)

    rows = "".join(f"{number % 5 + 1},{'x' * 300}\n" for number in range(23_000))
    assert 6.5e6 < len(rows) < 7.5e6
    assert send(f"q1,ghi chú\n{rows}").status_code == 200
    too_large = send("q1\n" + "5\n" * 10_485_760)
    assert (too_large.status_code, "20 MB" in plain(too_large)) == (422, True)
    assert send("q1\n" + "5\n" * 11_534_336).status_code == 413
    too_many = send("q1\n" + "5\n" * 100_001)
    assert (too_many.status_code, "100.000 dòng" in plain(too_many)) == (422, True)


def test_the_work_needs_no_turn_to_write(client: FlaskClient, database: Database) -> None:
    token = csrf_token(client, "/account")
    with database.session(write=True) as writer:
        writer.execute(text("UPDATE account SET failed_attempts = 0"))
        data = {"csrf_token": token, "wish": "analyse", "factors": "A: q1"}
        file = (io.BytesIO(b"q1\nxx\n"), "a.csv")
        assert client.post(PAGE, data={**data, "file": file}).status_code == 422
