"""Typed keys mean the same in the browser and on the server."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from survey_app.questionnaire.definition import (
    LocalText,
    Option,
    Question,
    QuestionKind,
    Role,
)
from survey_app.questionnaire.keying import answer_keys, read_keys

TEXT = LocalText({"vi": "…"})
#: Codes of answers: keys 1, 2, 3; keys that are codes; two digits; letters among numbers.
CODES = (
    ("faster", "simpler", "online"),
    ("0", "1", "many"),
    tuple(f"c{number}" for number in range(1, 13)),
    ("1", "2", "4-or-more"),
)
TYPED = (
    "",
    " ",
    "1",
    "2",
    "3",
    "0",
    "9",
    "12",
    "13",
    "1 3",
    "1,3",
    "3;1",
    "11",
    "na",
    "NA",
    "many",
)
TYPED += ("1 11", "0 1", "1-3", "x", "113", "-1", "007", "4-or-more", "1 2 3 4")


def make(kind: QuestionKind, codes: tuple[str, ...], not_applicable: bool) -> Question:
    options = () if kind is QuestionKind.NUMBER else tuple(Option(code, TEXT) for code in codes)
    return Question("q", kind, Role.CONTEXT, TEXT, options=options, not_applicable=not_applicable)


def on_server(question: Question, typed: str) -> list[str] | None:
    """The codes, None where the keys are not the question's; a number stands for itself."""
    found = read_keys(question, typed)
    return found if found is None or isinstance(found, list) else [found] if found else []


@pytest.mark.parametrize("not_applicable", [True, False])
def test_keys_are_read_alike(new_page: Callable[..., Page], not_applicable: bool) -> None:
    page = new_page()
    page.goto("/sign-in")
    kinds = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.NUMBER)
    questions = [make(*made, not_applicable) for made in itertools.product(kinds, CODES)]
    cases: list[dict[str, Any]] = [
        {
            "typed": typed,
            "kind": question.kind.value,
            "codes": {key: [code, code] for code, key in answer_keys(question).items()},
            "most": 0,
        }
        for question in questions
        for typed in TYPED
    ]
    script = """async (cases) => {
        const { readKeys } = await import("/static/js/keys.js");
        return JSON.parse(cases).map((given) => readKeys(given.typed, given));
    }"""
    found = page.evaluate(script, json.dumps(cases))
    pairs = itertools.product(questions, TYPED)
    for (question, typed), read in zip(pairs, found, strict=True):
        wanted = on_server(question, typed)
        about = f"{question.kind} {list(answer_keys(question).values())} {typed!r}"
        if wanted is None:
            # The browser waits where a longer key may follow; the server is asked at the end.
            is_begun = not read["isComplete"] and not read["isUnknown"]
            assert read["isUnknown"] or is_begun, about
        elif question.kind is QuestionKind.NUMBER and not typed.strip().lstrip("-").isdecimal():
            assert read["isUnknown"] or read["codes"] == wanted, about
        else:
            assert read["codes"] == wanted, about
            assert not read["isUnknown"], about
