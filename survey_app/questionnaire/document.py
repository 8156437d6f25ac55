"""From a Questionnaire back to its document: plain data, and canonical YAML."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML

from survey_app.questionnaire.definition import (
    PRIMARY_LANGUAGE,
    Condition,
    LocalText,
    Option,
    Question,
    Questionnaire,
    Scale,
    ScoringMethod,
    Section,
)

FORMAT = 1


def to_document(questionnaire: Questionnaire) -> dict[str, Any]:
    """The document as plain data (dict, list, str, int, float, bool) in the format's own order.

    Equal questionnaires give equal documents. Raises ValueError when two different scales share a
    code, which no document can express.
    """
    return _filled(
        format=FORMAT,
        code=questionnaire.code,
        title=_text(questionnaire.title),
        introduction=_text(questionnaire.introduction),
        thanks=_text(questionnaire.thanks),
        languages=list(questionnaire.languages),
        scales={code: _scale(scale) for code, scale in _scales(questionnaire).items()},
        scoring=_scoring(questionnaire.scoring),
        sections=[_section(section, questionnaire) for section in questionnaire.sections],
    )


def dump_questionnaire(questionnaire: Questionnaire) -> str:
    """The canonical YAML: parsing it gives an equal questionnaire, dumping that the same text."""
    return dump_document(to_document(questionnaire))


def dump_document(document: Mapping[str, Any]) -> str:
    """Plain data as YAML in the layout of this format, whatever the data."""
    writer = YAML(typ="rt")
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = 1_000_000  # one text, one line
    writer.allow_unicode = True
    stream = io.StringIO()
    writer.dump(document, stream)
    return stream.getvalue()


def _filled(**entries: Any) -> dict[str, Any]:
    """The entries that say something: an absent key is the default."""
    return {
        key: value for key, value in entries.items() if value is not None and value not in ([], {})
    }


def _text(text: LocalText | None) -> str | dict[str, str] | None:
    if text is None:
        return None
    if set(text.texts) == {PRIMARY_LANGUAGE}:
        return str(text)
    return {language: text.texts[language] for language in _languages(text.texts)}


def _languages(texts: Mapping[str, str]) -> list[str]:
    return sorted(texts, key=lambda language: (language != PRIMARY_LANGUAGE, language))


def _scales(questionnaire: Questionnaire) -> dict[str, Scale]:
    found: dict[str, Scale] = {}
    for question in questionnaire.questions:
        scale = question.scale
        if scale is not None and found.setdefault(scale.code, scale) != scale:
            raise ValueError(f"two different scales share the code {scale.code!r}")
    return found


def _options(options: Sequence[Option]) -> list[dict[str, Any]]:
    return [{"code": option.code, "label": _text(option.label)} for option in options]


def _scale(scale: Scale) -> dict[str, Any]:
    return {
        "levels": _options(scale.levels),
        "satisfied": [level.code for level in scale.levels if level.code in scale.satisfied],
        "not_applicable": _text(scale.not_applicable),
    }


def _scoring(scoring: ScoringMethod) -> dict[str, Any]:
    return _filled(
        version=scoring.version,
        item=scoring.item.value,
        roll_up=scoring.roll_up.value,
        weights={code: float(scoring.weights[code]) for code in sorted(scoring.weights)},
    )


def _section(section: Section, questionnaire: Questionnaire) -> dict[str, Any]:
    return _filled(
        code=section.code,
        title=_text(section.title),
        factor=section.is_factor or None,
        introduction=_text(section.introduction),
        questions=[_question(question, questionnaire) for question in section.questions],
    )


def _question(question: Question, questionnaire: Questionnaire) -> dict[str, Any]:
    return _filled(
        code=question.code,
        kind=question.kind.value,
        role=question.role.value,
        text=_text(question.text),
        hint=_text(question.hint),
        required=question.required or None,
        not_applicable=question.not_applicable or None,
        scale=question.scale.code if question.scale else None,
        options=_options(question.options),
        max_choices=question.max_choices,
        minimum=question.minimum,
        maximum=question.maximum,
        max_length=question.max_length,
        ask_when=[_condition(condition, questionnaire) for condition in question.ask_when],
    )


def _condition(condition: Condition, questionnaire: Questionnaire) -> dict[str, Any]:
    """The condition, its options in the order in which the question offers them."""
    order = [option.code for option in questionnaire[condition.question].choices]
    rest = sorted(condition.options - set(order))
    return {
        "question": condition.question,
        "is_not" if condition.negated else "is": [
            code for code in order if code in condition.options
        ]
        + rest,
    }
