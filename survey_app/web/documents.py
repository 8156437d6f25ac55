"""Files that leave: the answer that carries one, and the record of who took it."""

from flask import Response

from survey_app.clock import now
from survey_app.errors import NotFound
from survey_app.operations.organisation.audit import record
from survey_app.operations.reports.documents import MIME_TYPES, Document, Format
from survey_app.web.access import signed_in_account
from survey_app.web.transactions import database


def attachment(document: Document) -> Response:
    """A document to be saved under its name."""
    answer = Response(document.data, content_type=document.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=document.filename)
    return answer


def workbook(data: bytes, filename: str) -> Document:
    """A workbook that is no report, such as a table to fill in."""
    return Document(data, filename, MIME_TYPES[Format.XLSX])


def wanted_form(ending: str) -> Format:
    """The form that the ending of an address asks for; raises NotFound for an unknown one.

    Which forms a document can be had in is for whoever renders it to say.
    """
    if ending not in set(Format):
        raise NotFound("Không có tài liệu ở định dạng này.")
    return Format(ending)


def record_export(subject: str) -> None:
    """Record who took figures out."""
    _record("report.export", subject)


def record_list(subject: str) -> None:
    """Record who took a drawn list out."""
    _record("sample.export", subject)


def _record(action: str, subject: str) -> None:
    """One line of the audit record, in a transaction of its own: a GET may not write in its own."""
    with database().transaction() as session:
        record(session, action, now=now(), account=signed_in_account(), subject=subject)
