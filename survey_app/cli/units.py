"""hailong units: the tree of administrative units."""

from pathlib import Path

import click

from survey_app.cli.database import reading, transaction
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
    click.echo(f"Đã thêm {outcome.created} đơn vị; {outcome.unchanged} đơn vị đã có sẵn.")


@units.command("load-province")
@click.argument("code")
def load(code: str) -> None:
    """Nạp một tỉnh, thành phố cùng các xã, phường, đặc khu theo danh mục chính thức."""
    with transaction() as session:
        added = load_province(session, code)
    click.echo(f"Đã thêm {added} đơn vị.")


@units.command("list")
def list_all() -> None:
    """In cây đơn vị."""
    with reading() as session:
        for depth, unit in walk_units(session):
            closed = f" (đến {unit.valid_to:%d/%m/%Y})" if unit.valid_to else ""
            click.echo(f"{'  ' * depth}{unit.code}  {unit.name}{closed}")
