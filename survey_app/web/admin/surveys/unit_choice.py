"""The table of units with a tick and a number of dossiers each, as it comes from the browser."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from survey_app.errors import Invalid, Problem
from survey_app.operations.organisation.listing import AdministrativeUnit

#: Digits, or groups of three with dots or spaces between them.
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}|[0-9]{1,3}([. ][0-9]{3}){1,2}")


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
        text = choice.texts[unit.id]
        count = _whole_number(text)
        if text and count is None:
            message = f"{unit.name}: số hồ sơ phải là số nguyên dương, không phải “{text}”."
            problems.append(Problem(message, "units"))
        else:
            found[unit.id] = count
    if problems:
        raise Invalid("Có số hồ sơ không hợp lệ.", problems)
    return found


def _whole_number(text: str) -> int | None:
    """A count such as "1250", "1.250" or "1 250"; None for anything else ("60.5" is no 605)."""
    if not WHOLE_NUMBER.fullmatch(text):
        return None
    return int(re.sub(r"[. ]", "", text)) or None
