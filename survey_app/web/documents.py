"""Files that leave: the answer that carries one, and the record of who took it."""

from flask import Response

from survey_app.errors import NotFound
from survey_app.operations.reports.documents import MIME_TYPES, Document, Format
from survey_app.web.audit import holds_nothing, note_taken


def attachment(document: Document) -> Response:
    """A document to be saved under its name."""
    answer = Response(document.data, content_type=document.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=document.filename)
    return answer


def workbook(data: bytes, filename: str) -> Document:
    """A workbook that is no report."""
    return Document(data, filename, MIME_TYPES[Format.XLSX])


def blank(data: bytes, filename: str) -> Response:
    """A workbook with nothing of the database: a table to fill in, or what was sent, marked."""
    return holds_nothing(attachment(workbook(data, filename)))


def wanted_form(ending: str) -> Format:
    """The form that the ending of an address asks for; raises NotFound for an unknown one.

    Which forms a document can be had in is for whoever renders it to say.
    """
    if ending not in set(Format):
        raise NotFound("Không có tài liệu ở định dạng này.")
    return Format(ending)


def record_export(subject: str) -> None:
    """Record who took figures out."""
    note_taken("report.export", subject)


def record_list(subject: str) -> None:
    """Record who took a drawn list out."""
    note_taken("sample.export", subject)
