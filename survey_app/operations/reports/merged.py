"""Figures of one unit by the boundaries of today: with the sheets of all that went into it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from survey_app.operations.figures.blocks import unit_standing
from survey_app.operations.figures.overview import Indices, UnitLine
from survey_app.operations.figures.periods import (
    MOST_PERIODS,
    Periods,
    PeriodSamples,
    broken_criteria,
    passed_over,
)
from survey_app.operations.figures.places import SurveyPlace, describe_regrouped, find_place
from survey_app.operations.organisation.lineage import Lineage
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.organisation.units import describe_unit
from survey_app.operations.questionnaires.lineage import compare_published
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.consolidated import joined_figures
from survey_app.operations.reports.joined_periods import Joined, Waves, join_lines
from survey_app.questionnaire.comparability import Break
from survey_app.reporting.figures.periods import Omission, Omitted, PeriodComparison, TrendPoint
from survey_app.reporting.figures.several_units import Weighting
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.storage.models import Survey
from survey_app.storage.queries.surveys import surveys_before


@dataclass(frozen=True, eq=False)
class _Period:
    """A place in one survey. ``joined``: its sheets, None where there are too few."""

    survey: Survey
    line: UnitLine
    joined: Joined | None

    @property
    def is_single(self) -> bool:
        """Whether the sheets that count were collected under one unit."""
        return self.joined is not None and len(self.joined.sample.samples) == 1

    @property
    def weighting(self) -> Weighting:
        """How the parts count; one part alone counts like its dossiers, known or not."""
        if self.joined is None or self.is_single:
            return Weighting.DOSSIERS
        return self.joined.sample.weighting


def measure_merged(
    session: Session,
    survey: Survey,
    place: SurveyPlace,
    lineage: Lineage,
    *,
    today: date,
    indices: Indices | None = None,
) -> UnitFigures:
    """The figures of a unit whose sheets were collected under several: each of them is a stratum.

    Those under the minimum base are left out, as are choice questions and groups: the report of
    each by the boundaries of the survey could be subtracted.
    """
    indices = indices or Indices()
    parts = [
        SurveyPlace(unit, (row,), (unit,)) for row, unit in zip(place.rows, place.was, strict=True)
    ]
    lines = indices.lines(session, survey, parts)
    joined = join_lines(session, survey, lines, fewest=1)
    found = joined_figures(session, survey, lines, joined, describe_unit(place.unit), today=today)
    periods = place_periods(session, survey, place, lineage, today=today, indices=indices)
    consolidation = found.consolidation
    return replace(
        found,
        consolidation=replace(consolidation, is_merged=True) if consolidation else None,
        previous=periods.previous,
        trend=periods.trend if joined else (),
        omitted=periods.omitted if joined else (),
        block=unit_standing(session, survey, place.unit.id, indices, lineage),
        boundaries=describe_regrouped([place]),
    )


def place_periods(
    session: Session,
    survey: Survey,
    place: SurveyPlace,
    lineage: Lineage,
    *,
    today: date,
    indices: Indices,
) -> Periods:
    """A unit of today against its latest earlier survey by the same questionnaire, and its whole
    series, across mergers.

    The series breaks, and nothing is compared, where other ground was surveyed (before a division,
    or without one of the units that went into this one), or where parts were weighted otherwise.
    """
    family = lineage.family(place.unit.id)
    earlier = [
        _period(session, before, found, indices)
        for before in surveys_before(session, survey, family)[:MOST_PERIODS]
        if (found := find_place(session, before, place.unit.id, lineage))
    ]
    if not earlier:
        return Periods(omitted=passed_over(session, survey, family, None, today))
    own, before = _period(session, survey, place, indices), earlier[0]
    omitted = passed_over(session, survey, family, before.survey, today)
    if reason := _why_not(before, own):
        omitted = (*omitted, Omitted(describe_survey(before.survey, today), reason))
    return Periods(
        _compare(session, before, own, today), _trend(session, [own, *earlier], today), omitted
    )


def _period(session: Session, survey: Survey, place: SurveyPlace, indices: Indices) -> _Period:
    line = indices.line(session, survey, place)
    return _Period(survey, line, join_lines(session, survey, [line], fewest=1))


def _compare(
    session: Session, earlier: _Period, later: _Period, today: date
) -> PeriodComparison | None:
    if earlier.joined is None or later.joined is None or _why_not(earlier, later):
        return None
    common = compare_published(session, earlier.survey.version, later.survey.version)
    if earlier.is_single and later.is_single:
        (first,), (second,) = earlier.joined.sample.samples, later.joined.sample.samples
        return PeriodSamples(first, second, common).compare(earlier.survey, today)
    both = (earlier.joined.sample, later.joined.sample)
    return Waves(*both, common, both).compare(earlier.survey, today)


def _why_not(earlier: _Period, later: _Period) -> Omission | Break | None:
    """Why two periods are not compared at all."""
    if earlier.joined is None or later.joined is None:
        return Omission.FEW_SHEETS
    return _breaks(earlier, later)


def _breaks(earlier: _Period, later: _Period) -> Break | None:
    """Why figures of two periods are not comparable, whatever was asked."""
    if earlier.line.place.extent != later.line.place.extent:
        return Break.TERRITORY
    return Break.WEIGHTING if earlier.weighting is not later.weighting else None


def _trend(
    session: Session, newest_first: Sequence[_Period], today: date
) -> tuple[TrendPoint, ...]:
    """Oldest first; each point breaks or goes on from the one before it."""
    points = []
    last = None
    for period in reversed(newest_first):
        line = period.line
        regrouped = describe_regrouped([line.place])
        subject = describe_survey(period.survey, today)
        point = TrendPoint(subject, line.n, line.index, regrouped=regrouped)
        if last is not None:
            common = compare_published(session, last.survey.version, period.survey.version)
            later = load_questionnaire(period.survey.version)
            point = replace(
                point,
                broken=_breaks(last, period) or common.index,
                broken_criteria=broken_criteria(common, later),
            )
        points.append(point)
        last = period
    return tuple(points)
