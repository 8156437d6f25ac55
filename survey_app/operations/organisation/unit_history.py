"""The history of units: what happened to one, and what units were on a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.storage.models import (
    AdministrativeUnit,
    EventKind,
    MemberRole,
    UnitEvent,
    UnitState,
)
from survey_app.storage.queries import unit_events as queries

States = Mapping[int, Sequence[UnitState]]


@dataclass(frozen=True)
class UnitThen:
    """A unit by the name it had; ``parent``: the unit above it then, "" for none."""

    code: str
    name: str
    kind: str
    parent: str


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened to a unit. ``kind``: None for lineage that came with a list of
    units. ``before``, ``after``: the units that took part, as they were; ``old``, ``new``: the unit
    itself, where its name or its place in the tree changed; ``made``: codes of the units that this
    made. ``event``: the recorded reorganisation."""

    day: date
    kind: EventKind | None
    before: tuple[UnitThen, ...]
    after: tuple[UnitThen, ...]
    old: UnitThen | None = None
    new: UnitThen | None = None
    event: UnitEvent | None = None


def unit_history(session: Session, unit: AdministrativeUnit) -> tuple[HistoryEntry, ...]:
    """Everything that happened to a unit, oldest first, with what is still to come."""
    own = queries.states_of(session, [unit.id]).get(unit.id, [])
    events = {event.id: event for event in queries.events_of(session, [unit.id])}
    for state in own:  # moved along when the unit above it merged
        if state.event_id not in events and (event := queries.unit_event(session, state.event_id)):
            events[event.id] = event
    ids = {member.unit_id for event in events.values() for member in event.members}
    states = queries.states_of(session, {*ids, unit.id})
    changed = {state.event_id: state for state in own}
    entries = [describe_event(event, states) for event in events.values()]
    entries = [
        _with_change(entry, unit, changed.get(entry.event.id if entry.event else 0), states)
        for entry in entries
    ]
    entries.extend(_unexplained(session, unit))
    return tuple(
        sorted(entries, key=lambda entry: (entry.day, entry.event.id if entry.event else 0))
    )


def describe_event(event: UnitEvent, states: States) -> HistoryEntry:
    """A reorganisation with its units by the names they had."""
    day = event.happened_on
    is_done = event.applied_at is not None
    before = [m.unit for m in event.members if m.role == MemberRole.BEFORE]
    after = [m.unit for m in event.members if m.role == MemberRole.AFTER]
    return HistoryEntry(
        day=day,
        kind=EventKind(event.kind),
        before=tuple(_then(unit, _until(states, unit, day, is_done)) for unit in before),
        after=tuple(_then(unit, _since(states, unit, day)) for unit in after),
        event=event,
    )


def describe_events(session: Session, events: Sequence[UnitEvent]) -> tuple[HistoryEntry, ...]:
    """Reorganisations with their units by the names they had; names that a change gave."""
    ids = {member.unit_id for event in events for member in event.members}
    states = queries.states_of(session, ids)
    found = []
    for event in events:
        entry = describe_event(event, states)
        unit = next((m.unit for m in event.members if m.role == MemberRole.AFTER), None)
        own = states.get(unit.id, []) if unit else []
        state = next((state for state in own if state.event_id == event.id), None)
        found.append(_with_change(entry, unit, state, states) if unit else entry)
    return tuple(found)


def as_of(
    session: Session, units: Iterable[AdministrativeUnit], day: date
) -> dict[int, AdministrativeUnit]:
    """Unit id → the unit with the name and place in the tree that it had on ``day``.

    What has changed since is a copy that no session knows: it is for reading.
    """
    first: dict[int, UnitState] = {}
    for state in queries.states_after(session, day):
        first.setdefault(state.unit_id, state)
    return {unit.id: _copy(unit, first[unit.id]) if unit.id in first else unit for unit in units}


def _copy(unit: AdministrativeUnit, state: UnitState) -> AdministrativeUnit:
    return AdministrativeUnit(
        id=unit.id,
        code=unit.code,
        name=state.name,
        kind=state.kind,
        parent_id=state.parent_id,
        parent=state.parent,
        agency_name=state.agency_name,
        place=state.place,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        block=unit.block,
        sort_key=state.sort_key,
        search_key=unit.search_key,
    )


def _with_change(
    entry: HistoryEntry, unit: AdministrativeUnit, state: UnitState | None, states: States
) -> HistoryEntry:
    if state is None:
        return entry
    return HistoryEntry(
        entry.day,
        entry.kind,
        entry.before,
        entry.after,
        _then(unit, state),
        _then(unit, _since(states, unit, entry.day)),
        entry.event,
    )


def _unexplained(session: Session, unit: AdministrativeUnit) -> list[HistoryEntry]:
    """Lineage that came with a list of units."""
    rows = queries.successions_of(session, unit.id)
    ids = {id_ for row in rows for id_ in (row.predecessor_id, row.successor_id)}
    units = queries.units_by_id(session, ids)
    return [
        HistoryEntry(
            row.happened_on,
            None,
            (_then(units[row.predecessor_id], None),),
            (_then(units[row.successor_id], None),),
        )
        for row in rows
    ]


def _until(states: States, unit: AdministrativeUnit, day: date, is_done: bool) -> UnitState | None:
    """What a unit was right before ``day``, None = what it is now."""
    if not is_done:
        return None
    return next((state for state in states.get(unit.id, ()) if state.until >= day), None)


def _since(states: States, unit: AdministrativeUnit, day: date) -> UnitState | None:
    """What a unit was from ``day`` on, None = what it is now."""
    return next((state for state in states.get(unit.id, ()) if state.until > day), None)


def _then(unit: AdministrativeUnit, state: UnitState | None) -> UnitThen:
    found = state or unit
    return UnitThen(unit.code, found.name, found.kind, found.parent.name if found.parent else "")
