"""hailong paper: a workbook to key paper forms into, and keyed forms read back."""

from pathlib import Path

import click

from survey_app.cli.database import reading, transaction
from survey_app.clock import now
from survey_app.config import Settings
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.fieldwork.versions import find_version
from survey_app.operations.paper.imports import (
    Batch,
    check_forms,
    import_forms,
    list_notices,
    read_keyed_table,
)
from survey_app.operations.paper.second_keying import SECRET_PURPOSE
from survey_app.operations.paper.template import paper_template
from survey_app.reporting import formats

SURVEY = click.option("--survey", "survey_code", required=True, help="Mã cuộc khảo sát.")

VERSION = click.option(
    "--form-version", type=int, help="Số phiên bản in trên phiếu; mặc định: phiên bản đang dùng."
)


@click.group()
def paper() -> None:
    """Phiếu giấy: tệp mẫu để nhập, nhập phiếu đã thu."""


@paper.command("template")
@SURVEY
@VERSION
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def template(survey_code: str, form_version: int | None, out: Path) -> None:
    """Ghi tệp mẫu (Excel) để nhập phiếu của một cuộc khảo sát."""
    with reading() as session:
        survey = find_survey(session, survey_code)
        version = find_version(session, survey, form_version)
        out.write_bytes(paper_template(session, survey, version=version))
    click.echo(str(out))


@paper.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@SURVEY
@VERSION
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
def import_(file: Path, survey_code: str, form_version: int | None, dry_run: bool) -> None:
    """Nhập phiếu giấy từ tệp: toàn bộ, hoặc không phiếu nào khi còn chỗ cần sửa."""
    table = read_keyed_table(file.read_bytes(), file.name)
    secret = Settings.from_environment().derived_secret(SECRET_PURPOSE)
    if dry_run:
        with reading() as session:
            survey = find_survey(session, survey_code)
            version = find_version(session, survey, form_version)
            _tell(
                check_forms(
                    session,
                    survey,
                    table,
                    unit_ids=None,
                    secret=secret,
                    now=now(),
                    version=version,
                )
            )
        click.echo("Tệp hợp lệ; chưa nhập phiếu nào.")
        return
    with transaction() as session:
        survey = find_survey(session, survey_code)
        version = find_version(session, survey, form_version)
        batch = import_forms(
            session, survey, table, unit_ids=None, secret=secret, now=now(), version=version
        )
        _tell(batch)
    click.echo(f"Đã nhập {formats.count(batch.new)} phiếu giấy.")


def _tell(batch: Batch) -> None:
    for line in batch.points:
        place = f"{line.point.unit.name}, {line.point.label} ({line.point.token})"
        new, known = formats.count(line.new), formats.count(line.known)
        click.echo(f"{place}: {new} phiếu mới, {known} phiếu đã có.")
    for notice in list_notices(batch):
        click.echo(notice)
