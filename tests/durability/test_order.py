"""The reply leaves after the disk has answered: seen in the system calls of the web process.

What this shows: for each sheet, SQLite's log is written and then flushed by fdatasync, which
returns, before the first byte of "201 Created" is handed to the kernel. What it cannot show: that
disk and host keep a flush that they have confirmed. On PostgreSQL the server flushes; there the
test can only show that a connection of ours asks for it.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_app.storage.database import Database
from tests.durability.citizens import send, some_sheet
from tests.durability.kill import prepare
from tests.durability.server import HASTY, PRODUCT, ServerGroup
from tests.postgresql import PROGRAMS, PostgresServer

SHEETS = 25
CALLS = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg"

Event = tuple[str, str]
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*)")
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>.*= (-?\d+)")


def events(lines: Iterable[str]) -> Iterator[Event]:
    """(what, process) in order: "written" and "flushed" of the log, "promised" to a client.

    A write and a promise count from their beginning, a flush from its end.
    """
    flushing = set()
    for line in lines:
        if resumed := _RESUMED.match(line):
            if resumed[1] in flushing and resumed[2] == "0":
                yield "flushed", resumed[1]
            flushing.discard(resumed[1])
        elif begun := _BEGUN.match(line):
            thread, call, rest = begun.groups()
            if "sync" in call and "-wal>" in rest:
                if rest.endswith("= 0"):
                    yield "flushed", thread
                elif "unfinished" in rest:
                    flushing.add(thread)
            elif "-wal>" in rest:
                yield "written", thread
            elif "HTTP/1.1 201" in rest:
                yield "promised", thread


def count_rash(found: Iterable[Event]) -> tuple[int, int]:
    """(promises, those of them that no written and flushed log stands behind)."""
    promises = rash = 0
    is_written = is_flushed = False
    for what, _ in found:
        if what == "promised":
            promises += 1
            rash += not (is_written and is_flushed)
            is_written = is_flushed = False
        elif what == "written":
            is_written, is_flushed = True, False
        elif is_written:
            is_flushed = True
    return promises, rash


def can_trace() -> bool:
    command = ["strace", "-o", "/dev/null", "true"]
    return shutil.which("strace") is not None and subprocess.run(command).returncode == 0


def trace(folder: Path, app: str) -> tuple[int, int]:
    """Send sheets one after another to a traced server."""
    if (
        not shutil.which("strace")
        or subprocess.run(["strace", "-o", "/dev/null", "true"]).returncode
    ):
        pytest.skip("system calls cannot be traced here")
    database = Database(f"sqlite:///{folder / 'hailong.db'}")
    token, _ = prepare(database)
    record = folder / "calls"
    command = ["strace", "-f", "-y", "-s", "16", "-e", f"trace={CALLS}", "-o", str(record)]
    group = ServerGroup(database.url, folder, app=app, prefix=command)
    try:
        group.start()
        group.wait_until_loaded()
        statuses = [send(group.port, some_sheet(token))[0] for _ in range(SHEETS)]
    finally:
        group.kill()
        database.dispose()
    assert statuses == [201] * SHEETS
    with record.open(errors="replace") as lines:
        return count_rash(events(lines))


def test_the_log_is_flushed_before_the_reply(tmp_path: Path) -> None:
    assert trace(tmp_path, PRODUCT) == (SHEETS, 0)


def test_a_reply_before_the_flush_is_seen(tmp_path: Path) -> None:
    promises, rash = trace(tmp_path, HASTY)
    assert (promises, rash) == (SHEETS, SHEETS)


def test_postgresql_is_asked_to_flush(tmp_path: Path) -> None:
    if not PROGRAMS:
        pytest.skip("no PostgreSQL server is installed")
    with tempfile.TemporaryDirectory(prefix="hailong-postgresql-") as name:
        server = PostgresServer(Path(name), fsync=True)
        server.start()
        database = Database(server.url)
        try:
            with database.session(write=True) as session:
                for setting in ("fsync", "synchronous_commit"):
                    assert session.scalar(text(f"SHOW {setting}")) == "on"
        finally:
            database.dispose()
            server.stop()
