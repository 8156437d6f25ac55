"""Quarantine: flagged sheets in groups, and the decisions to accept or to exclude them.

Who decides sees where and when sheets came in and why they are flagged, never what they answered:
nobody may choose by opinion. A decision is about five sheets of a unit at least, and what was
decided together stays together: otherwise the figures before and after would tell the answers of
the few that were moved.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_

from sqlalchemy.orm import Session

from survey_app.clock import hour_of, local, local_date
from survey_app.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE, is_reportable
from survey_app.integrity.flags import Flag, flags_in
from survey_app.operations.access.rights import is_administrator, is_at
from survey_app.operations.audit.entries import record
from survey_app.operations.review.sheet_quality import FlagTally, shown_count, tally_flags
from survey_app.storage.models import Account, AdministrativeUnit, Review, Survey
from survey_app.storage.models import Verdict as Verdict
from survey_app.storage.queries.reviews import (
    WaitingCount,
    assign_waiting,
    reassign,
    reviews_of,
    waiting_counts,
)
from survey_app.storage.queries.surveys import survey_units
from survey_app.text import clean_line

#: The code of the groups of a unit that are too small to stand by themselves, taken together.
REST = "rest"
SHORTEST_REASON, LONGEST_REASON = 10, 500
#: So many groups are listed at once; the later ones follow when these are decided on.
MOST_GROUPS = 200
CHANGED = "Danh sách vừa thay đổi; ông/bà hãy xem lại rồi quyết định."


@dataclass(frozen=True)
class Group:
    """Flagged sheets of one point, day, mode and set of flags, on which nobody has decided.

    ``sheets`` None = fewer than the minimum base. The remainder (``code`` is :data:`REST`) joins
    all groups under it: it has neither place nor mode nor hours.
    """

    code: str
    place: str
    mode: str
    first_day: date
    last_day: date
    hours: tuple[int, int] | None  # on a Vietnamese clock, of the first and of the last sheet
    flags: tuple[Flag, ...]
    sheets: int | None

    @property
    def fingerprint(self) -> str:
        """What a form sends back, so that nobody decides on sheets that came meanwhile. It tells
        no more of a small group than the page does."""
        count = "few" if self.sheets is None else str(self.sheets)
        return f"{count}.{self.first_day:%Y%m%d}.{self.last_day:%Y%m%d}"


@dataclass(frozen=True)
class Decision:
    """A decision, ``is_current`` while no later one took its sheets over."""

    review: Review
    flags: tuple[Flag, ...]
    is_current: bool


@dataclass(frozen=True)
class Quarantine:
    """The flagged sheets of one unit: what waits, and what was decided, the latest first.

    ``more``: groups that are not listed yet. ``may_judge``: whether the account may decide here.
    """

    groups: tuple[Group, ...]
    more: int
    decisions: tuple[Decision, ...]
    may_judge: bool


@dataclass(frozen=True)
class UnitFlags:
    """The flagged sheets of a unit by number; None = fewer than the minimum base."""

    unit: AdministrativeUnit
    waiting: int | None
    accepted: int | None
    excluded: int | None


@dataclass(frozen=True)
class Wish:
    """What somebody decides, and why. ``seen``: group code → the group's fingerprint when it was
    shown; these groups are meant."""

    verdict: Verdict
    reason: str
    seen: Mapping[str, str]


class _Heap:
    """The sheets of one group while they are counted."""

    def __init__(self, counts: Sequence[WaitingCount]) -> None:
        self.counts = counts
        self.sheets = sum(count.sheets for count in counts)
        self.flags = _union(count.flags for count in counts)


def may_judge(account: Account, unit_id: int, today: date) -> bool:
    """Whether an account may decide on flagged sheets of a unit it may see: administrators may,
    others only about units below their own, whatever they are there. Nobody judges the sheets
    about himself."""
    return is_administrator(account, today) or not is_at(account, unit_id, today)


def list_quarantine(
    session: Session, survey: Survey, unit_ids: Collection[int] | None
) -> tuple[UnitFlags, ...]:
    """The units of a survey (those in ``unit_ids``, or all) with their flagged sheets."""
    tallies = tally_flags(session, survey, unit_ids)

    def shown(unit_id: int, verdict: Verdict | None) -> int | None:
        return shown_count(tallies.get(unit_id, FlagTally()).total[verdict])

    return tuple(
        UnitFlags(
            row.unit,
            waiting=shown(row.unit_id, None),
            accepted=shown(row.unit_id, Verdict.ACCEPTED),
            excluded=shown(row.unit_id, Verdict.EXCLUDED),
        )
        for row in survey_units(session, survey.id, unit_ids=unit_ids)
    )


def unit_quarantine(
    session: Session, survey: Survey, unit: AdministrativeUnit, account: Account, *, today: date
) -> Quarantine:
    """The flagged sheets of a unit, as this account sees them."""
    heaps = _heaps(session, survey, unit)
    groups = [_group(code, heap) for code, heap in heaps.items()]
    reviews = reviews_of(session, survey.id, unit.id)
    replaced = {review.replaces_id for review in reviews}
    return Quarantine(
        groups=tuple(groups[:MOST_GROUPS]),
        more=max(0, len(groups) - MOST_GROUPS),
        decisions=tuple(
            Decision(review, tuple(flags_in(review.flags)), review.id not in replaced)
            for review in reviews
        ),
        may_judge=may_judge(account, unit.id, today),
    )


def decide(
    session: Session,
    survey: Survey,
    unit: AdministrativeUnit,
    wish: Wish,
    *,
    account: Account,
    now: datetime,
) -> Review:
    """Accept or exclude all sheets of some groups of a unit, together.

    Raises Forbidden for who may not judge this unit, Invalid (no group, too few sheets, no
    reason), Conflict where the groups are no longer those that were shown.
    """
    _require_right(account, unit, now)
    problems = [] if wish.seen else [Problem("Chọn ít nhất một nhóm phiếu.", "groups")]
    reason = _require_reason(wish.reason, problems)
    heaps = _heaps(session, survey, unit)
    for code, fingerprint in wish.seen.items():
        if code not in heaps or _group(code, heaps[code]).fingerprint != fingerprint:
            raise Conflict(CHANGED)
    chosen = [heaps[code] for code in wish.seen]
    sheets = sum(heap.sheets for heap in chosen)
    if not is_reportable(sheets):
        raise Invalid(
            f"Mỗi quyết định phải gồm ít nhất {MINIMUM_BASE} phiếu của đơn vị, để không suy ra "
            "được câu trả lời của vài người. Hãy chọn thêm nhóm, hoặc chờ có thêm phiếu."
        )
    review = Review(
        survey_id=survey.id,
        unit_id=unit.id,
        verdict=wish.verdict,
        reason=reason,
        flags=_union(heap.flags for heap in chosen),
        sheets=sheets,
    )
    _store(session, review, f"{survey.code} {unit.code} {sheets}", account, now)
    if sum(_move(session, review, heap) for heap in chosen) != sheets:
        raise Conflict(CHANGED)
    return review


def reconsider(
    session: Session,
    survey: Survey,
    unit: AdministrativeUnit,
    review_id: int,
    *,
    reason: str,
    account: Account,
    now: datetime,
) -> Review:
    """Turn a decision round: what was excluded is accepted again, what was accepted is excluded.
    All its sheets move together; the former decision stays on record.

    Raises Forbidden, NotFound, Invalid (no reason), Conflict where a later decision stands.
    """
    _require_right(account, unit, now)
    clean = _require_reason(reason, [])
    reviews = reviews_of(session, survey.id, unit.id)
    former = next((review for review in reviews if review.id == review_id), None)
    if former is None:
        raise NotFound("Không có quyết định này.")
    if any(review.replaces_id == former.id for review in reviews):
        raise Conflict("Quyết định này đã được thay bằng một quyết định sau.")
    was_excluded = former.verdict == Verdict.EXCLUDED
    review = Review(
        survey_id=survey.id,
        unit_id=unit.id,
        verdict=Verdict.ACCEPTED if was_excluded else Verdict.EXCLUDED,
        reason=clean,
        flags=former.flags,
        sheets=former.sheets,
        replaces_id=former.id,
    )
    _store(session, review, f"{survey.code} {unit.code} {former.sheets}", account, now)
    if reassign(session, former, review) != former.sheets:
        raise Conflict(CHANGED)
    return review


def _heaps(session: Session, survey: Survey, unit: AdministrativeUnit) -> dict[str, _Heap]:
    """The groups of a unit by code, the earliest first, the remainder last."""
    cells: dict[str, list[WaitingCount]] = {}
    for count in waiting_counts(session, survey.id, unit.id):
        day = local_date(count.hour)
        code = f"{count.point_id}.{day:%Y%m%d}.{count.mode}.{count.flags}"
        cells.setdefault(code, []).append(count)
    heaps = {code: _Heap(counts) for code, counts in cells.items()}
    large = {code: heap for code, heap in heaps.items() if is_reportable(heap.sheets)}
    small = [count for code, heap in heaps.items() if code not in large for count in heap.counts]
    return large | {REST: _Heap(small)} if small else large


def _group(code: str, heap: _Heap) -> Group:
    hours = [local(count.hour) for count in heap.counts]
    first, last, is_rest = min(hours), max(hours), code == REST
    return Group(
        code=code,
        place="" if is_rest else heap.counts[0].label,
        mode="" if is_rest else heap.counts[0].mode,
        first_day=first.date(),
        last_day=last.date(),
        hours=None if is_rest else (first.hour, last.hour),
        flags=tuple(flags_in(heap.flags)),
        sheets=shown_count(heap.sheets),
    )


def _move(session: Session, review: Review, heap: _Heap) -> int:
    """Put the sheets of a heap under a decision; how many they were."""
    spans: dict[tuple[int, str, int], list[datetime]] = {}
    for count in heap.counts:
        spans.setdefault((count.point_id, count.mode, count.flags), []).append(count.hour)
    return sum(
        assign_waiting(session, review, point_id=point, mode=mode, flags=flags, hours=hours)
        for (point, mode, flags), hours in spans.items()
    )


def _store(session: Session, review: Review, subject: str, account: Account, now: datetime) -> None:
    """Store a decision and put it on record, without a word of answers."""
    review.account_id = account.id
    # No time by an answer is finer than the hour; the audit record has the minute.
    review.decided_at = hour_of(now)
    session.add(review)
    session.flush()
    action = "sheets.exclude" if review.verdict == Verdict.EXCLUDED else "sheets.accept"
    record(session, action, now=now, account=account, subject=subject, detail=review.reason)


def _union(numbers: Iterable[int]) -> int:
    """All flags that stand in any of these numbers."""
    return reduce(or_, numbers, 0)


def _require_right(account: Account, unit: AdministrativeUnit, now: datetime) -> None:
    if not may_judge(account, unit.id, local_date(now)):
        raise Forbidden(
            "Phiếu về đơn vị của ông/bà do cơ quan cấp trên hoặc người quản trị xem xét."
        )


def _require_reason(reason: str, problems: list[Problem]) -> str:
    clean = clean_line(reason)
    if not SHORTEST_REASON <= len(clean) <= LONGEST_REASON:
        message = f"Nêu lý do, từ {SHORTEST_REASON} đến {LONGEST_REASON} ký tự."
        problems = [*problems, Problem(message, "reason")]
    if problems:
        raise Invalid("Chưa ghi được quyết định.", problems)
    return clean
