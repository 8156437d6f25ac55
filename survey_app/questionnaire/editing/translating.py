"""Translating a draft: every text beside its translation, and many translations saved at once."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.questionnaire.editing.document import (
    Document,
    clean_text,
    sections_of,
    tidy,
)
from survey_app.questionnaire.editing.merging import Clash
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.questionnaire.editing.parts import set_text


@dataclass(frozen=True)
class Text:
    """One text of a draft. ``key``: what it is of its part; ``choice``: the code of the option or
    level it belongs to, if it is a label. ``translation`` is empty where there is none."""

    place: Place
    key: str
    choice: str
    source: str
    translation: str

    @property
    def name(self) -> str:
        """What the text is called in a form: "question:access.signage/label/1"."""
        return _name(self.place, self.key, self.choice)

    @property
    def is_missing(self) -> bool:
        """Whether people who read in the language meet Vietnamese here."""
        return bool(self.source) and not self.translation


@dataclass(frozen=True)
class Merge:
    """What of a form is to be saved: ``changes`` by name, texts that ``clashes`` say were changed
    by somebody else too, and of the changes those whose Vietnamese has changed since."""

    changes: Mapping[str, str]
    clashes: tuple[Clash, ...]
    restated: tuple[str, ...]


def texts_to_translate(document: Mapping[str, Any], language: str) -> tuple[Text, ...]:
    """Every text that is there in Vietnamese or in the language, in the order of the draft."""
    found = []
    for place, choice, entry, keys in _entries(document):
        for key in keys:
            text = entry.get(key, {})
            source, translation = text.get(PRIMARY_LANGUAGE, ""), text.get(language, "")
            if source or translation:
                found.append(Text(place, key, choice, source, translation))
    return tuple(found)


def missing_translations(document: Mapping[str, Any]) -> dict[str, int]:
    """How many texts have no translation, by language; languages that lack none are left out."""
    others = [code for code in document.get("languages", []) if code != PRIMARY_LANGUAGE]
    counts = {
        code: sum(text.is_missing for text in texts_to_translate(document, code)) for code in others
    }
    return {code: count for code, count in counts.items() if count}


def merge_translations(
    seen: Mapping[str, Any] | None,
    document: Mapping[str, Any],
    language: str,
    typed: Mapping[str, str],
) -> Merge:
    """What a form changes. ``seen``: the draft it was made from, None where nobody knows it any
    more; ``document``: the draft as it is now, maybe saved by others since, and without the
    language."""
    before = {text.name: text for text in texts_to_translate(seen or {}, language)}
    there = document if language in document.get("languages", ()) else {}
    now = {text.name: text for text in texts_to_translate(there, language)}
    changes, clashes, restated = {}, [], []
    for name, raw in typed.items():
        mine, was = clean_text(raw), before[name].translation if name in before else ""
        saved = now[name].translation if name in now else None
        if mine in (was, saved):
            continue
        if saved is None or saved != was:
            held = None if saved is None else (saved,)
            known = None if seen is None else (was,)
            clashes.append(Clash(name, known, (mine,), held))
            continue
        changes[name] = mine
        if name in before and before[name].source != now[name].source:
            restated.append(name)
    return Merge(changes, tuple(clashes), tuple(restated))


def set_translations(document: Document, language: str, changes: Mapping[str, str]) -> Document:
    """The draft with other translations, by the names of the texts."""
    changed = deepcopy(document)
    for place, choice, entry, keys in _entries(changed):
        for key in keys:
            name = _name(place, key, choice)
            if name in changes:
                set_text(entry, key, {language: changes[name]})
    return tidy(changed)


def _entries(document: Any) -> Iterator[tuple[Place, str, Document, tuple[str, ...]]]:
    """Whatever has texts: its place, its code if it is a choice, itself, its texts' keys."""
    yield Place(Part.GENERAL), "", document, ("title", "introduction", "thanks")
    for section in sections_of(document):
        yield Place(Part.SECTION, section["code"]), "", section, ("title", "introduction")
        for question in section.get("questions", []):
            place = Place(Part.QUESTION, question["code"])
            yield place, "", question, ("text", "hint")
            yield from _choices(place, question.get("options", []))
    for code, scale in document.get("scales", {}).items():
        place = Place(Part.SCALE, code)
        yield from _choices(place, scale.get("levels", []))
        yield place, "", scale, ("not_applicable",)


def _choices(
    place: Place, choices: list[Document]
) -> Iterator[tuple[Place, str, Document, tuple[str, ...]]]:
    for choice in choices:
        yield place, choice["code"], choice, ("label",)


def _name(place: Place, key: str, choice: str) -> str:
    return f"{place}/{key}/{choice}" if choice else f"{place}/{key}"
