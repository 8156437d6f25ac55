"""Several units as one: strata with their weights, what is left out, and the changes."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.estimation.plans.analysis import analyse
from survey_app.estimation.plans.plan import Comparison, Plan
from survey_app.operations.reports.consolidated import measure_consolidated
from survey_app.operations.reports.documents import Format, consolidated_report, render_document
from survey_app.questionnaire.comparability import Break
from survey_app.reporting.figures.periods import Omission
from survey_app.reporting.figures.several_units import Weighting
from survey_app.reporting.figures.subjects import UnitSubject
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import Withheld
from survey_app.storage.models import AdministrativeUnit, Survey
from tests.factories import QUESTIONNAIRES, answer, make_point, make_survey, make_unit

TODAY = date(2026, 6, 15)
LAST_YEAR = datetime(2025, 10, 1, 3, tzinfo=UTC)
SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
MAIN, WAITING, ATTITUDE = "service.overall", "service.waiting_time", "service.attitude"
SUBJECT = UnitSubject("H01", "Tỉnh Mẫu", "Ủy ban nhân dân tỉnh Mẫu", "", "Mẫu")

Rows = list[tuple[int, str, dict[str, str]]]  # unit, level of MAIN, other answers


@pytest.fixture
def units(session: Session) -> list[AdministrativeUnit]:
    root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
    return [make_unit(session, f"H01.0{k}", f"Phường {k}", parent=root) for k in range(3)]


def random_rows(seed: int, sizes: tuple[int, ...], shift: float = 0.0) -> Rows:
    random = np.random.default_rng(seed)
    rows: Rows = []
    for unit, size in enumerate(sizes):
        for _ in range(size):
            felt = random.normal(3.6 + 0.4 * unit + shift, 1.0)
            levels = [str(int(np.clip(round(felt + random.normal(0, 0.6)), 1, 5))) for _ in "abc"]
            others = {WAITING: levels[1]}
            if random.random() < 0.7:
                others[ATTITUDE] = levels[2]
            rows.append((unit, levels[0], others))
    return rows


def hold(
    session: Session,
    units: list[AdministrativeUnit],
    rows: Rows,
    populations: tuple[int | None, ...],
    *,
    last_year: bool = False,
    source: str = SOURCE,
) -> Survey:
    year = 2025 if last_year else 2026
    survey = make_survey(
        session,
        dict(zip(units, populations, strict=True)),
        code=f"MC-{year}",
        source=source,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )
    tokens = [make_point(session, survey, unit).token for unit in units]
    moment = {"at": LAST_YEAR} if last_year else {}
    for unit, level, others in rows:
        answer(session, tokens[unit], {MAIN: level, **others}, **moment)
    return survey


def joined(session: Session, survey: Survey) -> UnitFigures:
    return measure_consolidated(session, survey, None, SUBJECT, today=TODAY)


def as_columns(rows: Rows, populations: tuple[int, ...], year: int) -> dict[str, np.ndarray]:
    """The same answers as an agency's own sheet would hold them."""
    columns = {
        "q1": [float(level) for _, level, _ in rows],
        "q2": [float(others.get(WAITING, "nan")) for _, _, others in rows],
        "q3": [float(others.get(ATTITUDE, "nan")) for _, _, others in rows],
        "N": [float(populations[unit]) for unit, _, _ in rows],
        "year": [float(year)] * len(rows),
    }
    found = {name: np.array(values) for name, values in columns.items()}
    return found | {"unit": np.array([f"u{unit}" for unit, _, _ in rows])}


PLAN = Plan(factors={"F1": ("q1", "q2", "q3")}, strata="unit", population_members="N")


def test_the_whole_is_the_stratified_estimate(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    populations = (400, 90, 1500)
    rows = random_rows(1, (40, 25, 60))
    figures = joined(session, hold(session, units, rows, populations))
    expected = analyse(PLAN, as_columns(rows, populations, 2026)).estimates
    assert figures.overall is not None
    pooled, index = expected.overall["pooled"], figures.overall.index
    assert (index.value, index.standard_error, index.df) == pytest.approx(
        (pooled.estimate, pooled.standard_error, pooled.df), rel=1e-9
    )
    assert index.interval is not None
    assert (index.interval.low, index.interval.high) == pytest.approx(pooled.interval, rel=1e-9)
    by_code = {c.question.code: c for f in figures.factors for c in f.criteria}
    for code, column in ((MAIN, "q1"), (WAITING, "q2"), (ATTITUDE, "q3")):
        share, found = by_code[code].satisfied, expected.questions[column]
        assert (share.value, share.standard_error) == pytest.approx(
            (found.estimate, found.standard_error), rel=1e-9
        )
        assert share.interval is not None
        assert share.interval.method == "korn-graubard"
    assert figures.population == sum(populations)
    assert figures.consolidation is not None
    assert figures.consolidation.weighting is Weighting.DOSSIERS


def test_the_design_effect_is_that_of_the_official_index(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    """Also where an answer counts by its level, not as satisfied or not."""
    populations = (400, 90, 1500)
    rows = random_rows(11, (40, 25, 60))
    source = SOURCE.replace("item: top2", "item: mean", 1)
    figures = joined(session, hold(session, units, rows, populations, source=source))
    columns = as_columns(rows, populations, 2026)
    means, shares = (
        analyse(replace(PLAN, item=item), columns).estimates.overall["pooled"]
        for item in ("mean", "top2")
    )
    assert figures.consolidation is not None
    assert figures.consolidation.design_effect == pytest.approx(means.deff)
    assert figures.consolidation.design_effect != pytest.approx(shares.deff, rel=1e-3)


def test_by_hand_without_numbers_of_dossiers(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    """Every unit counts alike, and without N nothing is corrected."""
    counts = [(30, 40), (10, 20), (50, 50)]
    rows: Rows = [
        (unit, "5" if k < satisfied else "2", {})
        for unit, (satisfied, n) in enumerate(counts)
        for k in range(n)
    ]
    figures = joined(session, hold(session, units, rows, (400, None, 900)))
    share = figures.factors[0].criteria[0].satisfied
    shares = [satisfied / n for satisfied, n in counts]
    variances = [p * (1 - p) / (n - 1) for p, (_, n) in zip(shares, counts, strict=True)]
    assert share.value == pytest.approx(sum(shares) / 3)
    assert share.standard_error == pytest.approx(math.sqrt(sum(variances)) / 3)
    assert share.df == 110 - 3
    assert figures.consolidation is not None
    assert figures.consolidation.weighting is Weighting.PLAIN
    assert [member.weight for member in figures.consolidation.members] == pytest.approx([1 / 3] * 3)


def test_shares_of_levels_are_weighted_like_the_shares(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    figures = joined(session, hold(session, units, random_rows(2, (40, 25, 60)), (400, 90, 1500)))
    for factor in figures.factors:
        for criterion in factor.criteria:
            if criterion.satisfied.value is not None:
                assert sum(criterion.shares) == pytest.approx(1)
                assert sum(criterion.shares[3:]) == pytest.approx(criterion.satisfied.value)


def test_a_unit_under_the_minimum_base_is_not_in_the_whole(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    rows = random_rows(3, (40, 25, 4))
    survey = hold(session, units, rows, (400, 90, 1500))
    figures = joined(session, survey)
    assert figures.n == 65
    assert figures.consolidation is not None
    hidden = figures.consolidation.members[2]
    assert (hidden.n, hidden.weight, hidden.index.value) == (None, None, None)
    report = consolidated_report(session, survey, None, None, today=TODAY)
    row = next(r for r in report.table("members").rows if r.code == "H01.02")
    assert all(isinstance(cell, Withheld | None) for cell in row.cells[1:5])


def test_what_is_hidden_in_a_unit_cannot_be_had_by_subtraction(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    """A criterion with 3 answers in one unit adds nothing of that unit to the whole."""
    rows: Rows = [(unit, "5", {WAITING: "4"}) for unit in (0, 1) for _ in range(20)]
    rows += [(2, "5", {WAITING: "1"} if k < 3 else {}) for k in range(20)]
    figures = joined(session, hold(session, units, rows, (400, 90, 1500)))
    criterion = figures.factors[0].criteria[1]
    assert criterion.question.code == WAITING
    assert criterion.tally.n == 40
    assert criterion.satisfied.value == 1
    assert (criterion.satisfied.n, figures.factors[0].criteria[0].tally.n) == (40, 60)


def test_too_few_units_give_no_figure(session: Session, units: list[AdministrativeUnit]) -> None:
    survey = hold(session, units, random_rows(4, (40, 3, 2)), (400, 90, 1500))
    assert joined(session, survey).withheld
    report = consolidated_report(session, survey, None, None, today=TODAY)
    assert "members" not in {table.code for table in report.tables}
    with pytest.raises(NotFound, match="hai đơn vị"):
        measure_consolidated(session, survey, [units[0].id], SUBJECT, today=TODAY)


def test_the_change_is_that_of_one_stratified_design(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    populations = (400, 90, 1500)
    before, after = random_rows(5, (50, 30, 45)), random_rows(6, (40, 25, 60), shift=0.5)
    hold(session, units, before, populations, last_year=True)
    figures = joined(session, hold(session, units, after, populations))
    first, second = as_columns(before, populations, 2025), as_columns(after, populations, 2026)
    columns = {name: np.concatenate([first[name], second[name]]) for name in first}
    plan = Plan(
        factors=PLAN.factors,
        strata="unit",
        population_members="N",
        where={"year": 2026},
        compare=Comparison("year", 2025, 2026),
    )
    expected = analyse(plan, columns).compare
    assert expected is not None
    assert figures.previous is not None
    for row, figure in (
        (figures.previous.index, expected.overall["pooled"]),
        (figures.previous.criteria[0], expected.questions["q1"]),
    ):
        assert row.change is not None
        assert (row.change.value, row.change.p_value) == pytest.approx(
            (figure.estimate, figure.p_value), rel=1e-6
        )
        assert (row.change.low, row.change.high) == pytest.approx(figure.interval, rel=1e-6)
    assert [point.survey.code for point in figures.trend] == ["MC-2025", "MC-2026"]
    assert figures.previous.criteria_compared == 3


def test_a_criterion_is_compared_in_the_units_that_show_it_in_both_periods(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    """Identical sheets; but the one unit answers a criterion last year only, another now only."""

    def rows(with_criterion: int) -> Rows:
        levels = {0: "5", 1: "2", 2: "4"}
        return [
            (unit, "4", {WAITING: level} if unit in (with_criterion, 2) else {})
            for unit, level in levels.items()
            for _ in range(30)
        ]

    hold(session, units, rows(0), (400, 90, 1500), last_year=True)
    figures = joined(session, hold(session, units, rows(1), (400, 90, 1500)))
    assert figures.previous is not None
    row = next(r for r in figures.previous.criteria if r.code == WAITING)
    assert (row.earlier.n, row.later.n) == (30, 30)
    assert row.earlier.value == row.later.value == 1
    assert figures.previous.index.earlier.value == figures.previous.index.later.value


def test_other_weights_break_the_series_and_the_comparison_says_its_basis(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    """One number of dossiers more is no change of satisfaction."""
    rows = random_rows(12, (40, 25, 60))
    hold(session, units, rows, (400, None, 1500), last_year=True)
    survey = hold(session, units, rows, (400, 90, 1500))
    figures = joined(session, survey)
    assert figures.trend[-1].broken is Break.WEIGHTING
    assert figures.previous is not None
    index = figures.previous.index
    assert index.change is not None and index.change.value == pytest.approx(0)
    assert figures.overall is not None
    assert index.later.value != pytest.approx(figures.overall.index.value, abs=1e-4)
    report = consolidated_report(session, survey, None, None, today=TODAY)
    prose = " ".join(t for block in report.blocks for t in getattr(block, "texts", ()))
    assert "3 đơn vị có ở cả hai kỳ, mỗi đơn vị tính như nhau" in prose
    assert "nên khác chỉ số" in prose


def test_only_units_that_both_periods_have_are_compared(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    hold(session, units, random_rows(7, (30, 30, 3)), (400, 90, 1500), last_year=True)
    figures = joined(session, hold(session, units, random_rows(8, (30, 30, 30)), (400, 90, 1500)))
    assert figures.previous is not None
    assert figures.previous.index.later.n == 60
    assert figures.n == 90


def test_a_period_with_too_few_units_in_common_is_named(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    hold(session, units, random_rows(7, (30, 2, 3)), (400, 90, 1500), last_year=True)
    figures = joined(session, hold(session, units, random_rows(8, (30, 30, 30)), (400, 90, 1500)))
    assert (figures.previous, figures.trend) == (None, ())
    assert [item.reason for item in figures.omitted] == [Omission.FEW_UNITS]


@pytest.mark.parametrize("form", list(Format))
def test_the_report_in_every_format(
    session: Session, units: list[AdministrativeUnit], form: Format
) -> None:
    survey = hold(session, units, random_rows(9, (40, 25, 60)), (400, 90, 1500))
    report = consolidated_report(session, survey, None, None, today=TODAY)
    assert report.title.endswith("tại các đơn vị thuộc tỉnh Mẫu")
    assert report.letterhead.agency == "Ủy ban nhân dân tỉnh Mẫu"
    document = render_document(report, form)
    assert document.filename.startswith("BaoCaoTongHop_TinhMau")
    assert len(document.data) > 1000
