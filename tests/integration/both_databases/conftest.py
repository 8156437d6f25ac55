"""Tests that are run on SQLite and on PostgreSQL alike."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_app.config import Settings
from survey_app.storage.database import Database
from survey_app.storage.migrate import upgrade
from tests.postgresql import PROGRAMS, PostgresServer


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    if not PROGRAMS:
        pytest.skip("no PostgreSQL server is installed")
    with tempfile.TemporaryDirectory(prefix="hailong-postgresql-") as name:
        found = PostgresServer(Path(name), fsync=False)
        found.start()
        yield found
        found.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    if request.param == "sqlite":
        return settings
    return replace(settings, database_url=request.getfixturevalue("server").url)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Empty but for its tables."""
    found = Database(settings.database_url)
    if not found.is_sqlite:
        with found.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    upgrade(settings.database_url)
    yield found
    found.dispose()
