"""Public services and counts of dossiers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.paging import Page
from survey_app.storage.models import DossierCount, PublicService
from survey_app.storage.queries.pages import take_page

#: The columns that tell one count from another.
CountKey = tuple[date, int, int, int]


def service_by_code(session: Session, code: str) -> PublicService | None:
    return session.scalar(select(PublicService).where(PublicService.code == code))


def services_by_code(session: Session) -> dict[str, PublicService]:
    query = select(PublicService).order_by(PublicService.id)
    return {service.code: service for service in session.scalars(query)}


def page_services(
    session: Session, *, folded: str, field: str, number: int, size: int
) -> Page[PublicService]:
    """One page of the services that match, in Vietnamese order by field and name."""
    query = select(PublicService).order_by(PublicService.sort_key, PublicService.id)
    if folded:
        query = query.where(PublicService.search_key.contains(folded, autoescape=True))
    if field:
        query = query.where(PublicService.field == field)
    return take_page(session, query, number=number, size=size)


def fields(session: Session) -> Sequence[str]:
    """The fields that services are in, each once."""
    query = select(PublicService.field).distinct().order_by(PublicService.field)
    return session.scalars(query).all()


def counts_by_key(session: Session, months: Collection[date]) -> dict[CountKey, DossierCount]:
    """The counts of these months."""
    query = (
        select(DossierCount)
        .where(DossierCount.month.in_(months))
        .order_by(
            DossierCount.month,
            DossierCount.receiving_unit_id,
            DossierCount.resolving_unit_id,
            DossierCount.service_id,
        )
    )
    return {
        (row.month, row.receiving_unit_id, row.resolving_unit_id, row.service_id): row
        for row in session.scalars(query)
    }


def dossiers_by_unit(
    session: Session, *, first: date, last: date, by_receiving: bool
) -> Mapping[int, int]:
    """Unit id → dossiers of the months from ``first`` to ``last`` (both days of a month)."""
    unit = DossierCount.receiving_unit_id if by_receiving else DossierCount.resolving_unit_id
    query = (
        select(unit, func.sum(DossierCount.dossiers))
        .where(DossierCount.month >= first, DossierCount.month <= last)
        .group_by(unit)
        .order_by(unit)
    )
    return dict(session.execute(query).all())


def dossiers_of_service(
    session: Session, service_id: int, *, limit: int
) -> Sequence[tuple[date, int]]:
    """(month, dossiers of all units), the latest month first."""
    query = (
        select(DossierCount.month, func.sum(DossierCount.dossiers))
        .where(DossierCount.service_id == service_id)
        .group_by(DossierCount.month)
        .order_by(DossierCount.month.desc())
        .limit(limit)
    )
    return [(month, dossiers) for month, dossiers in session.execute(query)]
