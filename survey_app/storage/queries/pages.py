"""One page of what a query finds."""

from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from survey_app.paging import Page, nearest_page

Found = TypeVar("Found")


def take_page(session: Session, query: Select[Found], *, number: int, size: int) -> Page[Found]:
    """The page of an ordered query with this number (from 1), or the nearest there is."""
    counted = query.order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    number = nearest_page(number, total=total, size=size)
    found = session.scalars(query.offset((number - 1) * size).limit(size)).all()
    return Page(found, total, number, size)
