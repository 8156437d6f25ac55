"""Units: by code, below a root, by search."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.paging import Page
from survey_app.storage.models import AdministrativeUnit
from survey_app.storage.queries.pages import take_page


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


def tree_for_change(session: Session) -> Sequence[AdministrativeUnit]:
    """All units as they are now; until the transaction ends nobody else gets them for a change.
    What only names a unit, as an answer sheet does, waits for nobody."""
    roots = select(AdministrativeUnit.id).where(AdministrativeUnit.parent_id.is_(None))
    session.execute(roots.order_by(AdministrativeUnit.id).with_for_update(key_share=True)).all()
    query = select(AdministrativeUnit).order_by(AdministrativeUnit.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def list_units(session: Session, *, roots: bool = False) -> Sequence[AdministrativeUnit]:
    """Units in Vietnamese order: all, or the roots."""
    query = select(AdministrativeUnit).order_by(AdministrativeUnit.sort_key, AdministrativeUnit.id)
    if roots:
        query = query.where(AdministrativeUnit.parent_id.is_(None))
    return session.scalars(query).all()


def page_units(
    session: Session, *, folded: str = "", parent_id: int | None = None, number: int, size: int
) -> Page[AdministrativeUnit]:
    """One page of the units whose folded name or code contains ``folded``, or below one unit, in
    Vietnamese order; those that ended come last."""
    query = select(AdministrativeUnit).order_by(
        AdministrativeUnit.valid_to.is_not(None),
        AdministrativeUnit.sort_key,
        AdministrativeUnit.id,
    )
    if folded:
        name = AdministrativeUnit.search_key.contains(folded, autoescape=True)
        code = func.lower(AdministrativeUnit.code).startswith(folded, autoescape=True)
        query = query.where(name | code)
    if parent_id is not None:
        query = query.where(AdministrativeUnit.parent_id == parent_id)
    return take_page(session, query, number=number, size=size)


def ended_units(session: Session) -> dict[int, date]:
    """Unit id → the day from which it is no more."""
    query = (
        select(AdministrativeUnit.id, AdministrativeUnit.valid_to)
        .where(AdministrativeUnit.valid_to.is_not(None))
        .order_by(AdministrativeUnit.id)
    )
    return {row.id: row.valid_to for row in session.execute(query) if row.valid_to}


def child_counts(session: Session, parent_ids: Collection[int]) -> Mapping[int, int]:
    """By unit id: how many units stand directly below it (units without any are left out)."""
    query = (
        select(AdministrativeUnit.parent_id, func.count())
        .where(AdministrativeUnit.parent_id.in_(parent_ids))
        .group_by(AdministrativeUnit.parent_id)
        .order_by(AdministrativeUnit.parent_id)
    )
    return {parent: count for parent, count in session.execute(query) if parent is not None}
