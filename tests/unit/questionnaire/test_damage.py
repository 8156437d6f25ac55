"""Damaged documents: whatever is broken, the answer is a list of problems and never a crash."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.errors import Invalid
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.document import to_document
from survey_app.questionnaire.parsing import parse_questionnaire
from tests.unit.questionnaire.strategies import json_values, patiently
from tests.unit.questionnaire.test_parsing import GOOD

DOCUMENT = to_document(parse_questionnaire(GOOD))


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key or position) in the document."""
    steps: Any = ()
    if isinstance(node, dict):
        steps = list(node.items())
    elif isinstance(node, list):
        steps = list(enumerate(node))
    for step, child in steps:
        yield node, step
        yield from places(child)


def read(text: str) -> Questionnaire | None:
    try:
        return parse_questionnaire(text)
    except Invalid as error:
        assert error.problems
        assert all(problem.message and problem.line for problem in error.problems)
        return None


@patiently
@given(st.data())
def test_any_value_in_any_place(data: st.DataObject) -> None:
    damaged = deepcopy(DOCUMENT)
    for _ in range(data.draw(st.integers(1, 3))):
        container, step = data.draw(st.sampled_from(list(places(damaged))))
        container[step] = data.draw(json_values)
    read(json.dumps(damaged, ensure_ascii=data.draw(st.booleans())))


@pytest.mark.parametrize("number", range(len(GOOD.splitlines())))
def test_any_line_lost(number: int) -> None:
    lines = GOOD.splitlines()
    del lines[number]
    read("\n".join(lines))


@patiently
@given(st.integers(0, len(GOOD)), st.text("\t\n -:#'\"{}[],&*!|>%@?\\\x00a1", max_size=4))
def test_any_typing_mistake(place: int, typed: str) -> None:
    read(GOOD[:place] + typed + GOOD[place:])


@patiently
@given(st.text())
def test_any_text(text: str) -> None:
    read(text)
