"""hailong kiosk: sheets exported from a kiosk that could not send them."""

from pathlib import Path

import click

from survey_app.cli.database import opened_database
from survey_app.clock import now
from survey_app.operations.intake.kiosk_file import (
    KioskImport,
    check_kiosk_sheets,
    draft_kiosk_sheets,
    import_kiosk_sheets,
    read_kiosk_file,
)
from survey_app.reporting import formats

MOST_TOLD = 200


@click.group()
def kiosk() -> None:
    """Kiosk: nhập phiếu đã xuất ra tệp."""


@kiosk.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
def import_(file: Path, dry_run: bool) -> None:
    """Nhập phiếu chưa gửi từ tệp xuất trên kiosk; nhập lại cùng tệp không thay đổi gì."""
    sheets = read_kiosk_file(file.read_bytes())
    moment = now()
    with opened_database() as database:
        with database.session() as session:
            queue = draft_kiosk_sheets(session, sheets, unit_ids=None, now=moment)
        with database.transaction() as session:
            if dry_run:
                _tell(check_kiosk_sheets(session, queue, now=moment))
                click.echo("Chưa nhập phiếu nào.")
            else:
                done = import_kiosk_sheets(session, queue, now=moment)
                _tell(done)
                click.echo(f"Đã nhập {formats.count(done.new)} phiếu kiosk.")


def _tell(result: KioskImport) -> None:
    for line in result.points:
        place = f"{line.point.unit.name}, {line.point.label} ({line.point.token})"
        new, known = formats.count(line.new), formats.count(line.known)
        click.echo(f"{place}: {new} phiếu mới, {known} phiếu đã có.")
    for sheet in result.refused[:MOST_TOLD]:
        click.echo(f"Phiếu {sheet.number} bị từ chối: {sheet.reason}")
    if len(result.refused) > MOST_TOLD:
        click.echo(f"… và {formats.count(len(result.refused) - MOST_TOLD)} phiếu khác bị từ chối.")
