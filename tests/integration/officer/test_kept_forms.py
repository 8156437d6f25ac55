"""Results that were kept by an earlier program: their form has a number, and is read for ever."""

import json
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from survey_app.clock import local_date
from survey_app.errors import Conflict
from survey_app.operations.files.kept_analyses import result_of
from survey_app.operations.files.results import SCHEMA, FileResult, document_text, result_report
from survey_app.reporting.report import Percent, Table
from survey_app.storage.database import Database
from survey_app.storage.models import KeptAnalysis
from tests.integration.office import plain, post, sign_in
from tests.integration.officer.file_forms import PAGE, lines, make_accounts

#: Results as the program wrote them at the time, by kind and number of the form. Only added to.
KEPT = Path(__file__).parent / "kept"
STORED = sorted(KEPT.glob("*.json"))


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def store(database: Database, path: Path, schema: int = SCHEMA) -> int:
    """A row as a program that kept it has written it."""
    tree = json.loads(text_of(path))
    result = FileResult.from_text(text_of(path))
    with database.transaction() as session:
        row = KeptAnalysis(
            account_id=1,
            schema=schema,
            kind=tree["kind"],
            title=tree["title"],
            filename=tree["filename"],
            made_at=result.made_at,
            plan=tree["plan"],
            reading=json.dumps(tree["reading"]),
            document=json.dumps(tree["document"]),
        )
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def officer(client: FlaskClient, database: Database) -> FlaskClient:
    with database.transaction() as session:
        make_accounts(session)
    sign_in(client, "canbo")
    return client


@pytest.mark.parametrize("kind", ["answers", "ranks"])
def test_there_is_a_result_of_every_form(kind: str) -> None:
    names = {path.name for path in STORED}
    assert {f"{kind}-{number}.json" for number in range(1, SCHEMA + 1)} <= names


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_stored_result_is_read_with_every_number(path: Path) -> None:
    result = FileResult.from_text(text_of(path))
    tree = json.loads(text_of(path))
    assert json.loads(document_text(result)) == tree["document"]
    assert local_date(result.made_at) == date(2026, 7, 1)
    assert result_report(result, None).title == tree["title"]
    again = FileResult.from_text(result.to_text())
    assert again == result


def test_the_figures_of_a_stored_analysis() -> None:
    result = FileResult.from_text(text_of(KEPT / "answers-1.json"))
    tables = {
        table.code: table
        for chapter in result_report(result, None).chapters
        for table in chapter.blocks
        if isinstance(table, Table)
    }
    rows = {row.code: row.cells for row in tables["file_questions"].rows}
    questions = json.loads(text_of(KEPT / "answers-1.json"))["document"]["estimates"]["questions"]
    assert rows["q1"][2] == Percent(questions["q1"]["estimate"])
    assert rows["q1"][7] == questions["q1"]["n"] == 16
    assert rows["q3"][2] == "không tính được: không có câu trả lời"
    assert {"file_domains", "file_compare_questions", "file_intervals"} <= set(tables)


def test_a_stored_row_is_shown_and_given_as_it_was(
    officer: FlaskClient, database: Database
) -> None:
    path = KEPT / "answers-1.json"
    address = f"{PAGE}/kept/{store(database, path)}"
    tree = json.loads(text_of(path))
    page = officer.get(address)
    assert "2026" in plain(page)
    assert lines(page, "file_overall")["Bình quân các câu hỏi"][1:3] == ["34,38%", "25,8–44,1%"]
    assert officer.get(f"{address}/report.json").json == tree["document"]
    assert officer.get(f"{address}/report.yaml").text == tree["plan"]
    assert officer.get(f"{address}/report.xlsx").status_code == 200
    ranks = plain(officer.get(f"{PAGE}/kept/{store(database, KEPT / 'ranks-1.json')}"))
    assert "Chưa phân biệt được: Xã A và Xã B." in ranks
    assert "Xã C: sai số chuẩn bằng 0" in ranks


@pytest.mark.parametrize("schema", [SCHEMA + 1, None])
def test_a_form_of_another_program_is_refused(schema: int | None) -> None:
    tree = json.loads(text_of(KEPT / "ranks-1.json"))
    del tree["schema"]
    given = {} if schema is None else {"schema": schema}
    with pytest.raises(Conflict, match="phiên bản khác của phần mềm"):
        FileResult.from_text(json.dumps({**tree, **given, "a later key": 1}))


def test_a_row_of_a_later_program_is_refused_and_can_be_deleted(
    officer: FlaskClient, database: Database
) -> None:
    kept_id = store(database, KEPT / "answers-1.json", SCHEMA + 1)
    answer = officer.get(f"{PAGE}/kept/{kept_id}")
    assert (answer.status_code, "phiên bản khác" in plain(answer)) == (409, True)
    assert "Kết quả quý II" in plain(officer.get(PAGE))
    assert post(officer, f"{PAGE}/kept/{kept_id}/delete").status_code == 302
    assert "Chưa có báo cáo nào" in plain(officer.get(PAGE))


def test_what_is_kept_now_has_the_number_of_its_form(
    officer: FlaskClient, database: Database
) -> None:
    kept_id = store(database, KEPT / "ranks-1.json")
    with database.session() as session:
        row = session.get_one(KeptAnalysis, kept_id)
        assert json.loads(result_of(row).to_text())["schema"] == row.schema == SCHEMA
