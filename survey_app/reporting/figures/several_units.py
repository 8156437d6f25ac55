"""A unit among others: joined with them, or beside the mean of its block."""

from dataclasses import dataclass
from enum import StrEnum

from survey_app.estimation.estimate import Estimate
from survey_app.ranking.rank_sets import RankSet


class Weighting(StrEnum):
    """How much the sheets of a unit count where the figures of several are joined."""

    DOSSIERS = "dossiers"  # as many dossiers as they stand for
    PLAIN = "plain"  # every unit alike: not all numbers of dossiers are known


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
