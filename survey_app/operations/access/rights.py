"""What an account may today: its grants, the roles they give, and the units they reach.

A grant gives one role in one branch of the tree of units, from a day on and perhaps until one.
Roles do not add up across branches: who is a clerk in A and a leader in B is no clerk in B. So a
scope is always asked for together with the roles that count (see ``survey_app.web.guard``).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.storage.models import Account, AccountGrant, AdministrativeUnit
from survey_app.storage.queries.units import subtree_ids


class AccountRole(StrEnum):
    """What somebody is for the time of a grant. The order is that of the pages."""

    ADMINISTRATOR = "administrator"
    SURVEY_MANAGER = "survey_manager"
    OFFICER = "officer"  # reform officer
    CLERK = "clerk"  # of the one-stop counter
    LEADER = "leader"
    AUDITOR = "auditor"


#: Roles that look and change nothing but their own sign-in, whatever a page would let others do.
READERS = frozenset({AccountRole.LEADER, AccountRole.AUDITOR})
#: Roles that are never of a branch: what they do touches every unit.
NEVER_OF_A_BRANCH = frozenset({AccountRole.ADMINISTRATOR})


@dataclass(frozen=True)
class Scope:
    """The units somebody may see or act for: everything (``unit_ids`` None), or these.

    ``roots``: the units whose branches they are, as the grants name them.
    """

    unit_ids: frozenset[int] | None
    roots: tuple[AdministrativeUnit, ...] = ()

    @property
    def only_root(self) -> AdministrativeUnit | None:
        """The one unit that all of it lies below; None for everything and for several branches."""
        return self.roots[0] if self.unit_ids is not None and len(self.roots) == 1 else None

    def require(self, unit_id: int) -> None:
        """Raises NotFound for a unit outside: its existence is not to be told either."""
        if self.unit_ids is not None and unit_id not in self.unit_ids:
            raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")

    def holds_all(self, unit_ids: Collection[int]) -> bool:
        """Whether all of these units lie within."""
        return self.unit_ids is None or self.unit_ids.issuperset(unit_ids)

    def holds_any(self, unit_ids: Collection[int]) -> bool:
        """Whether one of these units lies within."""
        return self.unit_ids is None or not self.unit_ids.isdisjoint(unit_ids)


def is_valid(grant: AccountGrant, today: date) -> bool:
    """Whether a grant counts on a day; its last day is a day on which it counts."""
    has_begun = grant.valid_from <= today
    return has_begun and (grant.valid_until is None or today <= grant.valid_until)


def valid_grants(account: Account, today: date) -> tuple[AccountGrant, ...]:
    return tuple(grant for grant in account.grants if is_valid(grant, today))


def roles_of(account: Account, today: date) -> frozenset[AccountRole]:
    """The roles of an account on a day, wherever it has them."""
    return frozenset(AccountRole(grant.role) for grant in valid_grants(account, today))


def is_administrator(account: Account, today: date) -> bool:
    return AccountRole.ADMINISTRATOR in roles_of(account, today)


def scope_of(session: Session, grants: Iterable[AccountGrant]) -> Scope:
    """The units that these grants reach; none when there is no grant."""
    roots: dict[int, AdministrativeUnit] = {}
    for grant in grants:
        if grant.unit is None:
            return Scope(None)
        roots[grant.unit.id] = grant.unit
    reached = [subtree_ids(session, root_id) for root_id in roots]
    return Scope(frozenset().union(*reached), tuple(roots.values()))


def seat_of(account: Account, today: date) -> AdministrativeUnit | None:
    """The unit that an account belongs to: the one that all its grants name, if there is one."""
    units = {grant.unit_id: grant.unit for grant in valid_grants(account, today)}
    return next(iter(units.values())) if len(units) == 1 else None


def is_at(account: Account, unit_id: int, today: date) -> bool:
    """Whether a grant names this very unit: what is said of the unit is said of the account."""
    return any(grant.unit_id == unit_id for grant in valid_grants(account, today))
