"""The flagged and the unfinished sheets behind figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey_app.estimation.estimate import Estimate
from survey_app.integrity.flags import Flag


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
