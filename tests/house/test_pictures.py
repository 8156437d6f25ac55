"""The pictures of the Vietnamese methodology: drawn from the code, and all of them used."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.pictures.draw import PICTURES

PICTURE = re.compile(r"!\[([^\]]+)\]\(([\w-]+)\.svg\)")


@pytest.mark.parametrize("name", PICTURES)
def test_a_committed_picture_is_what_the_code_draws(name: str, root: Path) -> None:
    committed = (root / "docs" / "vi" / f"{name}.svg").read_text(encoding="utf-8")
    drawn = PICTURES[name]()
    assert committed == drawn, "python -m tests.pictures.draw"
    picture = ElementTree.fromstring(drawn)
    assert picture[0].text, "a picture has a title"


def test_the_methodology_shows_every_picture_with_words_for_it(root: Path) -> None:
    shown = PICTURE.findall((root / "docs" / "vi" / "phuong-phap.md").read_text())
    assert sorted(name for _, name in shown) == sorted(PICTURES)
    assert all(len(words) > 40 for words, _ in shown)
    drawn = {path.stem for path in (root / "docs" / "vi").glob("*.svg")}
    assert drawn == set(PICTURES)
