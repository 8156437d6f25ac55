"""Analysis: a unit's answer matrix becomes typed figures, computed once for every output."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE as MINIMUM_BASE
from survey_app.estimation.disclosure.small_groups import hide_small_cells, is_reportable
from survey_app.operations.figures.blocks import unit_standing
from survey_app.operations.figures.choices import measure_choices
from survey_app.operations.figures.drivers import measure_drivers
from survey_app.operations.figures.groups import measure_groups
from survey_app.operations.figures.overview import Indices
from survey_app.operations.figures.periods import compare_periods
from survey_app.operations.figures.places import describe_regrouped, survey_place
from survey_app.operations.figures.satisfaction import measure_factors, measure_overall
from survey_app.operations.figures.unit_sample import CONFIDENCE, UnitSample, read_sample
from survey_app.operations.figures.version_mix import describe_versions
from survey_app.operations.organisation.lineage import Lineage
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.organisation.units import describe_unit
from survey_app.operations.reports.merged import measure_merged, place_periods
from survey_app.operations.review.sheet_quality import FlagTally, describe_quality, tally_flags
from survey_app.reporting.figures.quality import SheetQuality
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.storage.models import Survey
from survey_app.storage.queries.responses import comments


def measure_unit(
    session: Session,
    survey: Survey,
    unit_id: int,
    *,
    today: date,
    indices: Indices | None = None,
    lineage: Lineage | None = None,
) -> UnitFigures:
    """Every figure of one unit, as of ``today``. ``indices``: those that a batch knows already.
    ``lineage``: by the boundaries of today; None: by those of the survey.
    Raises NotFound when the survey misses the unit."""
    indices = indices or Indices()
    place = survey_place(session, survey, unit_id, lineage)
    if lineage is not None and len(place.rows) > 1:
        return measure_merged(session, survey, place, lineage, today=today, indices=indices)
    row = place.rows[0]
    sample = read_sample(session, survey, row.unit_id, row.population)
    enough = is_reportable(sample.n)
    if lineage is None:
        periods = compare_periods(session, survey, unit_id, sample, today=today)
    else:
        periods = place_periods(session, survey, place, lineage, today=today, indices=indices)
    return UnitFigures(
        unit=describe_unit(place.unit),
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
        comments=_read_comments(session, survey, row.unit_id) if enough else (),
        withheld=not enough,
        previous=periods.previous,
        trend=periods.trend if enough else (),
        omitted=periods.omitted if enough else (),
        block=unit_standing(session, survey, unit_id, indices, lineage),
        drivers=measure_drivers(sample),
        groups=measure_groups(sample) if enough else (),
        quality=_measure_quality(session, survey, row.unit_id, sample),
        boundaries=None if lineage is None else describe_regrouped([place]),
        versions=describe_versions(session, survey, [sample]),
    )


def _measure_quality(
    session: Session, survey: Survey, unit_id: int, sample: UnitSample
) -> SheetQuality:
    tally = tally_flags(session, survey, [unit_id]).get(unit_id, FlagTally())
    everything = sample.whole.headline() if sample.whole else None
    return describe_quality(tally, partial=sample.partial, everything=everything)


def _count_modes(modes: Sequence[str]) -> dict[str, int | None]:
    counted = sorted(Counter(modes).items())
    shown = hide_small_cells([count for _, count in counted])
    return {mode: count for (mode, _), count in zip(counted, shown, strict=True)}


def _read_comments(session: Session, survey: Survey, unit_id: int) -> tuple[str, ...]:
    return tuple(comment.text for comment in comments(session, survey.id, unit_id))
