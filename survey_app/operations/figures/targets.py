"""Targets: how sure a survey wants to be in each unit, and how far each has come."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from survey_app.errors import Invalid, Problem
from survey_app.operations.figures.unit_sample import usable_population
from survey_app.reporting.formats import percent_as_written
from survey_app.sampling.size import CONFIDENCE as CONFIDENCE
from survey_app.sampling.size import (
    Progress,
    SampleSize,
    expected_margin,
    progress_to,
    required_size,
    sheets_to_issue,
)
from survey_app.storage.models import AdministrativeUnit, SampleDraw, Survey, SurveyUnit
from survey_app.storage.queries.samples import draws_of
from survey_app.storage.queries.surveys import sheets_by_unit, survey_units

#: A target outside of these is a slip of the pen: 0.5 % needs 38,415 sheets, 30 % eleven.
NARROWEST_MARGIN, WIDEST_MARGIN = 0.005, 0.3
LOWEST_RESPONSE_RATE = 0.01


@dataclass(frozen=True)
class UnitProgress:
    """A unit of a survey on the way to its target.

    ``population``: dossiers in the period, None = not known or below the number of sheets.
    ``size``, ``figures`` and ``aim`` (the margin of the sheets wanted, a proportion) are None
    where the survey has no target; ``has_own``: the number was set for this unit; ``draw`` is the
    one in force.
    """

    unit: AdministrativeUnit
    population: int | None
    valid: int
    size: SampleSize | None
    figures: Progress | None
    draw: SampleDraw | None
    aim: float | None = None
    has_own: bool = False


def set_target(survey: Survey, *, margin: float | None, response_rate: float | None) -> None:
    """Set what a survey aims at in each unit, or (None) that it has no target.

    margin: half-width of a share, a proportion; response_rate: share of issued sheets expected
    to come back, a proportion. Raises Invalid with both mistakes.
    """
    problems = mistakes_in_target(margin, response_rate)
    if problems:
        raise Invalid("Chưa lưu được mục tiêu.", problems)
    survey.target_margin, survey.response_rate = margin, response_rate


def progress_of(
    session: Session, survey: Survey, unit_ids: Collection[int] | None = None
) -> tuple[UnitProgress, ...]:
    """The units of a survey (those in ``unit_ids``, or all) against its target, in Vietnamese
    order, each with the draw in force."""
    sheets = sheets_by_unit(session, survey.id)
    latest: dict[int, SampleDraw] = {}
    for draw in draws_of(session, survey.id, unit_ids=unit_ids):
        latest.setdefault(draw.unit_id, draw)
    return tuple(
        _progress(survey, row, sheets.get(row.unit_id, 0), latest.get(row.unit_id))
        for row in survey_units(session, survey.id, unit_ids=unit_ids)
    )


def mistakes_in_target(margin: float | None, response_rate: float | None) -> list[Problem]:
    """What is wrong with a target, named after its two fields; None = not given."""
    problems = []
    if margin is not None and not NARROWEST_MARGIN <= margin <= WIDEST_MARGIN:
        low, high = map(percent_as_written, (NARROWEST_MARGIN, WIDEST_MARGIN))
        problems.append(Problem(f"Sai số mong muốn phải từ {low} đến {high}.", "margin"))
    if response_rate is not None and not LOWEST_RESPONSE_RATE <= response_rate <= 1:
        low = percent_as_written(LOWEST_RESPONSE_RATE)
        problems.append(Problem(f"Tỷ lệ thu về dự kiến phải từ {low} đến 100%.", "response_rate"))
    return problems


def wanted_size(
    margin: float, rate: float | None, population: int | None, own: int | None
) -> tuple[SampleSize, float]:
    """How many sheets a unit is to have, and the margin they are for: ``margin``, or that of the
    ``own`` number set for this unit (None = as many as the margin needs). ``rate``: share of
    issued sheets expected to come back."""
    size = required_size(margin, population=population, response_rate=rate, confidence=CONFIDENCE)
    if own is None:
        return size, margin
    n = own if population is None else min(own, population)
    issued = sheets_to_issue(n, population=population, response_rate=rate)
    is_reachable = issued >= n / (rate or 1)
    reached = expected_margin(n, population=population, confidence=CONFIDENCE)
    return replace(size, n=n, issued=issued, is_reachable=is_reachable), reached


def _progress(survey: Survey, row: SurveyUnit, valid: int, draw: SampleDraw | None) -> UnitProgress:
    population = usable_population(row.population, valid)
    margin, rate = survey.target_margin, survey.response_rate
    if margin is None:
        return UnitProgress(row.unit, population, valid, None, None, draw)
    size, aim = wanted_size(margin, rate, population, row.target)
    figures = progress_to(
        valid,
        size.n,
        population=population,
        response_rate=rate,
        confidence=CONFIDENCE,
    )
    has_own = row.target is not None
    return UnitProgress(row.unit, population, valid, size, figures, draw, aim, has_own)
