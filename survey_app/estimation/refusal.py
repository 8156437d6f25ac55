"""Why a plan cannot be computed from a table: a code and its values, for others to put in words."""

from collections.abc import Mapping
from enum import StrEnum


class Refused(StrEnum):
    """What is wrong with a plan or its columns. In brackets: the values that come along."""

    NO_ROWS = "no_rows"
    NO_SUCH_ROWS = "no_such_rows"  # condition: column to value
    BLANK_LABEL = "blank_label"  # labels
    BAD_WEIGHT = "bad_weight"
    NO_WEIGHT = "no_weight"
    BLANK_POPULATION = "blank_population"  # group
    MIXED_POPULATION = "mixed_population"  # group
    SMALL_POPULATION = "small_population"  # group, population, sample: counts


class PlanRefusal(ValueError):
    """The plan or the data are at fault, not the program: any other ValueError is a mistake of
    the caller and is not for those whose file it is.

    ``labels``: "strata" or "clusters". ``group``: "stratum" or "cluster".
    """

    def __init__(self, code: Refused, message: str, **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.values: Mapping[str, object] = values
