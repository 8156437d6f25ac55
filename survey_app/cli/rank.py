"""hailong rank: rank sets from a file of units, estimates and standard errors."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from survey_app.operations.files.analysis import RankReport, rank_document, rank_file
from survey_app.reporting import formats


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Ghi JSON.")
@click.option(
    "--confidence",
    default=0.95,
    show_default=True,
    type=click.FloatRange(0.5, 1, max_open=True),
    help="Độ tin cậy.",
)
@click.option("--seed", type=click.IntRange(0), help="Hạt giống của phép mô phỏng.")
def rank(file: Path, out: Path | None, confidence: float, seed: int | None) -> None:
    """Khoảng hạng của các đơn vị: hạng nào còn có thể, đơn vị nào chưa phân biệt được."""
    report = rank_file(file.read_bytes(), file.name, confidence=confidence, seed=seed)
    if out:
        text = json.dumps(rank_document(report), ensure_ascii=False, indent=2, allow_nan=False)
        out.write_text(text + "\n")
    console = Console()
    console.print(_table(report))
    for group in report.indistinguishable:
        console.print(f"Chưa phân biệt được: {', '.join(group)}.")
    for warning in report.warnings:
        console.print(warning)


def _table(report: RankReport) -> Table:
    """Units from the highest estimate down, with the sets a league table needs."""
    document = rank_document(report)
    table = Table(title="Thứ hạng (1 = cao nhất)", title_justify="left")
    table.add_column("Đơn vị", overflow="fold")
    headings = ("Ước lượng", "Sai số chuẩn", "Hạng", "Khoảng hạng", "Khoảng hạng của riêng đơn vị")
    for heading in headings:
        table.add_column(heading, justify="right")
    for unit in sorted(document["units"], key=lambda unit: (unit["rank"], unit["unit"])):
        table.add_row(
            unit["unit"],
            formats.percent(unit["estimate"]),
            formats.percent(unit["standard_error"]),
            str(unit["rank"]),
            "–".join(map(str, unit["simultaneous"])),
            "–".join(map(str, unit["marginal"])),
        )
    return table
