"""Periods of joined sheets: two of them in one design, and the series of their index."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from survey_app.estimation.comparison.change import Change
from survey_app.estimation.complex_sample.difference import difference_table
from survey_app.estimation.complex_sample.survey_design import make_design
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.estimate import Estimate, IntervalMethod, Reason
from survey_app.operations.figures.joined_sample import (
    Codes,
    JoinedSample,
    as_estimate,
    criteria_of,
    inside_a_factor,
    weighting_of,
)
from survey_app.operations.figures.overview import UnitLine, read_places, shown_samples
from survey_app.operations.figures.periods import (
    OVERALL,
    adjusted,
    bridged,
    broken_criteria,
    continuing_label,
    is_enough_to_go_on,
    same_factor,
)
from survey_app.operations.figures.places import describe_regrouped
from survey_app.operations.figures.unit_sample import CONFIDENCE
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.questionnaires.lineage import compare_published
from survey_app.questionnaire.comparability import Break, Comparability
from survey_app.questionnaire.definition import (
    ItemRule,
    LocalText,
    Question,
    RollUp,
    Section,
)
from survey_app.reporting.figures.periods import ChangeFigures, PeriodComparison, TrendPoint
from survey_app.reporting.figures.several_units import Weighting
from survey_app.storage.models import Survey


@dataclass(frozen=True, eq=False)
class Joined:
    """The lines that count, and their sheets as one sample."""

    lines: tuple[UnitLine, ...]
    sample: JoinedSample


def join_lines(
    session: Session, survey: Survey, lines: Sequence[UnitLine], *, fewest: int
) -> Joined | None:
    """The lines with sheets enough, joined; None where there are fewer than ``fewest``."""
    parts = [
        (line, samples)
        for line, (_, found) in zip(
            lines, read_places(session, survey, [line.place for line in lines]), strict=True
        )
        if (samples := shown_samples(found))
    ]
    if len(parts) < fewest:
        return None
    samples = [sample for _, found in parts for sample in found]
    groups = [line.unit.id for line, found in parts for _ in found]
    sample = JoinedSample(samples[0].questionnaire, samples, weighting_of(samples), groups)
    return Joined(tuple(line for line, _ in parts), sample)


def only_units(joined: Joined, unit_ids: Collection[int]) -> JoinedSample:
    """The sample of these units alone, in the order of their names."""
    kept = [
        (group, sample)
        for group, sample in zip(joined.sample.group_of, joined.sample.samples, strict=True)
        if group in unit_ids
    ]
    samples = [sample for _, sample in kept]
    groups = [group for group, _ in kept]
    return JoinedSample(joined.sample.questionnaire, samples, weighting_of(samples), groups)


def joined_trend(
    session: Session, newest_first: Sequence[tuple[Survey, Joined]], today: date
) -> Iterator[TrendPoint]:
    """Oldest first; each point breaks or goes on from the one before it."""
    last = None
    for survey, joined in reversed(newest_first):
        sample = joined.sample
        index = as_estimate(sample.official_index())
        n = int(sample.sizes.sum())
        subject = describe_survey(survey, today)
        regrouped = describe_regrouped(line.place for line in joined.lines)
        units = len(joined.lines)
        point = TrendPoint(subject, n, index, units=units, regrouped=regrouped)
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


class Waves:
    """Two periods of the same units in one design: stratified by period and unit, without finite
    populations: a change is no question about the dossiers of two particular years.

    ``published``: the samples of each period's own report, of all its units; what is broken has
    the values of those."""

    def __init__(
        self,
        earlier: JoinedSample,
        later: JoinedSample,
        common: Comparability,
        published: tuple[JoinedSample, JoinedSample],
    ) -> None:
        self._published = published
        is_plain = Weighting.PLAIN in (earlier.weighting, later.weighting)
        weighting = Weighting.PLAIN if is_plain else Weighting.DOSSIERS
        # Of sheets of several versions in one period those that count in its index.
        self._earlier = replace(earlier.index_part, weighting=weighting)
        self._later = replace(later.index_part, weighting=weighting)
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
        return PeriodComparison(
            earlier=describe_survey(before, today),
            n=int(self._earlier.sizes.sum()),
            index=adjusted([self._index()])[0],
            factors=adjusted([self._factor(section) for section in questionnaire.factors]),
            criteria=adjusted([self._criterion(question) for question in self._questions]),
            criteria_compared=len(self._codes),
            criteria_asked=len(self._questions),
            units=len(set(self._later.group_of)),
            weighting=self._later.weighting,
            bridged=bridged(self._common, questionnaire),
            continuing=self._continuing(),
        )

    def _comparable(self) -> Iterator[tuple[str, Codes]]:
        """The codes of both periods of every criterion that goes on, in the units that show it in
        both: were a unit in one period only, its own level would look like a change. A unit shows
        it where all do that went into it."""
        for question in self._questions:
            if self._common.criteria[question.code] is None:
                before = self._earlier.questionnaire[question.code]
                both = _showing(self._earlier, before) & _showing(self._later, question)
                if both:
                    codes = (
                        self._earlier.codes(before, _among(self._earlier, both)),
                        self._later.codes(question, _among(self._later, both)),
                    )
                    yield question.code, np.concatenate(codes)

    def _row(
        self,
        code: str,
        label: LocalText,
        sections: Sequence[Section],
        form: RollUp,
        rule: ItemRule | None = None,
    ) -> ChangeFigures:
        """One figure of both periods on the criteria that go on, with its change."""
        wanted = {q.code for section in sections for q in section.criteria}
        codes = {name: part for name, part in self._codes.items() if name in wanted}
        nothing = Estimate.missing(Reason.NO_ANSWER)
        if not codes:
            return ChangeFigures(code, label, nothing, nothing)
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

    def _index(self) -> ChangeFigures:
        if broken := self._common.index:
            earlier, later = (as_estimate(sample.official_index()) for sample in self._published)
            return ChangeFigures("overall", OVERALL, earlier, later, broken=broken)
        return self._whole("overall", OVERALL)

    def _continuing(self) -> ChangeFigures | None:
        compared = len(self._codes)
        asked = (self._earlier.questionnaire, self._later.questionnaire)
        if not self._common.index or not is_enough_to_go_on(compared, *asked):
            return None
        return adjusted([self._whole("continuing", continuing_label(compared))])[0]

    def _whole(self, code: str, label: LocalText) -> ChangeFigures:
        questionnaire = self._later.questionnaire
        return self._row(code, label, questionnaire.factors, questionnaire.scoring.roll_up)

    def _factor(self, section: Section) -> ChangeFigures:
        if broken := self._common.factors[section.code]:
            earlier, later = (_published_factor(s, section.code) for s in self._published)
            return ChangeFigures(section.code, section.title, earlier, later, broken=broken)
        form = inside_a_factor(self._later.questionnaire.scoring.roll_up)
        return self._row(section.code, section.title, [section], form)

    def _criterion(self, question: Question) -> ChangeFigures:
        if broken := self._common.criteria[question.code]:
            # What stood under the code before is not what the row is named after.
            is_other = broken in (Break.ADDED, Break.MEANING)
            nothing = Estimate.missing(Reason.NO_ANSWER)
            earlier, later = (_published_share(s, question.code) for s in self._published)
            estimates = (nothing if is_other else earlier, later)
            return ChangeFigures(question.code, question.text, *estimates, broken=broken)
        alone = Section(question.code, question.text, (question,), is_factor=True)
        form = RollUp.CRITERIA_MEAN
        return self._row(question.code, question.text, [alone], form, ItemRule.TOP2)


def _published_factor(sample: JoinedSample, code: str) -> Estimate:
    """A factor's index by the period's own version, which may not have it."""
    section = same_factor(code, sample.questionnaire)
    if section is None:
        return Estimate.missing(Reason.NO_ANSWER)
    return sample.factor(section, sample.questionnaire.scoring.item)


def _published_share(sample: JoinedSample, code: str) -> Estimate:
    """The share satisfied with a criterion, which the period's own version may not have."""
    figure = sample.figures[ItemRule.TOP2].questions.get(code)
    return Estimate.missing(Reason.NO_ANSWER) if figure is None else as_estimate(figure)


def _showing(sample: JoinedSample, question: Question) -> set[int]:
    """The units that show a criterion in all their samples."""
    groups = np.array(sample.group_of)
    return set(groups.tolist()) - set(groups[~sample.shows(question)].tolist())


def _among(sample: JoinedSample, groups: Collection[int]) -> NDArray[np.bool_]:
    """Which samples belong to one of the units."""
    return np.array([group in groups for group in sample.group_of])
