"""Checking the chain of the audit record: the first place where it is broken, and how."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.errors import Invalid
from survey_app.storage.audit_chain import seal
from survey_app.storage.models import AuditEntry
from survey_app.storage.models.audit import NO_HASH
from survey_app.storage.queries import audit as queries

ENTRIES_AT_ONCE = 2000
#: How far from its place an entry is looked for before it is called changed.
REORDERED_WITHIN = 2000


class Break(StrEnum):
    """What is wrong at a place of the chain."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    CUT_OFF = "cut_off"
    ADDED = "added"
    OTHER_CHAIN = "other_chain"


@dataclass(frozen=True)
class Anchor:
    """A number and the hash it had, written down outside the database."""

    number: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> "Anchor":
        """From ``N:HASH``; the beginning of a hash is enough, from 16 digits. Raises Invalid."""
        found = re.fullmatch(r"\s*(\d{1,9})\s*:\s*([0-9a-fA-F]{16,64})\s*", text)
        if not found:
            raise Invalid("Mốc đối chiếu có dạng SỐ:MÃ, ví dụ 1204:3f0a… (từ 16 chữ số của mã).")
        return cls(int(found[1]), found[2].lower())

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True)
class Check:
    """How far the chain holds. ``broken_at``: the number of the first place that does not.

    ``last``: the last entry that was found right, and its hash. ``goes_on``: there is more to be
    checked after it.
    """

    first: int
    last: Anchor
    broken_at: int | None = None
    what: Break | None = None
    goes_on: bool = False

    @property
    def is_whole(self) -> bool:
        return self.what is None


def head_of(session: Session) -> Anchor:
    """The last number and its hash, as the head of the chain says."""
    head = queries.head(session)
    return Anchor(head.number, head.hash) if head else Anchor(0, NO_HASH)


def check_chain(
    session: Session,
    *,
    after: int = 0,
    most: int | None = None,
    expected: Anchor | None = None,
    progress: Callable[[int], None] = lambda _count: None,
) -> Check:
    """Walk the chain from the entry behind ``after`` (whose own hash is believed), ``most``
    entries at the most, and compare the end with the head and with an anchor."""
    stray = queries.first_number(session)
    if stray is not None and stray < 1:  # pages would show it, and no walk come by it
        return Check(1, Anchor(0, NO_HASH), stray, Break.ADDED)
    last = _base(session, after)
    if last is None:
        return Check(after + 1, Anchor(after, NO_HASH), after, Break.MISSING)
    begin, left = last.number + 1, most
    while left is None or left > 0:
        wanted = ENTRIES_AT_ONCE if left is None else min(left, ENTRIES_AT_ONCE)
        entries = queries.chain_after(session, last.number, most=wanted)
        for entry in entries:
            what = _mistake(session, entry, last, expected)
            if what is not None:
                return Check(begin, last, last.number + 1, what)
            last = Anchor(entry.number, entry.hash)
        progress(len(entries))
        if len(entries) < wanted:
            return _compare_end(session, begin, last, expected)
        left = None if left is None else left - len(entries)
    if queries.chain_after(session, last.number, most=1):
        return Check(begin, last, goes_on=True)
    return _compare_end(session, begin, last, expected)


def _base(session: Session, after: int) -> Anchor | None:
    if after == 0:
        return Anchor(0, NO_HASH)
    entry = queries.entry_by_number(session, after)
    return Anchor(entry.number, entry.hash) if entry else None


def _mistake(
    session: Session, entry: AuditEntry, last: Anchor, expected: Anchor | None
) -> Break | None:
    number = last.number + 1
    if entry.number != number:
        return Break.MISSING
    if seal(entry, number, last.hash) != entry.hash:
        return Break.REORDERED if _stands_elsewhere(session, entry, last) else Break.CHANGED
    if expected and expected.number == number and not entry.hash.startswith(expected.hash):
        return Break.OTHER_CHAIN
    return None


def _stands_elsewhere(session: Session, entry: AuditEntry, last: Anchor) -> bool:
    """Whether what belongs here stands at another place of the chain, under either hash."""
    others: Sequence[AuditEntry] = queries.chain_after(session, entry.number, most=REORDERED_WITHIN)
    return any(seal(other, entry.number, last.hash) in (entry.hash, other.hash) for other in others)


def _compare_end(session: Session, begin: int, last: Anchor, expected: Anchor | None) -> Check:
    """The end of the chain against its head, and against an anchor that lies behind it."""
    head = head_of(session)
    if head.number > last.number or (expected and expected.number > last.number):
        return Check(begin, last, last.number + 1, Break.CUT_OFF)
    if head.number < last.number:
        return Check(begin, last, head.number + 1, Break.ADDED)
    if head.hash != last.hash:
        return Check(begin, last, last.number, Break.CHANGED)
    return Check(begin, last)
