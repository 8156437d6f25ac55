"""From a YAML document to a Questionnaire, or to the list of every mistake in it."""

from collections.abc import Mapping
from typing import Any

from survey_app.questionnaire.consistency import check_consistency
from survey_app.questionnaire.definition import (
    PRIMARY_LANGUAGE,
    Condition,
    ItemRule,
    LocalText,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
    RollUp,
    Scale,
    ScoringMethod,
    Section,
)
from survey_app.questionnaire.document import dump_questionnaire
from survey_app.questionnaire.loading import load_document
from survey_app.questionnaire.structure import check_structure

__all__ = ["build_questionnaire", "parse_questionnaire", "dump_questionnaire"]

_Tree = Mapping[str, Any]


def parse_questionnaire(text: str) -> Questionnaire:
    """The questionnaire written in ``text`` (YAML 1.2, all texts normalised to NFC).

    Raises Invalid with every mistake at once, or the first 200, in the order of lines;
    ``Problem.where`` is the path in the document (``sections[2].questions[1].scale``, counted from
    1), ``Problem.line`` its line.
    """
    loaded = load_document(text)
    findings = loaded.findings
    if loaded.readable:
        check_structure(loaded.tree, findings)
        if isinstance(loaded.tree, dict):
            check_consistency(loaded.tree, findings)
    findings.refuse_if_any("Phiếu khảo sát")
    return build_questionnaire(loaded.tree)


def build_questionnaire(tree: _Tree) -> Questionnaire:
    """The questionnaire of a document in which structure and consistency have been checked."""
    scales = {code: _scale(code, scale) for code, scale in tree.get("scales", {}).items()}
    return Questionnaire(
        code=tree["code"],
        title=_text(tree["title"]),
        languages=tuple(tree["languages"]),
        sections=tuple(_section(section, scales) for section in tree["sections"]),
        scoring=_scoring(tree["scoring"]),
        introduction=_optional_text(tree, "introduction"),
        thanks=_optional_text(tree, "thanks"),
    )


def _text(written: str | dict[str, str]) -> LocalText:
    return LocalText({PRIMARY_LANGUAGE: written} if isinstance(written, str) else dict(written))


def _optional_text(tree: _Tree, key: str) -> LocalText | None:
    return _text(tree[key]) if key in tree else None


def _options(written: list[_Tree]) -> tuple[Option, ...]:
    return tuple(Option(option["code"], _text(option["label"])) for option in written)


def _scale(code: str, tree: _Tree) -> Scale:
    return Scale(
        code=code,
        levels=_options(tree["levels"]),
        satisfied=frozenset(tree["satisfied"]),
        not_applicable=_text(tree["not_applicable"]),
    )


def _section(tree: _Tree, scales: Mapping[str, Scale]) -> Section:
    return Section(
        code=tree["code"],
        title=_text(tree["title"]),
        questions=tuple(_question(question, scales) for question in tree["questions"]),
        is_factor=tree.get("factor", False),
        introduction=_optional_text(tree, "introduction"),
    )


def _question(tree: _Tree, scales: Mapping[str, Scale]) -> Question:
    return Question(
        code=tree["code"],
        kind=QuestionKind(tree["kind"]),
        role=Role(tree["role"]),
        text=_text(tree["text"]),
        hint=_optional_text(tree, "hint"),
        required=tree.get("required", False),
        not_applicable=tree.get("not_applicable", False),
        scale=scales[tree["scale"]] if "scale" in tree else None,
        options=_options(tree.get("options", [])),
        max_choices=tree.get("max_choices"),
        minimum=tree.get("minimum"),
        maximum=tree.get("maximum"),
        max_length=tree.get("max_length"),
        ask_when=tuple(_condition(condition) for condition in tree.get("ask_when", [])),
    )


def _condition(tree: _Tree) -> Condition:
    negated = "is_not" in tree
    options = frozenset(tree["is_not" if negated else "is"])
    return Condition(tree["question"], options, negated)


def _scoring(tree: _Tree) -> ScoringMethod:
    return ScoringMethod(
        version=tree["version"],
        item=ItemRule(tree["item"]),
        roll_up=RollUp(tree["roll_up"]),
        weights=dict(tree.get("weights", {})),
    )
