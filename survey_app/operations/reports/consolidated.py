"""Consolidated figures: several units of a survey as one, each of them a stratum."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import takewhile

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.operations.figures.joined_sample import JoinedSample, as_estimate, weighting_of
from survey_app.operations.figures.overview import UnitLine, overview
from survey_app.operations.figures.periods import MOST_PERIODS, Periods, passed_over
from survey_app.operations.figures.places import describe_regrouped
from survey_app.operations.figures.unit_sample import CONFIDENCE, usable_population
from survey_app.operations.figures.version_mix import describe_versions
from survey_app.operations.organisation.lineage import Lineage
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.questionnaires.lineage import compare_published
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.joined_periods import (
    Joined,
    Waves,
    join_lines,
    joined_trend,
    only_units,
)
from survey_app.operations.review.sheet_quality import describe_quality, join_tallies, tally_flags
from survey_app.questionnaire.definition import ItemRule, RollUp
from survey_app.reporting.figures.periods import Omission, Omitted
from survey_app.reporting.figures.quality import SheetQuality
from survey_app.reporting.figures.satisfaction import (
    CriterionFigures,
    FactorFigures,
    OverallFigures,
)
from survey_app.reporting.figures.several_units import Consolidation, Member, Weighting
from survey_app.reporting.figures.subjects import UnitSubject
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.storage.models import Survey
from survey_app.storage.queries.surveys import surveys_before

#: One unit alone has its own report.
FEWEST_UNITS = 2


def measure_consolidated(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    subject: UnitSubject,
    *,
    today: date,
    lineage: Lineage | None = None,
) -> UnitFigures:
    """The figures of all units in ``unit_ids`` (or of the survey) together, under the name of
    ``subject``.

    Every unit is a stratum. Where all numbers of dossiers are known a sheet stands for N_h/n_h
    dossiers, with finite population correction; else every unit counts alike. Units under the
    minimum base are left out: by subtraction their sheets could be had back. Choice questions and
    modes are left out for the same reason. ``lineage``: by the boundaries of today; the units
    surveyed stay the strata, and those that went into one unit count as that unit.

    Raises NotFound where fewer than two units are surveyed.
    """
    lines = overview(session, survey, unit_ids, lineage=lineage)
    if len(lines) < FEWEST_UNITS:
        raise NotFound("Cần ít nhất hai đơn vị trong phạm vi của ông/bà để lập báo cáo tổng hợp.")
    joined = join_lines(session, survey, lines, fewest=FEWEST_UNITS)
    found = joined_figures(session, survey, lines, joined, subject, today=today)
    if lineage is not None:
        found = replace(found, boundaries=describe_regrouped(line.place for line in lines))
    if joined is None:
        return found
    periods = _periods(session, survey, unit_ids, joined, today, lineage)
    return replace(found, previous=periods.previous, trend=periods.trend, omitted=periods.omitted)


def joined_figures(
    session: Session,
    survey: Survey,
    lines: Sequence[UnitLine],
    joined: Joined | None,
    subject: UnitSubject,
    *,
    today: date,
) -> UnitFigures:
    """The figures of one period of these lines together; None joined: too few sheets."""
    return UnitFigures(
        unit=subject,
        survey=describe_survey(survey, today),
        questionnaire=load_questionnaire(survey.version),
        data_until=min(today, survey.ends_on),
        n=int(joined.sample.sizes.sum()) if joined else 0,
        population=joined.sample.population if joined else None,
        confidence=CONFIDENCE,
        by_mode={},
        factors=tuple(_factors(joined.sample)) if joined else (),
        overall=_overall(joined.sample) if joined else None,
        choices=(),
        comments=(),
        withheld=joined is None,
        consolidation=_consolidation(lines, joined),
        quality=_quality(session, survey, joined) if joined else None,
        versions=describe_versions(session, survey, joined.sample.samples if joined else ()),
    )


def _consolidation(lines: Sequence[UnitLine], joined: Joined | None) -> Consolidation:
    weights: dict[int, float] = {}
    if joined:
        sample = joined.sample
        for group, weight in zip(sample.group_of, sample.unit_weights.tolist(), strict=True):
            weights[group] = weights.get(group, 0.0) + weight
    index = joined.sample.official_index() if joined else None
    return Consolidation(
        weighting=joined.sample.weighting if joined else Weighting.PLAIN,
        members=tuple(_member(line, weights.get(line.unit.id)) for line in lines),
        design_effect=index.deff if index else None,
        df=index.df if index else None,
    )


def _quality(session: Session, survey: Survey, joined: Joined) -> SheetQuality:
    """The flagged sheets of the units that count; the index with their excluded sheets is made
    like the one without."""
    found = tally_flags(session, survey, [id_ for line in joined.lines for id_ in line.row_ids])
    samples = joined.sample.samples
    wholes = [sample.whole or sample for sample in samples]
    everything = None
    if any(sample.whole for sample in samples):
        with_all = replace(joined.sample, samples=wholes, weighting=weighting_of(wholes))
        everything = as_estimate(with_all.official_index())
    return describe_quality(
        join_tallies(found.values()),
        partial=sum(sample.partial for sample in samples),
        everything=everything,
    )


def _member(line: UnitLine, weight: float | None) -> Member:
    return Member(
        code=line.unit.code,
        name=line.unit.name,
        n=line.shown_n,
        population=usable_population(line.population, line.n),
        index=line.index,
        weight=weight,
    )


# ── criteria, factors, overall ────────────────────────────────────────────────────────────────


def _factors(sample: JoinedSample) -> Iterator[FactorFigures]:
    item = sample.questionnaire.scoring.item
    shares, means = (sample.figures[rule].questions for rule in (ItemRule.TOP2, ItemRule.MEAN))
    for section in sample.questionnaire.factors:
        yield FactorFigures(
            section,
            sample.factor(section, item),
            sample.factor(section, ItemRule.MEAN),
            tuple(
                CriterionFigures(
                    question,
                    sample.tally(question),
                    as_estimate(shares[question.code]),
                    as_estimate(means[question.code]),
                    sample.level_shares(question),
                )
                for question in section.criteria
            ),
        )


def _overall(sample: JoinedSample) -> OverallFigures:
    method = sample.questionnaire.scoring
    top2, mean = sample.figures[ItemRule.TOP2], sample.figures[ItemRule.MEAN]
    own = top2 if method.item is ItemRule.TOP2 else mean
    roll_ups = [form for form in RollUp if form in own.overall]
    return OverallFigures(
        chosen=method.roll_up,
        by_roll_up={form: as_estimate(own.overall[form]) for form in roll_ups},
        mean_by_roll_up={form: as_estimate(mean.overall[form]) for form in roll_ups},
        comprehensive=as_estimate(top2.overall["comprehensive"]),
        criteria_counted=sum(figure.n > 0 for figure in top2.questions.values()),
        criteria_asked=len(top2.questions),
    )


# ── periods ───────────────────────────────────────────────────────────────────────────────────


def _periods(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    joined: Joined,
    today: date,
    lineage: Lineage | None,
) -> Periods:
    """The whole against the period before (the units that both have), and its series."""
    members = {line.unit.id for line in joined.lines}
    if lineage is not None:
        members = {part for member in members for part in lineage.family(member)}
    periods = [
        (before, _join_overview(session, before, unit_ids, lineage))
        for before in surveys_before(session, survey, members)[:MOST_PERIODS]
    ]
    found = [(before, earlier) for before, earlier in periods if earlier]
    latest = found[0][0] if found else None
    few = [before for before, _ in takewhile(lambda period: not period[1], periods)]
    omitted = (
        *passed_over(session, survey, members, latest, today),
        *(Omitted(describe_survey(before, today), Omission.FEW_UNITS) for before in few),
    )
    if not found:
        return Periods(omitted=omitted)
    before, earlier = found[0]
    trend = tuple(joined_trend(session, [(survey, joined), *found], today))
    extents = [{line.place.extent for line in wave.lines} for wave in (earlier, joined)]
    both = {extent.unit_id for extent in extents[0] & extents[1]}
    if len(both) < FEWEST_UNITS:
        few_units = Omitted(describe_survey(before, today), Omission.FEW_UNITS)
        return Periods(None, trend, (*omitted, few_units))
    common = compare_published(session, before.version, survey.version)
    compared = (only_units(earlier, both), only_units(joined, both))
    waves = Waves(*compared, common, (earlier.sample, joined.sample))
    return Periods(waves.compare(before, today), trend, omitted)


def _join_overview(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    lineage: Lineage | None,
) -> Joined | None:
    lines = overview(session, survey, unit_ids, lineage=lineage)
    return join_lines(session, survey, lines, fewest=FEWEST_UNITS)
