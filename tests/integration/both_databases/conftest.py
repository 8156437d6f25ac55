"""Tests that are run on SQLite and on PostgreSQL alike."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

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
        upgrade(found.url)
        yield found
        found.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    if request.param == "sqlite":
        return settings
    url = make_url(request.getfixturevalue("server").url).set(database="test")
    return replace(settings, database_url=url.render_as_string(hide_password=False))


@pytest.fixture
def database(
    request: pytest.FixtureRequest, settings: Settings, migrated_file: Path
) -> Iterator[Database]:
    """Empty but for its tables: a copy of a database with every migration."""
    if settings.database_url.startswith("sqlite"):
        shutil.copy(migrated_file, settings.data_directory / "hailong.db")
    else:
        copy_database(request.getfixturevalue("server").url)
    found = Database(settings.database_url)
    yield found
    found.dispose()


def copy_database(migrated: str) -> None:
    """Make the database "test" anew on the server, like the one at the address ``migrated``."""
    address = make_url(migrated)
    engine = create_engine(address.set(database="template1"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS test WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE test TEMPLATE {address.database}"))
    engine.dispose()
