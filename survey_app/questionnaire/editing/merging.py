"""Two people at one part of a draft: what each of them changed, field by field, brought together.

A field that only one of them changed is taken from who changed it. What both changed differently is
a clash, for a person to decide: a wrong merge of a question's words would look right.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from survey_app.questionnaire.editing.choices import find_scale
from survey_app.questionnaire.editing.document import (
    Document,
    questions_of,
    sections_of,
    tidy,
)
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.questionnaire.editing.parts import find_question, find_section

#: The fields of a part by name: no value for an empty tick box, several for boxes of one name.
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Clash:
    """A field that two people changed differently. ``was``: what both began with, None where nobody
    knows it any more; ``saved`` None: the field is no longer there."""

    name: str
    was: tuple[str, ...] | None
    mine: tuple[str, ...]
    saved: tuple[str, ...] | None


@dataclass(frozen=True)
class Merged:
    """``values``: of what is there now, clashes as they are saved. ``mine``, ``theirs``: the names
    of the fields that only one of the two changed."""

    values: Mapping[str, tuple[str, ...]]
    clashes: tuple[Clash, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


def merge_fields(seen: Values | None, typed: Values, saved: Values) -> Merged:
    """What was typed upon ``seen`` beside what somebody else has saved since.

    Without ``seen`` nobody can say who changed what: whatever differs is a clash.

    >>> seen = {"text": ("Một",), "hint": ("",)}
    >>> merged = merge_fields(seen, {**seen, "text": ("Hai",)}, {**seen, "hint": ("Ba",)})
    >>> merged.values, merged.clashes
    ({'text': ('Hai',), 'hint': ('Ba',)}, ())
    >>> merge_fields(seen, {"text": ("Hai",)}, {"text": ("Ba",)}).clashes
    (Clash(name='text', was=('Một',), mine=('Hai',), saved=('Ba',)),)
    """
    values = dict(saved)
    clashes, mine, theirs = [], [], []
    for name in {**saved, **typed}:
        now = saved.get(name)
        was = None if seen is None else seen.get(name, ())
        sent = typed.get(name, now if was is None else was)
        if sent in (was, now):
            theirs += [name] if was is not None and now not in (was, None) and now != sent else []
        elif now is not None and now == was:
            values[name] = sent or ()
            mine.append(name)
        else:
            clashes.append(Clash(name, was, sent or (), now))
    return Merged(values, tuple(clashes), tuple(mine), tuple(theirs))


# What became of a part


def follow(documents: Sequence[Document], place: Place) -> Place:
    """The same part in the last of some saved states, by the code that it has there.

    A code that is gone while one that is new stands at its place is the same part, renamed; what
    was deleted keeps its place, which leads nowhere.
    """
    for before, after in pairwise(documents):
        codes, later = _codes(before, place.part), _codes(after, place.part)
        place = Place(place.part, renamed(codes, later).get(place.code, place.code))
    return place


def renamed(before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
    """Codes that stand where others stood, by the former ones.

    >>> renamed(["1", "2", "3"], ["1", "hai", "3"])
    {'2': 'hai'}
    >>> renamed(["1", "2"], ["1"])
    {}
    """
    if len(before) != len(after):
        return {}
    pairs = zip(before, after, strict=True)
    return {old: new for old, new in pairs if old not in after and new not in before}


def entry_of(document: Mapping[str, Any], place: Place) -> Document:
    """All that a draft holds of a part, what stands in it included. Raises NotFound."""
    match place.part:
        case Part.SECTION:
            return find_section(document, place.code)
        case Part.QUESTION:
            return find_question(document, place.code)[1]
        case Part.SCALE:
            return find_scale(document, place.code)
    return {}


def stands_at(documents: tuple[Document, Document], place: Place) -> tuple[int, int]:
    """Where a part stands in two documents, among the parts that both have, sections included:
    unequal where it was moved past another one."""
    orders = [_order(document, place.part) for document in documents]
    common = set(orders[0]) & set(orders[1])
    first, second = ([code for code in order if code in common] for order in orders)
    key = f"{place.part}:{place.code}"
    return first.index(key), second.index(key)


def restore_part(document: Document, seen: Document, place: Place) -> Document:
    """The draft with a part that was deleted, as it was, where it stood. Nothing, where there is no
    such part in ``seen`` either."""
    changed = deepcopy(document)
    match place.part:
        case Part.SCALE:
            changed.setdefault("scales", {})[place.code] = deepcopy(find_scale(seen, place.code))
        case Part.SECTION:
            section = deepcopy(find_section(seen, place.code))
            taken = set(_codes(changed, Part.QUESTION))
            asked = section.get("questions", [])
            section["questions"] = [entry for entry in asked if entry["code"] not in taken]
            _put_back(changed.setdefault("sections", []), sections_of(seen), section)
        case Part.QUESTION:
            _restore_question(changed, seen, place.code)
    return tidy(changed)


def restore_choice(
    document: Document, seen: Document, places: tuple[Place, Place], code: str
) -> Document:
    """The draft with an option or level that was deleted, as it was, where it stood. ``places``: of
    its question or scale in ``seen`` and in the draft."""
    changed, (was, place) = deepcopy(document), places
    name = "levels" if place.part is Part.SCALE else "options"
    former: list[Document] = entry_of(seen, was)[name]
    choice = next(deepcopy(entry) for entry in former if entry["code"] == code)
    _put_back(entry_of(changed, place).setdefault(name, []), former, choice)
    return tidy(changed)


def _restore_question(changed: Document, seen: Document, code: str) -> None:
    section, question = find_question(seen, code)
    sections = changed.setdefault("sections", [])
    home = next((entry for entry in sections if entry["code"] == section["code"]), None)
    if home is None:
        home = {**deepcopy(section), "questions": []}
        _put_back(sections, sections_of(seen), home)
    _put_back(home.setdefault("questions", []), section["questions"], deepcopy(question))


def _put_back(entries: list[Document], former: Sequence[Document], entry: Document) -> None:
    """In place: behind the nearest of those that stood before it, and are there still."""
    before = [other["code"] for other in former]
    before = before[: before.index(entry["code"])]
    codes = [other["code"] for other in entries]
    behind = next((code for code in reversed(before) if code in codes), None)
    entries.insert(0 if behind is None else codes.index(behind) + 1, entry)


def _codes(document: Mapping[str, Any], part: Part) -> list[str]:
    read: Mapping[Part, Callable[[], Iterator[str]]] = {
        Part.SECTION: lambda: (section["code"] for section in sections_of(document)),
        Part.QUESTION: lambda: (question["code"] for _, question in questions_of(document)),
        Part.SCALE: lambda: iter(document.get("scales", {})),
    }
    return list(read[part]()) if part in read else []


def _order(document: Mapping[str, Any], part: Part) -> list[str]:
    """Sections and, for a question, the questions among them, as they stand."""
    found = []
    for section in sections_of(document):
        found.append(f"{Part.SECTION}:{section['code']}")
        if part is Part.QUESTION:
            asked = section.get("questions", [])
            found += [f"{Part.QUESTION}:{question['code']}" for question in asked]
    return found
