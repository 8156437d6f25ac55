"""Figures by the boundaries of the survey and by those of today, against numbers made by hand."""

import math
from datetime import UTC, date, datetime

import pytest
from scipy import stats
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.operations.figures.blocks import error_of
from survey_app.operations.figures.overview import UnitLine, overview
from survey_app.operations.organisation.lineage import Lineage, read_lineage
from survey_app.operations.organisation.reorganisation import (
    EventKind,
    Reorganisation,
    Successor,
)
from survey_app.operations.organisation.unit_events import reorganise
from survey_app.operations.organisation.units import find_unit
from survey_app.operations.reports.analysis import measure_unit
from survey_app.operations.reports.consolidated import measure_consolidated
from survey_app.operations.reports.documents import unit_report
from survey_app.operations.reports.standings import survey_standings
from survey_app.questionnaire.comparability import Break
from survey_app.reporting.figures.several_units import Weighting
from survey_app.reporting.figures.subjects import UnitSubject
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import Report, Table
from survey_app.storage.models import Survey
from tests.factories import NOW, QUESTIONNAIRES, answer, make_point, make_survey
from tests.integration.operations.test_unit_events import unit

TODAY = date(2026, 12, 1)
MERGED_ON = date(2025, 7, 1)
SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
MAIN = "service.overall"
SUBJECT = UnitSubject("H", "Tỉnh Mẫu", "Ủy ban nhân dân tỉnh Mẫu", "", "Mẫu")

# The sheets of one question: (dossiers N, sheets n, of them satisfied).
# Before the merge, 2024: three communes that merge, and a neighbour that stays.
BEFORE = {"A": (400, 40, 20), "B": (100, 50, 40), "C": (500, 40, 36), "D": (1000, 100, 70)}
# After it, 2026: what the three became, and the neighbour.
AFTER = {"M": (1200, 100, 82), "D": (1000, 100, 70)}

# By hand, the communes as they were: A 20/40 = 0.5, B 40/50 = 0.8, C 36/40 = 0.9, D 70/100 = 0.7.
# The three together, each weighted by its dossiers (W = N_h/ΣN = 0.4, 0.1, 0.5):
#   0.4·0.5 + 0.1·0.8 + 0.5·0.9 = 0.20 + 0.08 + 0.45 = 0.73     (all sheets alike: 96/130 = 0.738)
MERGED = 0.73
# Variance Σ W_h² (1 - n_h/N_h) p_h q_h/(n_h - 1):
#   A  0.16·(1 - 0.10)·0.25/39 = 0.000923077
#   B  0.01·(1 - 0.50)·0.16/49 = 0.000016327
#   C  0.25·(1 - 0.08)·0.09/39 = 0.000530769
#   Σ = 0.001470173, root 0.0383428
MERGED_ERROR = 0.0383428
# Without finite populations: 0.001025641 + 0.000032653 + 0.000576923 = 0.001635217
MERGED_VARIANCE_FOR_CHANGES = 0.001635217
# 2026: 82/100 = 0.82; 0.82·0.18/99 = 0.001490909 without a finite population.
LATER, LATER_VARIANCE = 0.82, 0.001490909
# The change: 0.09; variance 0.003126126, root 0.0559118; t = 1.609678
# with 40 + 50 + 40 - 3 + 100 - 1 = 226 degrees of freedom.
CHANGE, CHANGE_ERROR, CHANGE_DF = 0.09, 0.0559118, 226


@pytest.fixture(autouse=True)
def communes(session: Session) -> None:
    root = unit(session, "H", "Tỉnh Mẫu", None, "province")
    for code, name in (("A", "Xã An"), ("B", "Xã Bình"), ("C", "Xã Cường"), ("D", "Xã Đông")):
        unit(session, code, name, root)


def hold(session: Session, year: int, numbers: dict[str, tuple[int | None, int, int]]) -> Survey:
    """A survey of a year: dossiers, sheets and how many of them are satisfied, by unit."""
    survey = make_survey(
        session,
        {find_unit(session, code): found[0] for code, found in numbers.items()},
        code=f"KS-{year}",
        source=SOURCE,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )
    for code, (_, n, satisfied) in numbers.items():
        token = make_point(session, survey, find_unit(session, code)).token
        for number in range(n):
            level = "5" if number < satisfied else "2"
            answer(session, token, {MAIN: level}, at=datetime(year, 6, 1, 3, tzinfo=UTC))
    return survey


def merge(session: Session) -> Lineage:
    plan = Reorganisation(
        EventKind.MERGE,
        MERGED_ON,
        "Nghị quyết số 1662/NQ-UBTVQH15",
        ("A", "B", "C"),
        (Successor("M", "Xã Mới"),),
    )
    reorganise(session, plan, now=NOW)
    return read_lineage(session)


def both_years(session: Session) -> tuple[Survey, Survey, Lineage]:
    before = hold(session, 2024, dict(BEFORE))
    lineage = merge(session)
    return before, hold(session, 2026, dict(AFTER)), lineage


def lines(session: Session, survey: Survey, lineage: Lineage | None) -> dict[str, UnitLine]:
    return {line.unit.code: line for line in overview(session, survey, None, lineage=lineage)}


def figures(session: Session, survey: Survey, code: str, lineage: Lineage | None) -> UnitFigures:
    found = find_unit(session, code)
    return measure_unit(session, survey, found.id, today=TODAY, lineage=lineage)


def prose(report: Report) -> str:
    return " ".join(text for block in report.blocks for text in getattr(block, "texts", ()))


def test_the_survey_before_the_merge_both_ways(session: Session) -> None:
    before, _, lineage = both_years(session)
    then = lines(session, before, None)
    assert {code: line.index.value for code, line in then.items()} == pytest.approx(
        {"A": 0.5, "B": 0.8, "C": 0.9, "D": 0.7}
    )
    now = lines(session, before, lineage)
    assert list(now) == ["D", "M"]  # Xã Đông, Xã Mới
    merged = now["M"]
    assert (merged.n, merged.population) == (130, 1000)
    assert merged.index.value == pytest.approx(MERGED)
    assert merged.index.standard_error == pytest.approx(MERGED_ERROR, abs=5e-8)
    assert merged.unlimited.standard_error == pytest.approx(
        math.sqrt(MERGED_VARIANCE_FOR_CHANGES), abs=5e-7
    )
    assert now["D"].index == then["D"].index  # who was not merged is what it was


def test_the_survey_after_the_merge_is_the_same_both_ways(session: Session) -> None:
    _, after, lineage = both_years(session)
    then, now = lines(session, after, None), lines(session, after, lineage)
    assert {code: line.index for code, line in then.items()} == {
        code: line.index for code, line in now.items()
    }
    assert now["M"].index.value == pytest.approx(LATER)


def test_ranks_both_ways(session: Session) -> None:
    before, _, lineage = both_years(session)

    def order(found: Lineage | None) -> list[tuple[str, int]]:
        standings = survey_standings(
            session, before, None, scope="", today=TODAY, draws=2000, lineage=found
        )
        return [(place.code, place.ranks.rank) for place in standings.blocks[0].places]

    # 0.9, 0.8, 0.7, 0.5 as they were; today 0.73 against 0.70: the neighbour is no more third.
    assert order(None) == [("C", 1), ("B", 2), ("D", 3), ("A", 4)]
    assert order(lineage) == [("M", 1), ("D", 2)]


def test_the_error_for_ranks_knows_that_sheets_weigh_differently(session: Session) -> None:
    before, _, lineage = both_years(session)
    merged = lines(session, before, lineage)["M"]
    # A sheet stands for N_h/n_h dossiers: 40 sheets for 10 each, 50 for 2, 40 for 12.5.
    # Kish: (400 + 100 + 500)² / (40·100 + 50·4 + 40·156.25) = 1 000 000/10 450 = 95.693780
    n = 95.693780
    # With two sheets added of each kind: centre (n·0.73 + 2)/(n + 4), squares about it.
    centre = (n * 0.73 + 2) / (n + 4)
    squares = n * (n - 1) * MERGED_VARIANCE_FOR_CHANGES
    squares += n * (0.73 - centre) ** 2 + 2 * (1 - centre) ** 2 + 2 * centre**2
    assert error_of(merged) == pytest.approx(math.sqrt(squares) / (n + 4), abs=5e-8)


def test_the_series_goes_across_the_merge(session: Session) -> None:
    _, after, lineage = both_years(session)
    then = figures(session, after, "M", None)
    assert then.previous is None and then.trend == ()  # nobody surveyed this unit before
    now = figures(session, after, "M", lineage)
    assert [point.index.value for point in now.trend] == pytest.approx([MERGED, LATER])
    assert [point.broken for point in now.trend] == [None, None]
    assert [point.n for point in now.trend] == [130, 100]
    merged = find_unit(session, "M").id
    report = unit_report(session, after, merged, today=TODAY, lineage=lineage)
    (trend,) = (b for b in report.blocks if isinstance(b, Table) and b.code == "trend")
    assert "Kỳ KS-2024: Xã Mới gồm Xã An, Xã Bình và Xã Cường khi khảo sát" in trend.description
    assert now.previous is not None and now.previous.index.change is not None
    change = now.previous.index.change
    assert change.value == pytest.approx(CHANGE)
    quantile = stats.t.ppf(0.975, CHANGE_DF)
    assert (change.low, change.high) == pytest.approx(
        (CHANGE - quantile * CHANGE_ERROR, CHANGE + quantile * CHANGE_ERROR), abs=2e-4
    )
    p_value = 2 * stats.t.sf(CHANGE / CHANGE_ERROR, CHANGE_DF)
    assert change.p_value == pytest.approx(p_value, abs=2e-4)


def test_the_report_of_the_merged_unit(session: Session) -> None:
    before, _, lineage = both_years(session)
    found = figures(session, before, "M", lineage)
    assert found.overall is not None and found.consolidation is not None
    assert found.unit.name == "Xã Mới"
    assert found.overall.index.value == pytest.approx(MERGED)
    assert found.overall.index.standard_error == pytest.approx(MERGED_ERROR, abs=5e-8)
    members = {member.name: member.weight for member in found.consolidation.members}
    assert members == pytest.approx({"Xã An": 0.4, "Xã Bình": 0.1, "Xã Cường": 0.5})
    merged = find_unit(session, "M")
    text = prose(unit_report(session, before, merged.id, today=TODAY, lineage=lineage))
    assert "theo địa giới hiện nay" in text
    assert "Xã Mới gồm Xã An, Xã Bình và Xã Cường" in text
    with pytest.raises(NotFound):  # at the time of that survey there was no such unit
        figures(session, before, "M", None)


def test_the_consolidated_report_both_ways(session: Session) -> None:
    before, after, lineage = both_years(session)
    # (400·0.5 + 100·0.8 + 500·0.9 + 1000·0.7)/2000 = 1430/2000, whichever way it is grouped.
    for found in (None, lineage):
        whole = measure_consolidated(session, before, None, SUBJECT, today=TODAY, lineage=found)
        assert whole.overall is not None
        assert whole.overall.index.value == pytest.approx(0.715)
    assert whole.consolidation is not None
    weights = {member.code: member.weight for member in whole.consolidation.members}
    assert weights == pytest.approx({"M": 0.5, "D": 0.5})
    # 2026: (1200·0.82 + 1000·0.70)/2200 = 1684/2200 = 0.765455; change 0.050455. As surveyed only
    # one unit is in both, which is no consolidation; today both are.
    then = measure_consolidated(session, after, None, SUBJECT, today=TODAY)
    assert then.previous is None
    now = measure_consolidated(session, after, None, SUBJECT, today=TODAY, lineage=lineage)
    assert now.previous is not None and now.previous.index.change is not None
    assert now.previous.units == 2
    assert now.previous.index.change.value == pytest.approx(1684 / 2200 - 0.715)
    assert [point.index.value for point in now.trend] == pytest.approx([0.715, 1684 / 2200])


def test_where_dossiers_are_not_known_parts_count_alike_and_the_series_breaks(
    session: Session,
) -> None:
    hold(session, 2024, {**BEFORE, "C": (None, 40, 36)})
    lineage = merge(session)
    after = hold(session, 2026, dict(AFTER))
    found = figures(session, after, "M", lineage)
    # (0.5 + 0.8 + 0.9)/3 = 0.7333: not what 0.82 of all dossiers can be compared with.
    assert found.trend[0].index.value == pytest.approx(2.2 / 3)
    assert found.trend[1].broken is Break.WEIGHTING
    assert found.previous is None


def test_a_part_that_was_not_surveyed_breaks_the_series(session: Session) -> None:
    hold(session, 2024, {"A": BEFORE["A"], "B": BEFORE["B"], "D": BEFORE["D"]})
    lineage = merge(session)
    after = hold(session, 2026, dict(AFTER))
    found = figures(session, after, "M", lineage)
    # (400·0.5 + 100·0.8)/500 = 0.56, of two communes out of three
    assert found.trend[0].index.value == pytest.approx(0.56)
    assert found.trend[1].broken is Break.TERRITORY
    assert found.previous is None
    assert [item.reason for item in found.omitted] == [Break.TERRITORY]


def test_a_part_with_too_few_sheets_is_left_out(session: Session) -> None:
    before = hold(session, 2024, {**BEFORE, "C": (500, 4, 4)})
    merged = lines(session, before, merge(session))["M"]
    # With C in, its four sheets could be had back from the figures of A and B.
    assert merged.index.value == pytest.approx(0.56)
    assert merged.n == 90


def test_a_divided_unit_stays_as_it_was(session: Session) -> None:
    before = hold(session, 2024, dict(BEFORE))
    plan = Reorganisation(
        EventKind.SPLIT,
        MERGED_ON,
        "NQ",
        ("A",),
        (Successor("A"), Successor("P", "Xã Phú")),
    )
    reorganise(session, plan, now=NOW)
    lineage = read_lineage(session)
    after = hold(session, 2026, {"A": (200, 40, 30), "P": (200, 40, 30), "D": AFTER["D"]})
    then = lines(session, before, lineage)
    assert then["A"].place.is_divided and then["A"].index.value == pytest.approx(0.5)
    assert "P" not in then
    old = find_unit(session, "A")
    text = prose(unit_report(session, before, old.id, today=TODAY, lineage=lineage))
    assert "đã được chia tách" in text
    found = figures(session, after, "A", lineage)
    assert found.trend[1].broken is Break.TERRITORY and found.previous is None
    assert figures(session, after, "P", lineage).trend == ()


def test_a_renamed_unit_has_the_name_of_its_time(session: Session) -> None:
    before = hold(session, 2024, dict(BEFORE))
    plan = Reorganisation(
        EventKind.RENAME, MERGED_ON, "NQ", ("A",), (Successor("A", "Phường An", "ward"),)
    )
    reorganise(session, plan, now=NOW)
    lineage = read_lineage(session)
    assert lines(session, before, None)["A"].unit.name == "Xã An"
    assert lines(session, before, lineage)["A"].unit.name == "Phường An"
    assert figures(session, before, "A", None).unit.agency == "Ủy ban nhân dân xã An"
    assert figures(session, before, "A", lineage).unit.agency == "Ủy ban nhân dân phường An"


def test_a_branch_sees_what_went_into_it(session: Session) -> None:
    before, _, lineage = both_years(session)
    merged = find_unit(session, "M")
    found = overview(session, before, [merged.id], lineage=lineage)
    assert [line.unit.code for line in found] == ["M"]
    assert overview(session, before, [merged.id]) == ()
    assert found[0].index.value == pytest.approx(MERGED)


def test_weights_stay_by_dossiers(session: Session) -> None:
    before, _, lineage = both_years(session)
    found = figures(session, before, "M", lineage)
    assert found.consolidation is not None
    assert found.consolidation.weighting is Weighting.DOSSIERS
