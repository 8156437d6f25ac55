"""What differs between two documents, named so that a person finds the place."""

from collections.abc import Iterator, Mapping
from typing import Any

from survey_app.questionnaire.editing.document import Document

LONGEST_VALUE = 200


def fields_of(document: Document) -> dict[str, str]:
    """Every value of a document under the name of its place, long ones cut.

    Parts are named by their codes, so that moving one changes the order of its list and no more.

    >>> fields_of({"sections": [{"code": "a", "title": {"vi": "Một"}}, {"code": "b"}]})
    {'sections': 'a, b', 'sections/a/title/vi': 'Một'}
    """
    return dict(_walk(document, ""))


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(inner, f"{path}/{name}" if path else str(name))
    elif isinstance(value, list) and any(_code(inner) for inner in value):
        yield path, _cut(", ".join(_code(inner) for inner in value))
        for inner in value:
            rest = {name: part for name, part in inner.items() if name != "code"}
            yield from _walk(rest, f"{path}/{_code(inner)}")
    elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        for number, inner in enumerate(value, 1):
            yield from _walk(inner, f"{path}/{number}")
    else:
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield path, _cut(text)


def _code(value: object) -> str:
    return str(value.get("code", "")) if isinstance(value, Mapping) else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
