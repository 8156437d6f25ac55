"""The promise of docs/privacy.md where a citizen asks for a reply: nothing leads to a sheet."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import DateTime, text

from survey_app.config import Settings
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.privacy.contact_requests import mix_requests, set_offer
from survey_app.operations.privacy.sealing import Sealer
from survey_app.storage.database import Database, sqlite_path
from tests import promise
from tests.durability.kill import stored_key
from tests.integration.both_databases import test_promise
from tests.integration.both_databases.test_promise import MOMENT, Office, by_form, marks_of

#: The office of the promise.
office, client, moment = test_promise.office, test_promise.client, test_promise.moment

ASKING = "/xin-tra-loi/KS-2026/H01.01"


def ask_for_reply(client: FlaskClient, number: int) -> None:
    said = {"subject": f"Hồ sơ số {number}", "reach": f"09031234{number:02}", "consent": "yes"}
    assert client.post(ASKING, data=said).status_code == 200


@pytest.fixture
def offered(database: Database, office: Office) -> None:
    with database.transaction() as session:
        set_offer(session, find_survey(session, "KS-2026"), 60)


@pytest.mark.usefixtures("offered")
def test_a_request_for_a_reply_changes_one_row_that_knows_no_hour(
    client: FlaskClient, database: Database, office: Office
) -> None:
    """After a sheet, in the same browser: the sheet, and apart from it a row with a day."""
    books = promise.Books(database.engine)
    before = books.read()
    sheet = by_form(client, office.slips[0])
    between = books.read()
    assert set(books.changes(before)) == {*promise.SHEETS, "spent_link"}
    ask_for_reply(client, 1)
    changes = books.changes(between)
    assert set(changes) == {"contact_request"}
    assert len(changes["contact_request"].came) == 1 and not changes["contact_request"].went
    table = books.metadata.tables["contact_request"]
    assert not [column.name for column in table.columns if isinstance(column.type, DateTime)]
    marks = [*marks_of(sheet), stored_key(sheet), office.slips[0].encode(), office.token.encode()]
    for name, column, cell in books.words(books.read()):
        if name == "contact_request":
            assert not [mark for mark in marks if mark in cell], column


@pytest.mark.usefixtures("offered")
def test_requests_of_a_day_lie_together_away_from_the_sheets(
    client: FlaskClient,
    database: Database,
    settings: Settings,
    office: Office,
    moment: time_machine.Traveller,
) -> None:
    """What a transaction number or the log told of the minute is gone the next day: all rows are
    new, of one transaction, in no order."""
    for number in range(4):
        by_form(client, office.slips[number])
        ask_for_reply(client, number)
    books = promise.Books(database.engine)
    first = books.read()["contact_request"]
    moment.move_to(MOMENT + timedelta(days=1), tick=False)
    with database.transaction() as session:
        assert mix_requests(session, Sealer.of(settings), now=MOMENT + timedelta(days=1)) == 4
    database.empty_log()
    second = books.read()["contact_request"]
    assert len(second) == 4
    cells = [{bytes(row[0]), bytes(row[6])} for rows in (first, second) for row in rows]
    assert len(set().union(*cells)) == 16, "no id and no text is the same as before"
    path = sqlite_path(database.url) if database.is_sqlite else None
    if path is None:
        with database.engine.connect() as connection:
            told = set(connection.execute(text("SELECT xmin::text FROM contact_request")).scalars())
            sheets = connection.execute(text("SELECT xmin::text FROM survey_response")).scalars()
            assert len(told) == 1 and not told & set(sheets)
    else:
        data = path.read_bytes() + path.with_name(f"{path.name}-wal").read_bytes()
        assert not [row for row in first if bytes(row[0]) in data], "a former row is still there"
