"""Plans to reorganise units: what is to become of which, and all that is wrong with a plan."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import Problem
from survey_app.storage.models import AdministrativeUnit
from survey_app.storage.models import EventKind as EventKind
from survey_app.storage.queries import unit_events as queries
from survey_app.storage.queries.units import list_units, tree_for_change
from survey_app.text import clean_line
from survey_app.unit_import import KINDS, LONGEST, UNIT_CODE

LONGEST_BASIS = 300


@dataclass(frozen=True)
class Successor:
    """A unit as a reorganisation leaves it; what is empty stays as it was (a new unit takes kind
    and place in the tree from the first one before it)."""

    code: str
    name: str = ""
    kind: str = ""
    parent_code: str = ""


@dataclass(frozen=True)
class Reorganisation:
    """What is to happen to the units ``before`` (codes). A rename or a move leaves one unit, with
    the same code; a merge leaves one, new or there already; a split several, of which one may be
    the unit itself; to abolish leaves none. ``where``: its row in a file, for mistakes."""

    kind: EventKind
    happened_on: date
    legal_basis: str
    before: tuple[str, ...]
    after: tuple[Successor, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict, compare=False)

    def as_document(self, created: Iterable[str] = ()) -> str:
        """The plan as JSON; ``created``: the codes of the units that it made."""
        content = {
            "before": list(self.before),
            "after": [asdict(successor) for successor in self.after],
            "created": sorted(created),
        }
        return json.dumps(content, ensure_ascii=False)


def plan_of(kind: str, happened_on: date, legal_basis: str, document: str) -> Reorganisation:
    """The plan that was stored."""
    content = json.loads(document)
    return Reorganisation(
        EventKind(kind),
        happened_on,
        legal_basis,
        tuple(content["before"]),
        tuple(Successor(**successor) for successor in content["after"]),
    )


def created_codes(document: str) -> tuple[str, ...]:
    """The codes of the units that a stored plan made."""
    return tuple(json.loads(document)["created"])


class UnitTree:
    """All units with the days of their last changes, read once for one plan or for many.

    ``for_change``: they will be changed; two plans that are sound one by one and not together are
    then looked at one after the other.
    """

    def __init__(self, session: Session, *, for_change: bool = False) -> None:
        self.by_code: dict[str, AdministrativeUnit] = {}
        self.by_id: dict[int, AdministrativeUnit] = {}
        self._children: dict[int, set[int]] = {}
        for unit in tree_for_change(session) if for_change else list_units(session):
            self.add(unit)
        self.last_states: dict[int, date] = dict(queries.last_states(session))
        self.last_links: dict[int, date] = {}
        for predecessor, successor, day, _ in queries.successions(session):
            self.note_link(predecessor, day)
            self.note_link(successor, day)
        self.waiting: dict[int, date] = {
            member.unit_id: event.happened_on
            for event in queries.waiting_events(session)
            for member in event.members
        }

    def add(self, unit: AdministrativeUnit) -> None:
        self.by_code[unit.code] = unit
        self.by_id[unit.id] = unit
        if unit.parent_id is not None:
            self._children.setdefault(unit.parent_id, set()).add(unit.id)

    def note_link(self, unit_id: int, day: date) -> None:
        self.last_links[unit_id] = max(day, self.last_links.get(unit_id, day))

    def hang(self, unit: AdministrativeUnit, parent_id: int | None) -> None:
        """Put a unit under another one."""
        if unit.parent_id is not None:
            self._children[unit.parent_id].discard(unit.id)
        unit.parent_id = parent_id
        if parent_id is not None:
            self._children.setdefault(parent_id, set()).add(unit.id)

    def living_children(self, unit: AdministrativeUnit) -> list[AdministrativeUnit]:
        found = (self.by_id[child] for child in sorted(self._children.get(unit.id, ())))
        return [child for child in found if child.valid_to is None]

    def stands_in(self, unit: AdministrativeUnit, above: AdministrativeUnit) -> bool:
        """Whether ``unit`` is ``above`` or stands, at whatever depth, below it."""
        at: AdministrativeUnit | None = unit
        while at is not None:
            if at.id == above.id:
                return True
            at = self.by_id[at.parent_id] if at.parent_id is not None else None
        return False


def mistakes(tree: UnitTree, plan: Reorganisation) -> list[Problem]:
    """Everything that speaks against carrying out a plan; the names of its fields say where."""
    found = [*_in_words(plan), *_in_shape(plan)]
    found.extend(_in_before(tree, plan))
    for successor in plan.after:
        found.extend(_in_successor(tree, plan, successor))
    return [Problem(p.message, plan.where.get(p.where, p.where)) for p in found]


def _in_words(plan: Reorganisation) -> Iterator[Problem]:
    basis = clean_line(plan.legal_basis)
    if not basis:
        yield Problem("Nhập căn cứ pháp lý (số, ngày văn bản).", "legal_basis")
    elif len(basis) > LONGEST_BASIS:
        yield Problem(f"Căn cứ pháp lý dài quá {LONGEST_BASIS} ký tự.", "legal_basis")


def _in_shape(plan: Reorganisation) -> Iterator[Problem]:
    """Whether the plan has as many units on both sides as its kind needs."""
    if not plan.before:
        yield Problem("Nhập mã đơn vị được sắp xếp.", "before")
    elif plan.kind is not EventKind.MERGE and len(plan.before) > 1:
        yield Problem("Chỉ nhập một đơn vị cho việc sắp xếp này.", "before")
    if len({s.code for s in plan.after}) < len(plan.after):
        yield Problem("Một mã đơn vị sau sắp xếp được ghi hai lần.", "after")
    yield from _in_shape_after(plan, [s.code for s in plan.after])


def _in_shape_after(plan: Reorganisation, after: list[str]) -> Iterator[Problem]:
    if plan.kind is EventKind.MERGE:
        if len(after) != 1:
            yield Problem("Nhập một đơn vị sau sáp nhập.", "after")
        elif not set(plan.before) - set(after):
            yield Problem("Cần ít nhất một đơn vị khác để sáp nhập vào.", "before")
    elif plan.kind is EventKind.SPLIT:
        if len(after) < 2:
            yield Problem("Chia tách cần ít nhất hai đơn vị sau sắp xếp.", "after")
    elif plan.kind is EventKind.ABOLISH:
        if after:
            yield Problem("Giải thể thì không có đơn vị sau sắp xếp.", "after")
    elif plan.before:
        yield from _in_change(plan, after)


def _in_change(plan: Reorganisation, after: list[str]) -> Iterator[Problem]:
    """Whether a rename or a move says what changes."""
    if after != [plan.before[0]]:
        yield Problem("Đổi tên hoặc chuyển cấp trên thì giữ nguyên mã đơn vị.", "after")
    elif plan.kind is EventKind.RENAME and not (plan.after[0].name or plan.after[0].kind):
        yield Problem("Nhập tên mới của đơn vị.", "name")
    elif plan.kind is EventKind.MOVE and not plan.after[0].parent_code:
        yield Problem("Nhập mã đơn vị cấp trên mới.", "parent_code")


def _in_before(tree: UnitTree, plan: Reorganisation) -> Iterator[Problem]:
    staying = {successor.code for successor in plan.after}
    for code in plan.before:
        unit = tree.by_code.get(code)
        if unit is None:
            yield Problem(f"Không có đơn vị mang mã “{code}”.", "before")
            continue
        yield from _in_dates(tree, plan, unit, "before", is_new_state=code in staying)
        if unit.valid_from is not None and unit.valid_from >= plan.happened_on:
            day = f"{unit.valid_from:%d/%m/%Y}"
            yield Problem(f"{unit.name} mới có từ {day}; ngày phải sau đó.", "happened_on")
        children = tree.living_children(unit) if code not in staying else []
        if plan.kind is EventKind.MERGE:
            for child in children:  # they go along
                yield from _in_dates(tree, plan, child, "before", is_new_state=True)
        elif children:
            yield Problem(
                f"{unit.name} còn {len(children)} đơn vị trực thuộc (như {children[0].name}); "
                "hãy chuyển cấp trên, sáp nhập hoặc giải thể các đơn vị đó trước.",
                "before",
            )


def _in_dates(
    tree: UnitTree,
    plan: Reorganisation,
    unit: AdministrativeUnit,
    where: str,
    *,
    is_new_state: bool,
) -> Iterator[Problem]:
    """Whether a unit lives and nothing has happened to it since the day of the plan."""
    if unit.valid_to is not None:
        yield Problem(f"{unit.name} đã kết thúc từ {unit.valid_to:%d/%m/%Y}.", where)
    if unit.id in tree.waiting:
        day = f"{tree.waiting[unit.id]:%d/%m/%Y}"
        yield Problem(f"{unit.name} đang chờ một lần sắp xếp khác vào {day}.", where)
    linked, changed = tree.last_links.get(unit.id), tree.last_states.get(unit.id)
    is_late = linked is not None and linked > plan.happened_on
    if changed is not None:
        # Two changes of one unit on one day could not be told apart afterwards.
        is_late |= changed > plan.happened_on or (is_new_state and changed == plan.happened_on)
    if is_late:
        day = f"{max(d for d in (linked, changed) if d):%d/%m/%Y}"
        yield Problem(f"{unit.name} đã có thay đổi ngày {day}; ngày phải sau đó.", "happened_on")


def _in_successor(tree: UnitTree, plan: Reorganisation, successor: Successor) -> Iterator[Problem]:
    known = tree.by_code.get(successor.code)
    if not UNIT_CODE.fullmatch(successor.code):
        message = f"Mã “{successor.code}” không đúng: chỉ gồm chữ in hoa A–Z, chữ số và dấu chấm."
        yield Problem(message, "after")
    elif known is None and not clean_line(successor.name):
        yield Problem(f"Nhập tên của đơn vị mới mang mã “{successor.code}”.", "name")
    if len(clean_line(successor.name)) > LONGEST["name"]:
        yield Problem(f"Tên đơn vị dài quá {LONGEST['name']} ký tự.", "name")
    if successor.kind and successor.kind not in KINDS:
        yield Problem("Chọn loại đơn vị trong danh sách.", "kind")
    yield from _in_parent(tree, plan, successor, known)
    if known is not None and successor.code not in plan.before:
        changes = bool(successor.name or successor.kind or successor.parent_code)
        yield from _in_dates(tree, plan, known, "after", is_new_state=changes)
        if known.valid_from is not None and known.valid_from > plan.happened_on:
            day = f"{known.valid_from:%d/%m/%Y}"
            yield Problem(f"{known.name} chỉ có từ {day}.", "happened_on")


def _in_parent(
    tree: UnitTree,
    plan: Reorganisation,
    successor: Successor,
    known: AdministrativeUnit | None,
) -> Iterator[Problem]:
    """Whether the unit above is there, lives on, and does not stand below what hangs on it."""
    parent = tree.by_code.get(successor.parent_code) if successor.parent_code else None
    if successor.parent_code and parent is None:
        yield Problem(f"Không có đơn vị mang mã “{successor.parent_code}”.", "parent_code")
        return
    if parent is not None and parent.valid_to is not None:
        yield Problem(f"{parent.name} đã kết thúc, không thể là cấp trên.", "parent_code")
    if known is not None and parent is not None and tree.stands_in(parent, known):
        yield Problem(f"{known.name} sẽ nằm dưới chính nó.", "parent_code")
    above = parent or known
    ending = [
        unit
        for code in plan.before
        if (unit := tree.by_code.get(code)) and code not in {s.code for s in plan.after}
    ]
    if above is not None and any(tree.stands_in(above, unit) for unit in ending):
        name = next(unit.name for unit in ending if tree.stands_in(above, unit))
        where = "parent_code" if parent else "after"
        yield Problem(f"{above.name} nằm dưới {name}, đơn vị sẽ kết thúc.", where)
