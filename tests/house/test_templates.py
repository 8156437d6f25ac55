"""The templates: every one compiles, and none needs what the content security policy forbids."""

import re
from pathlib import Path

from jinja2 import Environment

FORBIDDEN = {
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "inline event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "script address": re.compile(r"""=\s*["']\s*javascript:""", re.IGNORECASE),
    "address of another site": re.compile(r"""\b(?:src|href)\s*=\s*["'](?:https?:)?//""", re.I),
}


def templates(texts: dict[Path, str]) -> dict[Path, str]:
    return {
        path: text
        for path, text in texts.items()
        if path.parts[0] == "survey_app" and "templates" in path.parts
    }


def is_page(path: Path) -> bool:
    """A browser shows it; what goes on paper knows no content security policy."""
    return path.suffix in {".html", ".svg"} and not path.name.startswith("paper")


def test_there_are_templates(texts: dict[Path, str]) -> None:
    rooms = {path.parts[1] for path in templates(texts)}
    assert {"web", "reporting"} <= rooms


def test_every_template_compiles(texts: dict[Path, str]) -> None:
    environment = Environment(autoescape=True)
    for path, text in templates(texts).items():
        environment.parse(text, filename=str(path))


def test_every_page_of_the_office_names_its_entry_in_the_navigation(
    texts: dict[Path, str],
) -> None:
    found = templates(texts)
    layout = next(text for path, text in found.items() if path.name == "office_page.html")
    known = set(re.findall(r'^  \("[\w.]+", "[^"]+", "(\w+)"\),$', layout, re.MULTILINE))
    assert {"results", "files"} <= known
    without = {"auth", "errors"}
    for path, text in found.items():
        if '{% extends "layouts/office_page.html" %}' in text and path.parts[-2] not in without:
            named = re.findall(r"{% block section %}(\w*){% endblock %}", text)
            assert len(named) == 1, path
            assert set(named) <= known, path


def test_no_template_needs_what_the_policy_forbids(texts: dict[Path, str]) -> None:
    found = [
        f"{path}: {what}: {match.group().strip()[:60]}"
        for path, text in templates(texts).items()
        if is_page(path)
        for what, pattern in FORBIDDEN.items()
        for match in [pattern.search(text)]
        if match
    ]
    assert found == []
