"""Units: by code, below a root, by search."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.storage.models import AdministrativeUnit


def unit_by_code(session: Session, code: str) -> AdministrativeUnit | None:
    return session.scalar(select(AdministrativeUnit).where(AdministrativeUnit.code == code))


def units_by_code(
    session: Session, codes: Collection[str] | None = None
) -> dict[str, AdministrativeUnit]:
    """Units keyed by code: all of them, or only those asked for."""
    query = select(AdministrativeUnit).order_by(AdministrativeUnit.id)
    if codes is not None:
        query = query.where(AdministrativeUnit.code.in_(codes))
    return {unit.code: unit for unit in session.scalars(query)}


def subtree_ids(session: Session, root_id: int) -> frozenset[int]:
    """The ids of a unit and of everything below it."""
    tree = select(AdministrativeUnit.id).where(AdministrativeUnit.id == root_id).cte(recursive=True)
    tree = tree.union(
        select(AdministrativeUnit.id).join(tree, AdministrativeUnit.parent_id == tree.c.id)
    )
    return frozenset(session.scalars(select(tree.c.id)))


def list_units(
    session: Session, *, parent_id: int | None = None, roots: bool = False
) -> Sequence[AdministrativeUnit]:
    """Units in Vietnamese order: all, the roots, or the children of one."""
    query = select(AdministrativeUnit).order_by(AdministrativeUnit.sort_key, AdministrativeUnit.id)
    if roots:
        query = query.where(AdministrativeUnit.parent_id.is_(None))
    elif parent_id is not None:
        query = query.where(AdministrativeUnit.parent_id == parent_id)
    return session.scalars(query).all()


def search_units(session: Session, folded: str, *, limit: int = 50) -> Sequence[AdministrativeUnit]:
    """Units whose folded name contains ``folded``, in Vietnamese order."""
    return session.scalars(
        select(AdministrativeUnit)
        .where(AdministrativeUnit.search_key.contains(folded, autoescape=True))
        .order_by(AdministrativeUnit.sort_key, AdministrativeUnit.id)
        .limit(limit)
    ).all()


def ended_units(session: Session) -> dict[int, date]:
    """Unit id → the day from which it is no more."""
    query = (
        select(AdministrativeUnit.id, AdministrativeUnit.valid_to)
        .where(AdministrativeUnit.valid_to.is_not(None))
        .order_by(AdministrativeUnit.id)
    )
    return {row.id: row.valid_to for row in session.execute(query) if row.valid_to}
