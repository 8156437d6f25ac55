"""Pace of a survey: how far its units are, against their targets and the time that is over."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from survey_app.clock import local_date, start_of
from survey_app.estimation.comparison.pace import find_late
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.integrity.office_time import office_time
from survey_app.operations.figures.targets import UnitProgress, progress_of
from survey_app.storage.models import Survey, SurveyStatus
from survey_app.storage.queries.survey_events import Pause, pauses_of
from survey_app.storage.queries.surveys import last_hours

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class UnitPace:
    """A unit on its way. ``expected``: sheets that were due by now, None without a target;
    ``last_day``: of the latest sheet, None where there are fewer than the minimum base: the day
    would tell of single sheets."""

    line: UnitProgress
    expected: float | None
    is_late: bool
    last_day: date | None

    @property
    def required(self) -> int:
        return self.line.figures.required if self.line.figures else 0

    @property
    def missing(self) -> int:
        return self.line.figures.missing if self.line.figures else 0


@dataclass(frozen=True)
class SurveyPace:
    """``share``: of the office time of the period that is over, pauses left out, 0..1;
    ``days_left``: calendar days, today and the last one included."""

    units: tuple[UnitPace, ...]
    share: float
    days_left: int

    @property
    def late(self) -> tuple[UnitPace, ...]:
        """The late, those with most missing first."""
        found = (unit for unit in self.units if unit.is_late)
        return tuple(sorted(found, key=lambda unit: -unit.missing))

    @property
    def has_own(self) -> bool:
        """Whether some unit has a number of its own instead of what the margin needs."""
        return any(unit.line.has_own for unit in self.units)

    @property
    def received(self) -> int:
        return sum(unit.line.valid for unit in self.units)

    @property
    def required(self) -> int:
        return sum(unit.required for unit in self.units)


def pace_of(
    session: Session, survey: Survey, unit_ids: Collection[int] | None = None, *, now: datetime
) -> SurveyPace:
    """The units of a survey (those in ``unit_ids``, or all) against target and time.

    All units are judged together, whichever are told. Nobody is late in a survey that is not open.
    """
    lines = progress_of(session, survey)
    pauses = pauses_of(session, [survey.id]).get(survey.id, ())
    share = elapsed_share(survey.starts_on, survey.ends_on, pauses, now)
    late = _late(survey, lines, share)
    hours = last_hours(session, survey.id)
    units = tuple(
        UnitPace(
            line,
            line.figures.required * share if line.figures else None,
            line.unit.id in late,
            local_date(hours[line.unit.id]) if line.valid >= MINIMUM_BASE else None,
        )
        for line in lines
        if unit_ids is None or line.unit.id in unit_ids
    )
    return SurveyPace(units, share, max((survey.ends_on - local_date(now)).days + 1, 0))


def elapsed_share(starts_on: date, ends_on: date, pauses: Iterable[Pause], now: datetime) -> float:
    """How much of the office time in which sheets are taken is over. What a pause has taken out
    counts neither as over nor as still to come."""
    first, end = start_of(starts_on), start_of(ends_on + A_DAY)
    moment = min(max(now, first), end)
    spans = [(max(since, first), min(until or moment, moment)) for since, until in pauses]
    paused = sum((office_time(a, b) for a, b in spans if a < b), timedelta())
    over = office_time(first, moment) - paused
    whole = over + office_time(moment, end)
    return over / whole if whole else float(moment == end)


def _late(survey: Survey, lines: Collection[UnitProgress], share: float) -> frozenset[int]:
    """The ids of the late units."""
    if survey.status != SurveyStatus.OPEN:
        return frozenset()
    aimed = [(line, line.figures) for line in lines if line.figures is not None]
    found = find_late(
        [line.valid for line, _ in aimed], [figures.required for _, figures in aimed], share
    )
    late = (line.unit.id for (line, _), is_late in zip(aimed, found, strict=True) if is_late)
    return frozenset(late)
