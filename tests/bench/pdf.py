"""How much CPU a paper costs: ours against a plain WeasyPrint render of the same report.

The plain arm does what one writes first: charts as flex rows with bars of coloured ``div``s,
flex boxes for letterhead and key figures, the HTML parser, a fresh font configuration and style
sheet each time. It is not tagged, and its tables of mere numbers are tables as in ours.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from markupsafe import Markup, escape
from pypdf import PdfReader
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from survey_app.clock import start_of
from survey_app.reporting import charts, formats
from survey_app.reporting.rendering import fonts, markup
from survey_app.reporting.rendering.pdf import render_pdf
from survey_app.reporting.report import (
    Cell,
    ColumnKind,
    IntervalBar,
    LikertBar,
    Report,
    Table,
)
from survey_app.reporting.results.compose import compose_report
from tests.unit.reporting.examples import DATED, make_figures

_PLAIN_STYLE = """
.letterhead, .report-cards, .signature { display: flex; justify-content: space-between;
  height: auto; }
.letterhead-left, .letterhead-right, .report-card, .recipients, .signer { float: none;
  margin-left: 0; flex: 1; }
.bar { display: flex; height: 7pt; border: 0.5pt solid #5f6b76; }
.bar div { height: 7pt; }
.whisker { position: relative; height: 9pt; background: #eee; }
.whisker div { position: absolute; top: 2pt; height: 5pt; background: #8fb4cb; }
.whisker .line { top: 4pt; height: 1pt; background: #1b2530; }
.chart { font-size: 10pt; line-height: 1.16; margin: 0 0 10pt; }
.row { display: flex; align-items: center; border-bottom: 0.4pt solid #b5b5b5; }
.cell { padding: 2.1pt 3pt; box-sizing: border-box; }
.swatch { display: inline-block; width: 8pt; height: 8pt; }
"""


def plain_bar(bar: LikertBar | IntervalBar) -> Markup:
    """A bar as ``div``s: segments in a flex box, or a value with its whisker."""
    if isinstance(bar, LikertBar):
        colours = charts.level_colours(len(bar.shares), bar.satisfied_from)
        parts = "".join(
            f'<div style="width:{share:.2%};background:{colour}"></div>'
            for share, colour in zip(bar.shares, colours, strict=True)
        )
        return Markup(f'<div class="bar">{parts}</div>')
    low, high = bar.low or bar.value, bar.high or bar.value
    return Markup(
        f'<div class="whisker"><div style="width:{bar.value:.2%}"></div><div class="line" '
        f'style="left:{low:.2%};width:{high - low:.2%}"></div></div>'
    )


def _with_plain_chart(text: str, table: Table) -> str:
    """The table with a drawn column as flex rows, one box a cell."""
    start = text.index(f'<table class="report-table report-table-{table.code}">')
    end = text.index("</table>", start) + len("</table>")
    head = _plain_row(table, [escape(column.heading) for column in table.columns])
    rows = [_plain_row(table, [_plain_cell(cell) for cell in row.cells]) for row in table.rows]
    return f'{text[:start]}<div class="chart">{head}{"".join(rows)}</div>{text[end:]}'


def _plain_cell(cell: Cell) -> str:
    if isinstance(cell, LikertBar | IntervalBar):
        return plain_bar(cell)
    return escape(formats.cell(cell))


def _plain_row(table: Table, cells: list[str]) -> str:
    boxes = "".join(
        f'<div class="cell" style="flex:0 0 {column.width:.1f}%">{cell}</div>'
        for column, cell in zip(table.columns, cells, strict=True)
    )
    return f'<div class="row">{boxes}</div>'


def plain_swatch(colour: str) -> Markup:
    return Markup(f'<span class="swatch" style="background:{escape(colour)}"></span>')


@cache
def _plain_css() -> str:
    folder = next(d for d in fonts.DIRECTORIES if (d / fonts.FACES[0].file).is_file())
    style = Path(charts.__file__).with_name("templates") / "paper.css"
    return fonts.font_face_rules(f"file://{folder}/") + style.read_text() + _PLAIN_STYLE


def plain_pdf(report: Report) -> bytes:
    """The same templates and style, rendered the way one starts."""
    created = start_of(report.data_until).isoformat()
    text = markup.render("paper.html", report, plain_bar, plain_swatch, created=created)
    for table in report.tables:
        if any(column.kind is ColumnKind.DRAWING for column in table.columns):
            text = _with_plain_chart(text, table)
    font_config = FontConfiguration()
    css = CSS(string=_plain_css(), font_config=font_config)
    pdf: bytes = HTML(string=text).write_pdf(stylesheets=[css], font_config=font_config)
    return pdf


def interleaved(arms: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """CPU time of every arm (ms), the arms taking turns after one warm-up each."""
    times: dict[str, list[float]] = {name: [] for name in arms}
    for arm in arms.values():
        arm()
    for _ in range(repeats):
        for name, arm in arms.items():
            start = time.process_time()
            arm()
            times[name].append((time.process_time() - start) * 1000)
    return times


def describe(pdf: bytes) -> dict[str, object]:
    reader = PdfReader(BytesIO(pdf))
    tagged = "/StructTreeRoot" in reader.root_object
    return {"pages": len(reader.pages), "tagged": tagged, "bytes": len(pdf)}


def results(repeats: int) -> dict[str, object]:
    """Medians, their ratio and what each arm made, from one run."""
    report = compose_report(make_figures(), dated=DATED)
    arms: dict[str, Callable[[], bytes]] = {
        "ours": lambda: render_pdf(report),
        "plain": lambda: plain_pdf(report),
    }
    times = interleaved(arms, repeats)
    pairs = zip(times["plain"], times["ours"], strict=True)
    ratios = sorted(plain / ours for plain, ours in pairs)
    return {
        "ratio": statistics.median(ratios),
        "ratio_range": [ratios[0], ratios[-1]],
        "repeats": repeats,
        **{
            name: {"cpu_ms": statistics.median(times[name]), **describe(arm())}
            for name, arm in arms.items()
        },
    }


def _lines(found: dict[str, object]) -> Iterator[str]:
    for name in ("plain", "ours"):
        arm = found[name]
        assert isinstance(arm, dict)
        tagged = "tagged" if arm["tagged"] else "not tagged"
        yield f"{name:6} {arm['cpu_ms']:7.0f} ms CPU  {arm['pages']} pages  {tagged}"
    yield f"plain / ours = {found['ratio']:.2f} (median of {found['repeats']} pairs)"


def main(json_path: str | None = None, repeats: int = 10) -> None:
    """Print the ratio; write everything as JSON where a path is given."""
    found = results(repeats)
    print("\n".join(_lines(found)))
    if json_path:
        Path(json_path).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", dest="json_path")
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    main(options.json_path, options.repeats)
