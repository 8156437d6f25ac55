"""The pictures of the Vietnamese methodology: drawn from the code, and all of them used."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from survey_app.estimation.simple_sample.proportion import estimate_proportion
from survey_app.reporting.formats import interval
from survey_app.sampling.size import required_size
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


def test_the_tables_of_the_methodology_are_computed(root: Path) -> None:
    text = (root / "docs" / "vi" / "phuong-phap.md").read_text()
    sizes = re.findall(r"^\| ([\d.]+)" + r" \| (\d+) \((\d+)\)" * 3, text, re.M)
    assert len(sizes) == 5
    for written, *cells in sizes:
        population = int(written.replace(".", ""))
        margins = (0.05, 0.075, 0.1)
        wanted = [required_size(margin, population=population) for margin in margins]
        both = [number for size in wanted for number in (size.n, size.ministry)]
        assert [int(cell) for cell in cells] == both
    rows = re.findall(r"^\| ([\d.]+) \| 80% \| ([\d,]+–[\d,]+%) \|", text, re.M)
    assert len(rows) == 5
    for written, bounds in rows:
        n = int(written.replace(".", ""))
        found = estimate_proportion(n * 4 // 5, n).interval
        assert found is not None
        assert interval(found) == bounds
