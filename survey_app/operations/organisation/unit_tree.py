"""The tree of units as it is chosen from: branches within somebody's scope, in some period."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy.orm import Session

from survey_app.storage.models import AdministrativeUnit
from survey_app.storage.queries import units as queries


@dataclass(frozen=True)
class Branch:
    """A unit and those below it, in Vietnamese order."""

    unit: AdministrativeUnit
    branches: tuple["Branch", ...] = ()

    @cached_property
    def ids(self) -> frozenset[int]:
        """The ids of the unit and of everything below it."""
        return frozenset({self.unit.id}).union(*(branch.ids for branch in self.branches))


def unit_branches(
    session: Session,
    unit_ids: Collection[int] | None,
    *,
    first: date,
    last: date,
    kept: Collection[int] = (),
) -> tuple[Branch, ...]:
    """The units (those in ``unit_ids``, or all) that are there on a day from ``first`` to ``last``,
    as trees; those in ``kept`` whenever they were there.

    A unit whose parent is not among them stands at the top.
    """
    found = [
        unit
        for unit in queries.list_units(session)
        if (unit_ids is None or unit.id in unit_ids)
        and (unit.id in kept or was_there(unit, first, last))
    ]
    here = {unit.id for unit in found}
    below: dict[int | None, list[AdministrativeUnit]] = {}
    for unit in found:
        below.setdefault(unit.parent_id if unit.parent_id in here else None, []).append(unit)

    def branches(parent_id: int | None) -> tuple[Branch, ...]:
        return tuple(Branch(unit, branches(unit.id)) for unit in below.get(parent_id, ()))

    return branches(None)


def units_in(branches: Iterable[Branch]) -> tuple[AdministrativeUnit, ...]:
    """All units of some branches, in the order of the page."""
    return tuple(unit for branch in branches for unit in (branch.unit, *units_in(branch.branches)))


def was_there(unit: AdministrativeUnit, first: date, last: date) -> bool:
    """Whether the unit was there on one day at least of a period."""
    has_begun = unit.valid_from is None or unit.valid_from <= last
    return has_begun and (unit.valid_to is None or unit.valid_to > first)


def find_units(session: Session, unit_ids: Collection[int]) -> tuple[AdministrativeUnit, ...]:
    """The units with these ids, in Vietnamese order."""
    wanted = frozenset(unit_ids)
    return (
        tuple(unit for unit in queries.list_units(session) if unit.id in wanted) if wanted else ()
    )


def ancestors(unit: AdministrativeUnit) -> tuple[AdministrativeUnit, ...]:
    """The units above one, the root first."""
    above: list[AdministrativeUnit] = []
    parent = unit.parent
    while parent is not None:
        above.insert(0, parent)
        parent = parent.parent
    return tuple(above)
