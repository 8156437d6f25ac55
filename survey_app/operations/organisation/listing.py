"""Listing: what the officers' and administrators' pages show, read and never changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.storage.models import Account as Account
from survey_app.storage.models import AdministrativeUnit as AdministrativeUnit
from survey_app.storage.models import CollectionPoint as CollectionPoint
from survey_app.storage.models import Mode as Mode
from survey_app.storage.models import QuestionnaireVersion as QuestionnaireVersion
from survey_app.storage.models import Survey as Survey
from survey_app.storage.models import SurveyStatus as SurveyStatus
from survey_app.storage.models import SurveyUnit as SurveyUnit
from survey_app.storage.queries import accounts as account_queries
from survey_app.storage.queries import pages, questionnaires, surveys, units
from survey_app.text import fold

#: A province has a hundred communes; a country more than three thousand.
UNITS_A_PAGE = 100
#: So many are offered beside a field for the code of a unit.
MOST_CHOICES = 20


@dataclass(frozen=True)
class Holdings:
    """How much there is of everything an administrator looks after."""

    versions: int
    units: int
    surveys: int
    accounts: int


@dataclass(frozen=True)
class SurveySummary:
    """A survey and how far it has come, within somebody's scope."""

    survey: Survey
    units: int
    sheets: int


@dataclass(frozen=True)
class UnitEntry:
    """A unit in the tree and how many stand directly below it."""

    unit: AdministrativeUnit
    children: int


@dataclass(frozen=True)
class UnitPage:
    """One page of units. ``number`` counts from 1."""

    entries: tuple[UnitEntry, ...]
    total: int
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // UNITS_A_PAGE))


@dataclass(frozen=True)
class FieldworkUnit:
    """A unit of a survey: dossiers (None = not known) and sheets received."""

    unit: AdministrativeUnit
    population: int | None
    sheets: int


@dataclass(frozen=True)
class FieldworkPoint:
    """A collection point and its one-time links: how many were issued, how many used."""

    point: CollectionPoint
    issued: int
    used: int


def holdings(session: Session) -> Holdings:
    return Holdings(*pages.count_rows(session))


def list_versions(session: Session) -> Sequence[QuestionnaireVersion]:
    """Published versions, the newest of each questionnaire first."""
    return questionnaires.list_versions(session)


def surveys_of_version(session: Session, version_id: int) -> Sequence[Survey]:
    return pages.surveys_of_version(session, version_id)


def survey_summaries(
    session: Session, unit_ids: Collection[int] | None = None, *, wholly: bool = False
) -> tuple[SurveySummary, ...]:
    """Surveys, the latest first; with ``unit_ids`` those about these units (``wholly``: and about
    no others), counting only them."""
    sheets = pages.sheet_counts(session, unit_ids=unit_ids)
    members = pages.unit_counts(session, unit_ids=unit_ids)
    return tuple(
        SurveySummary(survey, members.get(survey.id, 0), sheets.get(survey.id, 0))
        for survey in surveys.list_surveys(session, unit_ids=unit_ids, wholly=wholly)
    )


def response_rate(sheets: int, population: int | None) -> float | None:
    """Sheets received per dossier handled; None where the number of dossiers is not known or
    cannot be right (more sheets than dossiers)."""
    if not population or sheets > population:
        return None
    return sheets / population


def surveyed_unit_ids(session: Session, survey_code: str) -> frozenset[int]:
    """The units of a survey; none where there is no such survey."""
    return surveys.unit_ids_of(session, survey_code)


def parent_units(session: Session) -> Sequence[AdministrativeUnit]:
    """Units under which others stand: the choices for "all units below …"."""
    return pages.parent_units(session)


def root_units(session: Session) -> tuple[UnitEntry, ...]:
    return _entries(session, units.list_units(session, roots=True))


def units_below(session: Session, parent: AdministrativeUnit, *, number: int = 1) -> UnitPage:
    """One page of the units directly below one, in Vietnamese order."""
    return _unit_page(session, number, parent_id=parent.id)


def search_units(session: Session, wanted: str, *, number: int = 1) -> UnitPage:
    """One page of the units whose name contains the words (marks do not matter) or whose code
    begins so."""
    return _unit_page(session, number, folded=fold(wanted))


def units_to_choose(session: Session, wanted: str) -> tuple[tuple[AdministrativeUnit, ...], bool]:
    """The first units of today that ``search_units`` finds, and whether they are all of them."""
    if not fold(wanted):
        return (), True
    page = search_units(session, wanted)
    found = tuple(entry.unit for entry in page.entries if entry.unit.valid_to is None)
    return found[:MOST_CHOICES], len(found) <= MOST_CHOICES


def ancestors(unit: AdministrativeUnit) -> tuple[AdministrativeUnit, ...]:
    """The units above one, the root first."""
    above: list[AdministrativeUnit] = []
    parent = unit.parent
    while parent is not None:
        above.insert(0, parent)
        parent = parent.parent
    return tuple(above)


def fieldwork_units(session: Session, survey: Survey) -> tuple[FieldworkUnit, ...]:
    """The units of a survey with their sheets, in Vietnamese order."""
    sheets = surveys.sheets_by_unit(session, survey.id)
    return tuple(
        FieldworkUnit(row.unit, row.population, sheets.get(row.unit_id, 0))
        for row in surveys.survey_units(session, survey.id)
    )


def fieldwork_points(session: Session, survey: Survey) -> tuple[FieldworkPoint, ...]:
    """The collection points of a survey with the counts of their one-time links."""
    counts = surveys.one_time_counts(session, survey.id)
    return tuple(
        FieldworkPoint(point, *counts.get(point.id, (0, 0)))
        for point in surveys.collection_points(session, survey.id)
    )


def is_surveyed(session: Session, survey: Survey, unit: AdministrativeUnit) -> bool:
    """Whether a survey covers this very unit, under whatever name it had."""
    return surveys.survey_unit(session, survey.id, unit.id) is not None


def find_point(session: Session, survey: Survey, point_id: int) -> CollectionPoint:
    """A collection point of a survey; raises NotFound."""
    point = pages.collection_point(session, point_id)
    if point is None or point.survey_id != survey.id:
        raise NotFound("Cuộc khảo sát không có điểm thu thập này.")
    return point


def points_to_move_to(session: Session, point: CollectionPoint) -> tuple[CollectionPoint, ...]:
    """Where a device of a place may go: to other places of its unit, in whatever survey; not to
    places that take no sheets any more."""
    found = surveys.open_points_of_unit(session, point.unit_id)
    return tuple(other for other in found if other.id != point.id)


def list_accounts(session: Session) -> Sequence[Account]:
    return account_queries.list_accounts(session)


def _entries(session: Session, found: Sequence[AdministrativeUnit]) -> tuple[UnitEntry, ...]:
    children = pages.child_counts(session, [unit.id for unit in found])
    return tuple(UnitEntry(unit, children.get(unit.id, 0)) for unit in found)


def _unit_page(
    session: Session, number: int, *, folded: str = "", parent_id: int | None = None
) -> UnitPage:
    number = max(1, number)
    total, found = units.page_units(
        session,
        folded=folded,
        parent_id=parent_id,
        offset=(number - 1) * UNITS_A_PAGE,
        limit=UNITS_A_PAGE,
    )
    return UnitPage(_entries(session, found), total, number)
