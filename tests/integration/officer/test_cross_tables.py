"""Cross tables: protected together with the unit's report, in scope, on page and in files."""

import io
import itertools
import json
import random
from collections.abc import Mapping
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.estimation.disclosure.cross_tables import Outcome
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.reports.cross_tables import CrossTable, cross_choice, measure_cross_table
from survey_app.operations.reports.documents import unit_report
from survey_app.reporting.rendering.json_document import json_document
from survey_app.reporting.results.cross_table import (
    NoTable,
    compose_cross_table,
    independence_sentence,
)
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit, Survey
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, plain, sign_in
from tests.unit.estimation.disclosure.table_attack import Reader

SEX, OVERALL, TRIPS = "respondent.sex", "overall.satisfaction", "visit.trips"
CRITERION = "access.signage"
LEVELS = ("1", "2", "3", "4", "5")
#: Sex → sheets by level of overall satisfaction; the last by those who skipped that question.
COUNTS: Mapping[str | None, tuple[int, ...]] = {
    "male": (0, 3, 6, 20, 30, 1),
    "female": (0, 7, 9, 12, 25, 0),
    "prefer-not": (0, 0, 0, 8, 6, 0),
    None: (0, 0, 2, 1, 5, 0),
}


def fill(
    session: Session,
    survey: Survey,
    unit: AdministrativeUnit,
    counts: Mapping[str | None, tuple[int, ...]] = COUNTS,
) -> None:
    """Hand in the sheets that these counts count."""
    point = make_point(session, survey, unit)
    for sex, line in counts.items():
        for level, count in zip((*LEVELS, None), line, strict=True):
            answers = {SEX: sex, OVERALL: level}
            for _ in range(count):
                answer(session, point.token, {k: v for k, v in answers.items() if v})


def measured(
    session: Session, survey: Survey, unit: AdministrativeUnit, rows: str = SEX, columns: str = ""
) -> CrossTable:
    choice = cross_choice(survey, rows, columns or OVERALL)
    return measure_cross_table(session, survey, unit.id, choice, today=NOW.date())


def made(
    session: Session, counts: Mapping[str | None, tuple[int, ...]] = COUNTS
) -> tuple[Survey, AdministrativeUnit]:
    unit = make_unit(session)
    survey = make_survey(session, [unit])
    fill(session, survey, unit, counts)
    return survey, unit


def texts_of(found: CrossTable) -> str:
    report = compose_cross_table(found, dated=NOW.date())
    return " ".join(text for block in report.blocks for text in getattr(block, "texts", ()))


# ── counts and protection ─────────────────────────────────────────────────────────────────────


def test_what_is_shown_is_counted_right(session: Session) -> None:
    found = measured(session, *made(session))
    assert found.table is not None and found.table.outcome is Outcome.PROTECTED
    for line, truth in zip(found.table.cells, COUNTS.values(), strict=True):
        assert all(shown in (None, count) for shown, count in zip(line, truth, strict=True))
    assert found.table.cells[0][1] is None  # the 3
    assert found.table.total == sum(sum(line) for line in COUNTS.values())
    assert found.table.row_totals == (60, 53, 14, 8)


def test_margins_are_hidden_where_the_report_hides_them(session: Session) -> None:
    counts = {**COUNTS, "prefer-not": (0, 0, 0, 2, 1, 0)}
    survey, unit = made(session, counts)
    found = measured(session, survey, unit)
    report = unit_report(session, survey, unit.id, today=NOW.date())
    cells = {row.code: row.cells[2] for row in report.table("demographic").rows}
    assert found.table is not None
    for code, total in zip(counts, found.table.row_totals, strict=False):
        if code:
            assert total == (cells[f"{SEX}.{code}"] if total is not None else None)
            assert (total is None) == (not isinstance(cells[f"{SEX}.{code}"], int))
    assert found.table.row_totals[2] is None
    assert set(found.table.cells[2]) <= {None, 0}  # a zero that the columns' totals tell anyway


def published_sums(document: Mapping[str, Any]) -> Mapping[str, dict[str, Any]]:
    """The one-way tables of a unit's report: question → option → count, as JSON gives them."""
    found: dict[str, dict[str, Any]] = {}
    for role in ("demographic", "overall", "context"):
        for row in document["tables"][role]["rows"]:
            if row["level"] == 0:
                question = found.setdefault(row["code"], {"base": row["cells"]["n"]})
            else:
                question[row["code"].rsplit(".", 1)[1]] = row["cells"]["n"]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_reader_of_report_and_cross_tables_recovers_nothing(session: Session, seed: int) -> None:
    """From the very files an officer gets: the report's JSON and that of the cross table."""
    dice = random.Random(seed)
    levels = dict(zip((*LEVELS, None), (1, 3, 8, 30, 40, 2), strict=True))
    counts: dict[str | None, list[int]] = {s: [0] * 6 for s in ("male", "female", "prefer-not")}
    counts[None] = [0] * 6
    for _ in range(dice.choice((25, 60, 120))):
        sex = dice.choices([*counts], (45, 45, 6, 4))[0]
        counts[sex][dice.choices(range(6), [*levels.values()])[0]] += 1
    survey, unit = made(session, {sex: tuple(line) for sex, line in counts.items()})
    report = json_document(unit_report(session, survey, unit.id, today=NOW.date()))
    found = measured(session, survey, unit)
    document = json_document(compose_cross_table(found, dated=NOW.date()))
    sheets = sum(map(sum, counts.values()))
    reader, before = Reader(4, 6), Reader(4, 6)
    for attacker in (reader, before):
        one_way = published_sums(report)
        attacker.learn(itertools.product(range(4), range(6)), sheets)
        for question, line in ((SEX, attacker.row), (OVERALL, attacker.column)):
            figures = one_way[question]
            for place, shown in enumerate([v for k, v in figures.items() if k != "base"]):
                attacker.learn(line(place), shown if isinstance(shown, int) else None)
            size = len(figures) - 1
            attacker.learn([c for k in range(size) for c in line(k)], figures["base"])
    assert len(one_way[SEX]) == 4 and len(one_way[OVERALL]) == 6
    rows = document["tables"]["cross_counts"]["rows"]
    for i, row in enumerate(rows):
        values = list(row["cells"].values())[1:]
        for j, value in enumerate(values[:-1]):
            cells = [(i, j)] if i < 4 else reader.column(j)
            reader.learn(cells, value if isinstance(value, int) else None)
        if i < 4:
            reader.learn(reader.row(i), values[-1] if isinstance(values[-1], int) else None)
    for i, j in itertools.product(range(3), range(5)):
        if 0 < [*counts.values()][i][j] < MINIMUM_BASE:
            low, high = reader.interval([(i, j)])
            least, most = before.interval([(i, j)])
            assert high - low >= min(MINIMUM_BASE, most - least)
            assert not reader.subtracts([(i, j)])


def test_a_wholly_shown_table_has_shares_bars_and_a_test(session: Session) -> None:
    counts = {"male": (5, 5, 10, 40, 40, 0), "female": (10, 10, 20, 40, 20, 0)}
    found = measured(session, *made(session, counts))
    assert found.table is not None and found.table.outcome is Outcome.SAFE
    shares = compose_cross_table(found, dated=NOW.date()).table("cross_shares")
    drawn, first, *_, base = shares.rows[0].cells[1:]
    assert drawn.shares == (0.05, 0.05, 0.1, 0.4, 0.4)  # type: ignore[union-attr]
    assert drawn.satisfied_from == 3  # type: ignore[union-attr]
    assert (first.value, base) == (0.05, 100)  # type: ignore[union-attr]
    assert shares.rows[2].cells[1:] == (None,) * 6 + (0,)  # nobody preferred not to say
    assert shares.rows[-1].cells[-1] == 200
    sentence = independence_sentence(found)
    assert "χ² = 13,33, 4 bậc tự do, n = 200, p = 0,010" in sentence
    assert "chưa phải quan hệ nhân quả" in sentence


def test_small_expected_counts_are_said_and_p_is_not(session: Session) -> None:
    counts = {"male": (0, 0, 0, 9, 30, 0), "female": (0, 0, 6, 0, 7, 0)}
    found = measured(session, *made(session, counts))
    assert "quy tắc Cochran" in independence_sentence(found)
    assert "p = " not in independence_sentence(found)


def test_the_test_rests_on_shown_rows_only(session: Session) -> None:
    found = measured(session, *made(session))
    assert found.table is not None
    shown = [line[:-1] for line in found.table.cells[:-1] if None not in line[:-1]]
    assert shown == [(0, 0, 0, 8, 6)]
    assert found.tested == 1
    assert "cần ít nhất hai dòng không có ô ẩn" in independence_sentence(found)


# ── where there is no table ───────────────────────────────────────────────────────────────────


def test_too_few_sheets_give_no_table(session: Session) -> None:
    found = measured(session, *made(session, {"male": (0, 0, 0, 2, 2, 0)}))
    assert found.table is None
    assert "dưới 5 phiếu" in texts_of(found)


def test_a_question_too_few_answered_gives_no_table(session: Session) -> None:
    counts = {"male": (0, 0, 0, 2, 2, 0), None: (0, 0, 0, 20, 20, 0)}
    found = measured(session, *made(session, counts))
    assert found.table is None
    assert "không nêu số người trả lời câu hỏi “Giới tính”" in texts_of(found)


def test_a_criterion_too_few_answered_gives_no_table(session: Session) -> None:
    survey, unit = made(session)
    found = measured(session, survey, unit, columns=CRITERION)
    assert found.table is None and found.why is NoTable.COLUMNS_HIDDEN
    assert "không nêu số người trả lời câu hỏi “Biển hiệu" in texts_of(found)
    turned = measured(session, survey, unit, CRITERION, SEX)
    assert turned.why is NoTable.ROWS_HIDDEN
    assert "không nêu số người trả lời câu hỏi “Biển hiệu" in texts_of(turned)


def test_a_single_criterion_by_group_is_told_by_the_index_of_groups(session: Session) -> None:
    unit = make_unit(session)
    survey = make_survey(session, [unit])
    point = make_point(session, survey, unit)
    for number in range(40):
        sheet = {CRITERION: "45"[number % 2], SEX: ("male", "female")[number % 3 == 0]}
        answer(session, point.token, sheet)
    for pair in ((SEX, CRITERION), (CRITERION, SEX)):
        found = measured(session, survey, unit, *pair)
        assert found.why is NoTable.TOLD_BY_INDICES
        assert "có quá ít tiêu chí" in texts_of(found)
    more = ("access.equipment", "procedures.forms")
    for code in more:
        for _ in range(5):
            answer(session, point.token, {code: "4"})
    assert measured(session, survey, unit, SEX, CRITERION).table is not None


def test_the_two_criteria_of_a_factor_are_not_crossed(session: Session) -> None:
    """The factor's error tells how many are satisfied with both: one more equation."""
    unit = make_unit(session)
    survey = make_survey(session, [unit])
    point = make_point(session, survey, unit)
    pair, others = ("access.signage", "access.equipment"), ("procedures.forms", "officers.courtesy")
    for number in range(40):
        sheet = {code: "345"[(number * k) % 3] for k, code in enumerate((*pair, *others), 1)}
        answer(session, point.token, sheet)
    assert measured(session, survey, unit, *pair).why is NoTable.TOLD_BY_INDICES
    assert measured(session, survey, unit, pair[0], others[0]).table is not None


def test_a_follow_up_is_not_crossed_with_what_it_follows(session: Session) -> None:
    survey, unit = made(session)
    for pair in ((TRIPS, "visit.trips_reason"), ("visit.trips_reason", TRIPS)):
        found = measured(session, survey, unit, *pair)
        assert found.table is None and "chỉ hỏi tiếp" in texts_of(found)


def test_where_margins_tell_everything_the_table_is_withheld(session: Session) -> None:
    found = measured(session, *made(session, {"male": (0, 0, 0, 3, 9, 0)}))
    assert found.table is not None and found.table.outcome is Outcome.WITHHELD
    assert "Cả bảng được ẩn" in texts_of(found)
    assert compose_cross_table(found, dated=NOW.date()).tables == ()


@pytest.mark.parametrize(
    ("rows", "columns"),
    [("no.such", OVERALL), (SEX, "needs.improvements"), ("comment", OVERALL), (SEX, SEX)],
)
def test_what_cannot_be_crossed_is_not_found(session: Session, rows: str, columns: str) -> None:
    survey, _ = made(session)
    with pytest.raises(NotFound):
        cross_choice(survey, rows, columns)


def test_unasked_sex_by_overall_is_shown_first(session: Session) -> None:
    survey, _ = made(session)
    assert (cross_choice(survey).rows, cross_choice(survey).columns) == (SEX, OVERALL)
    assert cross_choice(survey, columns=SEX).rows != SEX
    assert cross_choice(survey, rows=OVERALL).columns != OVERALL


# ── pages and files ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def officer(database: Database, client: FlaskClient) -> FlaskClient:
    """The officer of one of two wards."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        own = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        other = make_unit(session, "H01.02", "Phường An Lạc", parent=root)
        away = make_unit(session, "H01.01.01", "Bộ phận Một cửa", "office", own)
        survey = make_survey(session, [own, other])
        fill(session, survey, own)
        fill(session, survey, other)
        assert away
        make_account(session, "phuong", AccountRole.OFFICER, own)
    sign_in(client, "phuong")
    return client


def page_of(unit: str, rest: str = "") -> str:
    return f"/officer/surveys/KS-2026/units/{unit}/cross{rest}"


def test_the_units_page_leads_to_it(officer: FlaskClient) -> None:
    unit = officer.get("/officer/surveys/KS-2026/units/H01.01").text
    assert f'href="{page_of("H01.01")}"' in unit


def test_the_page_says_what_is_hidden_and_why(officer: FlaskClient) -> None:
    text = plain(officer.get(page_of("H01.01")))
    assert "được ẩn để bảo vệ nhóm nhỏ" in text
    assert "ẩn (bảo mật)" in text
    assert "Không trả lời, không áp dụng" in text
    assert "Tổng số 0 10 17 41 66 1 135" in text


@pytest.mark.parametrize("ending", ["", "/table.json", "/table.xlsx"])
def test_units_out_of_scope_are_not_found(officer: FlaskClient, ending: str) -> None:
    assert officer.get(page_of("H01.01", ending)).status_code == 200
    for unit in ("H01.02", "H01", "H01.01.01", "H99"):  # others', above, not surveyed, unknown
        assert officer.get(page_of(unit, ending)).status_code == 404


def test_wrong_questions_are_one_sentence(officer: FlaskClient) -> None:
    found = officer.get(page_of("H01.01", "?rows=no.such"))
    assert found.status_code == 404
    assert "Không có câu hỏi này" in plain(found)
    assert "hai câu hỏi khác nhau" in plain(
        officer.get(page_of("H01.01", f"?rows={SEX}&columns={SEX}"))
    )


def test_page_excel_and_json_agree(officer: FlaskClient, database: Database) -> None:
    query = f"?rows={SEX}&columns={OVERALL}"
    document = json.loads(officer.get(page_of("H01.01", f"/table.json{query}")).data)
    book = openpyxl.load_workbook(
        io.BytesIO(officer.get(page_of("H01.01", f"/table.xlsx{query}")).data)
    )
    text = plain(officer.get(page_of("H01.01", query)))
    sheet = {row[0]: row[1:] for row in book["Số phiếu"].iter_rows(values_only=True)}
    for row in document["tables"]["cross_counts"]["rows"]:
        label, *cells = row["cells"].values()
        said = ["ẩn (bảo mật)" if isinstance(cell, dict) else cell for cell in cells]
        assert list(sheet[label]) == said
        assert " ".join([label, *map(str, said)]) in text
    assert officer.get(page_of("H01.01", f"/table.pdf{query}")).status_code == 404
    assert actions(database)[-2:] == ["report.export", "report.export"]
