"""Writers of a SQLite file wait in line instead of trying again and again.

SQLite lets one connection write at a time; the others sleep and ask anew, and under load some
are passed over for seconds. A lock on a file beside the database wakes them when their turn
comes, whatever process they are in; the kernel releases the lock of a process that dies.
SQLite's own lock stays the one that guards the data: who does not wait here is only less polite.
"""

import fcntl
import os
import sqlite3
import threading
from pathlib import Path


class Turns:
    """The line before one database file. ``path``: the file whose lock is the turn."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._within = threading.Lock()  # the lock of a file knows processes, no threads
        self._file: int | None = None

    def take(self, seconds: float) -> bool:
        """Wait for the turn; False when another thread of this process keeps it for so long."""
        if not self._within.acquire(timeout=seconds):
            return False
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._within.release()
            raise
        return True

    def give_back(self) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._within.release()

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class WaitingConnection(sqlite3.Connection):
    """A connection that writes when it is its turn; commit and rollback give the turn back."""

    turns: Turns | None = None
    _has_turn = False

    def take_turn(self, seconds: float) -> None:
        if self.turns and not self._has_turn:
            self._has_turn = self.turns.take(seconds)

    def give_turn_back(self) -> None:
        if self.turns and self._has_turn:
            self._has_turn = False
            self.turns.give_back()

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            self.give_turn_back()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.give_turn_back()
