"""hailong dataset: a closed survey's sheets as an archive for SPSS, Stata, R or a spreadsheet."""

from pathlib import Path

import click

from survey_app.cli.database import reading, transaction
from survey_app.clock import local_date, now
from survey_app.operations.audit.entries import record
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.organisation.units import find_unit, ids_below
from survey_app.operations.reports.dataset import collect, note_release, write_archive


@click.command()
@click.argument("survey_code", metavar="SURVEY")
@click.option("--under", "root_code", help="Mã đơn vị cấp trên; không ghi là mọi đơn vị.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def dataset(survey_code: str, root_code: str | None, out: Path) -> None:
    """Số liệu từng phiếu của một cuộc khảo sát đã đóng, kèm bảng mã và tệp lệnh SPSS, Stata, R."""
    with reading() as session:
        survey = find_survey(session, survey_code)
        root = find_unit(session, root_code) if root_code else None
        unit_ids = ids_below(session, root) if root else None
        found = collect(session, survey, unit_ids)
        with transaction() as writing:  # on record before it leaves
            note_release(writing, found, today=local_date(now()))
            detail = f"{len(found.units)} đơn vị"
            record(writing, "dataset.export", now=now(), subject=survey_code, detail=detail)
        with out.open("wb") as file:
            write_archive(session, found, file, today=local_date(now()))
    click.echo(f"{out}: {found.n} phiếu của {len(found.units)} đơn vị.")
