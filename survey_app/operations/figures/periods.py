"""Periods: a unit's figures against those of the survey before, and its index over the years."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from survey_app.estimation.comparison.change import Change, measure_change
from survey_app.estimation.comparison.comparisons import holm
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE, is_reportable, withhold
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.estimation.simple_sample.index import estimate_factor
from survey_app.estimation.simple_sample.proportion import estimate_proportion
from survey_app.operations.figures.satisfaction import factor_index
from survey_app.operations.figures.unit_sample import CONFIDENCE, Scores, UnitSample, read_sample
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.questionnaires.lineage import compare_published
from survey_app.questionnaire.comparability import Break, Comparability
from survey_app.questionnaire.definition import (
    ItemRule,
    LocalText,
    Question,
    Questionnaire,
    Section,
)
from survey_app.reporting.figures.periods import (
    BridgedCriterion,
    ChangeFigures,
    Omission,
    Omitted,
    PeriodComparison,
    TrendPoint,
)
from survey_app.storage.models import Survey
from survey_app.storage.queries.surveys import (
    survey_unit,
    surveys_before,
    surveys_beside,
)

#: So many earlier periods are drawn.
MOST_PERIODS = 7

#: Fewer criteria that go on make no index: one alone has its own row.
FEWEST_CONTINUING = 2
#: Nor do fewer than one in so many of those asked in either period.
LEAST_CONTINUING = 2

OVERALL = LocalText({"vi": "Chỉ số hài lòng chung"})


@dataclass(frozen=True)
class Periods:
    """A unit, or several, in time: ``previous``: against the period before; ``trend``: the series,
    oldest first; ``omitted``: the surveys passed over in looking for the period before."""

    previous: PeriodComparison | None = None
    trend: tuple[TrendPoint, ...] = ()
    omitted: tuple[Omitted, ...] = ()


def compare_periods(
    session: Session, survey: Survey, unit_id: int, sample: UnitSample, *, today: date
) -> Periods:
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
        return Periods(omitted=passed_over(session, survey, [unit_id], None, today))
    trend = tuple(_trend(session, [(survey, sample), *earlier], today))
    before, first = earlier[0]
    omitted = passed_over(session, survey, [unit_id], before, today)
    if not (is_reportable(first.n) and is_reportable(sample.n)):
        few = Omitted(describe_survey(before, today), Omission.FEW_SHEETS)
        return Periods(None, trend, (*omitted, few))
    found = PeriodSamples(first, sample, compare_published(session, before.version, survey.version))
    return Periods(found.compare(before, today), trend, omitted)


def passed_over(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int],
    before: Survey | None,
    today: date,
) -> tuple[Omitted, ...]:
    """The earlier surveys of these units that are no period of the series, the latest first; of
    those only that ended after ``before``, which is taken for the period before."""
    return tuple(
        Omitted(
            describe_survey(other, today),
            Omission.OVERLAP if other.is_demo == survey.is_demo else Omission.TRIAL,
        )
        for other in surveys_beside(session, survey, unit_ids)
        if before is None or other.ends_on > before.ends_on
    )


def is_enough_to_go_on(compared: int, earlier: Questionnaire, later: Questionnaire) -> bool:
    """Whether so many criteria stand for the whole where the index itself breaks."""
    most = max(len(list(version.criteria)) for version in (earlier, later))
    return compared >= max(FEWEST_CONTINUING, most / LEAST_CONTINUING)


def continuing_label(compared: int) -> LocalText:
    """The name of an index on the criteria that go on."""
    return LocalText({"vi": f"Chỉ số trên các tiêu chí tiếp nối ({compared} tiêu chí)"})


def same_factor(code: str, questionnaire: Questionnaire) -> Section | None:
    """The factor that a version has under this code."""
    return next((section for section in questionnaire.factors if section.code == code), None)


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
    in both. Where the series of index or factor is broken, each period has the value that it
    published, on all its criteria.
    """

    def __init__(self, earlier: UnitSample, later: UnitSample, common: Comparability) -> None:
        self._published = (earlier, later)
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
            continuing=self._continuing(),
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
        if self._common.index:
            published = [sample.headline() for sample in self._published]
            return _figures("overall", OVERALL, published, self._common.index)
        return _figures("overall", OVERALL, self._compared_indices(), None)

    def _continuing(self) -> ChangeFigures | None:
        compared = int(self._counted.sum())
        asked = (self._earlier.questionnaire, self._later.questionnaire)
        if not self._common.index or not is_enough_to_go_on(compared, *asked):
            return None
        label = continuing_label(compared)
        return adjusted([_figures("continuing", label, self._compared_indices(), None)])[0]

    def _compared_indices(self) -> list[Estimate]:
        roll_up = self._later.questionnaire.scoring.roll_up
        scores = [self._scores(part.index_part()) for part in (self._earlier, self._later)]
        return [withhold(self._later.index(part, roll_up)) for part in scores]

    def _factors(self) -> Iterator[ChangeFigures]:
        roll_up = self._later.questionnaire.scoring.roll_up
        start = 0
        for section in self._later.questionnaire.factors:
            stop = start + len(section.criteria)
            broken = self._common.factors[section.code]
            if broken:
                estimates = [_published_factor(s, section.code) for s in self._published]
            else:
                waves = (self._earlier, self._later)
                scores = [self._scores(wave.factor_part(section.code)) for wave in waves]
                estimates = [
                    withhold(
                        estimate_factor(part[:, start:stop], roll_up=roll_up, confidence=CONFIDENCE)
                    )
                    for part in scores
                ]
            yield _figures(section.code, section.title, estimates, broken)
            start = stop

    def _criterion(self, question: Question) -> ChangeFigures:
        broken = self._common.criteria[question.code]
        # What stood under the code before is not what the row is named after.
        if broken in (Break.ADDED, Break.MEANING):
            estimates = [Estimate.missing(Reason.NO_ANSWER), _share(self._later, question)]
        else:
            samples = (self._earlier, self._later)
            estimates = [_share(sample, _of(sample, question)) for sample in samples]
        return _figures(question.code, question.text, estimates, broken)


def _of(sample: UnitSample, question: Question) -> Question:
    """The question as the sample's own version has it."""
    return sample.questionnaire[question.code]


def _published_factor(sample: UnitSample, code: str) -> Estimate:
    """A factor's index by the sample's own version, which may not have it."""
    section = same_factor(code, sample.questionnaire)
    if section is None:
        return Estimate.missing(Reason.NO_ANSWER)
    return factor_index(sample, section, sample.questionnaire.scoring.item)


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
