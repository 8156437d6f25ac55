"""hailong analyse: survey estimates from any CSV or Excel file."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from survey_app.i18n import format_number
from survey_app.operations.file_analysis import (
    Analysis,
    Figure,
    Figures,
    analyse_file,
    read_plan,
    why_missing,
)
from survey_app.reporting import formats
from survey_app.text import decode_utf8

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FORMS = {
    "criteria_mean": "Chung, theo tiêu chí",
    "factor_mean": "Chung, theo yếu tố",
    "pooled": "Chung, gộp câu trả lời",
}


@click.command()
@click.argument("data", type=FILE)
@click.option("--plan", required=True, type=FILE, help="Kế hoạch phân tích (YAML).")
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Ghi JSON.")
def analyse(data: Path, plan: Path, out: Path | None) -> None:
    """Ước lượng tỷ lệ hài lòng, yếu tố và chỉ số theo thiết kế mẫu của tệp."""
    wanted = read_plan(decode_utf8(plan.read_bytes()))
    found = analyse_file(data.read_bytes(), data.name, wanted)
    if out:
        out.write_text(json.dumps(found.to_document(), ensure_ascii=False, indent=2) + "\n")
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
        table.add_column(heading, justify="right", no_wrap=heading == "Khoảng tin cậy")
    parts: tuple[Mapping[str, Figure], ...] = (figures.questions, figures.factors, figures.overall)
    for part in parts:
        for name, figure in part.items():
            table.add_row(FORMS.get(name, name), *_cells(figure))
        table.add_section()
    return table


def _cells(figure: Figure) -> Iterator[str]:
    if figure.estimate is None:
        yield why_missing(figure)
    else:
        yield formats.percent(figure.estimate)
    yield formats.percent(figure.standard_error) if figure.standard_error is not None else "–"
    if figure.interval is not None:
        yield "–".join(formats.percent(bound, 1) for bound in figure.interval)
    else:
        yield why_missing(figure)
    yield formats.count(figure.n)
    yield formats.count(figure.excluded)
    yield format_number(figure.deff, 2) if figure.deff is not None else "–"
