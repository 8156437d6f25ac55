"""hailong kiosk: sheets exported from a kiosk that could not send them."""

from collections.abc import Sequence
from pathlib import Path

import click

from survey_app.cli.database import opened_database
from survey_app.clock import now
from survey_app.operations.intake.kiosk_file import (
    MOST_SHEETS,
    KioskImport,
    check_kiosk_sheets,
    draft_kiosk_sheets,
    import_kiosk_sheets,
    read_kiosk_file,
)
from survey_app.operations.intake.submission import Sheet
from survey_app.reporting import formats
from survey_app.storage.database import Database

MOST_TOLD = 200


@click.group()
def kiosk() -> None:
    """Kiosk: nhập phiếu đã xuất ra tệp."""


@kiosk.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
def import_(file: Path, dry_run: bool) -> None:
    """Nhập phiếu chưa gửi từ tệp xuất trên kiosk; nhập lại cùng tệp không thay đổi gì."""
    sheets = read_kiosk_file(file.read_bytes(), most=None)
    new = 0
    with opened_database() as database:
        for start in range(0, len(sheets), MOST_SHEETS):  # others store theirs in between
            part = sheets[start : start + MOST_SHEETS]
            done = _import_part(database, part, start + 1, dry_run=dry_run)
            _tell(done)
            new += done.new
    told = f"Đã nhập {formats.count(new)} phiếu kiosk."
    click.echo("Chưa nhập phiếu nào." if dry_run else told)


def _import_part(
    database: Database, sheets: Sequence[Sheet], first: int, *, dry_run: bool
) -> KioskImport:
    """Import sheets of a file; ``first``: the place of the first of them in it."""
    moment = now()
    with database.session() as session:
        queue = draft_kiosk_sheets(session, sheets, unit_ids=None, now=moment, first=first)
    with database.transaction() as session:
        if dry_run:
            return check_kiosk_sheets(session, queue, now=moment)
        return import_kiosk_sheets(session, queue, now=moment)


def _tell(result: KioskImport) -> None:
    for line in result.points:
        place = f"{line.point.unit.name}, {line.point.label} ({line.point.token})"
        new, known = formats.count(line.new), formats.count(line.known)
        click.echo(f"{place}: {new} phiếu mới, {known} phiếu đã có.")
    for sheet in result.refused[:MOST_TOLD]:
        click.echo(f"Phiếu {sheet.number} bị từ chối: {sheet.reason}")
    if len(result.refused) > MOST_TOLD:
        click.echo(f"… và {formats.count(len(result.refused) - MOST_TOLD)} phiếu khác bị từ chối.")
