"""The table of units with a tick and a number of dossiers each, as it comes from the browser."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from survey_app.errors import Invalid, Problem
from survey_app.operations.listing import AdministrativeUnit


@dataclass(frozen=True)
class UnitChoice:
    """What was ticked and typed: ids of units, and the text in each box by id."""

    ticked: frozenset[int]
    texts: Mapping[int, str]


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
        text = choice.texts[unit.id].replace(".", "").replace(" ", "")
        if text and not (text.isascii() and text.isdecimal() and 0 < int(text) < 10**9):
            message = f"{unit.name}: số hồ sơ phải là số nguyên dương, không phải “{text}”."
            problems.append(Problem(message, "units"))
        else:
            found[unit.id] = int(text) if text else None
    if problems:
        raise Invalid("Có số hồ sơ không hợp lệ.", problems)
    return found
