"""Targets by unit: what the sample-size planner asks of each, what was set instead, and the margins
that come of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.errors import Invalid, Problem
from survey_app.operations.audit.entries import changed, snapshot
from survey_app.operations.fieldwork.plan import claim_plan
from survey_app.operations.figures.targets import CONFIDENCE as CONFIDENCE
from survey_app.operations.figures.targets import (
    mistakes_in_target,
    set_target,
    wanted_size,
)
from survey_app.sampling.size import expected_margin, joint_margin, required_size
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyUnit
from survey_app.storage.queries.surveys import survey_units

#: More sheets of one unit are a slip of the pen.
MOST_SHEETS = 100_000


@dataclass(frozen=True)
class UnitNumbers:
    """What is set for a unit: dossiers in the period and sheets wanted, None = not known, none of
    its own."""

    population: int | None
    own: int | None


@dataclass(frozen=True)
class UnitTarget:
    """A unit in the plan. ``needed``: sheets by the survey's margin; ``n``: sheets wanted, the own
    number or the needed one; ``issued``: to be given out for them; ``margin``: what n sheets give,
    a proportion (0 in a census). All None in a survey without a target."""

    unit: AdministrativeUnit
    population: int | None
    own: int | None
    needed: int | None = None
    n: int | None = None
    issued: int | None = None
    margin: float | None = None


@dataclass(frozen=True)
class TargetTable:
    """All units, and their sums. ``margin``: of the whole survey, weighted by dossiers; None while
    those of some unit are not known."""

    lines: tuple[UnitTarget, ...]
    margin: float | None

    @property
    def population(self) -> int:
        return sum(line.population or 0 for line in self.lines)

    @property
    def unknown(self) -> int:
        """How many units there are whose dossiers are not known."""
        return sum(line.population is None for line in self.lines)

    @property
    def needed(self) -> int:
        return sum(line.needed or 0 for line in self.lines)

    @property
    def n(self) -> int:
        return sum(line.n or 0 for line in self.lines)

    @property
    def issued(self) -> int:
        return sum(line.issued or 0 for line in self.lines)

    @property
    def widest(self) -> float:
        """The widest margin of a unit, for a common scale."""
        return max((line.margin or 0.0 for line in self.lines), default=0.0)


@dataclass(frozen=True)
class TargetWish:
    """The targets of a survey as they are, or as they might be. ``margin``, ``response_rate``:
    proportions, None = no target, all issued sheets come back; ``numbers``: by unit id."""

    margin: float | None
    response_rate: float | None
    numbers: Mapping[int, UnitNumbers]


def targets_of(session: Session, survey: Survey) -> TargetWish:
    """The targets as they are stored."""
    numbers = _numbers(survey_units(session, survey.id))
    return TargetWish(survey.target_margin, survey.response_rate, numbers)


def target_table(session: Session, survey: Survey, wish: TargetWish | None = None) -> TargetTable:
    """What comes of the targets of a survey (None = as they are stored), its units in Vietnamese
    order. Raises Invalid with every mistake in them."""
    rows = survey_units(session, survey.id)
    numbers = _numbers(rows)
    if wish is None:
        wish = TargetWish(survey.target_margin, survey.response_rate, numbers)
    else:
        _require_sound(wish, {row.unit_id: row.unit for row in rows})
    numbers |= wish.numbers
    lines = tuple(_line(wish, row.unit, numbers[row.unit_id]) for row in rows)
    sure = [(line.margin, line.population) for line in lines]
    known = [(margin, size) for margin, size in sure if margin is not None and size is not None]
    whole = joint_margin(*zip(*known, strict=True)) if known and len(known) == len(sure) else None
    return TargetTable(lines, whole)


def set_targets(
    session: Session, survey: Survey, wish: TargetWish, *, revision: int
) -> dict[str, dict[str, dict[str, object]]]:
    """Set the target of a survey, and dossiers and own numbers of its units (units that are not
    named keep theirs). What changed, by unit code ("" = the survey): fields from and to.

    Raises Invalid with every mistake, Conflict when ``revision`` is no more the plan's.
    """
    rows = {row.unit_id: row for row in survey_units(session, survey.id)}
    _require_sound(wish, {unit_id: row.unit for unit_id, row in rows.items()})
    claim_plan(session, survey, revision)
    fields = ("target_margin", "response_rate")
    before = snapshot(survey, *fields)
    set_target(survey, margin=wish.margin, response_rate=wish.response_rate)
    done = {"": changed(before, snapshot(survey, *fields))}
    for unit_id, found in wish.numbers.items():
        row = rows.get(unit_id)
        if row is None:
            continue
        before = snapshot(row, "population", "target")
        row.population, row.target = found.population, found.own
        done[row.unit.code] = changed(before, snapshot(row, "population", "target"))
    session.flush()
    return {code: change for code, change in done.items() if change}


def _numbers(rows: Iterable[SurveyUnit]) -> dict[int, UnitNumbers]:
    return {row.unit_id: UnitNumbers(row.population, row.target) for row in rows}


def _require_sound(wish: TargetWish, units: Mapping[int, AdministrativeUnit]) -> None:
    problems = mistakes_in_target(wish.margin, wish.response_rate)
    if wish.margin is None and any(found.own is not None for found in wish.numbers.values()):
        message = "Nhập sai số mong muốn trước khi đặt số phiếu riêng cho từng đơn vị."
        problems.append(Problem(message, "margin"))
    for unit_id, found in wish.numbers.items():
        if unit_id in units:
            problems += _mistakes(units[unit_id], found)
    if problems:
        raise Invalid("Chưa lưu được mục tiêu.", problems)


def _mistakes(unit: AdministrativeUnit, found: UnitNumbers) -> list[Problem]:
    population, own = found.population, found.own
    problems = []
    if population is not None and population < 1:
        problems.append(Problem(f"{unit.name}: số hồ sơ phải là số nguyên dương.", "units"))
    if own is not None and not 1 <= own <= MOST_SHEETS:
        message = f"{unit.name}: số phiếu riêng phải từ 1 đến 100.000."
        problems.append(Problem(message, "units"))
    elif own is not None and population is not None and own > population:
        message = f"{unit.name}: số phiếu riêng ({own}) nhiều hơn số hồ sơ ({population})."
        problems.append(Problem(message, "units"))
    return problems


def _line(wish: TargetWish, unit: AdministrativeUnit, found: UnitNumbers) -> UnitTarget:
    population, own = found.population, found.own
    if wish.margin is None:
        return UnitTarget(unit, population, own)
    size, _ = wanted_size(wish.margin, wish.response_rate, population, own)
    needed = required_size(wish.margin, population=population, confidence=CONFIDENCE).n
    margin = expected_margin(size.n, population=population, confidence=CONFIDENCE)
    return UnitTarget(unit, population, own, needed, size.n, size.issued, margin)
