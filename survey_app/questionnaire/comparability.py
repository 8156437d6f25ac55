"""What two versions of a questionnaire have in common: where a series goes on, where it breaks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from survey_app.questionnaire.changes import find_changes
from survey_app.questionnaire.declarations import Declarations, Verdict
from survey_app.questionnaire.definition import (
    Questionnaire,
    RollUp,
    ScoringMethod,
    Section,
)
from survey_app.questionnaire.edits import Change, ChangeKind


class Break(StrEnum):
    """Why a figure of two versions cannot be compared."""

    ADDED = "added"  # the earlier version did not ask it
    MEANING = "meaning"  # its code stands for another question
    WORDING = "wording"  # the question says something else
    SCALE = "scale"  # other levels, or others count as satisfied
    OPTIONS = "options"  # other answers to choose from
    AUDIENCE = "audience"  # asked of other people: conditions, "not applicable" offered or not
    CRITERIA = "criteria"  # an index or factor made of other criteria, or of such as break
    METHOD = "method"  # another scoring method
    WEIGHTING = "weighting"  # joined figures: units count by dossiers here, all alike there
    TERRITORY = "territory"  # by the boundaries of today: other ground was surveyed


#: The edits that break the series of a question, the gravest first.
_BREAKING = {
    ChangeKind.ADDED: Break.ADDED,
    ChangeKind.REMOVED: Break.ADDED,
    ChangeKind.MEANING: Break.MEANING,
    ChangeKind.WORDING: Break.WORDING,
    ChangeKind.SCALE: Break.SCALE,
    ChangeKind.OPTIONS: Break.OPTIONS,
    ChangeKind.AUDIENCE: Break.AUDIENCE,
}
_GRAVEST_FIRST = tuple(dict.fromkeys(_BREAKING.values()))


@dataclass(frozen=True)
class Edition:
    """One version, with what was declared when it was published after the one before it."""

    number: int
    questionnaire: Questionnaire
    declared: Declarations = field(default_factory=dict)


@dataclass(frozen=True)
class Bridge:
    """An edit of a question over which its series goes on because somebody declared so."""

    question: str
    kind: Break
    reason: str


@dataclass(frozen=True)
class Comparability:
    """For every question and factor of the later version, by code, and for the overall index: None
    where it can be compared with the earlier version, or why it cannot. ``bridges``: the edits that
    were declared comparable, of questions that go on."""

    questions: Mapping[str, Break | None]
    criteria: Mapping[str, Break | None]
    factors: Mapping[str, Break | None]
    index: Break | None
    bridges: tuple[Bridge, ...] = ()


def compare_editions(path: Sequence[Edition]) -> Comparability:
    """What of the last edition can be compared with the first; ``path`` holds them and every
    version published in between, in the order of their numbers or its reverse.

    A question goes on while it is asked in the same words, slips of the pen aside, on the same
    scale of the same people. Where it is not, it goes on only if on every step of the path each
    edit of it was declared comparable. A factor goes on while it is made of the same criteria and
    all of them go on; the index while all factors do and the scoring method is the same. Titles,
    hints, order and translations break nothing.
    """
    earlier, later = path[0].questionnaire, path[-1].questionnaire
    if earlier is later:  # as when a survey is held again: nothing to look at
        return _unbroken(later)
    direct = _edits_by_question(find_changes(earlier, later))
    broken, bridges = _walk(sorted(path, key=lambda edition: edition.number))
    questions = {
        q.code: _reason(direct[q.code], broken.get(q.code)) if q.code in direct else None
        for q in later.questions
    }
    criteria = {q.code: questions[q.code] for _, q in later.criteria}
    is_same_rule = earlier.scoring.item is later.scoring.item
    sections = {section.code: section for section in earlier.factors}
    factors = {
        section.code: _factor_break(sections.get(section.code), section, criteria, is_same_rule)
        for section in later.factors
    }
    index = _index_break(earlier, later, factors)
    bridged = {code for code in direct if code in questions and questions[code] is None}
    used = dict.fromkeys(bridge for bridge in bridges if bridge.question in bridged)
    return Comparability(questions, criteria, factors, index, tuple(used))


def _unbroken(questionnaire: Questionnaire) -> Comparability:
    return Comparability(
        dict.fromkeys(question.code for question in questionnaire.questions),
        dict.fromkeys(question.code for _, question in questionnaire.criteria),
        dict.fromkeys(section.code for section in questionnaire.factors),
        None,
    )


def _edits_by_question(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Question code → the edits that break its series unless they are declared comparable."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        if change.kind in _BREAKING:
            for code in change.questions:
                found.setdefault(code, []).append(change)
    return found


def _walk(path: Sequence[Edition]) -> tuple[dict[str, set[Break]], list[Bridge]]:
    """From the oldest edition to the newest, step by step: why questions break, by code, and
    which edits of them were declared comparable."""
    broken: dict[str, set[Break]] = {}
    bridges = []
    for older, newer in pairwise(path):
        edits = _edits_by_question(find_changes(older.questionnaire, newer.questionnaire))
        for code, changes in edits.items():
            for change in changes:
                declared = newer.declared.get(change.key)
                kind = _BREAKING[change.kind]
                if change.is_fixed or declared is None or declared.verdict is Verdict.BREAK:
                    broken.setdefault(code, set()).add(kind)
                else:
                    bridges.append(Bridge(code, kind, declared.reason))
    return broken, bridges


def _reason(direct: Iterable[Change], broken: set[Break] | None) -> Break | None:
    """Why a question breaks that differs between the two ends; None where all is bridged. Of
    several reasons the gravest, of those that can be seen between the two ends if there is one."""
    if not broken:
        return None
    seen = broken & {_BREAKING[change.kind] for change in direct}
    return min(seen or broken, key=_GRAVEST_FIRST.index)


def _factor_break(
    before: Section | None,
    after: Section,
    criteria: Mapping[str, Break | None],
    is_same_rule: bool,
) -> Break | None:
    if before is None:
        return Break.ADDED
    if not is_same_rule:
        return Break.METHOD
    codes = [{question.code for question in section.criteria} for section in (before, after)]
    goes_on = all(criteria[code] is None for code in codes[1])
    return None if codes[0] == codes[1] and goes_on else Break.CRITERIA


def _index_break(
    earlier: Questionnaire, later: Questionnaire, factors: Mapping[str, Break | None]
) -> Break | None:
    if _method(earlier.scoring) != _method(later.scoring):
        return Break.METHOD
    same = {section.code for section in earlier.factors} == set(factors)
    return None if same and not any(factors.values()) else Break.CRITERIA


def _method(scoring: ScoringMethod) -> object:
    """The formula itself; its name may change."""
    weights = dict(scoring.weights) if scoring.roll_up is RollUp.WEIGHTED else {}
    return scoring.item, scoring.roll_up, weights
