"""Targets by unit: what the planner asks, what is set instead, the margins that come of it."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid
from survey_app.operations.figures.targets import progress_of
from survey_app.operations.figures.unit_targets import (
    TargetWish,
    UnitNumbers,
    set_targets,
    target_table,
    targets_of,
)
from survey_app.operations.organisation.dossier_counts import populations_from_counts
from survey_app.storage.models import AdministrativeUnit, DossierCount, PublicService, Survey
from tests.factories import make_survey, make_unit


@pytest.fixture
def units(session: Session) -> list[AdministrativeUnit]:
    names = ("Phường An", "Phường Bình", "Xã Đông")
    return [make_unit(session, f"H01.0{n}", name) for n, name in enumerate(names)]


@pytest.fixture
def survey(session: Session, units: list[AdministrativeUnit]) -> Survey:
    return make_survey(session, dict(zip(units, (60, 2000, None), strict=True)), is_open=False)


def plan(session: Session, survey: Survey, **fields: object) -> object:
    known: dict[str, object] = {"margin": 0.05, "response_rate": 0.8, "numbers": {}}
    wish = TargetWish(**(known | fields))  # type: ignore[arg-type]
    done = set_targets(session, survey, wish, revision=survey.revision)
    assert target_table(session, survey, wish).margin == target_table(session, survey).margin
    return done


def test_the_planner_asks_as_the_textbook_does(session: Session, survey: Survey) -> None:
    assert target_table(session, survey).n == 0
    numbers = targets_of(session, survey).numbers
    plan(session, survey, numbers=numbers)
    table = target_table(session, survey)
    # Cochran with the finite population correction: 384,1/(1 + 383,1/N), rounded up.
    assert [line.needed for line in table.lines] == [53, 323, 385]
    assert [line.issued for line in table.lines] == [60, 404, 482]
    assert (table.n, table.unknown, table.population) == (761, 1, 2060)
    assert table.margin is None  # the dossiers of one unit are not known
    assert max(line.margin or 1 for line in table.lines) <= 0.05


def test_a_unit_may_have_a_number_of_its_own(
    session: Session, survey: Survey, units: list[AdministrativeUnit]
) -> None:
    numbers = {units[1].id: UnitNumbers(2000, 100), units[2].id: UnitNumbers(500, None)}
    done = plan(session, survey, numbers=numbers)
    assert done["H01.01"] == {"from": {"target": None}, "to": {"target": 100}}  # type: ignore[index]
    assert done["H01.02"] == {"from": {"population": None}, "to": {"population": 500}}  # type: ignore[index]
    table = target_table(session, survey)
    own = table.lines[1]
    assert (own.needed, own.n, own.issued) == (323, 100, 125)
    # 1,96·sqrt(0,25/100·1900/1999)
    assert own.margin == pytest.approx(0.09555, abs=1e-5)
    # The whole: each margin squared, weighted by the squared share of 2560 dossiers.
    assert table.margin == pytest.approx(0.0753, abs=2e-4)
    line = progress_of(session, survey)[1]
    assert line.figures
    assert (line.figures.required, line.figures.to_issue) == (100, 125)
    assert line.aim == pytest.approx(own.margin)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"margin": 0.9}, "margin"),
        ({"margin": None, "numbers": {1: UnitNumbers(60, 10)}}, "margin"),
        ({"numbers": {1: UnitNumbers(60, 61)}}, "units"),
        ({"numbers": {1: UnitNumbers(0, None)}}, "units"),
        ({"numbers": {1: UnitNumbers(None, 100_001)}}, "units"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(
    session: Session, survey: Survey, fields: dict[str, object], where: str
) -> None:
    with pytest.raises(Invalid) as refused:
        plan(session, survey, **fields)
    assert [problem.where for problem in refused.value.problems] == [where]
    assert (survey.target_margin, survey.revision) == (None, 1)
    with pytest.raises(Conflict):
        set_targets(session, survey, TargetWish(None, None, {}), revision=9)


def test_what_may_be_expected_is_what_was_a_year_before(
    session: Session, survey: Survey, units: list[AdministrativeUnit]
) -> None:
    service = PublicService(
        code="1.0", name="Thủ tục", field="Đất đai", sort_key=b"", search_key=""
    )
    session.add(service)
    session.flush()
    for month, dossiers in ((date(2025, 1, 1), 40), (date(2026, 1, 1), 7), (date(2024, 1, 1), 1)):
        ids = {"receiving_unit_id": units[0].id, "resolving_unit_id": units[1].id}
        row = DossierCount(month=month, service_id=service.id, dossiers=dossiers, **ids)
        session.add(row)
    session.flush()
    survey.starts_on, survey.ends_on = date(2026, 1, 15), date(2026, 2, 28)
    now = populations_from_counts(session, survey, by_receiving=True)
    before = populations_from_counts(session, survey, by_receiving=False, years_ago=1)
    assert (now, before) == ({units[0].id: 7}, {units[1].id: 40})
