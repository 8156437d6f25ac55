"""The boxes of the table of targets: those on the page, and what is carried of the other pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict

from survey_app.operations.figures.unit_targets import UnitNumbers
from survey_app.web.admin.wording import count
from survey_app.web.identifiers import parse_id
from survey_app.web.wishes import wanted_page, wanted_words


@dataclass(frozen=True)
class Boxes:
    """What stands in the boxes of one unit."""

    population: str = ""
    own: str = ""


@dataclass(frozen=True)
class Look:
    """Which part of the table is on the page: of the units looked for, the page with a number."""

    wanted: str
    number: int


def stored_boxes(numbers: Mapping[int, UnitNumbers]) -> dict[int, Boxes]:
    """The boxes, by unit id, as they are when nobody has typed anything."""
    return {id_: Boxes(_text(found.population), _text(found.own)) for id_, found in numbers.items()}


def sent_boxes(sent: MultiDict[str, str], stored: Mapping[int, Boxes]) -> dict[int, Boxes]:
    """The boxes as they were sent; those that were not on the page are as they are stored."""
    return {
        id_: Boxes(
            sent.get(f"population-{id_}", known.population).strip(),
            sent.get(f"own-{id_}", known.own).strip(),
        )
        for id_, known in stored.items()
    }


def carried(
    boxes: Mapping[int, Boxes], stored: Mapping[int, Boxes], here: Collection[int]
) -> dict[str, str]:
    """What was typed into boxes that are not on the page, by their names."""
    found: dict[str, str] = {}
    for id_, box in boxes.items():
        if id_ in here:
            continue
        if box.population != stored[id_].population:
            found[f"population-{id_}"] = box.population
        if box.own != stored[id_].own:
            found[f"own-{id_}"] = box.own
    return found


def wanted_look() -> Look:
    """The part of the table that is asked for: in the address, or by a button of the form ("find",
    "page-3"); any other button keeps the part that was there."""
    if request.method == "GET":
        return Look(wanted_words(), wanted_page())
    sent, verb = request.form, request.form.get("show", "")
    words, typed = sent.get("found", "").strip(), sent.get("find", "").strip()
    if verb == "find" and typed != words:  # else Enter was pressed in a box of the table
        return Look(typed, 1)
    number = verb.removeprefix("page-") if verb.startswith("page-") else sent.get("at", "1")
    return Look(words, _number(number))


def _number(text: str) -> int:
    try:
        return parse_id(text)
    except ValueError:
        return 1


def _text(number: int | None) -> str:
    return count(number) if number else ""
