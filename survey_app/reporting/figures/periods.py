"""A survey beside earlier ones: changes, the trend, and what is not compared."""

from dataclasses import dataclass
from enum import StrEnum

from survey_app.estimation.comparison.change import Change
from survey_app.estimation.estimate import Estimate
from survey_app.questionnaire.comparability import Break
from survey_app.questionnaire.definition import LocalText
from survey_app.reporting.figures.several_units import Weighting
from survey_app.reporting.figures.subjects import SurveySubject
from survey_app.reporting.origins import Regrouped


@dataclass(frozen=True)
class ChangeFigures:
    """One figure in two periods; both estimates without finite population correction.

    ``change``: later - earlier, None where the series is ``broken`` or one of them is not given.
    ``p_value``: adjusted by Holm for the whole family of rows it stands in.
    """

    code: str
    label: LocalText
    earlier: Estimate
    later: Estimate
    change: Change | None = None
    p_value: float | None = None
    broken: Break | None = None

    @property
    def is_significant(self) -> bool | None:
        """Whether the change is more than chance, None where that was not tested."""
        if self.change is None or self.p_value is None:
            return None
        return self.p_value <= 1 - self.change.confidence


@dataclass(frozen=True)
class BridgedCriterion:
    """A criterion that was edited between two periods and goes on because the publisher of the
    new version declared it comparable; ``reason``: in the publisher's words, "" = none."""

    label: LocalText
    kind: Break
    reason: str


@dataclass(frozen=True)
class PeriodComparison:
    """This survey against the one before: index, factors, criteria.

    ``n``: sheets of the earlier one. ``criteria_compared``: criteria with enough answers in both,
    on which index and factors rest here; ``criteria_asked``: of so many. ``units``,
    ``weighting``: of joined figures, the units that both periods have and how they count here.
    ``bridged``: the criteria compared that were edited in between. What is broken holds the values
    each period published; then ``continuing``: the index on the criteria compared, if enough.
    """

    earlier: SurveySubject
    n: int
    index: ChangeFigures
    factors: tuple[ChangeFigures, ...]
    criteria: tuple[ChangeFigures, ...]
    criteria_compared: int
    criteria_asked: int
    units: int = 1
    weighting: Weighting | None = None
    bridged: tuple[BridgedCriterion, ...] = ()
    continuing: ChangeFigures | None = None


class Omission(StrEnum):
    """Why an earlier survey of the same questionnaire is not compared with."""

    OVERLAP = "overlap"  # it ended only after this one had begun
    TRIAL = "trial"  # one of the two holds made-up data
    FEW_SHEETS = "few_sheets"
    FEW_UNITS = "few_units"  # joined figures: fewer than two in both


@dataclass(frozen=True)
class Omitted:
    """An earlier survey of the same questionnaire and unit that is not compared with."""

    survey: SurveySubject
    reason: Omission | Break


@dataclass(frozen=True)
class TrendPoint:
    """The overall index of one period; ``broken``: why it does not go on from the one before;
    ``units``: of so many, where several are joined; ``broken_criteria``: those that do not go on,
    each with its reason; ``regrouped``: units of today that were others in that period."""

    survey: SurveySubject
    n: int
    index: Estimate
    broken: Break | None = None
    units: int = 1
    broken_criteria: tuple[tuple[LocalText, Break], ...] = ()
    regrouped: tuple[Regrouped, ...] = ()
