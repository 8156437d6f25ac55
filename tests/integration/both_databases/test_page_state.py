"""What open pages rest on, read for many at once: fresh each time, and after a lost connection."""

from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.intake.intake import MOST_AT_ONCE
from survey_app.storage.database import Database
from survey_app.storage.queries.page_state import page_states
from tests.factories import make_point, make_survey, make_unit


@pytest.fixture
def tokens(database: Database) -> list[str]:
    """The open links of two places of one survey."""
    with database.transaction() as session:
        units = make_unit(session), make_unit(session, "H01.02", "Phường Khác")
        period = {"starts_on": date(2020, 1, 1), "ends_on": date(2099, 1, 1)}
        survey = make_survey(session, units, **period)
        return [make_point(session, survey, unit).token for unit in units]


def test_many_are_read_by_one_statement_and_each_anew(
    database: Database, tokens: list[str]
) -> None:
    asked = [*tokens, tokens[0], *(f"X{place}" for place in range(MOST_AT_ONCE - 3))]
    states = page_states(database, asked)
    assert set(states) == set(tokens)
    assert states[tokens[0]] != states[tokens[1]]
    assert page_states(database, asked) == states
    with database.transaction() as session:
        find_survey(session, "KS-2026").title = "Tên khác"
    again = page_states(database, asked)
    assert all(again[token] != states[token] for token in tokens)
    assert page_states(database, ["XXXXXXXX"]) == {}


def test_a_lost_connection_is_noticed_and_replaced(
    settings: Settings, database: Database, tokens: list[str]
) -> None:
    if database.is_sqlite:
        with pytest.raises(Exception, match="no such table"):
            database.glance("SELECT 1 FROM nowhere", ())
        assert set(page_states(database, tokens)) == set(tokens)
        return
    client: FlaskClient = create_app(settings, database).test_client(use_cookies=False)
    address = f"/s/{tokens[0]}"
    pages = [client.get(address) for _ in range(2)]
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    pages += [client.get(address) for _ in range(2)]
    assert [page.status_code for page in pages] == [200] * 4
    form = {"_response_id": str(uuid4()), "_version": "sipas-counter@1", "_language": "vi"}
    assert client.post(address, data=form | {"access.signage": "4"}).status_code == 303


def test_glances_leave_no_transaction_open(database: Database, tokens: list[str]) -> None:
    """A reader that stays keeps SQLite's log from being cut, and PostgreSQL's rows from going."""
    page_states(database, tokens)
    if database.is_sqlite:
        database.empty_log()
        log = database.engine.url.database
        assert log
        assert Path(f"{log}-wal").read_bytes() == b""
        return
    with database.engine.connect() as connection:
        open_ones = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state LIKE 'idle in transaction%'"
            )
        ).scalar()
    assert open_ones == 0
