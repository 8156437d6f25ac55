"""Buttons pressed on a page that was older than the draft: what they mean on the draft as it is.

A button names a row or a place in the order that whoever pressed it saw. It is carried over to the
same row and the same neighbour; where others have changed what it is about, that is asked first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from survey_app.errors import NotFound
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.questionnaire.editing.document import Document, sections_of
from survey_app.questionnaire.editing.merging import entry_of, stands_at
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.questionnaire.editing.parts import find_question
from survey_app.questionnaire.editing.translating import texts_to_translate
from survey_app.web.admin.editor.conflicts.addressing import CHOICES, recoded, rows_of, saved_fields

MOVED = "Người khác vừa đổi thứ tự ở chính chỗ này. Ông/bà vẫn muốn chuyển?"
REMOVED_ROW = "Dòng ông/bà định thao tác đã được người khác xóa; thao tác đó không còn cần thiết."


@dataclass(frozen=True)
class Carried:
    """A button as it is to be pressed now, "save" where nothing is left to do. ``question``: what
    has to be asked first; ``changed``: the fields that are at stake, by name; ``told``: why nothing
    is left to do."""

    wish: str
    question: str = ""
    changed: tuple[str, ...] = ()
    told: str = ""


@dataclass(frozen=True)
class Sides:
    """The draft as it was on the page and as it is saved now, and the part's place in each;
    ``codes``: of its rows that have other ones by now, by the former."""

    seen: Document
    saved: Document
    was: Place
    place: Place
    codes: Mapping[str, Mapping[str, str]]


def carry(wish: str, sides: Sides) -> Carried:
    """The button on the draft as it is saved now."""
    name, _, about = wish.partition(":")
    act = _CARRIED.get(name)
    return act(name, about, sides) if act else Carried(wish)


def _remove(name: str, _about: str, sides: Sides) -> Carried:
    """A part, with whatever stands in it."""
    before, now = entry_of(sides.seen, sides.was), entry_of(sides.saved, sides.place)
    if before == now:
        return Carried(name)
    changed = _changed(saved_fields(sides.seen, sides.was), saved_fields(sides.saved, sides.place))
    what = {
        Part.SECTION: "phần này hoặc câu hỏi trong phần",
        Part.QUESTION: "câu hỏi này",
        Part.SCALE: "thang đo này",
    }[sides.place.part]
    question = f"Người khác vừa sửa {what}. Ông/bà vẫn muốn xóa, kể cả những chỗ vừa sửa?"
    return Carried(name, question, changed)


def _shift(name: str, _about: str, sides: Sides) -> Carried:
    return Carried(name, "" if _stays(sides, sides.was, sides.place) else MOVED)


def _row(name: str, about: str, sides: Sides) -> Carried:
    """A row of options or levels that is moved or removed."""
    seen, saved = rows_of(sides.seen, sides.was), rows_of(sides.saved, sides.place)
    kind = next((kind for kind in CHOICES if about in seen[kind]), "")
    if not kind:
        return Carried(f"{name}:{about}")
    code = sides.codes[kind].get(about, about)
    if code not in saved[kind]:
        return Carried("save", told=REMOVED_ROW)
    wish = f"{name}:{code}"
    if name != "row-remove":
        both = set(seen[kind]) & set(saved[kind])
        orders = [[row for row in rows[kind] if row in both] for rows in (seen, saved)]
        return Carried(wish, "" if orders[0] == orders[1] else MOVED)
    before = recoded(saved_fields(sides.seen, sides.was), {kind: {about: code}})
    now = saved_fields(sides.saved, sides.place)
    changed = tuple(key for key in _changed(before, now) if f":{code}:" in key)
    question = "Người khác vừa sửa dòng ông/bà muốn xóa. Ông/bà vẫn muốn xóa dòng này?"
    return Carried(wish, question if changed else "", changed)


def _condition(name: str, about: str, sides: Sides) -> Carried:
    seen = rows_of(sides.seen, sides.was)["condition"]
    saved = rows_of(sides.saved, sides.place)["condition"]
    if not _is_place(about) or int(about) >= len(seen):
        return Carried(f"{name}:{about}")
    row = seen[int(about)]
    if row not in saved:
        return Carried("save", told=REMOVED_ROW)
    fields = (saved_fields(sides.seen, sides.was), saved_fields(sides.saved, sides.place))
    names = [f"condition:{row}:{key}" for key in ("negated", "is")]
    changed = tuple(key for key in names if fields[0].get(key) != fields[1].get(key))
    question = "Người khác vừa sửa điều kiện ông/bà muốn bỏ. Ông/bà vẫn muốn bỏ?"
    return Carried(f"{name}:{saved.index(row)}", question if changed else "", changed)


def _language(name: str, about: str, sides: Sides) -> Carried:
    if about == PRIMARY_LANGUAGE or about not in sides.saved["languages"]:
        return Carried("save")
    texts = [
        {text.name: text.translation for text in texts_to_translate(document, about)}
        for document in (sides.seen, sides.saved)
    ]
    question = "Người khác vừa sửa bản dịch của ngôn ngữ này. Ông/bà vẫn muốn bỏ cả ngôn ngữ?"
    return Carried(f"{name}:{about}", "" if texts[0] == texts[1] else question)


def _drag_question(name: str, about: str, sides: Sides) -> Carried:
    """To behind the same neighbour as on the page."""
    code, _, rest = about.partition(":")
    section, _, number = rest.partition(":")
    place = Place(Part.QUESTION, code)
    target = next((entry for entry in sections_of(sides.seen) if entry["code"] == section), None)
    now = next((entry for entry in sections_of(sides.saved) if entry["code"] == section), None)
    if not _is_place(number) or target is None:
        return Carried(f"{name}:{about}")
    if now is None or not _is_in(sides.saved, code):
        return Carried("save", told=REMOVED_ROW)
    others = [entry["code"] for entry in target.get("questions", []) if entry["code"] != code]
    there = [entry["code"] for entry in now.get("questions", []) if entry["code"] != code]
    behind = [other for other in others[: int(number)] if other in there]
    at = there.index(behind[-1]) + 1 if behind else 0
    question = "" if _stays(sides, place, place) else MOVED
    return Carried(f"{name}:{code}:{section}:{at}", question)


def _stays(sides: Sides, was: Place, place: Place) -> bool:
    """Whether nobody moved a part past another one, or into another section."""
    if was != place:
        return True  # it stands where it stood: so its new code was found
    try:
        at = stands_at((sides.seen, sides.saved), place)
    except ValueError:
        return True  # one of the two has no such part
    if place.part is not Part.QUESTION:
        return at[0] == at[1]
    homes = [
        find_question(document, place.code)[0]["code"] for document in (sides.seen, sides.saved)
    ]
    return at[0] == at[1] and homes[0] == homes[1]


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _is_in(document: Document, code: str) -> bool:
    try:
        return bool(find_question(document, code))
    except NotFound:
        return False


def _changed(
    before: Mapping[str, tuple[str, ...]], now: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    names = {**now, **before}
    return tuple(name for name in names if before.get(name) != now.get(name))


_CARRIED: Mapping[str, Callable[[str, str, Sides], Carried]] = {
    "remove": _remove,
    "up": _shift,
    "down": _shift,
    "move": _shift,
    "row-up": _row,
    "row-down": _row,
    "row-remove": _row,
    "condition-remove": _condition,
    "language-remove": _language,
    "place-question": _drag_question,
}
