"""An acknowledged sheet survives kill -9, and a server that promises too early is caught."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.durability.kill import kill_and_restart
from tests.durability.server import HASTY
from tests.postgresql import PROGRAMS, PostgresServer

KILLS, KILLS_ON_POSTGRESQL = 14, 6
#: PostgreSQL itself is killed after every so many kills of ours.
SERVER_TOO = 2


def test_sqlite_loses_no_acknowledged_sheet(tmp_path: Path) -> None:
    outcome = kill_and_restart(f"sqlite:///{tmp_path / 'hailong.db'}", tmp_path, kills=KILLS)
    assert outcome.is_whole, outcome
    assert outcome.broken_off > KILLS, "the kills fell on requests under way"


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    if not PROGRAMS:
        pytest.skip("no PostgreSQL server is installed")
    with tempfile.TemporaryDirectory(prefix="hailong-postgresql-") as name:
        server = PostgresServer(Path(name), fsync=True)
        server.start()
        yield server
        server.stop()


def test_postgresql_loses_no_acknowledged_sheet(postgres: PostgresServer, tmp_path: Path) -> None:
    def kill_it_too(number: int) -> None:
        if number % SERVER_TOO == 0:
            postgres.kill()
            postgres.start()

    outcome = kill_and_restart(
        postgres.url, tmp_path, kills=KILLS_ON_POSTGRESQL, between=kill_it_too
    )
    assert outcome.is_whole, outcome


def test_a_server_that_acknowledges_too_early_is_caught(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hailong.db'}"
    assert kill_and_restart(url, tmp_path, kills=2, app=HASTY).lost > 0
