"""The sheets of a closed survey as an archive for analysis."""

from io import BytesIO

from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.reports.dataset import (
    MOST_SHEETS,
    archive_name,
    collect,
    note_release,
    write_archive,
)
from survey_app.operations.reports.documents import Document
from survey_app.web.audit import note_in
from survey_app.web.documents import attachment
from survey_app.web.guard import current_scope
from survey_app.web.officer import blueprint
from survey_app.web.transactions import current_session, database


@blueprint.get("/surveys/<code>/data.zip")
def dataset(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    found = collect(current_session(), survey, current_scope().unit_ids, most=MOST_SHEETS)
    out = BytesIO()
    write_archive(current_session(), found, out, today=local_date(now()))
    with database().transaction() as writing:  # on record before it leaves
        note_release(writing, found, today=local_date(now()))
        note_in(writing, "dataset.export", survey.code, f"{len(found.units)} đơn vị")
    return attachment(Document(out.getvalue(), archive_name(survey), "application/zip"))
