"""What respondents said: criteria, factors, the overall index, choices, and what goes with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey_app.estimation.drivers import DriverAnalysis
from survey_app.estimation.estimate import Estimate
from survey_app.estimation.simple_sample.tally import Tally
from survey_app.questionnaire.definition import Option, Question, RollUp, Section


@dataclass(frozen=True)
class CriterionFigures:
    """One satisfaction criterion: distribution, share satisfied (top 2) and mean of the scale.

    Both are given whatever the item rule, so that a reader can recompute by either.
    ``weighted_shares``: of each level, where sheets weigh differently (else those of the tally).
    """

    question: Question
    tally: Tally
    satisfied: Estimate
    mean: Estimate
    weighted_shares: tuple[float, ...] | None = None

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of each level, worst first."""
        return self.tally.shares if self.weighted_shares is None else self.weighted_shares


@dataclass(frozen=True)
class FactorFigures:
    """One factor (yếu tố): its index by the chosen item rule, "mean of 5" beside it."""

    section: Section
    index: Estimate
    mean: Estimate
    criteria: tuple[CriterionFigures, ...]


@dataclass(frozen=True)
class OverallFigures:
    """The overall index by the questionnaire's method, and by every other roll-up beside it.

    ``by_roll_up``: item rule of the method; ``mean_by_roll_up``: item rule "mean of 5".
    ``comprehensive``: share of respondents whose every answered criterion is satisfied.
    """

    chosen: RollUp
    by_roll_up: Mapping[RollUp, Estimate]
    mean_by_roll_up: Mapping[RollUp, Estimate]
    comprehensive: Estimate
    criteria_counted: int
    criteria_asked: int

    @property
    def index(self) -> Estimate:
        return self.by_roll_up[self.chosen]

    @property
    def mean(self) -> Estimate:
        return self.mean_by_roll_up[self.chosen]


@dataclass(frozen=True)
class ChoiceCount:
    """How many chose one option; ``count`` is None where disclosure control hides it.

    ``estimate`` is the share of those who answered the question.
    """

    option: Option
    count: int | None
    estimate: Estimate


@dataclass(frozen=True)
class ChoiceFigures:
    """A choice question: demographics, needs, harassment, context, overall.

    ``n`` and ``excluded`` are None where the base itself would tell a hidden count: a question
    that follows up a small group, or one that too few people answered.
    """

    question: Question
    n: int | None
    excluded: int | None
    choices: tuple[ChoiceCount, ...]


@dataclass(frozen=True)
class DriverFigures:
    """What goes with overall satisfaction. ``factors``: those analysed, in the order of the
    analysis; ``left_out``: those that too few could answer; ``question``: the overall one."""

    question: Question
    factors: tuple[Section, ...]
    left_out: tuple[Section, ...]
    analysis: DriverAnalysis
