"""Groups of respondents beside all others."""

from dataclasses import dataclass

from survey_app.estimation.comparison.change import Change
from survey_app.estimation.estimate import Estimate
from survey_app.questionnaire.definition import LocalText


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
