"""Units page by page: the roots, those below one, those whose name or code is looked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from survey_app.paging import Page, page_of
from survey_app.storage.models import AdministrativeUnit
from survey_app.storage.queries import units as queries
from survey_app.text import fold

#: A province has a hundred communes; a country more than three thousand.
UNITS_A_PAGE = 100
#: So many are offered beside a field for the code of a unit.
MOST_CHOICES = 20

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class UnitEntry:
    """A unit in the tree and how many stand directly below it."""

    unit: AdministrativeUnit
    children: int


def root_units(session: Session) -> tuple[UnitEntry, ...]:
    return _entries(session, queries.list_units(session, roots=True))


def units_below(
    session: Session, parent: AdministrativeUnit, *, number: int = 1
) -> Page[UnitEntry]:
    """One page of the units directly below one, in Vietnamese order."""
    return _unit_page(session, number, parent_id=parent.id)


def search_units(session: Session, wanted: str, *, number: int = 1) -> Page[UnitEntry]:
    """One page of the units whose name contains the words (marks do not matter) or whose code
    begins so."""
    return _unit_page(session, number, folded=fold(wanted))


def page_by_unit(
    entries: Sequence[Entry],
    unit_of: Callable[[Entry], AdministrativeUnit],
    wanted: str,
    *,
    number: int = 1,
) -> Page[Entry]:
    """One page of the entries whose unit is looked for in the same way, in their order."""
    folded = fold(wanted)
    found = [entry for entry in entries if _is_found(unit_of(entry), folded)]
    return page_of(found, number=number, size=UNITS_A_PAGE)


def units_to_choose(session: Session, wanted: str) -> tuple[tuple[AdministrativeUnit, ...], bool]:
    """The first units of today that ``search_units`` finds, and whether they are all of them."""
    if not fold(wanted):
        return (), True
    page = search_units(session, wanted)
    found = tuple(entry.unit for entry in page.entries if entry.unit.valid_to is None)
    return found[:MOST_CHOICES], len(found) <= MOST_CHOICES


def _is_found(unit: AdministrativeUnit, folded: str) -> bool:
    return folded in unit.search_key or unit.code.lower().startswith(folded)


def _entries(session: Session, found: Sequence[AdministrativeUnit]) -> tuple[UnitEntry, ...]:
    children = queries.child_counts(session, [unit.id for unit in found])
    return tuple(UnitEntry(unit, children.get(unit.id, 0)) for unit in found)


def _unit_page(
    session: Session, number: int, *, folded: str = "", parent_id: int | None = None
) -> Page[UnitEntry]:
    page = queries.page_units(
        session, folded=folded, parent_id=parent_id, number=number, size=UNITS_A_PAGE
    )
    return page.showing(_entries(session, page.entries))
