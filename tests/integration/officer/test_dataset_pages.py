"""The archive of a closed survey on the officers' pages: who gets it, when; and it is noted."""

import csv
import io
import zipfile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry, Survey
from tests.factories import answer, make_account, make_point, make_survey, make_unit
from tests.integration.office import sign_in

ADDRESS = "/officer/surveys/KS-2026/data.zip"


@pytest.fixture(autouse=True)
def survey(database: Database) -> None:
    """Two communes with six sheets each; an officer of the first."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        units = [
            make_unit(session, "H01.01", "Phường Một", parent=root),
            make_unit(session, "H01.02", "Phường Hai", parent=root),
        ]
        found = make_survey(session, units, document="one-stop-rating.yaml")
        for unit in units:
            token = make_point(session, found, unit).token
            for _ in range(6):
                answer(session, token, {"service.overall": "5"})
        make_account(session)
        make_account(session, "mot", AccountRole.OFFICER, units[0])


def close(database: Database) -> None:
    with database.transaction() as session:
        close_survey(session.scalars(select(Survey)).one())


def units_in(data: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read("data.csv").decode()
    return {row["unit"] for row in csv.DictReader(io.StringIO(text))}


def test_an_officer_gets_the_own_units_and_it_is_recorded(
    client: FlaskClient, database: Database
) -> None:
    close(database)
    sign_in(client, "mot")
    assert "Số liệu từng phiếu (ZIP)" in client.get("/officer/surveys/KS-2026").text
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    assert "SoLieu_KS2026.zip" in answer.headers["Content-Disposition"]
    assert units_in(answer.data) == {"H01.01"}
    with database.session() as session:
        entries = session.scalars(select(AuditEntry)).all()
        assert [e.subject for e in entries if e.action == "dataset.export"] == ["KS-2026"]


def test_an_administrator_gets_all(client: FlaskClient, database: Database) -> None:
    close(database)
    sign_in(client)
    assert units_in(client.get(ADDRESS).data) == {"H01.01", "H01.02"}


def test_nothing_while_the_survey_is_open(client: FlaskClient) -> None:
    sign_in(client)
    assert "Số liệu từng phiếu" not in client.get("/officer/surveys/KS-2026").text
    answer = client.get(ADDRESS)
    assert answer.status_code == 409
    assert "chưa đóng" in answer.text


def test_nobody_without_signing_in(client: FlaskClient, database: Database) -> None:
    close(database)
    assert client.get(ADDRESS).status_code == 302
