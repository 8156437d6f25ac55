"""The paper: its frame, its letters, its tags, its bytes, and that nothing leaves the page."""

import io
import re
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from survey_app.errors import Unavailable
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.reporting import formats
from survey_app.reporting.rendering import fonts, pdf
from survey_app.reporting.rendering.csv_file import render_csv
from survey_app.reporting.report import (
    ColumnKind,
    Facts,
    KeyFigures,
    Paragraphs,
    Quotes,
    Report,
    Table,
)
from survey_app.reporting.results.compose import compose_report
from tests.unit.reporting.examples import DATED, make_figures, make_withheld_figures


@pytest.fixture(scope="module")
def report():
    return compose_report(make_figures(), dated=DATED)


@pytest.fixture(scope="module")
def paper(report):
    return pdf.render_pdf(report)


def run(tool, paper, *options):
    done = subprocess.run([tool, *options, "-", "-"], input=paper, capture_output=True, check=True)
    return done.stdout.decode()


@pytest.fixture(scope="module")
def text(paper):
    return squeeze(run("pdftotext", paper, "-raw"))


def squeeze(text):
    """Without white space and case: line breaks and small capitals do not matter."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text)).casefold()


def strings(report: Report):
    """Every text the report has for people, page numbers and frame apart."""
    yield from (report.title, report.subtitle, report.letterhead.agency)
    for chapter in report.chapters:
        yield chapter.title
        for block in chapter.blocks:
            match block:
                case Paragraphs() | Quotes():
                    yield from block.texts
                case Facts():
                    yield from (text for pair in block.pairs for text in pair)
                case KeyFigures():
                    for item in block.figures:
                        yield from (item.label, formats.cell(item.cell), item.note)
                case Table():
                    yield from table_strings(block)


def table_strings(table):
    yield from (table.caption, table.description)
    yield from (column.heading for column in table.columns)
    for row in table.rows:
        for column, value in zip(table.columns, row.cells, strict=True):
            if column.kind is not ColumnKind.DRAWING:
                yield formats.cell(value)


def without_page_seams(text):
    """The extracted text where a paragraph runs over a page: footer and page number go."""
    footer = squeeze("DỮ LIỆU MINH HỌA – không có giá trị sử dụng")
    return re.sub(re.escape(footer) + r"\f?\d*", "", text)


def test_every_string_can_be_read_back(report, text):
    plain = without_page_seams(text)
    lost = [s for s in strings(report) if squeeze(s) not in plain]
    assert lost == []


def test_rows_read_as_rows(report, paper):
    lines = [squeeze(line) for line in run("pdftotext", paper, "-layout").splitlines()]
    for row in report.table("modes").rows:
        assert squeeze("".join(formats.cell(c) for c in row.cells)) in lines


def test_frame_of_an_official_paper(text):
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Ủy ban nhân dân xã Cư Kuin",
        "/BC-UBND",
        "Cư Kuin, ngày 06 tháng 7 năm 2026",
        "BÁO CÁO",
        "I. Thông tin chung về cuộc khảo sát",
        "VI. Ghi chú phương pháp",
        "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH",
        "Nơi nhận:",
        "- Lưu: VT.",
    ):
        assert squeeze(words) in text, words


def test_a4_pages_numbered_in_the_top_margin_from_the_second(paper):
    reader = pypdf.PdfReader(io.BytesIO(paper))
    for page in reader.pages:
        assert float(page.mediabox.width) == pytest.approx(595.28, abs=0.1)
        assert float(page.mediabox.height) == pytest.approx(841.89, abs=0.1)
    heads = [page_words(page)[0] for page in pages(paper)]
    assert not heads[0][4].isdigit()
    for number, (left, top, right, _, word) in enumerate(heads[1:], 2):
        assert word == str(number)
        assert top < 62  # 22 mm
        assert 290 < (left + right) / 2 < 335  # centred between the margins


def pages(paper):
    return run("pdftotext", paper, "-bbox").split("<page ")[1:]


def page_words(page):
    pattern = r'xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)<'
    return sorted(
        ((*map(float, m[:4]), m[4]) for m in re.findall(pattern, page)), key=lambda w: w[1]
    )


def test_nothing_leaves_the_type_area(paper):
    mm = 72 / 25.4
    for page in pages(paper):
        for left, top, right, bottom, word in page_words(page):
            assert left >= 23 * mm and right <= 193 * mm, word
            assert top >= 5 * mm and bottom <= 292 * mm, word


def test_archivable_and_tagged(paper):
    reader = pypdf.PdfReader(io.BytesIO(paper))
    root = reader.root_object
    assert root["/Lang"] == "vi"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in xmp and 'pdfaid:conformance="A"' in xmp
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert reader.trailer["/ID"]
    assert reader.metadata.title.startswith("Kết quả khảo sát")
    assert reader.metadata.author == "Ủy ban nhân dân xã Cư Kuin"


def test_structure_names_tables_rows_heads_and_figures(report, paper):
    root = pypdf.PdfReader(io.BytesIO(paper)).root_object["/StructTreeRoot"]
    found = list(elements(root["/K"]))
    kinds = [element["/S"] for element in found]
    # Ten tables and the facts; a table that runs over a page is one element on each.
    assert kinds.count("/Table") >= len(report.tables) + 1
    assert kinds.count("/H2") == len(report.chapters)
    assert kinds.count("/TR") > sum(len(t.rows) for t in report.tables)
    heads = {str(e["/ID"]) for e in found if e["/S"] == "/TH"}
    cells = [[str(head) for head in e["/A"]["/Headers"]] for e in found if e["/S"] == "/TD"]
    assert all(set(named) <= heads for named in cells)
    assert sum(len(named) == 2 for named in cells) > len(cells) * 0.9  # its row and its column
    figures = [element for element in found if element["/S"] == "/Figure"]
    assert len(figures) > 50
    assert all(element.get("/Alt") for element in figures)


def elements(kids):
    kids = kids.get_object()
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from elements(kid["/K"]) if "/K" in kid else ()


def test_bookmarks_are_the_chapters(report, paper):
    outline = pypdf.PdfReader(io.BytesIO(paper)).outline
    numbered = enumerate(report.chapters, 1)
    expected = [f"{formats.roman(n)}. {chapter.title}" for n, chapter in numbered]
    assert [item["/Title"] for item in outline] == expected


def test_figures_are_attached(report, paper):
    reader = pypdf.PdfReader(io.BytesIO(paper))
    assert reader.attachments[f"{report.file_stem}.csv"] == [render_csv(report)]
    relationships = [f.get_object().get("/AFRelationship") for f in reader.root_object["/AF"]]
    assert relationships == ["/Data"]


def test_whole_fonts_of_one_family(paper):
    done = subprocess.run(["pdffonts", "-"], input=paper, capture_output=True, check=True)
    lines = done.stdout.decode().splitlines()[2:]
    assert 3 <= len(lines) <= 4
    assert all("+Liberation-Serif-2" in line and " yes yes yes " in line for line in lines)


def test_same_bytes_twice(paper):
    again = compose_report(make_figures(), dated=DATED)
    assert pdf.render_pdf(again) == paper
    assert pdf.PdfRenderer().render(again) == paper


def test_demo_is_marked_on_every_page(report, paper):
    for page in paper_pages(paper):
        assert "DỮ LIỆU MINH HỌA" in page
    real = compose_report(make_figures(is_demo=False), dated=DATED)
    assert "MINH HỌA" not in "".join(paper_pages(pdf.render_pdf(real)))


def paper_pages(paper):
    return [page for page in run("pdftotext", paper).split("\f") if page.strip()]


def test_withheld_paper_gives_no_figure():
    paper = pdf.render_pdf(compose_report(make_withheld_figures(), dated=DATED))
    assert "Trên đây là báo cáo" in paper_pages(paper)[-1]  # the signature is never alone
    text = run("pdftotext", paper)
    assert "Chưa đủ phiếu" in text
    assert not re.search(r"\d\s*%", text)
    assert "Một ý kiến" not in text


@pytest.mark.parametrize(
    "comment",
    [
        "</li></ol><img src='http://example.com/x.png'/>",
        "&nbsp;&#0; ]]> <!--",
        "\x00\x0b\ud800\uffff",
    ],
)
def test_comments_are_never_markup(comment):
    figures = make_figures(comments=(comment, "sau đó"))
    paper = pdf.render_pdf(compose_report(figures, dated=DATED))
    text = squeeze(run("pdftotext", paper, "-raw"))
    visible = re.sub("[\x00-\x1f\ud800-\udfff\uffff]", "", comment)
    assert squeeze(visible) in text and squeeze("sau đó") in text


def test_a_long_comment_and_a_long_word_stay_inside():
    figures = make_figures(comments=("x" * 900, "dài " * 900))
    test_nothing_leaves_the_type_area(pdf.render_pdf(compose_report(figures, dated=DATED)))


@pytest.mark.parametrize("n", [5, 21, 12_000])
def test_any_size_of_survey_fits(n):
    test_nothing_leaves_the_type_area(pdf.render_pdf(compose_report(make_figures(n), dated=DATED)))


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_fits_its_cells(reason):
    missing = Estimate.missing(reason)
    figures = make_figures(comments=())
    factors = tuple(
        replace(
            f,
            index=missing,
            mean=missing,
            criteria=tuple(replace(c, satisfied=missing, mean=missing) for c in f.criteria),
        )
        for f in figures.factors
    )
    report = compose_report(replace(figures, factors=factors), dated=DATED)
    test_nothing_leaves_the_type_area(pdf.render_pdf(report))


def test_a_title_breaks_before_the_unit(paper):
    lines = [line.strip() for line in run("pdftotext", paper, "-layout").splitlines()]
    assert "tại xã Cư Kuin" in lines


def test_no_row_stands_alone_at_a_turn_of_the_page(report, paper):
    """A table that runs over has two rows at least under every head and on its last page."""
    root = pypdf.PdfReader(io.BytesIO(paper)).root_object["/StructTreeRoot"]
    tables = [e for e in elements(root["/K"]) if e["/S"] == "/Table"]
    sizes = [sum(e["/S"] == "/TR" for e in elements(table["/K"])) for table in tables]
    assert len(sizes) > len(report.tables) + 1  # some table does run over
    assert min(sizes) >= 3  # its head and two rows


def test_nothing_but_our_fonts_is_fetched():
    fetcher = pdf.OurFontsOnly(fonts.find_fonts())
    for url in ("file:///etc/passwd", "http://example.com/", "hai-long-font:../x", "data:,x"):
        with pytest.raises(BaseException, match="fetches nothing"):
            fetcher.fetch(url)


def test_missing_fonts_name_the_package(tmp_path: Path):
    with pytest.raises(Unavailable, match=r"chưa được cài đặt.*fonts-liberation2"):
        fonts.find_fonts((tmp_path,))


def test_fonts_without_vietnamese_are_refused(tmp_path: Path):
    for face in fonts.FACES:
        (tmp_path / face.file).write_bytes(b"no font at all")
    with pytest.raises(Unavailable, match=r"bản cũ.*fonts-liberation2"):
        fonts.find_fonts((tmp_path,))


def test_the_whole_alphabet_is_asked_for():
    letters = fonts.vietnamese_letters()
    assert len(set(letters)) == 146
    assert "ệ" in letters and "Ữ" in letters and "Đ" in letters
    assert fonts.missing([ord("a")], "aế") == "ế"
