"""What two versions of a questionnaire have in common: where a series goes on, where it breaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from survey_app.questionnaire.definition import (
    Question,
    Questionnaire,
    RollUp,
    Scale,
    ScoringMethod,
    Section,
)
from survey_app.text import clean_line


class Break(StrEnum):
    """Why a figure of two versions cannot be compared."""

    ADDED = "added"  # the earlier version did not ask it
    WORDING = "wording"  # the question says something else
    SCALE = "scale"  # other levels, or others count as satisfied
    AUDIENCE = "audience"  # asked of other people: conditions, "not applicable" offered or not
    CRITERIA = "criteria"  # an index or factor made of other criteria
    METHOD = "method"  # another scoring method
    WEIGHTING = "weighting"  # joined figures: units count by dossiers here, all alike there


@dataclass(frozen=True)
class Comparability:
    """For every criterion and factor of the later version, by code, and for the overall index:
    None where it can be compared with the earlier version, or why it cannot."""

    criteria: Mapping[str, Break | None]
    factors: Mapping[str, Break | None]
    index: Break | None


def compare_versions(earlier: Questionnaire, later: Questionnaire) -> Comparability:
    """What of ``later`` can be compared with ``earlier``.

    A criterion goes on while it is asked in the same words (letter case, outer blanks and closing
    marks aside) on the same scale of the same people. A factor goes on while it is made of the
    same criteria and all of them go on; the index while all factors do and the scoring method is
    the same. Titles, hints, order, translations and all other questions break nothing.
    """
    if earlier is later:  # as when a survey is held again: nothing to look at
        codes = [question.code for _, question in later.criteria]
        return Comparability(
            dict.fromkeys(codes), dict.fromkeys(section.code for section in later.factors), None
        )
    before = {question.code: question for _, question in earlier.criteria}
    criteria = {q.code: _break_of(before.get(q.code), q) for _, q in later.criteria}
    is_same_rule = earlier.scoring.item is later.scoring.item
    sections = {section.code: section for section in earlier.factors}
    factors = {
        section.code: _factor_break(sections.get(section.code), section, criteria, is_same_rule)
        for section in later.factors
    }
    return Comparability(criteria, factors, _index_break(earlier, later, factors))


def _break_of(before: Question | None, after: Question) -> Break | None:
    if before is None:
        return Break.ADDED
    if _said(str(before.text)) != _said(str(after.text)):
        return Break.WORDING
    if before.kind is not after.kind or _levels(before.scale) != _levels(after.scale):
        return Break.SCALE
    asked = [(q.not_applicable, frozenset(q.ask_when)) for q in (before, after)]
    return None if asked[0] == asked[1] else Break.AUDIENCE


def _said(text: str) -> str:
    return clean_line(text).casefold().rstrip(".?:; ")


def _levels(scale: Scale | None) -> object:
    """What makes a scale that scale: levels in order, their words, which count as satisfied."""
    if scale is None:
        return None
    words = tuple((level.code, _said(str(level.label))) for level in scale.levels)
    return words, scale.satisfied


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
