"""Cross tables as documents: no share, bar or test says what no count says."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.estimation.comparison.independence import pearson_test
from survey_app.estimation.disclosure.cross_tables import protect_table
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.reporting.figures.subjects import SurveySubject, UnitSubject
from survey_app.reporting.report import LikertBar, Percent, Withheld
from survey_app.reporting.results.cross_table import (
    CrossTable,
    compose_cross_table,
    independence_sentence,
)

DOCUMENT = Path(__file__).parents[3] / "questionnaires" / "sipas-counter.yaml"
QUESTIONNAIRE = parse_questionnaire(DOCUMENT.read_text(encoding="utf-8"))
SEX, OVERALL = QUESTIONNAIRE["respondent.sex"], QUESTIONNAIRE["overall.satisfaction"]
DAY = date(2026, 6, 30)
SURVEY = SurveySubject("KS-1", "Khảo sát", DAY, DAY, "sipas-counter@1", "abc", is_demo=False)
UNIT = UnitSubject("H01", "Phường Mẫu", "Ủy ban nhân dân phường Mẫu", "", "Mẫu")


def crossed(counts, rows=SEX, columns=OVERALL, test=None, tested=0) -> CrossTable:
    table = protect_table(
        counts, free_rows=[len(rows.choices)], free_columns=[len(columns.choices)]
    )
    return CrossTable(UNIT, SURVEY, rows, columns, DAY, table, test=test, tested=tested)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 30), min_size=6, max_size=6), min_size=4, max_size=4))
def test_shares_follow_from_the_counts_that_are_shown(counts):
    found = crossed(counts)
    if found.is_withheld:
        return
    report = compose_cross_table(found, dated=DAY)
    shares = report.table("cross_shares")
    codes = [column.code for column in shares.columns]
    for row, cells, truth in zip(shares.rows[:3], found.table.cells, counts, strict=False):
        values = dict(zip(codes, row.cells, strict=True))
        inner, base = cells[:-1], sum(truth[:-1])
        for option, count in zip(OVERALL.choices, inner, strict=True):
            share = values[f"share_{option.code}"]
            if isinstance(share, Percent):
                assert count is not None
                assert share.value == pytest.approx(count / base)
            else:
                assert share is None or isinstance(share, Withheld)
        if None not in inner and base:  # what is wholly shown is not kept back either
            assert all(isinstance(values[f"share_{o.code}"], Percent) for o in OVERALL.choices)
            assert values["n"] == base
            assert isinstance(values["chart"], LikertBar)
        if isinstance(values["n"], int):
            assert values["n"] == base
            assert None not in inner or cells[-1] is not None
        if isinstance(values.get("chart"), LikertBar):
            assert None not in inner
            assert sum(values["chart"].shares) == pytest.approx(1)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.integers(0, 30), min_size=6, max_size=6), min_size=4, max_size=4))
def test_no_document_holds_a_hidden_number(counts):
    found = crossed(counts)
    if found.is_withheld:
        return
    rows = compose_cross_table(found, dated=DAY).table("cross_counts").rows
    for row, cells, total in zip(rows, found.table.cells, found.table.row_totals, strict=False):
        for shown, count in zip(row.cells[1:], (*cells, total), strict=True):
            assert isinstance(shown, Withheld) if count is None else shown == count


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.integers(5, 30), min_size=6, max_size=6), min_size=4, max_size=4))
def test_where_nobody_is_in_a_small_group_everything_is_shown(counts):
    report = compose_cross_table(crossed(counts), dated=DAY)
    shown = [list(row.cells[1:-1]) for row in report.table("cross_counts").rows[:-1]]
    assert shown == counts
    shares = report.table("cross_shares").rows
    assert not any(isinstance(cell, Withheld) for row in shares for cell in row.cells)
    assert sum(isinstance(cell, Percent) for row in shares for cell in row.cells) == 4 * 5


def test_a_small_cell_takes_few_others_along():
    """One cell of three people: it, and one rectangle of others, so that no margin tells it."""
    counts = np.full((4, 6), 20)
    counts[1, 2] = 3
    rows = compose_cross_table(crossed(counts), dated=DAY).table("cross_counts").rows
    hidden = [
        (row.code, place)
        for row in rows
        for place, cell in enumerate(row.cells[1:])
        if isinstance(cell, Withheld)
    ]
    assert ("female", 2) in hidden
    assert len(hidden) == 4
    assert not any(isinstance(cell, Withheld) for cell in rows[-1].cells)


def test_only_scales_are_drawn():
    counts = np.full((6, 4), 9)
    found = crossed(counts, rows=OVERALL, columns=SEX)
    table = compose_cross_table(found, dated=DAY).table("cross_shares")
    assert table.legend is None
    assert [column.code for column in table.columns] == [
        "row",
        "share_male",
        "share_female",
        "share_prefer-not",
        "n",
    ]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([[50, 50], [20, 80]], "có ý nghĩa thống kê"),
        ([[50, 50], [49, 51]], "chưa đủ cơ sở"),
        ([[500, 5], [5, 500]], "p < 0,001"),
        ([[9, 1], [9, 2]], "quy tắc Cochran"),
    ],
)
def test_the_test_is_said_in_one_sentence(counts, said):
    sentence = independence_sentence(
        crossed(np.full((4, 6), 9), test=pearson_test(counts), tested=2)
    )
    assert said in sentence
    assert "chỉ trên 2 dòng không có ô ẩn" in sentence
    assert sentence.endswith(".") and sentence.count(". ") == 0
