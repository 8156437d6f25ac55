"""hailong analyse: survey estimates from any CSV or Excel file."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from survey_app.i18n import format_number
from survey_app.operations.files.analysis import (
    Analysis,
    Figure,
    Figures,
    analyse_file,
    read_plan,
)
from survey_app.reporting import formats
from survey_app.reporting.files import wording as file_wording
from survey_app.text import decode_utf8

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("data", type=FILE)
@click.option("--plan", required=True, type=FILE, help="Kế hoạch phân tích (YAML).")
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Ghi JSON.")
def analyse(data: Path, plan: Path, out: Path | None) -> None:
    """Ước lượng tỷ lệ hài lòng, yếu tố và chỉ số theo thiết kế mẫu của tệp."""
    wanted = read_plan(decode_utf8(plan.read_bytes()))
    found = analyse_file(data.read_bytes(), data.name, wanted)
    if out:
        text = json.dumps(found.to_document(), ensure_ascii=False, indent=2, allow_nan=False)
        out.write_text(text + "\n")
    console = Console()
    for table in _tables(found):
        console.print(table)


def _tables(found: Analysis) -> Iterator[Table]:
    design = found.design
    title = f"Toàn bộ mẫu: n = {design.n}, {design.strata} tầng, {design.clusters} cụm"
    yield _table(title, found.estimates)
    for name, figures in found.domains.items():
        yield _table(f"Nhóm {name}", figures)
    if found.compare:
        yield _table("So sánh (sau trừ trước)", found.compare)


def _table(title: str, figures: Figures) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("", overflow="fold")
    for heading in ("Ước lượng", "Sai số", "Khoảng tin cậy", "n", "Loại ra", "deff"):
        # An interval stays in one line; why there is none may take several.
        width = 13 if heading == "Khoảng tin cậy" else None
        table.add_column(heading, justify="right", min_width=width)
    overall = {file_wording.FORMS[form][0]: figure for form, figure in figures.overall.items()}
    parts: tuple[Mapping[str, Figure], ...] = (figures.questions, figures.factors, overall)
    for part in parts:
        for name, figure in part.items():
            table.add_row(name, *_cells(figure))
        table.add_section()
    return table


def _cells(figure: Figure) -> Iterator[str]:
    """The first thing that is missing says why, the others only that."""
    why = iter((file_wording.undefined(figure),))

    def given(text: str | None) -> str:
        return next(why, "–") if text is None else text

    yield given(None if figure.estimate is None else formats.percent(figure.estimate))
    error, ends = figure.standard_error, figure.interval
    yield given(None if error is None else formats.percent(error))
    yield given(None if ends is None else "–".join(formats.percent(end, 1) for end in ends))
    yield formats.count(figure.n)
    yield formats.count(figure.excluded)
    yield given(None if figure.deff is None else format_number(figure.deff, 2))
