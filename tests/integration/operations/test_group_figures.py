"""Groups of respondents: their index, the difference from all others, what stays hidden."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from survey_app.estimation.simple_sample.index import estimate_index
from survey_app.operations.reports.analysis import measure_unit
from survey_app.reporting.figures.groups import PartitionFigures
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import Withheld
from survey_app.reporting.results.compose import compose_report
from survey_app.storage.models import Mode
from tests.factories import answer, make_point, make_survey, make_unit

TODAY = date(2026, 6, 15)
CRITERION, SEX = "access.signage", "respondent.sex"


def figures_of(session: Session, groups: dict[tuple[str, str], tuple[int, int]]) -> UnitFigures:
    """By mode and sex: how many sheets, and how many of them satisfied."""
    unit = make_unit(session)
    survey = make_survey(session, {unit: 1000})
    point = make_point(session, survey, unit)
    for (mode, sex), (n, satisfied) in groups.items():
        for k in range(n):
            answers = {CRITERION: "5" if k < satisfied else "2", SEX: sex}
            answer(session, point.token, answers, mode=Mode(mode))
    return measure_unit(session, survey, unit.id, today=TODAY)


def partition(figures: UnitFigures, code: str) -> PartitionFigures:
    return next(p for p in figures.groups if p.code == code)


GROUPS = {
    ("phone", "female"): (40, 20),
    ("phone", "male"): (30, 20),
    ("kiosk", "female"): (30, 29),
    ("kiosk", "male"): (30, 28),
}


def test_a_group_is_compared_with_everybody_else(session: Session) -> None:
    figures = figures_of(session, GROUPS)
    kiosk, phone = partition(figures, "mode").groups
    assert (kiosk.code, kiosk.n, phone.n) == ("kiosk", 60, 70)
    assert kiosk.index.value == 57 / 60
    assert kiosk.difference is not None
    assert kiosk.difference.value == round(57 / 60 - 40 / 70, 4)
    assert kiosk.is_significant
    expected = estimate_index([[1]] * 57 + [[0]] * 3, factor_of=[0], roll_up="pooled")
    assert kiosk.index.interval is not None and expected.interval is not None
    assert kiosk.index.interval.low == round(expected.interval.low, 4)
    assert not any(group.is_significant for group in partition(figures, SEX).groups)


def test_p_values_hold_for_the_whole_table(session: Session) -> None:
    """Holm over both tests; the two groups of a question are one and the same test."""
    figures = figures_of(session, GROUPS)
    modes, sexes = (partition(figures, code).groups for code in ("mode", SEX))
    small, large = (g.difference.p_value for g in (modes[0], sexes[0]) if g.difference)
    assert 0 < small < 1e-3 < 0.05 < large
    assert [g.p_value for g in modes] == pytest.approx([2 * small] * 2)
    assert [g.p_value for g in sexes] == pytest.approx([large] * 2)


def test_small_groups_are_as_hidden_as_in_their_own_count(session: Session) -> None:
    sheets = {"phone": (40, 30), "kiosk": (30, 20), "paper": (12, 6), "interview": (3, 1)}
    figures = figures_of(session, {(mode, "male"): counts for mode, counts in sheets.items()})
    groups = {group.code: group for group in partition(figures, "mode").groups}
    assert {code: group.n for code, group in groups.items()} == figures.by_mode
    hidden = {code for code, group in groups.items() if group.n is None}
    assert hidden == {"paper", "interview"}  # 3 alone would be had by subtraction
    for code in hidden:
        assert (groups[code].index.value, groups[code].difference) == (None, None)
    rows = {row.code: row for row in compose_report(figures, dated=TODAY).table("groups").rows}
    assert isinstance(rows["mode.interview"].cells[1], Withheld)
    assert rows["mode.interview"].cells[2:] == (None,) * 6


@pytest.mark.parametrize("silent", [0, 1, 2, 4, 5, 9])
def test_those_who_did_not_answer_cannot_be_had_by_subtraction(
    session: Session, silent: int
) -> None:
    """The whole without the groups shown is nobody, or at least five people."""
    unit = make_unit(session)
    survey = make_survey(session, {unit: 1000})
    point = make_point(session, survey, unit)
    groups = {"male": (41, 30), "female": (33, 20), "prefer-not": (22, 11)}
    for sex, (n, satisfied) in groups.items():
        for k in range(n):
            answer(session, point.token, {CRITERION: "5" if k < satisfied else "2", SEX: sex})
    for _ in range(silent):
        answer(session, point.token, {CRITERION: "1"})
    figures = measure_unit(session, survey, unit.id, today=TODAY)
    shown = [group.n for group in partition(figures, SEX).groups if group.n is not None]
    rest = figures.n - sum(shown)
    assert rest == 0 or rest >= 5
    assert len(shown) >= 2


def test_small_groups_are_shown_but_not_tested(session: Session) -> None:
    sheets = {("phone", "male"): (40, 30), ("kiosk", "male"): (30, 20), ("paper", "male"): (12, 1)}
    paper = {g.code: g for g in partition(figures_of(session, sheets), "mode").groups}["paper"]
    assert (paper.n, paper.index.value is None) == (12, False)
    assert (paper.difference, paper.p_value, paper.is_significant) == (None, None, False)


def test_one_group_alone_is_no_comparison(session: Session) -> None:
    figures = figures_of(session, {("phone", "female"): (40, 30)})
    assert figures.groups == ()
    assert "groups" not in {c.code for c in compose_report(figures, dated=TODAY).chapters}


def test_the_report_says_which_groups_differ(session: Session) -> None:
    report = compose_report(figures_of(session, GROUPS), dated=TODAY)
    prose = " ".join(text for block in report.blocks for text in getattr(block, "texts", ()))
    assert "Khác các nhóm còn lại, có ý nghĩa thống kê: “Thiết bị đặt tại" in prose
    rows = report.table("groups").rows
    assert [row.code for row in rows][:3] == ["mode", "mode.kiosk", "mode.phone"]
    assert rows[1].cells[-1] == "Có: cao hơn"
