"""Counts of one question's answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """Answers to one scale question, counted.

    ``levels`` counts each level, worst first. "Not applicable" and skipped leave numerator and
    denominator alike and are counted apart.

    >>> Tally((0, 0, 5, 16, 10), not_applicable=2, skipped=1).n
    31
    """

    levels: tuple[int, ...]
    not_applicable: int = 0
    skipped: int = 0

    @property
    def n(self) -> int:
        """Answers on the scale."""
        return sum(self.levels)

    @property
    def excluded(self) -> int:
        return self.not_applicable + self.skipped

    @property
    def shares(self) -> tuple[float, ...]:
        """Proportion of each level among the answers; empty when nobody answered."""
        return tuple(count / self.n for count in self.levels) if self.n else ()
