"""Slips and posters as PDF: tagged, in the house's fonts, readable squares, nothing cut off."""

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import segno
from PIL import Image

from survey_app.reporting.fieldwork.invitations import (
    SLIPS_A_PAGE,
    Poster,
    Slip,
    code_groups,
    render_posters,
    render_slips,
)
from survey_app.reporting.rendering.qr import QUIET_ZONE

LAST_DAY = date(2026, 12, 31)
PLAIN = {"is_demo": False, "has_english": False}
DEMO = {"is_demo": True, "has_english": True}
LONG = (
    "Trung tâm Phục vụ hành chính công và Kiểm soát thủ tục hành chính thuộc Văn phòng "
    "Ủy ban nhân dân tỉnh Bà Rịa – Vũng Tàu"
)
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """run(document, program, *options): what a program of poppler says of a PDF."""

    def call(document: bytes, *command: str) -> str:
        paper = tmp_path / "paper.pdf"
        paper.write_bytes(document)
        program, *options = command
        more = ["-"] if program == "pdftotext" else []
        done = subprocess.run(
            [program, *options, paper, *more], capture_output=True, text=True, check=True
        )
        return done.stdout

    return call


def slip(number: int, **changes: str) -> Slip:
    code = f"ABCDEFGHJ{number:04}".replace("0", "X").replace("1", "Y")
    words = {
        "agency": "Ủy ban nhân dân phường Bình Minh",
        "place": "Bộ phận Một cửa",
        "code": code,
        "address": f"https://khaosat.example/s/{code}",
    }
    return Slip(**(words | changes), expires_on=LAST_DAY)


def test_ten_slips_on_a_page_each_with_its_dossier(run: Run) -> None:
    slips = [slip(n, dossier=f"H00.21-260105-{n:04}") for n in range(SLIPS_A_PAGE + 3)]
    paper = render_slips(slips, title="Phiếu mời", **PLAIN)
    facts = run(paper, "pdfinfo")
    assert "Tagged:          yes" in facts
    assert "Pages:           2" in facts
    assert "Title:           Phiếu mời" in facts
    fonts = [line.split()[0] for line in run(paper, "pdffonts").splitlines()[2:]]
    assert fonts
    assert all("Liberation-Serif" in name for name in fonts)
    for page, expected in (("1", slips[:10]), ("2", slips[10:])):
        text = run(paper, "pdftotext", "-f", page, "-l", page, "-layout")
        for one in expected:
            assert one.dossier in text
            assert " ".join(code_groups(one.code)) in text
        assert text.count("Dùng một lần, đến hết 31/12/2026") == len(expected)
    assert not {"MINH", "Please"} & set(run(paper, "pdftotext").split())


def test_a_slip_with_long_words_still_says_how_to_answer(run: Run) -> None:
    dossier = "000.00.12.H26-260105-0001-DATDAI-CHUYENMUCDICH-001"
    words = {"agency": LONG, "place": LONG, "dossier": dossier, "label": LONG[:80]}
    slips = [slip(n, **words) for n in range(SLIPS_A_PAGE)]
    paper = render_slips(slips, title="Phiếu mời", **DEMO)
    assert "Pages:           1" in run(paper, "pdfinfo")
    text = " ".join(run(paper, "pdftotext").split())
    for one in slips:
        assert " ".join(code_groups(one.code)) in text
    assert text.count("No name asked.") == text.count("DỮ LIỆU MINH HỌA") == SLIPS_A_PAGE


def test_the_painted_square_is_the_code_of_the_address(tmp_path: Path) -> None:
    """Module by module, on a picture of the page as it leaves the printer."""
    slips = [slip(n) for n in range(SLIPS_A_PAGE)]
    paper = tmp_path / "slips.pdf"
    paper.write_bytes(render_slips(slips, title="Phiếu mời", **PLAIN))
    command = ["pdftoppm", "-r", "254", "-gray", "-png", "-singlefile"]  # 10 pixels a millimetre
    subprocess.run([*command, paper, tmp_path / "page"], check=True)
    page = Image.open(tmp_path / "page.png").convert("L")
    for place, one in enumerate(slips):
        matrix = [list(row) for row in segno.make(one.address, error="m", micro=False).matrix]
        row, column = divmod(place, 2)
        left, top = 100 + 950 * column + 15.9, 100 + 554 * row + 100.9
        module = 330 / (len(matrix) + 2 * QUIET_ZONE)
        seen = [
            [
                page.getpixel(
                    (
                        int(left + (x + QUIET_ZONE + 0.5) * module),
                        int(top + (y + QUIET_ZONE + 0.5) * module),
                    )
                )
                < 128
                for x in range(len(matrix))
            ]
            for y in range(len(matrix))
        ]
        assert seen == [[bool(dark) for dark in line] for line in matrix], place


def test_a_slip_cannot_bring_markup_along(run: Run) -> None:
    hostile = slip(1, dossier="<img src='file:///etc/passwd'/>", label="&lt;b> \x01")
    text = run(render_slips([hostile], title="<b>", **PLAIN), "pdftotext")
    assert "<img" in text


def test_a_poster_for_every_place(run: Run) -> None:
    posters = [
        Poster(LONG, "Quầy số 1", code, f"https://khaosat.example/s/{code}", LAST_DAY, LAST_DAY)
        for code in ("K7Q4MZ2P", "ABCDEFGH")
    ]
    paper = render_posters(posters, title="Áp phích", **DEMO)
    assert "Pages:           2" in run(paper, "pdfinfo")
    text = " ".join(run(paper, "pdftotext", "-f", "1", "-l", "1").split())
    for words in (LONG, "K7Q4 MZ2P", "khaosat.example", "DỮ LIỆU MINH HỌA", "Please rate"):
        assert words in text


def test_the_same_slips_are_the_same_paper() -> None:
    papers = {render_slips([slip(1)], title="Phiếu mời", **PLAIN) for _ in range(2)}
    assert len(papers) == 1
