"""Fixtures of every room: a real, migrated database for each test, and an application on it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.storage.database import Database
from survey_app.storage.migrate import upgrade
from tests.economy import economise


@pytest.fixture(scope="session", autouse=True)
def economy() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        economise(patch)
        yield


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with every migration, made once and copied for each test."""
    path = tmp_path_factory.mktemp("database") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        environment="development",
        data_directory=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'hailong.db'}",
        secret_key="only-for-tests-" + "x" * 32,
    )


@pytest.fixture
def database(settings: Settings, migrated_file: Path) -> Iterator[Database]:
    shutil.copy(migrated_file, settings.data_directory / "hailong.db")
    found = Database(settings.database_url)
    yield found
    found.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session; what a test leaves uncommitted is rolled back."""
    with database.session(write=True) as found:
        yield found


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    found = create_app(settings, database)
    found.testing = True
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
