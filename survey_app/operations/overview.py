"""Overview: the units of a survey with their sheets and overall index."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from survey_app.estimation.estimate import Estimate
from survey_app.operations.unit_sample import read_sample
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyUnit
from survey_app.storage.queries.surveys import sheets_by_unit, survey_units


@dataclass(frozen=True)
class UnitLine:
    """One line of a survey's overview."""

    unit: AdministrativeUnit
    n: int
    population: int | None
    index: Estimate


class _State(NamedTuple):
    """What a unit's index rests on. Sheets are never changed and never taken away, so while these
    stay the same the index does."""

    version_id: int
    sheets: int
    population: int | None


#: Indices by database, survey and unit: a page about one unit compares it with hundreds.
_KNOWN: WeakKeyDictionary[object, dict[tuple[int, int], tuple[_State, Estimate]]] = (
    WeakKeyDictionary()
)


def overview(
    session: Session, survey: Survey, unit_ids: Collection[int] | None
) -> tuple[UnitLine, ...]:
    """The units of a survey (those in ``unit_ids``, or all) with n and overall index."""
    sheets = sheets_by_unit(session, survey.id)
    return tuple(
        UnitLine(row.unit, n, row.population, headline(session, survey, row, n))
        for row in survey_units(session, survey.id, unit_ids=unit_ids)
        for n in [sheets.get(row.unit_id, 0)]
    )


def headline(session: Session, survey: Survey, row: SurveyUnit, sheets: int) -> Estimate:
    """The overall index of one unit that has this many sheets."""
    known = _KNOWN.setdefault(_database_of(session), {})
    key, state = (survey.id, row.unit_id), _State(survey.version_id, sheets, row.population)
    found = known.get(key)
    if found is None or found[0] != state:
        sample = read_sample(session, survey, row.unit_id, row.population)
        # A sheet may have come in since they were counted.
        found = (state._replace(sheets=sample.n), sample.headline())
        known[key] = found
    return found[1]


def _database_of(session: Session) -> Engine:
    return session.get_bind().engine
