"""The tree of units with a tick and a number of dossiers each, as it comes from the browser."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from survey_app.errors import Invalid, Problem
from survey_app.operations.organisation.unit_tree import Branch, units_in
from survey_app.operations.organisation.units import AdministrativeUnit
from survey_app.text import fold, read_count

#: A tree of more units is not put on a page as a whole: its branches are opened one by one.
MOST_AT_ONCE = 400


@dataclass(frozen=True)
class UnitChoice:
    """What was ticked and typed: ids of units, and the text in each box by id."""

    ticked: frozenset[int]
    texts: Mapping[int, str]


@dataclass(frozen=True)
class ShownBranch:
    """A branch as the page shows it. ``is_ticked``, ``text``: of the unit itself; ``ticked`` of
    ``total``: in the whole branch; ``is_found``: the unit is looked for, ``has_found``: something
    in the branch is; ``is_folded``: only its name and numbers are on the page."""

    unit: AdministrativeUnit
    branches: tuple["ShownBranch", ...]
    is_ticked: bool
    text: str
    is_found: bool
    has_found: bool
    is_open: bool
    is_folded: bool
    ticked: int
    total: int


@dataclass(frozen=True)
class ShownTree:
    """The tree as the page shows it. ``is_large``: too large to be on the page as a whole: of what
    is not there the page carries ticks (``carried``: ids) and numbers (``carried_texts``: by id),
    and which branches were ``opened``."""

    branches: tuple[ShownBranch, ...]
    ticked: int
    total: int
    is_large: bool = False
    is_searched: bool = False
    opened: tuple[int, ...] = ()
    carried: tuple[int, ...] = ()
    carried_texts: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Look:
    """How a tree is looked at. ``wanted``: what is searched for, folded; ``opened``: the branches
    opened one by one, None = the whole tree is on the page."""

    choice: UnitChoice
    wanted: str
    opened: frozenset[int] | None

    def is_found(self, unit: AdministrativeUnit) -> bool:
        return _is_found(unit, self.wanted)

    def is_folded(self, branch: Branch) -> bool:
        is_small = self.opened is None or not branch.branches
        return not is_small and not self.wanted and branch.unit.id not in (self.opened or ())


def show_tree(
    branches: Sequence[Branch], choice: UnitChoice, sent: MultiDict[str, str]
) -> ShownTree:
    """The tree with what is ticked, as ``sent`` asks for it (its search, and the branches opened).

    In a search the others are hidden, not left out, so that their ticks are sent as well. Of a
    tree too large for a page there are only the units of branches that were opened, or those that
    are looked for; ticks and numbers of the others are carried.
    """
    units, wanted = units_in(branches), fold(sent.get("find", ""))
    ticked = sum(unit.id in choice.ticked for unit in units)
    if len(units) <= MOST_AT_ONCE:
        look = _Look(choice, wanted, None)
        shown = tuple(_show(branch, look, True) for branch in branches)
        return ShownTree(shown, ticked, len(units))
    look = _Look(choice, wanted, _opened(sent, units))
    shown = tuple(_show(branch, look, True) for branch in branches)
    here = _on_page(shown)
    away = [unit.id for unit in units if unit.id not in here]
    return ShownTree(
        tuple(branch for branch in shown if branch.has_found),
        ticked,
        len(units),
        True,
        bool(wanted),
        tuple(look.opened or ()),
        tuple(unit_id for unit_id in away if unit_id in choice.ticked),
        {unit_id: choice.texts[unit_id] for unit_id in away if choice.texts.get(unit_id)},
    )


def _opened(sent: MultiDict[str, str], units: Iterable[AdministrativeUnit]) -> frozenset[int]:
    """The branches that were opened, with what the button that was pressed makes of it: "open-7",
    "fold-7"."""
    verb, _, place = sent.get("show", "").partition("-")
    opened = set(sent.getlist("opened"))
    if verb == "open":
        opened.add(place)
    elif verb == "fold":
        opened.discard(place)
    return frozenset(unit.id for unit in units if str(unit.id) in opened)


def _show(branch: Branch, look: _Look, is_top: bool) -> ShownBranch:
    """Open are the top, and whatever has ticks or is looked for."""
    choice, is_found, is_folded = look.choice, look.is_found(branch.unit), look.is_folded(branch)
    below = tuple(_show(one, look, False) for one in branch.branches) if not is_folded else ()
    if look.opened is not None:
        below = tuple(one for one in below if one.has_found)
    ticked = len(branch.ids & choice.ticked)
    return ShownBranch(
        branch.unit,
        below,
        branch.unit.id in choice.ticked,
        choice.texts.get(branch.unit.id, ""),
        is_found,
        is_found or is_folded or any(one.has_found for one in below),
        is_top or bool(look.wanted) or look.opened is not None or ticked > 0,
        is_folded,
        ticked,
        len(branch.ids),
    )


def _on_page(branches: Iterable[ShownBranch]) -> frozenset[int]:
    """The ids of the units that have their box on the page."""
    found: set[int] = set()
    for branch in branches:
        if branch.is_found and not branch.is_folded:
            found.add(branch.unit.id)
        found |= _on_page(branch.branches)
    return frozenset(found)


def chosen(sent: MultiDict[str, str], branches: Sequence[Branch]) -> UnitChoice:
    """What is ticked and typed, and what the button that was pressed makes of it: "all", "none",
    "branch-7" (all of a branch), "leave-7" (none of it). What a search hides is left as it is."""
    units, wanted = units_in(branches), fold(sent.get("find", ""))
    choice = read_choice(sent, units)
    verb, _, place = sent.get("show", "").partition("-")
    found = frozenset(unit.id for unit in units if _is_found(unit, wanted))
    meant = found & _branch_ids(branches, place) if place else found
    if verb in {"all", "branch"}:
        return UnitChoice(choice.ticked | meant, choice.texts)
    if verb in {"none", "leave"}:
        texts = {key: "" if key in meant else text for key, text in choice.texts.items()}
        return UnitChoice(choice.ticked - meant, texts)
    return choice


def _is_found(unit: AdministrativeUnit, wanted: str) -> bool:
    """Whether a unit is among those looked for, by its name or its code."""
    return wanted in unit.search_key or wanted in unit.code.lower()


def _branch_ids(branches: Iterable[Branch], place: str) -> frozenset[int]:
    """The ids in the branch of the unit with this id; none where there is no such branch."""
    for branch in branches:
        if str(branch.unit.id) == place:
            return branch.ids
        if found := _branch_ids(branch.branches, place):
            return found
    return frozenset()


def sent_ticks(sent: MultiDict[str, str]) -> frozenset[str]:
    """What was ticked on the page, and what the page carried."""
    return frozenset(sent.getlist("unit")) | frozenset(sent.get("carried", "").split())


def read_choice(sent: MultiDict[str, str], offered: Iterable[AdministrativeUnit]) -> UnitChoice:
    """Ticks and texts of the offered units; a number typed is a tick. Anything else that was
    sent is left out."""
    ids = [unit.id for unit in offered]
    ticks = sent_ticks(sent)
    texts = {unit_id: sent.get(f"population-{unit_id}", "").strip() for unit_id in ids}
    ticked = frozenset(unit_id for unit_id in ids if str(unit_id) in ticks or texts[unit_id])
    return UnitChoice(ticked, texts)


def populations(choice: UnitChoice, units: Iterable[AdministrativeUnit]) -> dict[int, int | None]:
    """Dossiers by id of the ticked units, None where the box is empty.

    Raises Invalid with every box that holds no positive whole number.
    """
    found: dict[int, int | None] = {}
    problems = []
    for unit in units:
        if unit.id not in choice.ticked:
            continue
        text = choice.texts[unit.id]
        count = whole_number(text)
        if text and count is None:
            message = f"{unit.name}: số hồ sơ phải là số nguyên dương, không phải “{text}”."
            problems.append(Problem(message, "units"))
        else:
            found[unit.id] = count
    if problems:
        raise Invalid("Có số hồ sơ không hợp lệ.", problems)
    return found


def whole_number(text: str) -> int | None:
    """A positive whole number such as "1250" or "1.250"; None for anything else."""
    return read_count(text) or None
