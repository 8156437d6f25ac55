"""What docs/privacy.md promises of the tables. A new table, or a new column on an answer, fails
here until it is classified in ``tests.promise`` and can stand beside the promise."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.storage.database import Database
from tests import promise


@pytest.fixture
def engine(tmp_path: Path, migrated_file: Path) -> Iterator[Engine]:
    path = tmp_path / "hailong.db"
    path.write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    yield database.engine
    database.dispose()


def test_every_table_has_been_thought_about(engine: Engine) -> None:
    assert promise.unclassified(engine) == set()


def test_every_column_of_a_sheet_has_its_reason(engine: Engine) -> None:
    assert promise.unexplained_columns(engine) == {}


def test_every_column_of_an_account_is_erased_or_kept_on_purpose(engine: Engine) -> None:
    columns = {column["name"] for column in inspect(engine).get_columns("account")}
    assert columns == set(promise.ACCOUNT)


def test_a_sheet_names_places_and_nothing_else(engine: Engine) -> None:
    assert promise.named_by_sheets(engine) <= promise.PLACES | promise.DECISIONS


def test_a_decision_is_about_several_sheets(engine: Engine) -> None:
    checks = inspect(engine).get_check_constraints("review")
    assert f"sheets >= {promise.FEWEST_DECIDED_ON}" in {check["sqltext"] for check in checks}
    assert promise.FEWEST_DECIDED_ON == MINIMUM_BASE


def test_nothing_can_be_joined_with_a_sheet_but_through_its_place(engine: Engine) -> None:
    assert promise.joinable(engine) == set()


def test_no_other_table_has_a_column_for_the_key_of_a_sheet(engine: Engine) -> None:
    assert promise.keys_like_a_sheets(engine) == set()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE visit (device_id INTEGER PRIMARY KEY, unit_id INTEGER, response_key BLOB,"
        " FOREIGN KEY (unit_id, response_key) REFERENCES survey_response (unit_id, response_key))",
        "ALTER TABLE survey_response ADD COLUMN token_hash BLOB REFERENCES one_time_link",
    ],
)
def test_a_broken_promise_is_seen(engine: Engine, statement: str) -> None:
    """What would join a sheet with a device or a slip is found by more than one of the tests."""
    with engine.begin() as connection:
        connection.execute(text(statement))
    found = (
        promise.unclassified(engine) or promise.unexplained_columns(engine),
        promise.joinable(engine),
    )
    assert all(found)


def test_rows_do_not_lie_in_the_order_in_which_they_came(engine: Engine) -> None:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        made = {row.name: row.sql for row in rows}
    for table in promise.UNORDERED:
        assert re.search(r"\)\s*WITHOUT ROWID\s*$", made[table]), table
    assert "sqlite_sequence" not in made, "a counter tells how many rows came before"
