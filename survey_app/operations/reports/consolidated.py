"""Consolidated figures: several units of a survey as one, each of them a stratum."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.estimation.change import Change
from survey_app.estimation.difference import difference_table
from survey_app.estimation.disclosure import is_reportable
from survey_app.estimation.estimate import Estimate, IntervalMethod, Reason
from survey_app.estimation.plan_results import Figure
from survey_app.estimation.survey_design import make_design
from survey_app.estimation.table import estimate_table
from survey_app.operations.figures.joined_sample import (
    Codes,
    JoinedSample,
    as_estimate,
    criteria_of,
    inside_a_factor,
)
from survey_app.operations.figures.overview import UnitLine, overview
from survey_app.operations.figures.periods import (
    MOST_PERIODS,
    OVERALL,
    adjusted,
    bridged,
    broken_criteria,
)
from survey_app.operations.figures.unit_sample import (
    CONFIDENCE,
    UnitSample,
    read_sample,
    usable_population,
)
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.questionnaires.lineage import compare_published
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.review.sheet_quality import describe_quality, join_tallies, tally_flags
from survey_app.questionnaire.comparability import Break, Comparability
from survey_app.questionnaire.definition import (
    ItemRule,
    LocalText,
    Question,
    RollUp,
    Section,
)
from survey_app.reporting.figures import (
    ChangeFigures,
    Consolidation,
    CriterionFigures,
    FactorFigures,
    Member,
    OverallFigures,
    PeriodComparison,
    SheetQuality,
    TrendPoint,
    UnitFigures,
    UnitSubject,
    Weighting,
)
from survey_app.storage.models import Survey
from survey_app.storage.queries.surveys import surveys_before

#: One unit alone has its own report.
FEWEST_UNITS = 2


@dataclass(frozen=True, eq=False)
class _Joined:
    """The units that count, and their sheets as one sample."""

    lines: tuple[UnitLine, ...]
    sample: JoinedSample


def measure_consolidated(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    subject: UnitSubject,
    *,
    today: date,
) -> UnitFigures:
    """The figures of all units in ``unit_ids`` (or of the survey) together, under the name of
    ``subject``.

    Every unit is a stratum. Where all numbers of dossiers are known a sheet stands for N_h/n_h
    dossiers, with finite population correction; else every unit counts alike. Units under the
    minimum base are left out: by subtraction their sheets could be had back. Choice questions and
    modes are left out for the same reason.

    Raises NotFound where fewer than two units are surveyed.
    """
    lines = overview(session, survey, unit_ids)
    if len(lines) < FEWEST_UNITS:
        raise NotFound("Cần ít nhất hai đơn vị trong phạm vi của ông/bà để lập báo cáo tổng hợp.")
    joined = _join(session, survey, lines)
    whole = _overall(joined.sample) if joined else None
    previous, trend = _periods(session, survey, unit_ids, joined, today) if joined else (None, ())
    return UnitFigures(
        unit=subject,
        survey=describe_survey(survey, today),
        questionnaire=load_questionnaire(survey.version),
        data_until=min(today, survey.ends_on),
        n=int(joined.sample.sizes.sum()) if joined else 0,
        population=_population(joined),
        confidence=CONFIDENCE,
        by_mode={},
        factors=tuple(_factors(joined.sample)) if joined else (),
        overall=whole,
        choices=(),
        comments=(),
        withheld=joined is None,
        previous=previous,
        trend=trend,
        consolidation=_consolidation(lines, joined),
        quality=_quality(session, survey, joined) if joined else None,
    )


def _join(session: Session, survey: Survey, lines: Sequence[UnitLine]) -> _Joined | None:
    """The units with sheets enough, joined; None where there are not two."""
    counted = tuple(line for line in lines if is_reportable(line.n))
    if len(counted) < FEWEST_UNITS:
        return None
    samples = [_sample(session, survey, line) for line in counted]
    return _Joined(counted, JoinedSample(samples[0].questionnaire, samples, _weighting(samples)))


def _sample(session: Session, survey: Survey, line: UnitLine) -> UnitSample:
    return read_sample(session, survey, line.unit.id, line.population)


def _weighting(samples: Sequence[UnitSample]) -> Weighting:
    """By dossiers only if all are known: a guess for one would move the whole."""
    return Weighting.DOSSIERS if all(s.population for s in samples) else Weighting.PLAIN


def _population(joined: _Joined | None) -> int | None:
    if joined is None or joined.sample.weighting is Weighting.PLAIN:
        return None
    return sum(sample.population or 0 for sample in joined.sample.samples)


def _consolidation(lines: Sequence[UnitLine], joined: _Joined | None) -> Consolidation:
    weights: dict[int, float] = {}
    if joined:
        ids = [line.unit.id for line in joined.lines]
        weights = dict(zip(ids, joined.sample.unit_weights.tolist(), strict=True))
    index = _official_index(joined.sample) if joined else None
    return Consolidation(
        weighting=joined.sample.weighting if joined else Weighting.PLAIN,
        members=tuple(_member(line, weights.get(line.unit.id)) for line in lines),
        design_effect=index.deff if index else None,
        df=index.df if index else None,
    )


def _official_index(sample: JoinedSample) -> Figure:
    """The overall index by the questionnaire's own method."""
    method = sample.questionnaire.scoring
    return sample.figures[method.item].overall[method.roll_up]


def _quality(session: Session, survey: Survey, joined: _Joined) -> SheetQuality:
    """The flagged sheets of the units that count; the index with their excluded sheets is made
    like the one without."""
    found = tally_flags(session, survey, [line.unit.id for line in joined.lines])
    samples = joined.sample.samples
    wholes = [sample.whole or sample for sample in samples]
    everything = None
    if any(sample.whole for sample in samples):
        with_all = JoinedSample(joined.sample.questionnaire, wholes, _weighting(wholes))
        everything = as_estimate(_official_index(with_all))
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
    joined: _Joined,
    today: date,
) -> tuple[PeriodComparison | None, tuple[TrendPoint, ...]]:
    """The whole against the period before (the units that both have), and its series."""
    members = [line.unit.id for line in joined.lines]
    found = [
        (before, earlier)
        for before in surveys_before(session, survey, members)[:MOST_PERIODS]
        if (earlier := _join(session, before, overview(session, before, unit_ids)))
    ]
    if not found:
        return None, ()
    before, earlier = found[0]
    trend = tuple(_trend(session, [(survey, joined), *found], today))
    both = {line.unit.id for line in earlier.lines} & set(members)
    if len(both) < FEWEST_UNITS:
        return None, trend
    common = compare_published(session, before.version, survey.version)
    waves = _Waves(_only(earlier, both), _only(joined, both), common)
    return waves.compare(before, today), trend


def _only(joined: _Joined, unit_ids: Collection[int]) -> JoinedSample:
    """The sample of these units alone, in the order of their names."""
    samples = [
        sample
        for line, sample in zip(joined.lines, joined.sample.samples, strict=True)
        if line.unit.id in unit_ids
    ]
    return JoinedSample(joined.sample.questionnaire, samples, _weighting(samples))


def _trend(
    session: Session, newest_first: Sequence[tuple[Survey, _Joined]], today: date
) -> Iterator[TrendPoint]:
    last = None
    for survey, joined in reversed(newest_first):
        sample = joined.sample
        index = as_estimate(_official_index(sample))
        n = int(sample.sizes.sum())
        point = TrendPoint(describe_survey(survey, today), n, index, units=len(joined.lines))
        if last is not None:
            common = compare_published(session, last[0].version, survey.version)
            is_other = last[1].sample.weighting is not sample.weighting
            point = replace(
                point,
                broken=Break.WEIGHTING if is_other else common.index,
                broken_criteria=broken_criteria(common, sample.questionnaire),
            )
        yield point
        last = survey, joined


class _Waves:
    """Two periods of the same units in one design: stratified by period and unit, without finite
    populations: a change is no question about the dossiers of two particular years."""

    def __init__(self, earlier: JoinedSample, later: JoinedSample, common: Comparability) -> None:
        is_plain = Weighting.PLAIN in (earlier.weighting, later.weighting)
        weighting = Weighting.PLAIN if is_plain else Weighting.DOSSIERS
        self._earlier = replace(earlier, weighting=weighting)
        self._later = replace(later, weighting=weighting)
        self._common = common
        self._questions = [question for _, question in later.questionnaire.criteria]
        self._codes = dict(self._comparable())
        waves = (self._earlier, self._later)
        shift = len(self._earlier.sizes)
        strata = np.concatenate([self._earlier.strata, self._later.strata + shift])
        self._wave = np.repeat([0, 1], [len(wave.strata) for wave in waves])
        weights = np.concatenate([wave.sheet_weights for wave in waves])
        self._design = make_design(len(strata), strata=strata, weights=weights)

    def compare(self, before: Survey, today: date) -> PeriodComparison:
        """Index, factors and criteria of both periods with their changes."""
        questionnaire = self._later.questionnaire
        roll_up = questionnaire.scoring.roll_up
        sections = questionnaire.factors
        index = self._row("overall", OVERALL, sections, roll_up, self._common.index)
        factors = [
            self._row(s.code, s.title, [s], inside_a_factor(roll_up), self._common.factors[s.code])
            for s in sections
        ]
        return PeriodComparison(
            earlier=describe_survey(before, today),
            n=int(self._earlier.sizes.sum()),
            index=adjusted([index])[0],
            factors=adjusted(factors),
            criteria=adjusted([self._criterion(question) for question in self._questions]),
            criteria_compared=len(self._codes),
            criteria_asked=len(self._questions),
            units=len(self._later.sizes),
            weighting=self._later.weighting,
            bridged=bridged(self._common, questionnaire),
        )

    def _comparable(self) -> Iterator[tuple[str, Codes]]:
        """The codes of both periods of every criterion that goes on, in the units that show it in
        both: were a unit in one period only, its own level would look like a change."""
        for question in self._questions:
            if self._common.criteria[question.code] is None:
                before = self._earlier.questionnaire[question.code]
                counted = self._earlier.shows(before) & self._later.shows(question)
                if counted.any():
                    codes = (
                        self._earlier.codes(before, counted),
                        self._later.codes(question, counted),
                    )
                    yield question.code, np.concatenate(codes)

    def _row(
        self,
        code: str,
        label: LocalText,
        sections: Sequence[Section],
        form: RollUp,
        broken: Break | None,
        rule: ItemRule | None = None,
    ) -> ChangeFigures:
        wanted = {q.code for section in sections for q in section.criteria}
        codes = {name: part for name, part in self._codes.items() if name in wanted}
        nothing = Estimate.missing(Reason.NO_ANSWER)
        if broken or not codes:
            return ChangeFigures(code, label, nothing, nothing, broken=broken)
        rule = rule or self._later.questionnaire.scoring.item
        criteria = criteria_of(self._later, sections, rule, codes)
        table = estimate_table(self._design, criteria, domain=self._wave, domains=2, forms=[form])
        change = difference_table(table, confidence=CONFIDENCE)
        at = table.columns.index(form)
        earlier, later = (
            Estimate(float(table.value[wave, at]), int(table.n[wave, at])) for wave in (0, 1)
        )
        if not np.isfinite(change.low[at]) or not np.isfinite(change.p_value[at]):
            return ChangeFigures(code, label, earlier, later)
        found = Change(
            value=float(change.value[at]),
            low=float(change.low[at]),
            high=float(change.high[at]),
            p_value=float(change.p_value[at]),
            confidence=CONFIDENCE,
            method=IntervalMethod.MEAN,
        )
        return ChangeFigures(code, label, earlier, later, found)

    def _criterion(self, question: Question) -> ChangeFigures:
        alone = Section(question.code, question.text, (question,), is_factor=True)
        broken = self._common.criteria[question.code]
        form = RollUp.CRITERIA_MEAN
        return self._row(question.code, question.text, [alone], form, broken, ItemRule.TOP2)
