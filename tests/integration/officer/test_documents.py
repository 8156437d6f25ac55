"""What an officer takes away: every document under its name, on record, in the forms it has."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry
from tests.factories import make_account
from tests.integration.office import actions, plain, sign_in
from tests.integration.officer.test_standings import make_block

SURVEY = "/officer/surveys/KS-2026"
UNIT = f"{SURVEY}/units/H01.01"
#: Address without its ending → the sentence for a form that there is not; "" = there are all.
DOCUMENTS = {
    f"{UNIT}/report": "",
    f"{SURVEY}/consolidated/report": "",
    f"{UNIT}/cross/table": "Bảng chéo có ở dạng Excel và JSON.",
    f"{SURVEY}/model-estimates/table": "Ước lượng mô hình chỉ có ở dạng Excel và JSON.",
    f"{SURVEY}/standings/table": "Bảng khoảng hạng có ở dạng Excel và JSON.",
}


@pytest.fixture
def officer(database: Database, client: FlaskClient) -> FlaskClient:
    """The officer of a province with two communes."""
    with database.transaction() as session:
        _, made = make_block(session, {"Xã Hòa Bình": (6, 8, None), "Xã Đông Hải": (5, 8, 40)})
        make_account(session, "tinh", AccountRole.OFFICER, made["Xã Hòa Bình"].parent)
    sign_in(client, "tinh")
    return client


@pytest.mark.parametrize("address", DOCUMENTS)
def test_a_document_has_its_name_and_is_on_record(
    officer: FlaskClient, database: Database, address: str
) -> None:
    found = officer.get(f"{address}.json")
    assert (found.status_code, found.mimetype) == (200, "application/json")
    assert found.headers["Content-Disposition"].startswith("attachment; filename=")
    assert found.headers["Content-Disposition"].endswith(".json")
    with database.session() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert last and last.action == "report.export"
        assert last.subject.startswith("KS-2026") and last.subject.endswith("json")
        assert last.account and last.account.username == "tinh"


@pytest.mark.parametrize(("address", "sentence"), DOCUMENTS.items())
def test_a_form_there_is_not_is_not_found_and_not_on_record(
    officer: FlaskClient, database: Database, address: str, sentence: str
) -> None:
    before = actions(database)
    for ending in ("exe", "") + (("csv",) if sentence else ()):
        found = officer.get(f"{address}.{ending}")
        assert found.status_code == 404
        if ending == "csv":
            assert sentence in plain(found)
    assert actions(database) == before


def test_an_account_is_told_whose_units_it_looks_at(
    officer: FlaskClient, app: Flask, database: Database
) -> None:
    assert "Tỉnh Mẫu và các đơn vị trực thuộc" in officer.get(f"{SURVEY}/standings/table.json").text
    with database.transaction() as session:
        make_account(session)
    sign_in(admin := app.test_client())
    for page in ("standings", "model-estimates"):
        assert "Tất cả các đơn vị" in admin.get(f"{SURVEY}/{page}/table.json").text
