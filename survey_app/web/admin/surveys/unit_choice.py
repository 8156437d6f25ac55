"""The tree of units with a tick and a number of dossiers each, as it comes from the browser."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from survey_app.errors import Invalid, Problem
from survey_app.operations.organisation.unit_tree import Branch, units_in
from survey_app.operations.organisation.units import AdministrativeUnit
from survey_app.text import fold, read_count


@dataclass(frozen=True)
class UnitChoice:
    """What was ticked and typed: ids of units, and the text in each box by id."""

    ticked: frozenset[int]
    texts: Mapping[int, str]


@dataclass(frozen=True)
class ShownBranch:
    """A branch as the page shows it. ``is_ticked``, ``text``: of the unit itself; ``ticked`` of
    ``total``: in the whole branch; ``is_found``: the unit is looked for, ``has_found``: something
    in the branch is."""

    unit: AdministrativeUnit
    branches: tuple["ShownBranch", ...]
    is_ticked: bool
    text: str
    is_found: bool
    is_open: bool
    ticked: int
    total: int

    @property
    def has_found(self) -> bool:
        return self.is_found or any(branch.has_found for branch in self.branches)


def show_branches(
    branches: Iterable[Branch], choice: UnitChoice, find: str = "", *, is_top: bool = True
) -> tuple[ShownBranch, ...]:
    """The branches with what is ticked; with ``find`` the others are hidden, not left out, so that
    their ticks are sent as well. Open are the top, and whatever has ticks or is looked for."""
    wanted = fold(find)
    return tuple(
        ShownBranch(
            branch.unit,
            show_branches(branch.branches, choice, find, is_top=False),
            branch.unit.id in choice.ticked,
            choice.texts.get(branch.unit.id, ""),
            _is_found(branch.unit, wanted),
            is_top or bool(wanted) or not branch.ids.isdisjoint(choice.ticked),
            len(branch.ids & choice.ticked),
            len(branch.ids),
        )
        for branch in branches
    )


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


def read_choice(sent: MultiDict[str, str], offered: Iterable[AdministrativeUnit]) -> UnitChoice:
    """Ticks and texts of the offered units; a number typed is a tick. Anything else that was
    sent is left out."""
    ids = [unit.id for unit in offered]
    ticks = set(sent.getlist("unit"))
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
