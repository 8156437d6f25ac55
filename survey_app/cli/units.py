"""hailong units: the tree of administrative units."""

from pathlib import Path

import click

from survey_app.cli.database import reading, transaction
from survey_app.clock import now
from survey_app.operations.audit.entries import record
from survey_app.operations.organisation.event_file import read_events
from survey_app.operations.organisation.unit_events import apply_due, reorganise_all
from survey_app.operations.organisation.units import (
    import_units,
    load_province,
    read_unit_file,
    walk_units,
)


@click.group()
def units() -> None:
    """Đơn vị hành chính."""


@units.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Nhập đơn vị từ tệp CSV hoặc Excel; có lỗi ở dòng nào thì không ghi dòng nào."""
    with reading() as session:
        rows = read_unit_file(session, file.read_bytes(), file.name)
    with transaction() as session:
        outcome = import_units(session, rows)
        counts = {"created": outcome.created, "unchanged": outcome.unchanged}
        record(session, "units.import", now=now(), detail={"file": file.name, **counts})
    click.echo(f"Đã thêm {outcome.created} đơn vị; {outcome.unchanged} đơn vị đã có sẵn.")


@units.command("load-province")
@click.argument("code")
def load(code: str) -> None:
    """Nạp một tỉnh, thành phố cùng các xã, phường, đặc khu theo danh mục chính thức."""
    with transaction() as session:
        added = load_province(session, code)
        record(session, "units.load_province", now=now(), subject=code, detail={"created": added})
    click.echo(f"Đã thêm {added} đơn vị.")


@units.command("list")
def list_all() -> None:
    """In cây đơn vị."""
    with reading() as session:
        for depth, unit in walk_units(session):
            closed = f" (đến {unit.valid_to:%d/%m/%Y})" if unit.valid_to else ""
            click.echo(f"{'  ' * depth}{unit.code}  {unit.name}{closed}")


@units.command("reorganise")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
def reorganise(file: Path, *, check: bool) -> None:
    """Sắp xếp đơn vị theo tệp CSV hoặc Excel; có lỗi ở dòng nào thì không ghi dòng nào."""
    plans = read_events(file.read_bytes(), file.name)
    with transaction() as session:
        events = reorganise_all(session, plans, now=now())
        detail = {"file": file.name, "count": len(events)}
        record(session, "units.reorganise_all", now=now(), detail=detail)
        if check:
            session.rollback()
    verb = "Tệp hợp lệ, chưa ghi gì:" if check else "Đã ghi"
    click.echo(f"{verb} {len(events)} lần sắp xếp.")


@units.command("apply-due")
def apply_waiting() -> None:
    """Thực hiện các lần sắp xếp đã đến ngày; chương trình chạy nền cũng tự làm việc này."""
    with transaction() as session:
        done = apply_due(session, now=now())
        if done:
            record(session, "units.apply_due", now=now(), detail={"count": len(done)})
    click.echo(f"Đã thực hiện {len(done)} lần sắp xếp.")
