"""Copies of a SQLite database: whole, consistent, checked by reopening."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from survey_app.errors import Conflict, Invalid, Unavailable
from survey_app.storage.whole_files import put_in_place

CHECK = "PRAGMA integrity_check"
#: What a copy that a power cut ended left behind is removed after this time; others may be at work.
DRAFTS_KEPT_FOR = 24 * 3600
SECONDS_UNTIL_IN_USE = 5


def copy_database(source: Path, target: Path) -> None:
    """Copy a live database through SQLite's own backup, so that writers need not stop.

    The copy gets its name only after it has been reopened and found sound. Raises Invalid when
    the source is no sound database, Unavailable when the copy cannot be written.
    """
    put_in_place(draft_copy(source, target), target)


def draft_copy(source: Path, target: Path) -> Path:
    """The same, up to the moment when the copy takes its place: the draft beside ``target``."""
    if not source.exists():
        raise Invalid(f"Không có tệp {source}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_old_drafts(target.parent)
    draft = _draft_of(target)
    draft.unlink(missing_ok=True)
    try:
        _copy(source, draft)
        check_database(draft)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def put_aside(target: Path, suffix: str) -> Path | None:
    """Keep a database that nobody uses under another name, with all that its log holds in it, so
    that another one can take its place; its new name, None when there was none. Raises Conflict
    while somebody uses it."""
    if not target.exists():
        return None
    try:
        with closing(sqlite3.connect(target, timeout=SECONDS_UNTIL_IN_USE)) as connection:
            # Takes the database for itself alone, writes the log back and removes it.
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            message = f"Có chương trình đang dùng {target}; hãy dừng dịch vụ rồi khôi phục lại."
            raise Conflict(message) from error
        # What is no sound database any more is kept as it is.
    # The log first: left beside another database it would spoil that one.
    aside = target.with_name(target.name + suffix)
    for part in ("-wal", "-shm"):
        if (log := target.with_name(target.name + part)).exists():
            log.rename(aside.with_name(aside.name + part))
    try:
        aside.hardlink_to(target)  # until it is replaced, so that at no moment there is none
    except OSError:  # not every file system gives a file two names
        target.rename(aside)
    return aside


def check_database(path: Path) -> None:
    """Raises Invalid unless the file is a sound database of this product."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            found = connection.execute(CHECK).fetchone()[0]
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise Invalid(f"Tệp {path} không phải bản sao lưu dùng được: {error}.") from error
    if found != "ok":
        raise Invalid(f"Tệp {path} bị hỏng: {found}.")


def _copy(source: Path, draft: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reader,
            closing(sqlite3.connect(draft)) as writer,
        ):
            reader.backup(writer)
            # A single file without a log beside it, fit to be carried away.
            writer.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if _is_of_the_disk(error):
            raise Unavailable(f"Không ghi được {draft.parent}: {error}.") from error
        raise Invalid(f"Tệp {source} không phải cơ sở dữ liệu lành lặn: {error}.") from error


def _is_of_the_disk(error: sqlite3.DatabaseError) -> bool:
    """Whether there is no room, or the disk refuses; the first byte of a code is its family."""
    family = (error.sqlite_errorcode or 0) & 0xFF
    return family in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _draft_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _remove_old_drafts(folder: Path) -> None:
    for path in folder.glob(".*.db.part"):
        if path.stat().st_mtime < time.time() - DRAFTS_KEPT_FOR:
            path.unlink(missing_ok=True)
