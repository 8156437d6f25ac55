"""What is put on record can be read: every field and every code in an entry has its words.

That every action has, ``test_glossary`` asks.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from survey_app.i18n import interface_languages
from survey_app.operations.access.api_keys import KeyScope
from survey_app.operations.access.rights import AccountRole
from survey_app.operations.audit.entries import SUBJECT_KINDS
from survey_app.operations.fieldwork.surveys import SurveyStatus
from survey_app.operations.fieldwork.ways import Way
from survey_app.reporting.records.audit_words import ACTIONS, FIELDS, KINDS, VALUES
from survey_app.reporting.records.code_words import told_by_code
from survey_app.unit_import import KINDS as UNIT_KINDS

RECORDING = {"record", "note", "note_in", "note_taken", "changed", "snapshot"}
#: Both sides of a change, the survey itself among its units, and what a recording function prints.
NO_FIELDS = {"from", "to", "", "url"}


def test_every_field_on_record_has_words(trees: dict[Path, ast.Module]) -> None:
    used = {name for tree in trees.values() for name in fields_in(tree)}
    assert {"issuer", "idle_seconds", "place"} <= used  # else nothing is compared
    assert used - FIELDS.keys() - NO_FIELDS == set()


@pytest.mark.parametrize(
    ("field", "codes"),
    [
        ("role", AccountRole),
        ("roles", AccountRole),
        ("scopes", KeyScope),
        ("ways", Way),
        ("kind", UNIT_KINDS),
        ("languages", interface_languages()),
    ],
)
def test_every_code_on_record_has_words(field: str, codes: Iterable[str]) -> None:
    assert [code for code in codes if told_by_code(field, code) == (code,)] == []


def test_every_kind_of_thing_on_record_has_words() -> None:
    openings = {action.partition(".")[0] for action in ACTIONS}
    assert {SUBJECT_KINDS.get(opening, opening) for opening in openings} - {""} <= KINDS.keys()


def test_every_status_on_record_has_words() -> None:
    assert set(SurveyStatus) <= VALUES.keys()


def fields_in(tree: ast.Module) -> Iterator[str]:
    """What the functions that record something name in dictionaries and snapshots."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and RECORDING & set(called_in(function)):
            for node in ast.walk(function):
                yield from named_fields(node, tree)


def named_fields(node: ast.AST, tree: ast.Module) -> Iterator[str]:
    match node:
        case ast.Dict(keys=keys):
            yield from texts_of(keys)
        case ast.Call(func=ast.Name(id="snapshot"), args=[_, *fields]):
            yield from texts_of(fields)
            for field in fields:
                yield from texts_of(row_of(field, tree))


def row_of(value: ast.expr, tree: ast.Module) -> list[ast.expr]:
    """The row of names that stands behind *NAMES, where this module sets it."""
    for node in tree.body:
        match node, value:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Tuple(elts=row)),
                ast.Starred(value=ast.Name(id=wanted)),
            ) if name == wanted:
                return row
    return []


def called_in(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def texts_of(nodes: Iterable[ast.expr | None]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
