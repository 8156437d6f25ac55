"""Analysis: a unit's answer matrix becomes typed figures, computed once for every output."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.estimation.disclosure import MINIMUM_BASE as MINIMUM_BASE
from survey_app.estimation.disclosure import hide_small_cells, is_reportable
from survey_app.estimation.estimate import Estimate
from survey_app.operations.choice_figures import measure_choices
from survey_app.operations.fieldwork import find_survey_unit
from survey_app.operations.satisfaction_figures import measure_factors, measure_overall
from survey_app.operations.unit_sample import CONFIDENCE, read_sample
from survey_app.operations.units import describe_unit
from survey_app.reporting.figures import SurveySubject, UnitFigures
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyStatus
from survey_app.storage.queries.responses import comments
from survey_app.storage.queries.surveys import survey_units


@dataclass(frozen=True)
class UnitLine:
    """One line of a survey's overview."""

    unit: AdministrativeUnit
    n: int
    population: int | None
    index: Estimate


def measure_unit(session: Session, survey: Survey, unit_id: int, *, today: date) -> UnitFigures:
    """Every figure of one unit, as of ``today``. Raises NotFound when the survey misses it."""
    row = find_survey_unit(session, survey, unit_id)
    sample = read_sample(session, survey, unit_id, row.population)
    enough = is_reportable(sample.n)
    return UnitFigures(
        unit=describe_unit(row.unit),
        survey=describe_survey(survey, today),
        questionnaire=sample.questionnaire,
        # A day, not the hour of the newest sheet: that would tell when somebody was here.
        data_until=min(today, survey.ends_on),
        n=sample.n,
        population=row.population,
        confidence=CONFIDENCE,
        by_mode=_count_modes(sample.modes),
        factors=tuple(measure_factors(sample)) if enough else (),
        overall=measure_overall(sample) if enough else None,
        choices=tuple(measure_choices(sample)) if enough else (),
        comments=_read_comments(session, survey, unit_id) if enough else (),
        withheld=not enough,
    )


def overview(
    session: Session, survey: Survey, unit_ids: Collection[int] | None
) -> tuple[UnitLine, ...]:
    """The units of a survey (those in ``unit_ids``, or all) with n and overall index."""
    return tuple(
        UnitLine(row.unit, sample.n, row.population, sample.headline())
        for row in survey_units(session, survey.id, unit_ids=unit_ids)
        for sample in [read_sample(session, survey, row.unit_id, row.population)]
    )


def describe_survey(survey: Survey, today: date) -> SurveySubject:
    """The survey as reports name it; provisional while it takes answers."""
    return SurveySubject(
        code=survey.code,
        title=survey.title,
        starts_on=survey.starts_on,
        ends_on=survey.ends_on,
        version=survey.version.name,
        fingerprint=survey.version.fingerprint,
        is_demo=survey.is_demo,
        is_running=survey.status == SurveyStatus.OPEN and today <= survey.ends_on,
    )


def _count_modes(modes: Sequence[str]) -> dict[str, int | None]:
    counted = sorted(Counter(modes).items())
    shown = hide_small_cells([count for _, count in counted])
    return {mode: count for (mode, _), count in zip(counted, shown, strict=True)}


def _read_comments(session: Session, survey: Survey, unit_id: int) -> tuple[str, ...]:
    return tuple(comment.text for comment in comments(session, survey.id, unit_id))
