"""The tree: what may stand at the top, how long a file may be, and what no file may say."""

import ast
import re
import unicodedata
from pathlib import Path

TOP_LEVEL = {
    ".ci",
    ".env.example",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "NOTICE",
    "README.md",
    "README.vi.md",
    "deploy",
    "dev",
    "docs",
    "migrations",
    "pyproject.toml",
    "questionnaires",
    "requirements-dev.txt",
    "requirements.txt",
    "survey_app",
    "tests",
    "wsgi.py",
}
LONGEST_MODULE = 450
BINARY_FILES = {".docx", ".ico", ".png", ".ttf", ".woff2", ".xlsx"}

# Put together from pieces, so that this file does not say what it forbids.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
REGISTRIES = re.compile("pypi" r"\.org|python" r"hosted|npm" r"js\.(org|com)|index" "-url = ")
MACHINE_PATHS = re.compile(r"(?<![\w.:/-])/" r"(work|root|home/\w+)/")


def saying(pattern: re.Pattern[str], texts: dict[Path, str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_only_agreed_entries_stand_at_the_top(tree: list[Path]) -> None:
    assert {path.parts[0] for path in tree} - TOP_LEVEL == set()


def test_modules_stay_short(modules: dict[Path, str]) -> None:
    lengths = {
        path: text.count("\n")
        for path, text in modules.items()
        if path.parts[0] in {"survey_app", "tests"}
    }
    assert {path: n for path, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_every_module_says_what_it_is(modules: dict[Path, str]) -> None:
    def is_silent(path: Path, source: str) -> bool:
        may_be_empty = path.parts[0] == "tests" and not source.strip()
        return not may_be_empty and not ast.get_docstring(ast.parse(source))

    assert [str(path) for path, source in modules.items() if is_silent(path, source)] == []


def test_nothing_is_left_unfinished(texts: dict[Path, str]) -> None:
    assert saying(UNFINISHED, texts) == []


def test_no_registry_address(texts: dict[Path, str]) -> None:
    assert saying(REGISTRIES, texts) == []


def test_requirements_hold_no_address_at_all(texts: dict[Path, str]) -> None:
    requirements = {path: text for path, text in texts.items() if "requirements" in path.name}
    assert len(requirements) >= 3
    assert saying(re.compile("://"), requirements) == []


def test_no_path_of_one_machine(texts: dict[Path, str]) -> None:
    assert saying(MACHINE_PATHS, texts) == []


def test_texts_are_composed_unicode(texts: dict[Path, str]) -> None:
    decomposed = [
        f"{path}:{number}"
        for path, text in texts.items()
        if not unicodedata.is_normalized("NFC", text)
        for number, line in enumerate(text.splitlines(), 1)
        if not unicodedata.is_normalized("NFC", line)
    ]
    assert decomposed == []


def test_binary_files_are_pictures_fonts_or_office_files(
    tree: list[Path], texts: dict[Path, str]
) -> None:
    binaries = [path for path in tree if path not in texts]
    assert [str(path) for path in binaries if path.suffix not in BINARY_FILES] == []


def test_commands_can_be_executed(root: Path) -> None:
    for name in ("dev", ".ci/run"):
        assert (root / name).stat().st_mode & 0o111, f"{name} is not executable"
