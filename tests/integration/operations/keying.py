"""What the tests of keyed forms share: files of forms, checking and importing them."""

import csv
import io
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.operations.paper.imports import (
    Batch,
    check_forms,
    import_forms,
    read_keyed_table,
)
from survey_app.operations.questionnaires.publishing import load_codebook
from survey_app.questionnaire.answers import decode
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyResponse
from survey_app.storage.queries.surveys import survey_units
from tests.factories import NOW

SECRET = b"only for tests"
HEADS = ("access.signage", "visit.trips", "needs.improvements:faster", "comment")


def first_unit(session: Session, survey: Survey) -> AdministrativeUnit:
    """The first unit of a survey."""
    return survey_units(session, survey.id)[0].unit


def a_file(*rows: Sequence[str], heads: Sequence[str] = HEADS) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([("Mã điểm", "Số phiếu", *heads), *rows])
    return out.getvalue().encode()


def check(
    session: Session, survey: Survey, data: bytes, name: str = "f.csv", **more: object
) -> Batch:
    arguments = {"unit_ids": None, "secret": SECRET, "now": NOW} | more
    return check_forms(session, survey, read_keyed_table(data, name), **arguments)  # type: ignore[arg-type]


def keyed(
    session: Session, survey: Survey, data: bytes, name: str = "f.csv", **more: object
) -> Batch:
    arguments = {"unit_ids": None, "secret": SECRET, "now": NOW} | more
    return import_forms(session, survey, read_keyed_table(data, name), **arguments)  # type: ignore[arg-type]


def stored(session: Session, survey: Survey) -> list[dict[str, object]]:
    codebook = load_codebook(survey.version)
    rows = session.scalars(select(SurveyResponse).order_by(SurveyResponse.response_key))
    return [dict(decode(codebook, row.answers)) for row in rows]


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0
