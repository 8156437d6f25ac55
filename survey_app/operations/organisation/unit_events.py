"""Reorganisations of units: recorded, carried out on their day, undone while nothing needs them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, Invalid, NotFound, Problem
from survey_app.operations.organisation.reorganisation import (
    EventKind,
    Reorganisation,
    Successor,
    UnitTree,
    created_codes,
    mistakes,
    plan_of,
)
from survey_app.operations.organisation.units import new_unit
from survey_app.storage.models import (
    AdministrativeUnit,
    MemberRole,
    Survey,
    UnitEventMember,
    UnitState,
    UnitSuccession,
)
from survey_app.storage.models import UnitEvent as UnitEvent
from survey_app.storage.queries import unit_events as queries
from survey_app.text import clean_line, fold, sort_key


@dataclass(frozen=True)
class Consequences:
    """What a reorganisation will touch. ``surveys``: planned or under way in units that end;
    ``points``, ``devices``: in use there; ``uses``: table → rows that name these units;
    ``children``: units that will hang under the successor; ``is_later``: the day is to come."""

    ending: tuple[AdministrativeUnit, ...]
    surveys: Sequence[Survey]
    points: int
    devices: int
    uses: dict[str, int]
    children: tuple[AdministrativeUnit, ...]
    is_later: bool


def check_plan(session: Session, plan: Reorganisation, *, today: date) -> Consequences:
    """What carrying out a plan would touch; raises Invalid with everything wrong with it."""
    tree = UnitTree(session)
    _refuse(mistakes(tree, plan))
    staying = {successor.code for successor in plan.after}
    ending = tuple(tree.by_code[code] for code in plan.before if code not in staying)
    ids = [unit.id for unit in ending]
    points, devices = queries.count_places(session, ids)
    return Consequences(
        ending=ending,
        surveys=queries.surveys_not_closed(session, ids),
        points=points,
        devices=devices,
        uses=queries.uses_of(session, ids),
        children=tuple(child for unit in ending for child in tree.living_children(unit)),
        is_later=plan.happened_on > today,
    )


def reorganise(session: Session, plan: Reorganisation, *, now: datetime) -> UnitEvent:
    """Record a reorganisation and carry it out, if its day has come.

    Raises Invalid with everything wrong with it.
    """
    return reorganise_all(session, [plan], now=now)[0]


def reorganise_all(
    session: Session, plans: Sequence[Reorganisation], *, now: datetime
) -> tuple[UnitEvent, ...]:
    """Record many reorganisations, all or none, by their days.

    Raises Invalid with everything wrong with any; the caller rolls back.
    """
    tree, today = UnitTree(session, for_change=True), local_date(now)
    problems: list[Problem] = []
    events = []
    for plan in sorted(plans, key=lambda plan: plan.happened_on):
        if found := mistakes(tree, plan):
            problems.extend(found)
        else:
            events.append(_record(session, tree, plan, today, now))
    _refuse(problems)
    session.flush()
    return tuple(events)


def apply_due(session: Session, *, now: datetime) -> tuple[UnitEvent, ...]:
    """Carry out the reorganisations whose day has come; those that were carried out.

    One that has become impossible stays, with the reason; people decide about it.
    """
    due = queries.waiting_events(session, until=local_date(now))
    if not due:
        return ()
    tree, done = UnitTree(session, for_change=True), []
    for event in due:
        for member in event.members:
            tree.waiting.pop(member.unit_id, None)
        plan = plan_of(event.kind, event.happened_on, event.legal_basis, event.plan)
        if found := mistakes(tree, plan):
            event.refusal = " ".join(problem.message for problem in found)
        else:
            _carry_out(session, tree, plan, event, now)
            done.append(event)
    session.flush()
    return tuple(done)


def list_events(session: Session, *, limit: int, before: int | None = None) -> Sequence[UnitEvent]:
    """Reorganisations as they were recorded, the latest first; ``before``: an event's number."""
    return queries.latest_events(session, limit=limit, before=before)


def find_event(session: Session, event_id: int) -> UnitEvent:
    """Raises NotFound."""
    event = queries.unit_event(session, event_id)
    if event is None:
        raise NotFound("Không có lần sắp xếp đơn vị này.")
    return event


def undo_event(session: Session, event: UnitEvent) -> None:
    """Take a reorganisation back, as if it had never been recorded.

    Raises Conflict when something has come to rest on it since.
    """
    if event.applied_at is not None:
        _take_back(session, event)
    session.delete(event)
    session.flush()


# ── carrying out ──────────────────────────────────────────────────────────────────────────────


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid("Chưa sắp xếp được đơn vị; chưa ghi gì.", problems)


def _record(
    session: Session, tree: UnitTree, plan: Reorganisation, today: date, now: datetime
) -> UnitEvent:
    event = UnitEvent(
        kind=plan.kind,
        happened_on=plan.happened_on,
        legal_basis=clean_line(plan.legal_basis),
        plan=plan.as_document(),
        recorded_at=now,
    )
    session.add(event)
    if plan.happened_on <= today:
        _carry_out(session, tree, plan, event, now)
        return event
    known = [tree.by_code[s.code] for s in plan.after if s.code in tree.by_code]
    _name_members(event, [tree.by_code[code] for code in plan.before], known)
    for member in event.members:
        tree.waiting[member.unit_id] = plan.happened_on
    return event


def _carry_out(
    session: Session, tree: UnitTree, plan: Reorganisation, event: UnitEvent, now: datetime
) -> None:
    """Do what a faultless plan says."""
    session.flush()  # the event has its number
    before = [tree.by_code[code] for code in plan.before]
    created = [s.code for s in plan.after if s.code not in tree.by_code]
    after = [_successor(session, tree, event, s, before[0]) for s in plan.after]
    ending = [unit for unit in before if unit not in after]
    is_part = plan.kind is EventKind.SPLIT
    for unit in before if is_part else ending:
        for successor in after:
            if successor is not unit:
                _link(session, tree, event, unit, successor, is_part=is_part)
    for unit in ending:
        if plan.kind is EventKind.MERGE:
            for child in tree.living_children(unit):
                _keep_state(session, tree, event, child)
                tree.hang(child, after[0].id)
        unit.valid_to = plan.happened_on
    event.applied_at, event.refusal = now, ""
    event.plan = plan.as_document(created)
    _name_members(event, before, after)


def _successor(
    session: Session,
    tree: UnitTree,
    event: UnitEvent,
    wanted: Successor,
    first: AdministrativeUnit,
) -> AdministrativeUnit:
    """The unit as the reorganisation leaves it, made or changed."""
    parent = tree.by_code[wanted.parent_code] if wanted.parent_code else None
    unit = tree.by_code.get(wanted.code)
    if unit is None:
        unit = new_unit(wanted.code, wanted.name, wanted.kind or first.kind, event.happened_on)
        unit.parent_id = parent.id if parent else first.parent_id
        session.add(unit)
        session.flush()
        tree.add(unit)
    elif wanted.name or wanted.kind or parent:
        _keep_state(session, tree, event, unit)
        if wanted.name:
            _rename(unit, wanted.name)
        unit.kind = wanted.kind or unit.kind
        if parent:
            tree.hang(unit, parent.id)
    return unit


def _keep_state(
    session: Session, tree: UnitTree, event: UnitEvent, unit: AdministrativeUnit
) -> None:
    """Remember what a unit is until the day of the event."""
    session.add(
        UnitState(
            unit_id=unit.id,
            until=event.happened_on,
            event_id=event.id,
            name=unit.name,
            kind=unit.kind,
            parent_id=unit.parent_id,
            agency_name=unit.agency_name,
            place=unit.place,
            sort_key=unit.sort_key,
        )
    )
    tree.last_states[unit.id] = event.happened_on


def _rename(unit: AdministrativeUnit, name: str) -> None:
    unit.name = clean_line(name)
    unit.sort_key, unit.search_key = sort_key(unit.name), fold(unit.name)
    # Both were written for the old name; empty, they follow from the new one.
    unit.agency_name = unit.place = ""


def _link(
    session: Session,
    tree: UnitTree,
    event: UnitEvent,
    predecessor: AdministrativeUnit,
    successor: AdministrativeUnit,
    *,
    is_part: bool,
) -> None:
    session.add(
        UnitSuccession(
            predecessor_id=predecessor.id,
            successor_id=successor.id,
            happened_on=event.happened_on,
            is_part=is_part,
            event_id=event.id,
        )
    )
    for unit in (predecessor, successor):
        tree.note_link(unit.id, event.happened_on)


def _name_members(
    event: UnitEvent, before: Iterable[AdministrativeUnit], after: Iterable[AdministrativeUnit]
) -> None:
    event.members = [
        UnitEventMember(unit_id=unit.id, role=role)
        for role, units in ((MemberRole.BEFORE, before), (MemberRole.AFTER, after))
        for unit in units
    ]


# ── taking back ───────────────────────────────────────────────────────────────────────────────


def _take_back(session: Session, event: UnitEvent) -> None:
    states = queries.states_of_event(session, event.id)
    successions = queries.successions_of_event(session, event.id)
    members = {member.unit_id: member.unit for member in event.members}
    made = [unit for unit in members.values() if unit.code in created_codes(event.plan)]
    _refuse_if_followed(session, event, {*members, *(state.unit_id for state in states)})
    _refuse_if_used(session, event, made)
    parents = {unit.id: unit.parent_id for unit in members.values() if _ended_by(event, unit)}
    parents |= {state.unit_id: state.parent_id for state in states}
    _refuse_if_astray(UnitTree(session, for_change=True), event, parents)
    units = queries.units_by_id(session, {state.unit_id for state in states})
    for state in states:
        _restore(units[state.unit_id], state)
    for row in (*states, *successions):
        session.delete(row)
    for unit in members.values():
        if _ended_by(event, unit):
            unit.valid_to = None
    event.members.clear()
    session.flush()
    for unit in made:
        session.delete(unit)


def _ended_by(event: UnitEvent, unit: AdministrativeUnit) -> bool:
    return unit.valid_to == event.happened_on


def _refuse_if_astray(tree: UnitTree, event: UnitEvent, parents: Mapping[int, int | None]) -> None:
    """Whether each unit (by id) may hang again where it hung: the tree has gone on since."""
    for unit_id, parent_id in parents.items():
        if parent_id is None:
            continue
        unit, parent = tree.by_id[unit_id], tree.by_id[parent_id]
        if parent.valid_to is not None and not _ended_by(event, parent):
            raise Conflict(
                f"Không hoàn tác được: {parent.name} đã kết thúc, nên {unit.name} không về lại "
                "đó được."
            )
        if tree.stands_in(parent, unit):
            raise Conflict(f"Không hoàn tác được: {unit.name} sẽ nằm dưới chính nó.")


def _restore(unit: AdministrativeUnit, state: UnitState) -> None:
    unit.name, unit.kind, unit.parent_id = state.name, state.kind, state.parent_id
    unit.agency_name, unit.place = state.agency_name, state.place
    unit.sort_key, unit.search_key = state.sort_key, fold(state.name)


def _refuse_if_followed(session: Session, event: UnitEvent, unit_ids: set[int]) -> None:
    """Whatever happened to one of the units afterwards rests on this event."""
    found = queries.events_of(session, unit_ids)
    later = [
        other
        for other in found
        if other.id != event.id and (other.happened_on, other.id) > (event.happened_on, event.id)
    ]
    if later:
        day = f"{later[0].happened_on:%d/%m/%Y}"
        raise Conflict(
            f"Không hoàn tác được: đơn vị còn có lần sắp xếp ngày {day}; hãy hoàn tác lần đó trước."
        )


def _refuse_if_used(session: Session, event: UnitEvent, made: Sequence[AdministrativeUnit]) -> None:
    ids = [unit.id for unit in made]
    after = [m.unit_id for m in event.members if m.role == MemberRole.AFTER]
    is_restated = event.kind in {EventKind.RENAME, EventKind.MOVE}
    is_used = bool(ids and queries.uses_of(session, ids))
    if is_used or (
        not is_restated and queries.is_surveyed_since(session, after, event.happened_on)
    ):
        raise Conflict(
            "Không hoàn tác được: đơn vị sau sắp xếp đã được khảo sát, hoặc đã gắn với tài khoản, "
            "khóa hay số liệu khác."
        )
    if ids and queries.has_children_apart(session, ids, event.id):
        raise Conflict("Không hoàn tác được: đơn vị mới đã có đơn vị trực thuộc của mình.")
