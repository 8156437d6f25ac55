"""Translations of a questionnaire: which texts have none in a language."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from survey_app.questionnaire.definition import LocalText, Questionnaire


def untranslated(questionnaire: Questionnaire, language: str) -> tuple[str, ...]:
    """The texts, in Vietnamese and each once, that are not there in ``language``."""
    texts = _texts(questionnaire)
    return tuple(dict.fromkeys(str(text) for text in texts if not text.speaks(language)))


def _texts(node: object) -> Iterator[LocalText]:
    """Every text below a part of a questionnaire, in order."""
    if isinstance(node, LocalText):
        yield node
    elif isinstance(node, tuple | list):
        for part in node:
            yield from _texts(part)
    elif isinstance(node, Mapping):
        yield from _texts(tuple(node.values()))
    elif is_dataclass(node):
        for place in fields(node):
            yield from _texts(getattr(node, place.name))
