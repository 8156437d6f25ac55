"""The archive of a survey that moved: a column for what goes on, one a version for the rest."""

import csv
import io
import zipfile
from collections import Counter
from datetime import date

import pytest
from sqlalchemy.orm import Session

from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.reports.dataset import collect, write_archive
from survey_app.operations.review.moderation import unit_comments
from survey_app.storage.models import AdministrativeUnit, CollectionPoint, Survey
from tests.factories import make_point, make_survey, make_unit
from tests.integration.operations.test_moves import V1, both_versions, move, second
from tests.integration.operations.test_moves import collect as take

TODAY = date(2026, 12, 31)
OTHER = "-5"


@pytest.fixture
def unit(session: Session) -> AdministrativeUnit:
    return make_unit(session)


@pytest.fixture
def survey(session: Session, unit: AdministrativeUnit) -> Survey:
    return make_survey(session, {unit: 400}, source=V1)


@pytest.fixture
def point(session: Session, survey: Survey, unit: AdministrativeUnit) -> CollectionPoint:
    return make_point(session, survey, unit)


def archive(session: Session, survey: Survey) -> dict[str, bytes]:
    close_survey(survey)
    session.flush()
    out = io.BytesIO()
    write_archive(session, collect(session, survey, None), out, today=TODAY)
    with zipfile.ZipFile(out) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_every_row_is_read_by_its_own_version(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    both_versions(session, survey, point)
    files = archive(session, survey)
    found = rows(files["data.csv"])
    assert Counter(row["version"] for row in found) == {"1": 10, "2": 20}
    columns = ("version", "attitude", "waiting", "waiting_v1", "purpose", "former_v1")
    assert Counter(tuple(row[name] for name in columns) for row in found) == {
        ("1", "5", OTHER, "5", OTHER, "2"): 6,
        ("1", "2", OTHER, "1", OTHER, "2"): 4,
        ("2", "5", "3", OTHER, "1", OTHER): 9,
        ("2", "1", "2", OTHER, "1", OTHER): 11,
    }
    words = rows(files["data_labels.csv"])
    waiting = {row["waiting_v1: Thời gian chờ đợi [v1]"] for row in words}
    assert waiting == {"Rất tốt", "Rất kém", "Phiếu của phiên bản khác"}
    assert {row["waiting: Thời gian chờ đợi"] for row in words} == {
        *("Nhanh", "Vừa", "Phiếu của phiên bản khác"),
    }
    assert "codebook-v1.xlsx" in files
    readme = files["DOC-TRUOC.txt"].decode("utf-8-sig")
    assert "cột version" in readme and "−5: Phiếu của phiên bản khác" in readme
    assert "MISSING VALUES waiting_v1 (-9 THRU -5)." in files["read.sps"].decode("utf-8-sig")
    assert '<var ID="V_waiting_v1"' in files["ddi.xml"].decode()


def test_few_sheets_of_a_version_are_left_out(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    """Which version a sheet is of tells when in the period somebody was there."""
    move(session, survey)
    take(session, point, "phuc-vu@2", *[second("5", "3", "4")] * 6)
    take(session, point, "phuc-vu@1", *[{"attitude": "1", "words": "Chờ lâu"}] * 4)
    comments = unit_comments(session, survey, point.unit_id)
    assert comments and {comment.question for comment in comments} == {"Góp ý"}
    files = archive(session, survey)
    assert Counter(row["version"] for row in rows(files["data.csv"])) == {"2": 6}
    readme = files["DOC-TRUOC.txt"].decode("utf-8-sig")
    assert "Phiên bản có dưới 5 phiếu của một đơn vị" in readme
