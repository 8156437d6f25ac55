"""The migrations: one numbered chain that leads exactly to the tables of the models."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from survey_app.storage import migrate
from survey_app.storage.database import Database
from survey_app.storage.models import Base


@pytest.fixture(scope="module")
def files(root: Path) -> list[Path]:
    return sorted((root / "migrations" / "versions").glob("*.py"))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'migrated.db'}")
    yield database
    database.dispose()


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"migration_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_file_names_count_from_one(files: list[Path]) -> None:
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+", path.stem) for path in files)
    assert [int(path.stem[:4]) for path in files] == list(range(1, len(files) + 1))


def test_each_migration_follows_the_one_before(files: list[Path]) -> None:
    found = [(module.revision, module.down_revision) for module in map(load, files)]
    stems = [path.stem for path in files]
    assert found == list(zip(stems, [None, *stems[:-1]], strict=True))


def test_head_file_names_the_last_migration(root: Path, files: list[Path]) -> None:
    # Two branches that both add a migration conflict in this file, not on a server.
    head = (root / "migrations" / ".current-alembic-head").read_text().strip()
    assert head == files[-1].stem


def test_migrations_make_the_tables_of_the_models(database: Database) -> None:
    migrate.upgrade(database.url)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_migrations_can_be_taken_back(database: Database) -> None:
    migrate.upgrade(database.url)
    migrate.downgrade(database.url, "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(database.url)
    assert migrate.is_current(database)
