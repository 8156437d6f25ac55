"""Report → PDF: an official paper (NĐ 30/2020/NĐ-CP), tagged, archivable, the same bytes twice."""

import gc
import hashlib
import io
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from xml.etree import ElementTree

import cssselect2
import pydyf
from markupsafe import Markup, escape
from weasyprint import CSS, HTML, Attachment
from weasyprint.css import ColorProfile
from weasyprint.document import Document, Page
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from survey_app.clock import start_of
from survey_app.reporting import charts
from survey_app.reporting.rendering import markup
from survey_app.reporting.rendering.csv_file import render_csv
from survey_app.reporting.rendering.fonts import find_fonts, font_face_rules
from survey_app.reporting.report import Bar, Report

#: Archivable with attachments (PDF/A-3) and tagged for readers (level A).
VARIANT = "pdf/a-3a"

_FONT_PREFIX = "hai-long-font:"
_COLOURS = "sRGB"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def render_pdf(report: Report) -> bytes:
    """The report on A4, with its figures attached as CSV."""
    return renderer().render(report)


@cache
def renderer() -> "PdfRenderer":
    """The one renderer of this process: fonts and style sheet are read once."""
    return PdfRenderer()


class OurFontsOnly(URLFetcher):  # type: ignore[misc]
    """Serves the four fonts and nothing else: no network, no files."""

    def __init__(self, fonts: dict[str, bytes]) -> None:
        super().__init__()
        self._fonts = fonts

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002
        name = url.removeprefix(_FONT_PREFIX)
        if not url.startswith(_FONT_PREFIX) or name not in self._fonts:
            raise FatalURLFetchingError(f"a paper fetches nothing: {url[:80]}")
        return URLFetcherResponse(url, self._fonts[name], {"Content-Type": "font/ttf"})


class Painted:
    """A drawing that WeasyPrint places like an image and that paints itself as PDF operators.

    It costs a fraction of the same drawing as SVG. The protocol (``get_intrinsic_size``,
    ``draw``) is WeasyPrint's own for images.
    """

    def __init__(self, rectangles: tuple[charts.Rectangle, ...]) -> None:
        self._rectangles = rectangles

    def get_intrinsic_size(self, _resolution: float, _font_size: float) -> tuple[float, ...]:
        return charts.WIDTH, charts.HEIGHT, charts.WIDTH / charts.HEIGHT

    def draw(self, stream, width: float, height: float, _style) -> None:  # type: ignore[no-untyped-def]
        """Paint into the box of ``width`` × ``height`` CSS pixels."""
        across, down = width / charts.WIDTH, height / charts.HEIGHT
        with stream.stacked():
            for r in self._rectangles:
                stream.set_color_rgb(*charts.rgb(r.colour))
                stream.rectangle(r.x * across, r.y * down, r.width * across, r.height * down)
                stream.fill()


class Canvas:
    """The drawings of one paper, by the address its images carry."""

    def __init__(self) -> None:
        self.images: dict[str, Painted] = {}

    def draw(self, bar: Bar) -> Markup:
        drawing = charts.draw(bar)
        return self._place(drawing.rectangles, drawing.text)

    def swatch(self, colour: str) -> Markup:
        frame = charts.Rectangle(0, 0, charts.WIDTH, charts.HEIGHT, charts.FRAME)
        inner = charts.Rectangle(70, 7, charts.WIDTH - 140, charts.HEIGHT - 14, colour)
        return self._place((frame, inner), "Màu của mức")

    def _place(self, rectangles: tuple[charts.Rectangle, ...], text: str) -> Markup:
        address = f"hai-long-drawing:{len(self.images)}"
        self.images[address] = Painted(rectangles)
        return Markup(f'<img src="{address}" alt="{escape(text)}"/>')  # noqa: S704


class Paper(HTML):  # type: ignore[misc]
    """A well-formed document read by expat: the HTML parser would cost ten times as much."""

    def __init__(self, text: str, fetcher: URLFetcher) -> None:
        # The text is made by our own templates; expat expands no external entity.
        root = ElementTree.fromstring(_NOT_XML.sub("", text))  # noqa: S314
        self.base_url = None
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:  # noqa: ARG002
        """None: paper.css says all there is to say of the few elements a paper has."""
        return []


class StandardColours(ColorProfile):  # type: ignore[misc]
    """sRGB, what an archived paper's colours mean: the file as it is.

    Left to itself, the colour library writes the profile anew with the time of day in it.
    """

    def __init__(self) -> None:
        self._file = (resources.files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
        channels = (["r"], ["g"], ["b"])
        super().__init__(io.BytesIO(self._file), "sRGB2014.icc", "relative-colorimetric", channels)

    @property
    def content(self) -> bytes:
        return self._file


class Written:
    """A PDF object with its bytes made once; pydyf would make (and compress) them twice."""

    free = "n"

    def __init__(self, source: pydyf.Object) -> None:
        self.number, self.generation = source.number, source.generation
        self.compressible = source.compressible
        self.data: bytes = source.data
        self.offset = 0

    @property
    def indirect(self) -> bytes:
        return b"%d %d obj\n%b\nendobj" % (self.number, self.generation, self.data)


def _write_once(_document: Document, pdf: pydyf.PDF) -> None:
    """WeasyPrint's hook before writing: every object made once, every attachment listed once."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    pdf.objects = [o if o.free == "f" else Written(o) for o in pdf.objects]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the cycle collector back for the fraction of a second a paper takes."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class PdfRenderer:
    """Fonts and style sheet, read once; papers one at a time (Pango's font map is shared)."""

    def __init__(self) -> None:
        self._fetcher = OurFontsOnly(find_fonts())
        self._font_config = FontConfiguration()
        self._css = self.style("paper.css")
        self._colours = StandardColours()
        self._lock = threading.Lock()

    def style(self, name: str) -> CSS:
        """A style sheet of this room, with the fonts of papers."""
        style = resources.files("survey_app.reporting") / "templates" / name
        return CSS(
            string=font_face_rules(_FONT_PREFIX) + style.read_text("utf-8"),
            font_config=self._font_config,
            url_fetcher=self._fetcher,
        )

    def render(self, report: Report) -> bytes:
        """The PDF of one report."""
        canvas = Canvas()
        text = paper_text(report, canvas)
        return self.write(text, self._css, canvas.images, [_attachment(report)])

    def write(
        self,
        text: str,
        style: CSS,
        images: Mapping[str, object],
        attachments: Sequence[Attachment] = (),
    ) -> bytes:
        """An archivable, tagged PDF of a well-formed text; ``images`` by the address they bear."""
        with self._lock, _no_collection():
            pdf: bytes = Paper(text, self._fetcher).write_pdf(
                stylesheets=[style],
                font_config=self._font_config,
                finisher=_write_once,
                cache=dict(images),
                attachments=list(attachments),
                pdf_variant=VARIANT,
                color_profiles={_COLOURS: self._colours},
                output_intent=_COLOURS,
                pdf_identifier=hashlib.sha256(text.encode()).digest()[:16],
            )
        return pdf

    def tag(self, text: str, style: CSS, images: dict[str, object]) -> bytes:
        """A PDF that readers can read aloud (PDF/UA-1): tagged, with language and title."""
        with self._lock, _no_collection():
            pdf: bytes = Paper(text, self._fetcher).write_pdf(
                stylesheets=[style],
                font_config=self._font_config,
                cache=images,
                pdf_variant="pdf/ua-1",
                pdf_identifier=hashlib.sha256(text.encode()).digest()[:16],
            )
        return pdf

    def paint(
        self,
        text: str,
        style: CSS,
        images: dict[str, object],
        arrange: Callable[[list[Page]], list[Page]],
        finish: Callable[[Document, pydyf.PDF], None],
    ) -> bytes:
        """A plain PDF to be printed: laid out once, painted as ``arrange`` orders its pages;
        ``finish`` has the last word before it is written."""
        with self._lock, _no_collection():
            paper = Paper(text, self._fetcher)
            document = paper.render(
                font_config=self._font_config, stylesheets=[style], cache=images
            )
            pages = arrange(document.pages)
            pdf: bytes = document.copy(pages).write_pdf(
                finisher=finish,
                pdf_identifier=hashlib.sha256(f"{len(pages)} {text}".encode()).digest()[:16],
            )
        return pdf


def paper_text(report: Report, canvas: Canvas) -> str:
    """The paper as XHTML."""
    created = start_of(report.data_until).isoformat()
    return markup.render("paper.html", report, canvas.draw, canvas.swatch, created=created)


def _attachment(report: Report) -> Attachment:
    moment = start_of(report.data_until)
    return Attachment(
        string=render_csv(report).decode("utf-8"),
        name=f"{report.file_stem}.csv",
        description="Số liệu của báo cáo",
        created=moment,
        modified=moment,
        relationship="Data",
    )
