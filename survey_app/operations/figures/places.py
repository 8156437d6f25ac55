"""Places: the units that figures are about, by the boundaries of the survey or of today."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.operations.organisation.lineage import Heir, Lineage
from survey_app.operations.organisation.unit_history import as_of
from survey_app.reporting.origins import Regrouped
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyUnit
from survey_app.storage.queries.surveys import survey_unit, survey_units
from survey_app.storage.queries.unit_events import units_by_id


@dataclass(frozen=True)
class Extent:
    """What ground the sheets of a place cover: places of two surveys are compared where this is
    the same. ``surveyed``: of a unit that was surveyed in part only, which units were."""

    unit_id: int
    is_divided: bool
    surveyed: frozenset[int]


@dataclass(frozen=True, eq=False)
class SurveyPlace:
    """A unit that figures are about, and the surveyed units whose sheets are its sheets.

    By the boundaries of the survey that is one unit, by the name it had then. By those of today
    these are the units that went into it; ``was`` are they by their names then. ``missing``: units
    that went into it, too, and were not surveyed. ``is_divided``: the unit was divided since and
    stands as it was; ``is_ended``: it is no more, and nothing succeeded it.
    """

    unit: AdministrativeUnit
    rows: tuple[SurveyUnit, ...]
    was: tuple[AdministrativeUnit, ...]
    missing: tuple[AdministrativeUnit, ...] = ()
    is_divided: bool = False
    is_ended: bool = False

    @property
    def extent(self) -> Extent:
        surveyed = frozenset(row.unit_id for row in self.rows) if self.missing else frozenset()
        return Extent(self.unit.id, self.is_divided, surveyed)

    @property
    def is_regrouped(self) -> bool:
        """Whether the sheets were collected under another unit than this."""
        return [row.unit_id for row in self.rows] != [self.unit.id]


def survey_places(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    lineage: Lineage | None = None,
) -> tuple[SurveyPlace, ...]:
    """The places of a survey among ``unit_ids`` (or all), in Vietnamese order.

    ``lineage``: by the boundaries of today; None: by those of the survey. By those of today a unit
    has the sheets of those that went into it, even where they are not among ``unit_ids``.
    """
    if lineage is None:
        rows = survey_units(session, survey.id, unit_ids=unit_ids)
        then = as_of(session, [row.unit for row in rows], survey.ends_on)
        return tuple(SurveyPlace(then[r.unit_id], (r,), (then[r.unit_id],)) for r in rows)
    return _present(session, survey, survey_units(session, survey.id), unit_ids, lineage)


def describe_regrouped(places: Iterable[SurveyPlace]) -> tuple[Regrouped, ...]:
    """The places whose figures are not simply those of one unit surveyed, for people."""
    return tuple(
        Regrouped(
            name=place.unit.name,
            was=tuple(unit.name for unit in place.was),
            missing=tuple(unit.name for unit in place.missing),
            is_divided=place.is_divided,
            is_ended=place.is_ended,
        )
        for place in places
        if place.is_regrouped or place.missing or place.is_divided or place.is_ended
    )


def find_place(
    session: Session, survey: Survey, unit_id: int, lineage: Lineage
) -> SurveyPlace | None:
    """One place of a survey by the boundaries of today, None where the survey misses it."""
    rows = survey_units(session, survey.id, unit_ids=lineage.family(unit_id))
    return next(iter(_present(session, survey, rows, [unit_id], lineage)), None)


def heir_in(
    session: Session, survey: Survey, unit: AdministrativeUnit, lineage: Lineage
) -> AdministrativeUnit | None:
    """The unit of today that stands for one of a survey; None where that is itself, or the survey
    has no such unit."""
    if survey_unit(session, survey.id, unit.id) is None:
        return None
    heir = lineage.heir(unit.id, survey.starts_on).unit_id
    return None if heir == unit.id else units_by_id(session, [heir])[heir]


def survey_place(
    session: Session, survey: Survey, unit_id: int, lineage: Lineage | None = None
) -> SurveyPlace:
    """One place of a survey; raises NotFound where the survey misses it."""
    if lineage is not None:
        found = find_place(session, survey, unit_id, lineage)
    else:
        found = next(iter(survey_places(session, survey, [unit_id])), None)
    if found is None:
        raise NotFound("Cuộc khảo sát này không có đơn vị đó.")
    return found


def _present(
    session: Session,
    survey: Survey,
    rows: Sequence[SurveyUnit],
    unit_ids: Collection[int] | None,
    lineage: Lineage,
) -> tuple[SurveyPlace, ...]:
    """The rows by the units of today that stand for theirs."""
    grouped: dict[Heir, list[SurveyUnit]] = {}
    for row in rows:
        heir = lineage.heir(row.unit_id, survey.starts_on)
        if unit_ids is None or heir.unit_id in unit_ids:
            grouped.setdefault(heir, []).append(row)
    parts = {heir: lineage.parts(heir.unit_id, survey.starts_on) for heir in grouped}
    units = units_by_id(session, {id_ for found in parts.values() for id_ in found} | _ids(grouped))
    then = as_of(session, [*units.values(), *(row.unit for row in rows)], survey.ends_on)
    places = [
        SurveyPlace(
            # One that was divided since is no unit of today: it stands by its name then.
            then[heir.unit_id] if heir.is_divided else units[heir.unit_id],
            tuple(members),
            tuple(then[row.unit_id] for row in members),
            _missing(parts[heir], members, survey, then) if not heir.is_divided else (),
            is_divided=heir.is_divided,
            is_ended=not heir.is_divided and units[heir.unit_id].valid_to is not None,
        )
        for heir, members in grouped.items()
    ]
    return tuple(sorted(places, key=lambda place: (place.unit.sort_key, place.unit.id)))


def _missing(
    parts: Collection[int],
    members: Sequence[SurveyUnit],
    survey: Survey,
    units: dict[int, AdministrativeUnit],
) -> tuple[AdministrativeUnit, ...]:
    """The parts of a unit that were there when the survey began and are not in it."""
    surveyed = {row.unit_id for row in members}
    found = (units[id_] for id_ in sorted(set(parts) - surveyed))
    return tuple(u for u in found if u.valid_from is None or u.valid_from <= survey.starts_on)


def _ids(grouped: dict[Heir, list[SurveyUnit]]) -> set[int]:
    return {heir.unit_id for heir in grouped}
