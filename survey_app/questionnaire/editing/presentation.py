"""A draft as people would see it, be it finished or not: what is missing is named, what nobody
could answer is left out."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from survey_app.questionnaire.definition import (
    PRIMARY_LANGUAGE,
    ItemRule,
    QuestionKind,
    Questionnaire,
    RollUp,
)
from survey_app.questionnaire.editing.choices import CHOICE_KINDS, choices_of
from survey_app.questionnaire.editing.document import Document, sections_of, tidy
from survey_app.questionnaire.parsing import build_questionnaire

NO_WORDS = "(chưa có câu chữ)"
NO_LABEL = "(chưa có nhãn)"
NO_TITLE = "(chưa có tên)"
_FEWEST_CHOICES = 2


def presentable(document: Mapping[str, Any]) -> Questionnaire | None:
    """The questionnaire that a draft would be as it stands; None without any question to answer.

    Missing texts are replaced by a word in brackets, questions without anything to choose left
    out, and conditions that look at no earlier question as well.
    """
    found = tidy(deepcopy(dict(document)))
    _name(found, "title", NO_TITLE)
    found.setdefault("scales", {})
    for scale in found["scales"].values():
        _name(scale, "not_applicable", NO_LABEL)
        scale.setdefault("satisfied", [])
        for level in scale.setdefault("levels", []):
            _name(level, "label", NO_LABEL)
    found["scoring"] = _scoring(found.get("scoring", {}))
    earlier: dict[str, set[str]] = {}
    for section in sections_of(found):
        _name(section, "title", NO_TITLE)
        questions = section.get("questions", [])
        section["questions"] = [q for q in questions if _can_be_answered(found, q)]
        for question in section["questions"]:
            _prepare(found, question, earlier)
    found["sections"] = [s for s in found.get("sections", []) if s["questions"]]
    return build_questionnaire(found) if found["sections"] else None


def _prepare(document: Document, question: Document, earlier: dict[str, set[str]]) -> None:
    """In place; notes what can be chosen in it for the conditions of later questions."""
    _name(question, "text", NO_WORDS)
    for option in question.get("options", []):
        _name(option, "label", NO_LABEL)
    conditions = question.pop("ask_when", [])
    kept = [c for c in conditions if _holds_sense(c, earlier)]
    if kept:
        question["ask_when"] = kept
    earlier[question["code"]] = {choice["code"] for choice in choices_of(document, question)}


def _can_be_answered(document: Document, question: Mapping[str, Any]) -> bool:
    if question["kind"] not in CHOICE_KINDS:
        return True
    if question["kind"] == QuestionKind.SCALE and question.get("scale") not in document["scales"]:
        return False
    plain = {**question, "not_applicable": False}
    return len(choices_of(document, plain)) >= _FEWEST_CHOICES


def _holds_sense(condition: Mapping[str, Any], earlier: Mapping[str, set[str]]) -> bool:
    named = set(condition.get("is", condition.get("is_not", [])))
    return bool(named) and named <= earlier.get(condition["question"], set())


def _scoring(scoring: Mapping[str, Any]) -> Document:
    usual = {"version": "?", "item": ItemRule.TOP2.value, "roll_up": RollUp.POOLED.value}
    return {**usual, **scoring}


def _name(entry: Document, key: str, placeholder: str) -> None:
    text = entry.setdefault(key, {})
    text.setdefault(PRIMARY_LANGUAGE, placeholder)
