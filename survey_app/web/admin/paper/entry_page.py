"""The page on which a form is keyed: its questions as they are printed, one field each."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import current_app
from flask import session as browser

from survey_app.config import Settings
from survey_app.errors import Problem
from survey_app.operations.paper.second_keying import SECRET_PURPOSE
from survey_app.questionnaire.definition import Question, QuestionKind, Questionnaire
from survey_app.questionnaire.keying import answer_keys
from survey_app.questionnaire.reading import LONGEST_TEXT
from survey_app.reporting.fieldwork.paper_form import Choice, Entry, Part, form_parts

#: How many of the numbers keyed last are shown.
_LATEST = 5
_SITTING = "keyed"  # its name among what the browser keeps


@dataclass(frozen=True)
class EntryField:
    """One question to be keyed. ``rules`` and ``codes``: skip rules and key → [code, label] as
    JSON, for the script; ``is_shared``: its keys are told once for several questions."""

    code: str
    id: str
    number: int
    text: str
    notes: tuple[str, ...]
    kind: str
    keys: tuple[Choice, ...]
    is_shared: bool
    codes: str
    rules: str
    max_choices: int
    max_length: int
    value: str
    messages: tuple[str, ...]


@dataclass(frozen=True)
class EntryBlock:
    """Fields that share their keys (``keys`` empty: each has its own)."""

    keys: tuple[Choice, ...]
    fields: tuple[EntryField, ...]


@dataclass(frozen=True)
class EntryPart:
    """A section of the form."""

    title: str
    blocks: tuple[EntryBlock, ...]


def entry_parts(
    questionnaire: Questionnaire,
    typed: Mapping[str, str],
    problems: Iterable[Problem],
    *,
    has_texts: bool = True,
) -> tuple[EntryPart, ...]:
    """The fields of a form with what was typed and what is wrong with it."""
    messages: dict[str, tuple[str, ...]] = {}
    for problem in problems:
        messages[problem.where] = (*messages.get(problem.where, ()), problem.message)

    def field(entry: Entry, columns: tuple[Choice, ...]) -> EntryField:
        code = entry.question.code
        return _field(entry, columns, typed.get(code, ""), messages.get(code, ()))

    def part(found: Part) -> EntryPart:
        blocks = (
            (
                block.columns,
                tuple(
                    field(entry, block.columns)
                    for entry in block.entries
                    if has_texts or entry.question.kind is not QuestionKind.TEXT
                ),
            )
            for block in found.blocks
        )
        kept = tuple(EntryBlock(columns, fields) for columns, fields in blocks if fields)
        return EntryPart(str(found.section.title), kept)

    return tuple(made for made in map(part, form_parts(questionnaire)) if made.blocks)


def server_secret() -> bytes:
    """What only this installation knows: by it forms are chosen to be keyed again."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.derived_secret(SECRET_PURPOSE)


def field_id(code: str) -> str:
    """The id, and the name, of a question's field."""
    return f"q-{code}"


def _field(
    entry: Entry, columns: tuple[Choice, ...], value: str, messages: tuple[str, ...]
) -> EntryField:
    question = entry.question
    keys = tuple(box for box in entry.boxes if box is not None)
    labels = {box.key: box.label for box in keys}
    codes = {key: [code, labels[key]] for code, key in answer_keys(question).items()}
    return EntryField(
        code=question.code,
        id=field_id(question.code),
        number=entry.number,
        text=str(question.text),
        notes=entry.notes,
        kind=question.kind.value,
        keys=keys,
        is_shared=bool(columns) and len(keys) == len(columns),
        codes=json.dumps(codes, ensure_ascii=False, separators=(",", ":")),
        rules=_rules(question),
        max_choices=question.max_choices or 0,
        max_length=question.max_length or LONGEST_TEXT,
        value=value,
        messages=messages,
    )


def _rules(question: Question) -> str:
    rules = [
        {"question": c.question, "options": sorted(c.options), "negated": c.negated}
        for c in question.ask_when
    ]
    return json.dumps(rules, separators=(",", ":")) if rules else ""


@dataclass(frozen=True)
class Sitting:
    """What a clerk has keyed at one place since the first form, kept by the browser alone.

    ``latest``: the numbers keyed last, the last one first.
    """

    count: int = 0
    latest: tuple[str, ...] = ()
    is_just_saved: bool = False

    @property
    def next_number(self) -> str:
        """The number that is likely to follow, as printed; "" where nothing can be guessed."""
        last = self.latest[0] if self.latest else ""
        return f"{int(last) + 1:04}" if last.isdecimal() else ""


def read_sitting(place: str) -> Sitting:
    """The sitting at ``place``; a form saved just now is told once."""
    kept = browser.get(_SITTING, {})
    if kept.get("place") != place:
        return Sitting()
    found = Sitting(kept["count"], tuple(kept["latest"]), kept["saved"])
    if found.is_just_saved:
        browser[_SITTING] = kept | {"saved": False}
    return found


def begin_sitting(place: str) -> bool:
    """Whether a sitting at ``place`` begins with this request."""
    if browser.get(_SITTING, {}).get("place") == place:
        return False
    browser[_SITTING] = {"place": place, "count": 0, "latest": [], "saved": False}
    return True


def note_saved(place: str, number: str, *, is_new: bool) -> None:
    """Count a form that was saved."""
    before = read_sitting(place)
    latest = [number, *(other for other in before.latest if other != number)][:_LATEST]
    count = before.count + is_new
    browser[_SITTING] = {"place": place, "count": count, "latest": latest, "saved": True}
