"""Reports: documents of one unit or of several, composed once, rendered in the format wanted."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.operations.figures.overview import Indices
from survey_app.operations.figures.places import survey_places
from survey_app.operations.organisation.lineage import Lineage
from survey_app.operations.organisation.subjects import describe_scope
from survey_app.operations.reports.analysis import measure_unit
from survey_app.operations.reports.consolidated import measure_consolidated
from survey_app.operations.reports.segments import measure_segment
from survey_app.reporting.rendering.csv_file import render_csv
from survey_app.reporting.rendering.json_document import render_json
from survey_app.reporting.rendering.pdf import render_pdf
from survey_app.reporting.rendering.workbook import render_workbook
from survey_app.reporting.report import Report
from survey_app.reporting.results.compose import compose_report
from survey_app.storage.models import AdministrativeUnit, Survey
from survey_app.storage.queries.reviews import flagged_counts
from survey_app.storage.queries.surveys import (
    sheets_by_unit,
    survey_units,
    surveys_before,
    surveys_beside,
)


class Format(StrEnum):
    """The papers and files a report can be had as."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


MIME_TYPES: Mapping[Format, str] = {
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSON: "application/json",
}

RENDERERS: Mapping[Format, Callable[[Report], bytes]] = {
    Format.PDF: render_pdf,
    Format.XLSX: render_workbook,
    Format.CSV: render_csv,
    Format.JSON: render_json,
}


@dataclass(frozen=True)
class Document:
    """A rendered report, ready to be sent or written."""

    data: bytes
    filename: str
    mimetype: str


def unit_report(
    session: Session,
    survey: Survey,
    unit_id: int,
    *,
    today: date,
    indices: Indices | None = None,
    lineage: Lineage | None = None,
) -> Report:
    """One unit's report, dated ``today``; a batch hands its ``indices`` from report to report.
    ``lineage``: by the boundaries of today; None: by those of the survey.
    Raises NotFound when the survey misses the unit."""
    figures = measure_unit(session, survey, unit_id, today=today, indices=indices, lineage=lineage)
    return compose_report(figures, dated=today)


def segment_report(
    session: Session, survey: Survey, unit_id: int, number: int, *, today: date
) -> Report:
    """The report on a unit's sheets of one version that the survey had before. Raises NotFound for
    another version, and when the survey misses the unit."""
    figures = measure_segment(session, survey, unit_id, number, today=today)
    return compose_report(figures, dated=today)


def consolidated_report(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    root: AdministrativeUnit | None,
    *,
    today: date,
    lineage: Lineage | None = None,
) -> Report:
    """The joined report of the units in ``unit_ids`` (or all), under the name of ``root`` (or of
    what stands above them all). ``lineage``: by the boundaries of today; None: by those of the
    survey. Raises NotFound for fewer than two units."""
    places = survey_places(session, survey, unit_ids, lineage)
    subject = describe_scope(root, (place.unit for place in places))
    figures = measure_consolidated(session, survey, unit_ids, subject, today=today, lineage=lineage)
    return compose_report(figures, dated=today)


def batch_stamp(session: Session, survey: Survey, form: str, *, today: date) -> str:
    """What the reports of a whole survey rest on. While it stays the same, a batch that was cut
    short may go on where it stopped; otherwise its files are out of date."""
    sheets = sheets_by_unit(session, survey.id)
    members = survey_units(session, survey.id)
    rows = [(row.unit.code, row.population, sheets.get(row.unit_id, 0)) for row in members]
    flagged = flagged_counts(session, survey.id)
    unit_ids = [row.unit_id for row in members]
    before = [
        (earlier.code, sorted(sheets_by_unit(session, earlier.id).items()))
        for earlier in surveys_before(session, survey, unit_ids)
    ]
    beside = [
        (other.code, other.starts_on.isoformat(), other.ends_on.isoformat())
        for other in surveys_beside(session, survey, unit_ids)
    ]
    rests_on = (rows, flagged, before, beside)
    text = repr((survey.code, survey.version.fingerprint, form, today.isoformat(), *rests_on))
    return hashlib.sha256(text.encode()).hexdigest()


def render_document(report: Report, form: Format) -> Document:
    """The report as a file; raises Unavailable when this machine lacks what the format needs."""
    data = RENDERERS[form](report)
    return Document(data, f"{report.file_stem}.{form}", MIME_TYPES[form])
