"""Reports: one unit's document, composed once and rendered in the format asked for."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.operations.analysis import measure_unit
from survey_app.reporting.compose import compose_unit_report
from survey_app.reporting.dataset import render_csv
from survey_app.reporting.json_document import render_json
from survey_app.reporting.pdf import render_pdf
from survey_app.reporting.report import Report
from survey_app.reporting.workbook import render_workbook
from survey_app.storage.models import Survey
from survey_app.storage.queries.surveys import sheets_by_unit, survey_units


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


def unit_report(session: Session, survey: Survey, unit_id: int, *, today: date) -> Report:
    """One unit's report, dated ``today``. Raises NotFound when the survey misses the unit."""
    return compose_unit_report(measure_unit(session, survey, unit_id, today=today), dated=today)


def batch_stamp(session: Session, survey: Survey, form: str, *, today: date) -> str:
    """What the reports of a whole survey rest on. While it stays the same, a batch that was cut
    short may go on where it stopped; otherwise its files are out of date."""
    sheets = sheets_by_unit(session, survey.id)
    rows = [
        (row.unit.code, row.population, sheets.get(row.unit_id, 0))
        for row in survey_units(session, survey.id)
    ]
    text = repr((survey.code, survey.version.fingerprint, form, today.isoformat(), rows))
    return hashlib.sha256(text.encode()).hexdigest()


def render_document(report: Report, form: Format) -> Document:
    """The report as a file; raises Unavailable when this machine lacks what the format needs."""
    data = RENDERERS[form](report)
    return Document(data, f"{report.file_stem}.{form}", MIME_TYPES[form])
