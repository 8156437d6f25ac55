"""The words: the glossary speaks as the product does, and every action on record has its name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_app.reporting.records.audit_words import ACTIONS

TERM = re.compile(r"^\| ([^|]+) \| `([\w.]+)` \|", re.MULTILINE)
#: Function → place of the action among its arguments.
RECORDERS = {
    "record": 1,
    "recorded": 1,
    "note": 0,
    "note_in": 1,
    "note_taken": 0,
    "_record": 0,
    "_put_on_record": 1,
}

#: Words that the product no longer uses, each beside the one it does use.
FORMER = {
    "đợt khảo sát": "cuộc khảo sát",
    "quản trị viên": "người quản trị",
    "điểm trung bình": "điểm bình quân quy đổi",
    "phương thức thu thập": "hình thức trả lời",
    "cách thu thập": "hình thức trả lời",
    "mã một lần": "mã dùng một lần",
    "sách nhiễu": "phiền hà, chi phí ngoài quy định",
    "tỷ lệ có phiếu": "phiếu trên hồ sơ",
    "tỷ lệ phản hồi": "phiếu trên hồ sơ",
    "tỷ lệ trả lời": "phiếu trên hồ sơ",
}


@pytest.fixture(scope="module")
def glossary(root: Path) -> list[tuple[str, str]]:
    return TERM.findall((root / "docs" / "glossary.md").read_text())


@pytest.fixture(scope="module")
def product(texts: dict[Path, str]) -> dict[Path, str]:
    """What the product says to people, in lower case."""
    return {
        path: text.lower()
        for path, text in texts.items()
        if path.parts[0] in {"survey_app", "questionnaires"} or path.name == "README.vi.md"
    }


def test_every_line_of_the_tables_is_read(root: Path, glossary: list[tuple[str, str]]) -> None:
    rows = re.findall(r"^\| (?!Tiếng Việt)", (root / "docs" / "glossary.md").read_text(), re.M)
    assert len(glossary) == len(rows) > 30
    terms = [term for term, _ in glossary]
    assert sorted(set(terms)) == sorted(terms)


def test_the_product_says_every_term(
    glossary: list[tuple[str, str]], product: dict[Path, str]
) -> None:
    said = " ".join(product.values())
    assert [term for term, _ in glossary if term not in said] == []


def test_every_name_of_the_glossary_is_in_the_code(
    glossary: list[tuple[str, str]], trees: dict[Path, ast.Module]
) -> None:
    known = {name for tree in trees.values() for name in names_of(tree)}
    assert [name for _, name in glossary if name not in known] == []


def test_one_thing_has_one_name(product: dict[Path, str]) -> None:
    found = [f"{path}: {word}" for path, text in product.items() for word in FORMER if word in text]
    assert found == []


def test_every_action_on_record_has_words(trees: dict[Path, ast.Module]) -> None:
    used = {action for tree in trees.values() for action in actions_in(tree)}
    assert used == set(ACTIONS)


def names_of(tree: ast.Module) -> Iterator[str]:
    """Names that a module defines: "Role", "Role.CRITERION", "fingerprint"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{name}" for line in node.body for name in named(line))
        yield from named(node)


def named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def actions_in(tree: ast.Module) -> Iterator[str]:
    """What is handed to record(…) and note(…), a variable followed to where it is set."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        parameters = {argument.arg for argument in function.args.args}
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                place = RECORDERS.get(call.func.id)
                if place is not None and len(call.args) > place:
                    yield from strings(call.args[place], function, parameters)


def strings(value: ast.expr, function: ast.FunctionDef, parameters: set[str]) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from strings(value.body, function, parameters)
            yield from strings(value.orelse, function, parameters)
        case ast.Name(id=name) if name in parameters:
            return  # the callers say it
        case ast.Name(id=name):
            for line in ast.walk(function):
                if isinstance(line, ast.Assign) and name in named(line):
                    yield from strings(line.value, function, parameters)
        case _:
            raise AssertionError(f"an action must be readable: {ast.unparse(value)}")
