"""An edit of a questionnaire: its class, what it was made on, and the figures it bears on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from survey_app.questionnaire.definition import (
    LocalText,
    QuestionKind,
    Questionnaire,
    Role,
)
from survey_app.questionnaire.spelling import say_the_same

_Told = TypeVar("_Told")


class ChangeKind(StrEnum):
    """The class of an edit. The names are stored with declarations and never change."""

    MEANING = "meaning"  # another role or kind of question, or its code used for another text
    WORDING = "wording"  # the question says it otherwise
    SCALE = "scale"  # other levels, or others count as satisfied
    OPTIONS = "options"  # other answers to choose from
    AUDIENCE = "audience"  # asked of other people: conditions, "not applicable" offered or not
    METHOD = "method"  # the index is reckoned otherwise
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    TYPO = "typo"  # slips of the pen: the words are the same
    TRANSLATION = "translation"  # Vietnamese, in which versions are compared, stayed as it was
    FRAME = "frame"  # what stands around the questions: titles, hints, introductions


class Subject(StrEnum):
    """What was edited."""

    QUESTIONNAIRE = "questionnaire"
    SECTION = "section"
    SCALE = "scale"
    QUESTION = "question"
    SCORING = "scoring"


#: Edits after which every series goes on.
TRIVIAL = frozenset({ChangeKind.TYPO, ChangeKind.TRANSLATION, ChangeKind.FRAME, ChangeKind.MOVED})
#: Edits that somebody may declare comparable or not.
DECLARABLE = frozenset(
    {
        ChangeKind.MEANING,
        ChangeKind.WORDING,
        ChangeKind.SCALE,
        ChangeKind.OPTIONS,
        ChangeKind.AUDIENCE,
    }
)


@dataclass(frozen=True)
class Change:
    """One edit. ``part``: which text or rule of the subject, such as ``text`` or ``level 5``;
    ``before`` and ``after``: how it read, empty where it was not there.

    ``questions``: the codes of those on whose answers it bears. ``is_fixed``: no declaration can
    bridge it, since the answers cannot be laid side by side.
    """

    kind: ChangeKind
    subject: Subject
    code: str
    part: str
    before: str = ""
    after: str = ""
    questions: frozenset[str] = frozenset()
    is_fixed: bool = False

    @property
    def key(self) -> str:
        """What a declaration names; edits of one class on one subject are declared together."""
        return f"{self.subject}:{self.code}:{self.kind}"

    @property
    def is_trivial(self) -> bool:
        return self.kind in TRIVIAL and not self.is_fixed


@dataclass(frozen=True)
class Touched:
    """The figures that an edit bears on: codes of criteria and factors, whether the overall index,
    and codes of the other questions, whose tables it bears on."""

    criteria: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    index: bool = False
    tables: tuple[str, ...] = ()


def text_changes(
    subject: Subject,
    code: str,
    part: str,
    before: LocalText | None,
    after: LocalText | None,
    kind: ChangeKind = ChangeKind.FRAME,
    questions: frozenset[str] = frozenset(),
) -> Iterator[Change]:
    """The edits of one text: of its Vietnamese as ``kind`` or a slip, then of its translations."""
    texts = [dict(text.texts) if text else {} for text in (before, after)]
    for language in sorted({*texts[0], *texts[1]}, key=lambda name: (name != "vi", name)):
        old, new = (found.get(language, "") for found in texts)
        if old == new:
            continue
        if language != "vi":
            place = f"{part} {language}"
            yield Change(ChangeKind.TRANSLATION, subject, code, place, old, new)
        elif old and new and say_the_same(old, new):
            yield Change(ChangeKind.TYPO, subject, code, part, old, new, questions)
        else:
            yield Change(kind, subject, code, part, old, new, questions)


def both(tell: Callable[[_Told], str], before: _Told, after: _Told) -> tuple[str, str]:
    """How something read before and after an edit."""
    return tell(before), tell(after)


def figures_touched(change: Change, earlier: Questionnaire, later: Questionnaire) -> Touched:
    """Which figures an edit bears on, whatever is declared about it."""
    if change.is_trivial:
        return Touched()
    if change.kind is ChangeKind.METHOD:
        factors = [section.code for section in later.factors] if change.part == "item" else []
        return Touched(factors=tuple(factors), index=True)
    if change.subject is Subject.SECTION:
        return Touched(factors=(change.code,), index=True) if change.is_fixed else Touched()
    criteria, tables = [], []
    for code in _in_order(change.questions, earlier, later):
        forms = [one[code] for one in (earlier, later) if code in one]
        if any(question.role is Role.CRITERION for question in forms):
            criteria.append(code)
        elif any(question.kind is not QuestionKind.TEXT for question in forms):
            tables.append(code)
    factors = [
        section.code
        for section in (*later.factors, *earlier.factors)
        if any(question.code in criteria for question in section.questions)
    ]
    return Touched(tuple(criteria), tuple(dict.fromkeys(factors)), bool(criteria), tuple(tables))


def _in_order(
    codes: frozenset[str], earlier: Questionnaire, later: Questionnaire
) -> tuple[str, ...]:
    asked = dict.fromkeys(q.code for q in (*later.questions, *earlier.questions))
    return tuple(code for code in asked if code in codes)
