"""Periods: a unit's figures against those of the survey before, and its index over the years."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from survey_app.estimation.change import Change, measure_change
from survey_app.estimation.comparisons import holm
from survey_app.estimation.disclosure import MINIMUM_BASE, is_reportable, withhold
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.estimation.index import estimate_factor
from survey_app.estimation.proportion import estimate_proportion
from survey_app.operations.figures.unit_sample import CONFIDENCE, Scores, UnitSample, read_sample
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.questionnaires.lineage import compare_published
from survey_app.questionnaire.comparability import Break, Comparability
from survey_app.questionnaire.definition import ItemRule, LocalText, Question, Questionnaire
from survey_app.reporting.figures import (
    BridgedCriterion,
    ChangeFigures,
    PeriodComparison,
    TrendPoint,
)
from survey_app.storage.models import Survey
from survey_app.storage.queries.surveys import survey_unit, surveys_before

#: So many earlier periods are drawn.
MOST_PERIODS = 7

OVERALL = LocalText({"vi": "Chỉ số hài lòng chung"})


def compare_periods(
    session: Session, survey: Survey, unit_id: int, sample: UnitSample, *, today: date
) -> tuple[PeriodComparison | None, tuple[TrendPoint, ...]]:
    """A unit against its latest earlier survey by the same questionnaire, and its whole series.

    The series is empty, and the comparison None, where this is the first survey; the comparison
    is None, too, where either period has too few sheets to report on.
    """
    earlier = [
        (before, read_sample(session, before, unit_id, row.population))
        for before in surveys_before(session, survey, [unit_id])[:MOST_PERIODS]
        if (row := survey_unit(session, before.id, unit_id))
    ]
    if not earlier:
        return None, ()
    trend = tuple(_trend(session, [(survey, sample), *earlier], today))
    before, first = earlier[0]
    if not (is_reportable(first.n) and is_reportable(sample.n)):
        return None, trend
    found = PeriodSamples(first, sample, compare_published(session, before.version, survey.version))
    return found.compare(before, today), trend


def _trend(
    session: Session, newest_first: Sequence[tuple[Survey, UnitSample]], today: date
) -> Iterator[TrendPoint]:
    """Oldest first; each point breaks or goes on from the one before it."""
    last = None
    for survey, sample in reversed(newest_first):
        point = TrendPoint(describe_survey(survey, today), sample.n, sample.headline())
        if last is not None:
            common = compare_published(session, last.version, survey.version)
            broken = broken_criteria(common, sample.questionnaire)
            point = replace(point, broken=common.index, broken_criteria=broken)
        yield point
        last = survey


def broken_criteria(
    common: Comparability, later: Questionnaire
) -> tuple[tuple[LocalText, Break], ...]:
    """The criteria that do not go on, with the reason of each: why an index breaks."""
    return tuple(
        (question.text, broken)
        for _, question in later.criteria
        if (broken := common.criteria[question.code])
    )


def bridged(common: Comparability, later: Questionnaire) -> tuple[BridgedCriterion, ...]:
    """The criteria that go on over an edit because it was declared comparable."""
    codes = {question.code: question.text for _, question in later.criteria}
    return tuple(
        BridgedCriterion(codes[bridge.question], bridge.kind, bridge.reason)
        for bridge in common.bridges
        if bridge.question in codes
    )


class PeriodSamples:
    """Two samples of one unit, years apart, scored alike.

    Neither has a finite population: whether the service has changed is no question about the
    dossiers of two particular years. A criterion counts where it goes on and has answers enough
    in both.
    """

    def __init__(self, earlier: UnitSample, later: UnitSample, common: Comparability) -> None:
        self._earlier = replace(earlier, population=None)
        self._later = replace(later, population=None)
        self._common = common
        self._questions = tuple(question for _, question in later.questionnaire.criteria)
        self._counted = np.array([self._counts(question) for question in self._questions])

    def compare(self, before: Survey, today: date) -> PeriodComparison:
        """Index, factors and criteria of both periods with their changes."""
        return PeriodComparison(
            earlier=describe_survey(before, today),
            n=self._earlier.n,
            index=adjusted([self._index()])[0],
            factors=adjusted(list(self._factors())),
            criteria=adjusted([self._criterion(question) for question in self._questions]),
            criteria_compared=int(self._counted.sum()),
            criteria_asked=len(self._questions),
            bridged=bridged(self._common, self._later.questionnaire),
        )

    def _counts(self, question: Question) -> bool:
        if self._common.criteria[question.code] is not None:
            return False
        samples = (self._earlier, self._later)
        return all(s.tally(_of(s, question)).n >= MINIMUM_BASE for s in samples)

    def _scores(self, sample: UnitSample) -> Scores:
        """Sheets × criteria of the later version; NaN where a criterion does not count."""
        rule = self._later.questionnaire.scoring.item
        scores = np.full((sample.n, len(self._questions)), np.nan)
        for place, question in enumerate(self._questions):
            if self._counted[place]:
                scores[:, place] = sample.score(_of(sample, question), rule)
        return scores

    def _index(self) -> ChangeFigures:
        roll_up = self._later.questionnaire.scoring.roll_up
        scores = [self._scores(part.index_part()) for part in (self._earlier, self._later)]
        estimates = [withhold(self._later.index(part, roll_up)) for part in scores]
        return _figures("overall", OVERALL, estimates, self._common.index)

    def _factors(self) -> Iterator[ChangeFigures]:
        roll_up = self._later.questionnaire.scoring.roll_up
        start = 0
        for section in self._later.questionnaire.factors:
            stop = start + len(section.criteria)
            waves = (self._earlier, self._later)
            scores = [self._scores(wave.factor_part(section.code)) for wave in waves]
            estimates = [
                withhold(
                    estimate_factor(part[:, start:stop], roll_up=roll_up, confidence=CONFIDENCE)
                )
                for part in scores
            ]
            broken = self._common.factors[section.code]
            yield _figures(section.code, section.title, estimates, broken)
            start = stop

    def _criterion(self, question: Question) -> ChangeFigures:
        broken = self._common.criteria[question.code]
        if broken is Break.ADDED:
            estimates = [Estimate.missing(Reason.NO_ANSWER), _share(self._later, question)]
        else:
            samples = (self._earlier, self._later)
            estimates = [_share(sample, _of(sample, question)) for sample in samples]
        return _figures(question.code, question.text, estimates, broken)


def _of(sample: UnitSample, question: Question) -> Question:
    """The question as the sample's own version has it."""
    return sample.questionnaire[question.code]


def _share(sample: UnitSample, question: Question) -> Estimate:
    scores = sample.score(question, ItemRule.TOP2)
    answered = scores[~np.isnan(scores)]
    estimate = estimate_proportion(int(answered.sum()), len(answered), confidence=CONFIDENCE)
    return withhold(estimate)


def _figures(
    code: str, label: LocalText, estimates: Sequence[Estimate], broken: Break | None
) -> ChangeFigures:
    earlier, later = estimates
    return ChangeFigures(
        code, label, earlier, later, None if broken else _change(earlier, later), broken=broken
    )


def _change(earlier: Estimate, later: Estimate) -> Change | None:
    if earlier.interval is None or later.interval is None:
        return None
    return measure_change(earlier, later, confidence=CONFIDENCE)


def adjusted(rows: Sequence[ChangeFigures]) -> tuple[ChangeFigures, ...]:
    """The rows with p-values adjusted for all of them."""
    p_values = holm([row.change.p_value if row.change else None for row in rows])
    return tuple(replace(row, p_value=p) for row, p in zip(rows, p_values, strict=True))
