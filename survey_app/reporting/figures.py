"""The figures of a unit, or of several joined: what an analysis hands to a report, unformatted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from survey_app.estimation.comparison.change import Change
from survey_app.estimation.drivers import DriverAnalysis
from survey_app.estimation.estimate import Estimate
from survey_app.estimation.simple_sample.tally import Tally
from survey_app.integrity.flags import Flag
from survey_app.questionnaire.comparability import Break
from survey_app.questionnaire.definition import (
    LocalText,
    Option,
    Question,
    Questionnaire,
    RollUp,
    Section,
)
from survey_app.ranking.rank_sets import RankSet
from survey_app.reporting.origins import Regrouped, VersionMix


@dataclass(frozen=True)
class UnitSubject:
    """The unit a report is about, as official papers name it.

    ``agency`` is the body that signs ("Ủy ban nhân dân xã …"), ``parent_agency`` the one above
    it on the letterhead (empty for none), ``place`` the seat for the line of place and date,
    ``superior`` whom it reports to.
    """

    code: str
    name: str
    agency: str
    parent_agency: str
    place: str
    superior: str = ""


@dataclass(frozen=True)
class SurveySubject:
    """The survey the figures come from. ``fingerprint`` identifies the frozen questionnaire."""

    code: str
    title: str
    starts_on: date
    ends_on: date
    version: str  # "sipas-counter@1"
    fingerprint: str
    is_demo: bool
    is_running: bool = False  # still taking answers: the figures are provisional

    @property
    def source(self) -> str:
        """Where figures come from, for the metadata of a document."""
        return f"{self.code}; {self.version}; {self.fingerprint}"


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


class Weighting(StrEnum):
    """How much the sheets of a unit count where the figures of several are joined."""

    DOSSIERS = "dossiers"  # as many dossiers as they stand for
    PLAIN = "plain"  # every unit alike: not all numbers of dossiers are known


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


class Verdict(StrEnum):
    """A unit beside the mean of its block."""

    ABOVE = "cao hơn"
    BELOW = "thấp hơn"
    UNCLEAR = "chưa khác biệt rõ"


@dataclass(frozen=True)
class BlockStanding:
    """One unit among its like: the mean of the block, the difference from it (-1..1; p-value
    adjusted by Holm over the block), and the ranks it may have (marginal: one unit's own page).
    ``units``: those with ``minimum`` sheets, which are compared."""

    block: str
    units: int
    minimum: int
    mean: Estimate
    difference: float
    p_value: float
    verdict: Verdict
    ranks: RankSet


@dataclass(frozen=True)
class DriverFigures:
    """What goes with overall satisfaction. ``factors``: those analysed, in the order of the
    analysis; ``left_out``: those that too few could answer; ``question``: the overall one."""

    question: Question
    factors: tuple[Section, ...]
    left_out: tuple[Section, ...]
    analysis: DriverAnalysis


@dataclass(frozen=True)
class GroupFigures:
    """One group of respondents. ``n`` is None where it is hidden. ``label`` is None for a mode of
    collection, which has its code. ``difference``: its index minus that of all others who answered
    the question; ``p_value``: adjusted by Holm over all groups of the table."""

    code: str
    label: LocalText | None
    n: int | None
    index: Estimate
    difference: Change | None = None
    p_value: float | None = None

    @property
    def is_significant(self) -> bool:
        """Whether the difference is more than chance."""
        if self.difference is None or self.p_value is None:
            return False
        return self.p_value <= 1 - self.difference.confidence


@dataclass(frozen=True)
class PartitionFigures:
    """The groups that one question, or the mode of collection, makes."""

    code: str
    label: LocalText
    groups: tuple[GroupFigures, ...]


@dataclass(frozen=True)
class Member:
    """A unit in consolidated figures. ``weight``: its part of the whole, 0..1, None where it is
    left out for want of sheets; then ``n`` is None, too."""

    code: str
    name: str
    n: int | None
    population: int | None
    index: Estimate
    weight: float | None


@dataclass(frozen=True)
class Consolidation:
    """What consolidated figures are joined from. ``design_effect``: of the overall index, against
    one simple random sample of all dossiers; ``df``: its degrees of freedom. ``is_merged``: the
    members are what one unit of today was made of."""

    weighting: Weighting
    members: tuple[Member, ...]
    design_effect: float | None
    df: float | None
    is_merged: bool = False

    @property
    def counted(self) -> tuple[Member, ...]:
        """The members that have a part in the figures."""
        return tuple(member for member in self.members if member.weight is not None)


@dataclass(frozen=True)
class VerdictCounts:
    """Flagged sheets by what became of them; a count is None where it is so small that it stays
    hidden. ``waiting`` (nobody has decided) and ``accepted`` count in the figures, ``excluded`` do
    not."""

    waiting: int | None
    accepted: int | None
    excluded: int | None


@dataclass(frozen=True)
class SheetQuality:
    """The flagged and the unfinished sheets behind some figures.

    ``by_flag``: a sheet with several flags stands at each of them. ``everything``: the index with
    the excluded sheets counted in, None where there are none or so few that the difference would
    tell their answers. ``partial``: sheets left unfinished among those that count, None = hidden.
    """

    total: VerdictCounts
    by_flag: Mapping[Flag, VerdictCounts]
    partial: int | None
    everything: Estimate | None = None


@dataclass(frozen=True)
class UnitQuality:
    """The flagged sheets of one unit beside its index, where several units stand together."""

    code: str
    name: str
    index: Estimate
    quality: SheetQuality


@dataclass(frozen=True)
class UnitFigures:
    """Everything a report of one unit says, as numbers.

    ``n`` answer sheets of ``population`` dossiers handled in the period (None = not known).
    ``by_mode`` counts sheets by mode of collection (a count hidden by disclosure control is
    None). ``withheld``: n is under the minimum base and no figure is given at all. ``trend``: the
    periods of this questionnaire, oldest first, this one last; empty where it is the first.
    ``consolidation``: these are the figures of several units, joined. ``quality``: the sheets
    that were flagged, and what became of them. ``boundaries``: the units that were regrouped by
    the boundaries of today; None = by the boundaries of the survey. ``versions``: of a survey that
    moved to a later version. ``omitted``: earlier surveys that ``previous`` passes over, and why.
    """

    unit: UnitSubject
    survey: SurveySubject
    questionnaire: Questionnaire
    data_until: date
    n: int
    population: int | None
    confidence: float
    by_mode: Mapping[str, int | None]
    factors: tuple[FactorFigures, ...]
    overall: OverallFigures | None
    choices: tuple[ChoiceFigures, ...]
    comments: tuple[str, ...]
    withheld: bool
    previous: PeriodComparison | None = None
    trend: tuple[TrendPoint, ...] = ()
    omitted: tuple[Omitted, ...] = ()
    block: BlockStanding | None = None
    drivers: DriverFigures | None = None
    groups: tuple[PartitionFigures, ...] = ()
    consolidation: Consolidation | None = None
    quality: SheetQuality | None = None
    boundaries: tuple[Regrouped, ...] | None = None
    versions: VersionMix | None = None

    @property
    def is_population_doubtful(self) -> bool:
        """Fewer dossiers on record than sheets: the count is wrong, and nothing rests on it."""
        return self.population is not None and self.population < self.n
