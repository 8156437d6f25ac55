"""Report → markup: the template environment that page and paper share."""

from collections.abc import Callable
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from survey_app.i18n import format_date
from survey_app.reporting import charts, formats, wording
from survey_app.reporting.report import (
    Bar,
    Column,
    IntervalBar,
    KeyFigure,
    LikertBar,
    Percent,
    Report,
    Row,
    Table,
    Withheld,
)

_AXIS = (
    '<div class="report-axis" aria-hidden="true"><span class="first">{}</span>'
    '<span>{}</span><span class="last">{}</span></div>'
)

#: A table of so many rows is kept on one page; a longer one may run over, two rows at least on
#: each side (rows).
SHORT_TABLE = 10

Draw = Callable[[Bar], Markup]
Swatch = Callable[[str], Markup]


@cache
def environment() -> Environment:
    """The templates, compiled once; everything that is not markup is escaped."""
    found = Environment(
        loader=PackageLoader("survey_app.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "cell": formats.cell,
        "roman": formats.roman,
        "long_date": formats.long_date,
        "day": format_date,
        "agency_lines": wording.agency_lines,
        "title_lines": wording.title_lines,
        "kind": lambda block: type(block).__name__,
        "legend": _legend,
        "blank_after_label": _blank_after_label,
        "bar": _bar,
        "axis": _axis,
    }
    found.tests |= {
        "drawing": lambda value: isinstance(value, Bar),
        "withheld": lambda value: isinstance(value, Withheld),
        "percent": lambda value: isinstance(value, Percent),
    }
    return found


def render(template: str, report: Report, draw: Draw, swatch: Swatch, **more: object) -> str:
    """One template filled with one report; ``draw`` and ``swatch`` are the medium's own."""
    return (
        environment()
        .get_template(template)
        .render(
            report=report,
            head=report.letterhead,
            numbers={table.code: number for number, table in enumerate(report.tables, 1)},
            draw=draw,
            swatch=swatch,
            short_table=SHORT_TABLE,
            demo_mark=wording.DEMO_MARK,
            nbsp="\N{NO-BREAK SPACE}",
            **more,
        )
    )


def _blank_after_label(row: Row) -> int:
    """How many cells a group's label may spread over: the empty ones right after it."""
    filled = [place for place, value in enumerate(row.cells) if place and value is not None]
    return (min(filled, default=len(row.cells)) - 1) if row.level == 0 else 0


def _axis(column: Column) -> Markup:
    """The ends and the middle of a column of bars."""
    return Markup(_AXIS).format(*column.axis)  # noqa: S704  (format escapes what it fills in)


def _legend(table: Table) -> list[tuple[str, str]]:
    """Colour and label of each level of the table's bars."""
    labels = table.legend.labels if table.legend else ()
    bars = [value for row in table.rows for value in row.cells if isinstance(value, LikertBar)]
    satisfied_from = bars[0].satisfied_from if bars else len(labels)
    return list(zip(charts.level_colours(len(labels), satisfied_from), labels, strict=True))


def _bar(figure: KeyFigure) -> IntervalBar | None:
    """A key figure as a drawing."""
    if not isinstance(figure.cell, Percent):
        return None
    if figure.interval is None:
        return IntervalBar(figure.cell.value)
    return IntervalBar(figure.cell.value, figure.interval.low, figure.interval.high)
