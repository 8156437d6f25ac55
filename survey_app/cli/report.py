"""hailong report: one unit's report, every unit's of a survey, or the joined one."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

from survey_app.cli.database import opened_database, reading, transaction
from survey_app.cli.progress import progress_bar
from survey_app.clock import local_date, now
from survey_app.operations.audit.entries import record
from survey_app.operations.fieldwork.surveyed_units import surveyed_codes
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.figures.overview import Indices
from survey_app.operations.organisation.lineage import Lineage, read_lineage
from survey_app.operations.organisation.units import find_unit, ids_below
from survey_app.operations.reports.documents import (
    Document,
    Format,
    batch_stamp,
    consolidated_report,
    render_document,
    unit_report,
)
from survey_app.storage.database import Session
from survey_app.storage.whole_files import put_in_place

FORMAT = click.Choice([Format.PDF.value, Format.XLSX.value, Format.JSON.value, Format.CSV.value])
#: Units one process renders between two openings of the database.
UNITS_AT_ONCE = 25


@click.group()
def report() -> None:
    """Báo cáo."""


BOUNDARIES = click.option(
    "--boundaries",
    type=click.Choice(["survey", "present"]),
    default="survey",
    show_default=True,
    help="Theo địa giới khi khảo sát (survey) hoặc hiện nay (present).",
)


@report.command("unit")
@click.argument("code")
@click.option("--survey", "survey_code", required=True, help="Mã cuộc khảo sát.")
@click.option("--format", "form", type=FORMAT, default=Format.PDF.value, show_default=True)
@BOUNDARIES
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def unit(code: str, survey_code: str, form: str, boundaries: str, out: Path) -> None:
    """Báo cáo của một đơn vị."""
    with reading() as session:
        survey = find_survey(session, survey_code)
        found = unit_report(
            session,
            survey,
            find_unit(session, code).id,
            today=local_date(now()),
            lineage=_lineage(session, boundaries),
        )
    _write_recorded(out, render_document(found, Format(form)), f"{survey_code} {code} {form}")


@report.command("consolidated")
@click.option("--survey", "survey_code", required=True, help="Mã cuộc khảo sát.")
@click.option("--under", "root_code", help="Mã đơn vị cấp trên; không ghi là mọi đơn vị.")
@click.option("--format", "form", type=FORMAT, default=Format.PDF.value, show_default=True)
@BOUNDARIES
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def consolidated(
    survey_code: str, root_code: str | None, form: str, boundaries: str, out: Path
) -> None:
    """Báo cáo tổng hợp các đơn vị của một cuộc khảo sát."""
    with reading() as session:
        survey = find_survey(session, survey_code)
        root = find_unit(session, root_code) if root_code else None
        unit_ids = ids_below(session, root) if root else None
        found = consolidated_report(
            session,
            survey,
            unit_ids,
            root,
            today=local_date(now()),
            lineage=_lineage(session, boundaries),
        )
    subject = f"{survey_code} tổng hợp {form}"
    _write_recorded(out, render_document(found, Format(form)), subject)


@report.command("all")
@click.option("--survey", "survey_code", required=True, help="Mã cuộc khảo sát.")
@click.option("--format", "form", type=FORMAT, default=Format.PDF.value, show_default=True)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 64))
def every_unit(survey_code: str, form: str, out: Path, jobs: int) -> None:
    """Báo cáo của mọi đơn vị; chạy lại thì chỉ làm những đơn vị còn thiếu."""
    with reading() as session:
        survey = find_survey(session, survey_code)
        codes = surveyed_codes(session, survey)
        stamp = batch_stamp(session, survey, form, today=local_date(now()))
    with transaction() as session:
        detail = {"units": len(codes), "form": form}
        record(session, "report.batch", now=now(), subject=survey_code, detail=detail)
    out.mkdir(parents=True, exist_ok=True)
    marker = out / f".{survey_code}.{form}.batch"
    if not (marker.exists() and marker.read_text() == stamp):
        # Before the mark: a run that is cut short must not leave old reports under a new mark.
        for code in codes:
            _path(out, survey_code, code, form).unlink(missing_ok=True)
        _write_whole(marker, stamp.encode())
    waiting = [code for code in codes if not _path(out, survey_code, code, form).exists()]
    with progress_bar("Lập báo cáo", len(codes), done=len(codes) - len(waiting)) as advance:
        for finished in _render_all(survey_code, waiting, form, out, jobs):
            advance(finished)
    click.echo(f"{out}: {len(codes)} báo cáo ({len(waiting)} vừa lập).")


def _lineage(session: Session, boundaries: str) -> Lineage | None:
    """What to regroup by; None for the boundaries of the survey."""
    return read_lineage(session) if boundaries == "present" else None


def _render_all(
    survey_code: str, codes: Sequence[str], form: str, out: Path, jobs: int
) -> Iterator[int]:
    """Render in ``jobs`` processes; yields how many reports each batch finished."""
    batches = [codes[at : at + UNITS_AT_ONCE] for at in range(0, len(codes), UNITS_AT_ONCE)]
    tasks = [(survey_code, batch, form, out) for batch in batches]
    if jobs == 1:
        yield from map(_render_batch, tasks)
        return
    # spawn: a forked child would share the parent's database connection.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        yield from pool.map(_render_batch, tasks)


def _render_batch(task: tuple[str, Sequence[str], str, Path]) -> int:
    """Render the reports of some units with one database and one set of indices; how many."""
    survey_code, codes, form, out = task
    today, indices = local_date(now()), Indices()
    with opened_database() as database, database.session() as session:
        survey = find_survey(session, survey_code)
        for code in codes:
            unit = find_unit(session, code)
            found = unit_report(session, survey, unit.id, today=today, indices=indices)
            _write_whole(
                _path(out, survey_code, code, form), render_document(found, Format(form)).data
            )
    return len(codes)


def _write_recorded(out: Path, document: Document, subject: str) -> None:
    """Write one report; it is put on record before it leaves."""
    with transaction() as session:
        record(session, "report.export", now=now(), subject=subject)
    _write_whole(out, document.data)
    click.echo(f"{out}: {len(document.data):,} byte.".replace(",", "."))


def _path(out: Path, survey_code: str, unit_code: str, form: str) -> Path:
    return out / f"{survey_code}_{unit_code}.{form}"


def _write_whole(path: Path, data: bytes) -> None:
    """Write through a neighbour, so that a file with the final name is always whole."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(data)
    put_in_place(draft, path)
