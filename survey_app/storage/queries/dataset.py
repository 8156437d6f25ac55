"""Sheets as rows of a data file."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from survey_app.storage.models import DatasetRelease, Survey, SurveyResponse
from survey_app.storage.queries.reviews import is_counted


class SheetRow(NamedTuple):
    """What of a sheet goes into a data file."""

    answers: bytes
    mode: str
    received_hour: datetime
    is_partial: bool
    version_number: int


def all_sheets_by_unit(session: Session, survey_id: int) -> Mapping[int, int]:
    """Sheets, whether they count or not, by unit id: a number that only grows."""
    query = (
        select(SurveyResponse.unit_id, func.count())
        .where(SurveyResponse.survey_id == survey_id)
        .group_by(SurveyResponse.unit_id)
        .order_by(SurveyResponse.unit_id)
    )
    return dict(session.execute(query).all())


def releases(session: Session, survey_id: int) -> Mapping[int, DatasetRelease]:
    """What left of a survey before, by unit id."""
    query = (
        select(DatasetRelease)
        .where(DatasetRelease.survey_id == survey_id)
        .order_by(DatasetRelease.unit_id)
    )
    return {row.unit_id: row for row in session.scalars(query)}


def counted_by_version(session: Session, survey_id: int) -> Mapping[int, Mapping[int, int]]:
    """Unit id → number of the version → sheets of it that count."""
    sheet = SurveyResponse
    query = (
        select(sheet.unit_id, sheet.version_number, func.count())
        .where(sheet.survey_id == survey_id, is_counted())
        .group_by(sheet.unit_id, sheet.version_number)
        .order_by(sheet.unit_id, sheet.version_number)
    )
    found: dict[int, dict[int, int]] = {}
    for unit_id, number, count in session.execute(query):
        found.setdefault(unit_id, {})[number] = count
    return found


def release_groups(
    session: Session, survey_id: int, unit_id: int, *, versions: Collection[int] | None = None
) -> Mapping[int, int]:
    """Sheets of a unit by release group; with ``versions`` those that count and are of these."""
    query = select(SurveyResponse.release_group, func.count()).where(
        SurveyResponse.survey_id == survey_id, SurveyResponse.unit_id == unit_id
    )
    if versions is not None:
        query = query.where(is_counted(), SurveyResponse.version_number.in_(versions))
    group = SurveyResponse.release_group
    return dict(session.execute(query.group_by(group).order_by(group)).all())


def part_release_group(
    session: Session, survey_id: int, unit_id: int, group: int, new: int, versions: Collection[int]
) -> None:
    """Give the sheets of a group that count and are of these versions a group of their own."""
    session.execute(
        update(SurveyResponse)
        .where(
            SurveyResponse.survey_id == survey_id,
            SurveyResponse.unit_id == unit_id,
            SurveyResponse.release_group == group,
            SurveyResponse.version_number.in_(versions),
            is_counted(),
        )
        .values(release_group=new)
        .execution_options(synchronize_session=False)
    )


def let_one_release(session: Session, survey_id: int) -> None:
    """Whoever else has data leave of this survey waits until the transaction ends."""
    locking = select(Survey.id).where(Survey.id == survey_id).with_for_update(key_share=True)
    session.execute(locking).all()


def counted_sheets(session: Session, survey_id: int, unit_id: int) -> Sequence[SheetRow]:
    """The sheets of a unit that count, in key order."""
    rows = session.execute(
        select(
            SurveyResponse.answers,
            SurveyResponse.mode,
            SurveyResponse.received_hour,
            SurveyResponse.is_partial,
            SurveyResponse.version_number,
        )
        .where(
            SurveyResponse.survey_id == survey_id, SurveyResponse.unit_id == unit_id, is_counted()
        )
        .order_by(SurveyResponse.response_key)
    )
    return [SheetRow(*row) for row in rows]
