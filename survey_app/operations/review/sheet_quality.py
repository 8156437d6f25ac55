"""Sheet quality: how many sheets behind some figures are flagged, and what became of them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from survey_app.estimation.disclosure.small_groups import is_reportable
from survey_app.estimation.estimate import Estimate
from survey_app.integrity.flags import Flag, flags_in
from survey_app.reporting.figures.quality import SheetQuality, VerdictCounts
from survey_app.storage.models import Survey, Verdict
from survey_app.storage.queries.reviews import flagged_counts


@dataclass(frozen=True)
class FlagTally:
    """Flagged sheets by verdict (None = nobody has decided), all together and by flag."""

    total: Counter[str | None] = field(default_factory=Counter)
    by_flag: Mapping[Flag, Counter[str | None]] = field(
        default_factory=lambda: {flag: Counter() for flag in Flag}
    )

    def add(self, flags: int, verdict: str | None, sheets: int) -> None:
        """Count ``sheets`` with these flags."""
        self.total[verdict] += sheets
        for flag in flags_in(flags):
            self.by_flag[flag][verdict] += sheets

    @property
    def excluded(self) -> int:
        return self.total[Verdict.EXCLUDED]


def tally_flags(
    session: Session, survey: Survey, unit_ids: Collection[int] | None = None
) -> Mapping[int, FlagTally]:
    """The flagged sheets of the units in ``unit_ids`` (or all), by unit id; units without any are
    left out."""
    found: dict[int, FlagTally] = {}
    for row in flagged_counts(session, survey.id, unit_ids=unit_ids):
        found.setdefault(row.unit_id, FlagTally()).add(row.flags, row.verdict, row.sheets)
    return found


def join_tallies(tallies: Iterable[FlagTally]) -> FlagTally:
    """The flagged sheets of several units together."""
    joined = FlagTally()
    for tally in tallies:
        joined.total.update(tally.total)
        for flag, counts in tally.by_flag.items():
            joined.by_flag[flag].update(counts)
    return joined


def describe_quality(
    tally: FlagTally, *, partial: int, everything: Estimate | None
) -> SheetQuality:
    """What reports say. ``everything``: the index with the excluded sheets, withheld here where
    so few were excluded that the two indices together would tell what they answered."""
    is_shown = everything is not None and is_reportable(tally.excluded)
    return SheetQuality(
        total=_verdict_counts(tally.total),
        by_flag={flag: _verdict_counts(counts) for flag, counts in tally.by_flag.items() if counts},
        partial=shown_count(partial),
        everything=everything if is_shown else None,
    )


def shown_count(count: int) -> int | None:
    """A number of sheets, or None where it is so small that it stays hidden."""
    return count if count == 0 or is_reportable(count) else None


def _verdict_counts(counts: Counter[str | None]) -> VerdictCounts:
    return VerdictCounts(
        waiting=shown_count(counts[None]),
        accepted=shown_count(counts[Verdict.ACCEPTED]),
        excluded=shown_count(counts[Verdict.EXCLUDED]),
    )
