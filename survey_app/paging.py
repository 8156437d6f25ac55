"""Long lists, one page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Entry = TypeVar("Entry")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Page(Generic[Entry]):
    """One page of a list that has ``total`` entries. ``number`` counts from 1; ``size``: entries
    of a full page."""

    entries: Sequence[Entry]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages the list has: an empty one has one."""
        return _pages(self.total, self.size)

    @property
    def first(self) -> int:
        """The place in the list of the first entry, counted from 1."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The place in the list of the last entry; 0 in an empty list."""
        return self.first + len(self.entries) - 1

    def showing(self, entries: Sequence[Other]) -> "Page[Other]":
        """The same page with something else in each entry's place."""
        return Page(entries, self.total, self.number, self.size)


def nearest_page(number: int, *, total: int, size: int) -> int:
    """The page with this number, or the nearest that a list of ``total`` entries has.

    >>> nearest_page(0, total=41, size=20), nearest_page(9, total=41, size=20)
    (1, 3)
    >>> nearest_page(2, total=0, size=20)
    1
    """
    return min(max(number, 1), _pages(total, size))


def page_of(entries: Sequence[Entry], *, number: int, size: int) -> Page[Entry]:
    """One page of a list that is there as a whole.

    >>> page = page_of("abcde", number=3, size=2)
    >>> page.entries, page.first, page.last, page.pages
    ('e', 5, 5, 3)
    """
    number = nearest_page(number, total=len(entries), size=size)
    start = (number - 1) * size
    return Page(entries[start : start + size], len(entries), number, size)


def _pages(total: int, size: int) -> int:
    return max(1, -(-total // size))
