"""The sheets of several units as one stratified sample: every unit surveyed is a stratum."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.items import Item
from survey_app.estimation.complex_sample.survey_design import SurveyDesign, make_design
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.complex_sample.table_results import Criteria
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE, is_reportable, withhold
from survey_app.estimation.estimate import Estimate, Interval, IntervalMethod, Reason
from survey_app.estimation.plans.plan_results import Figure, Figures, collect_figures
from survey_app.estimation.simple_sample.tally import Tally
from survey_app.operations.figures.unit_sample import CONFIDENCE, UnitSample, satisfied_levels
from survey_app.questionnaire.codebook import NOT_APPLICABLE_BYTE, SKIPPED
from survey_app.questionnaire.definition import (
    ItemRule,
    Question,
    Questionnaire,
    RollUp,
    Section,
)
from survey_app.reporting.figures.several_units import Weighting

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class JoinedSample:
    """Samples of units that answered the same version, none of them empty.

    ``weighting``: a sheet counts N_h/n_h dossiers (all N_h must be known), or 1/n_h of its unit.
    A criterion counts in a unit only where it has answers enough to be shown there; else what is
    hidden there could be had by subtracting the other units from the whole.

    ``groups``: for each sample the unit of today that it belongs to, where several belong to one;
    None: each stands for itself. ``is_finite``: whether the figures describe the dossiers of the
    period (with finite population correction) or the service as such, which units are compared by.
    """

    questionnaire: Questionnaire
    samples: Sequence[UnitSample]
    weighting: Weighting
    groups: Sequence[int] | None = None
    is_finite: bool = True

    @property
    def group_of(self) -> Sequence[int]:
        """The unit of today that each sample belongs to."""
        return range(len(self.samples)) if self.groups is None else self.groups

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """n_h, shape (units,)."""
        return np.array([sample.n for sample in self.samples], dtype=np.int64)

    @cached_property
    def strata(self) -> NDArray[np.int64]:
        """The unit of each sheet, shape (n,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @cached_property
    def unit_weights(self) -> Floats:
        """What each unit counts in the whole, summing to 1: shape (units,)."""
        if self.weighting is Weighting.PLAIN:
            members = Counter(self.group_of)
            return np.array([1 / (len(members) * members[group]) for group in self.group_of])
        shares: Floats = self._populations / self._populations.sum()
        return shares

    @cached_property
    def sheet_weights(self) -> Floats:
        """What each sheet counts, shape (n,)."""
        whole = 1.0 if self.weighting is Weighting.PLAIN else float(self._populations.sum())
        return (whole * self.unit_weights / self.sizes)[self.strata]

    @cached_property
    def design(self) -> SurveyDesign:
        """Stratified random sampling, corrected for N_h where all are known."""
        if self.weighting is Weighting.PLAIN or not self.is_finite:
            return make_design(len(self.strata), strata=self.strata, weights=self.sheet_weights)
        members = self._populations[self.strata]
        return make_design(len(self.strata), strata=self.strata, population_members=members)

    @property
    def effective_n(self) -> float:
        """Kish's number of sheets: (Σw)²/Σw²."""
        weights = self.sheet_weights
        return float(weights.sum() ** 2 / (weights**2).sum())

    @property
    def population(self) -> int | None:
        """The dossiers of all units, None where not all are known."""
        if any(sample.population is None for sample in self.samples):
            return None
        return sum(sample.population or 0 for sample in self.samples)

    @cached_property
    def index_part(self) -> "JoinedSample":
        """The sheets of all versions over which the overall index goes on."""
        return self._part(UnitSample.index_part)

    def _part(self, cut: Callable[[UnitSample], UnitSample]) -> "JoinedSample":
        """Every unit's sheets less those that ``cut`` leaves out, so that what a unit counts does
        not depend on how many of its sheets are of an earlier version. Units of which too few are
        left have no part; where this is so of all, nobody has answered."""
        if not any(sample.common for sample in self.samples):
            return self
        parts = [cut(sample) for sample in self.samples]
        kept = [(g, s) for g, s in zip(self.group_of, parts, strict=True) if is_reportable(s.n)]
        if not kept:
            blank = [replace(s, answers=np.zeros_like(s.answers)) for s in self.samples]
            return replace(self, samples=blank)
        return replace(self, samples=[s for _, s in kept], groups=[g for g, _ in kept])

    def official_index(self) -> Figure:
        """The overall index by the questionnaire's own method."""
        method = self.questionnaire.scoring
        return self.figures[method.item].overall[method.roll_up]

    @property
    def _populations(self) -> Floats:
        return np.array([sample.population or 0 for sample in self.samples], dtype=np.float64)

    def shows(self, question: Question) -> NDArray[np.bool_]:
        """In which units a criterion has answers enough to be shown: shape (units,)."""
        return np.array([sample.tally(question).n >= MINIMUM_BASE for sample in self.samples])

    def codes(self, question: Question, counted: NDArray[np.bool_] | None = None) -> Codes:
        """The level each sheet chose, 1 …; 0 where there is no answer that counts: shape (n,).

        ``counted``: the units whose answers count, by default those that show the criterion.
        """
        units = self.shows(question) if counted is None else counted
        return np.concatenate(
            [
                _codes(sample, question) if counts else np.zeros(sample.n, dtype=np.uint8)
                for sample, counts in zip(self.samples, units, strict=True)
            ]
        )

    def tally(self, question: Question) -> Tally:
        """Answers counted one by one, in the units where the question is shown."""
        shown = [t for s in self.samples if (t := s.tally(question)).n >= MINIMUM_BASE]
        levels = [t.levels for t in shown] or [(0,) * len(question.choices)]
        return Tally(
            tuple(sum(counts) for counts in zip(*levels, strict=True)),
            not_applicable=sum(t.not_applicable for t in shown),
            skipped=sum(t.skipped for t in shown),
        )

    def level_shares(self, question: Question) -> tuple[float, ...]:
        """The weighted share of each level, worst first; empty when nobody answered."""
        part, size = self._part(lambda one: one.question_part(question.code)), len(question.choices)
        codes = part.codes(question)
        weights = np.bincount(codes, weights=part.sheet_weights, minlength=size + 1)[1:]
        return tuple((weights / weights.sum()).tolist()) if weights.any() else ()

    @cached_property
    def figures(self) -> Mapping[ItemRule, Figures]:
        """Every criterion, factor and form of the index, by item rule."""
        return {rule: self._figures(rule) for rule in ItemRule}

    def _figures(self, rule: ItemRule) -> Figures:
        whole = self.index_part._table(rule)
        if self.index_part is self:
            return whole
        criteria = [question for _, question in self.questionnaire.criteria]
        return replace(whole, questions={q.code: self._criterion(q, rule) for q in criteria})

    def _criterion(self, question: Question, rule: ItemRule) -> Figure:
        """A criterion on the sheets of the versions over which it goes on."""
        part = self._part(lambda one: one.question_part(question.code))
        alone = Section(question.code, question.text, (question,), is_factor=True)
        table = estimate_table(part.design, criteria_of(part, [alone], rule), forms=[])
        return collect_figures(table, ("default",), CONFIDENCE)[0].questions[question.code]

    def _table(self, rule: ItemRule) -> Figures:
        sections = self.questionnaire.factors
        criteria = criteria_of(self, sections, rule)
        forms: list[str] = [f for f in RollUp if f is not RollUp.WEIGHTED or criteria.weights]
        if rule is ItemRule.TOP2:
            forms.append("comprehensive")
        table = estimate_table(self.design, criteria, forms=forms)
        return collect_figures(table, ("default",), CONFIDENCE)[0]

    def factor(self, section: Section, rule: ItemRule) -> Estimate:
        """One factor's index, by the roll-up of the questionnaire inside the factor."""
        form = inside_a_factor(self.questionnaire.scoring.roll_up)
        part = self._part(lambda one: one.factor_part(section.code))
        table = estimate_table(part.design, criteria_of(part, [section], rule), forms=[form])
        return as_estimate(collect_figures(table, ("default",), CONFIDENCE)[0].overall[form])


def weighting_of(samples: Sequence[UnitSample]) -> Weighting:
    """By dossiers only if all are known: a guess for one would move the whole."""
    return Weighting.DOSSIERS if all(s.population for s in samples) else Weighting.PLAIN


def inside_a_factor(roll_up: RollUp) -> RollUp:
    """The form of a factor's own index: its answers pooled, else the mean of its criteria."""
    return roll_up if roll_up is RollUp.POOLED else RollUp.CRITERIA_MEAN


def criteria_of(
    joined: JoinedSample,
    sections: Sequence[Section],
    rule: ItemRule,
    codes: Mapping[str, Codes] | None = None,
) -> Criteria:
    """The criteria of these factors as items; ``codes`` by question stand in for the sample's
    own, and questions that are not among them are left out."""
    kept = {
        section.code: [q for q in section.criteria if codes is None or q.code in codes]
        for section in sections
    }
    kept = {code: questions for code, questions in kept.items() if questions}
    weights = joined.questionnaire.scoring.weights
    return Criteria(
        items=[
            _item(q, rule, joined.codes(q) if codes is None else codes[q.code])
            for questions in kept.values()
            for q in questions
        ],
        factors={code: [q.code for q in questions] for code, questions in kept.items()},
        is_share=rule is ItemRule.TOP2,
        weights=[weights[code] for code in kept] if weights else None,
    )


def as_estimate(figure: Figure) -> Estimate:
    """A figure of a table as the estimate that reports know, withheld under the minimum base."""
    interval = None
    if figure.interval is not None and figure.method is not None:
        interval = Interval(*figure.interval, IntervalMethod(figure.method), CONFIDENCE)
    reason = figure.reason if isinstance(figure.reason, Reason) and interval is None else None
    found = Estimate(
        value=figure.estimate,
        n=figure.n,
        standard_error=figure.standard_error,
        df=figure.df,
        interval=interval,
        reason=reason,
        is_census=reason is Reason.CENSUS,
    )
    return withhold(found)


def _item(question: Question, rule: ItemRule, codes: Codes) -> Item:
    size = len(question.choices)
    worth = np.zeros(size + 1)
    if rule is ItemRule.TOP2:
        worth[1:] = satisfied_levels(question)
    else:
        worth[1:] = np.arange(1, size + 1) / size
    return Item(codes, worth, np.concatenate([[0.0], np.ones(size)]))


def _codes(sample: UnitSample, question: Question) -> Codes:
    column = sample.column(question)
    return np.where(column == NOT_APPLICABLE_BYTE, SKIPPED, column).astype(np.uint8)
