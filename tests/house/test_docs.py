"""The documents: what they promise is there, and what is there they mention."""

import ast
import re
from pathlib import Path
from types import ModuleType

import pytest

READMES = ("README.md", "README.vi.md")
SETTING = re.compile(r"HAILONG_[A-Z_]+|DATABASE_URL|SECRET_KEY")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


def commands_of(dev: ModuleType) -> set[str]:
    return set(re.findall(r"\./dev ([a-z]+)", dev.__doc__ or ""))


@pytest.mark.parametrize("name", READMES)
def test_commands_of_the_readmes_exist(name: str, root: Path, dev: ModuleType) -> None:
    promised = set(re.findall(r"\./dev ([a-z]+)", (root / name).read_text()))
    assert {"run", "test"} <= promised <= commands_of(dev)


def test_dev_offers_every_agreed_command(dev: ModuleType) -> None:
    assert {"run", "test", "setup", "lint", "demo", "bench"} <= commands_of(dev)


def test_the_check_command_runs_every_linter(dev: ModuleType) -> None:
    tools = [command[0] for command in dev.CHECKS.values()]
    assert tools == ["ruff", "ruff", "mypy", "lint-imports"]


def test_every_setting_is_explained(root: Path) -> None:
    source = ast.parse((root / "survey_app" / "config.py").read_text())
    texts = [node.value for node in ast.walk(source) if isinstance(node, ast.Constant)]
    settings = {text for text in texts if isinstance(text, str) and SETTING.fullmatch(text)}
    example = (root / ".env.example").read_text()
    explained = re.findall(r"^#?\s?([A-Z_]+)=", example, re.MULTILINE)
    assert settings == set(explained)


def test_the_map_shows_every_room(root: Path) -> None:
    entries = (root / "survey_app").iterdir()
    rooms = {
        path.stem for path in entries if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    readme = (root / "README.md").read_text()
    shown = set(re.findall(r"`([a-z0-9_]+)`", readme))
    assert rooms - shown - {"__init__"} == set()


def test_every_decision_has_its_four_parts(root: Path) -> None:
    for path in sorted((root / "docs" / "decisions").glob("*.md")):
        headings = re.findall(r"^## (\w+)", path.read_text(), re.MULTILINE)
        assert {"Status", "Context", "Decision", "Consequences"} <= set(headings), path.name


def test_decisions_are_numbered_without_gap_or_twin(root: Path) -> None:
    names = sorted(path.name for path in (root / "docs" / "decisions").glob("*.md"))
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]


def test_links_between_documents_lead_somewhere(root: Path, texts: dict[Path, str]) -> None:
    broken = [
        f"{path}: {target}"
        for path, text in texts.items()
        if path.suffix == ".md"
        for target in LINK.findall(text)
        if not (root / path.parent / target.strip()).exists()
    ]
    assert broken == []
