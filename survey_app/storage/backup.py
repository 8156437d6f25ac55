"""Copies of a SQLite database: whole, consistent, checked by reopening."""

import sqlite3
from contextlib import closing
from pathlib import Path

from survey_app.errors import Invalid

CHECK = "PRAGMA integrity_check"


def copy_database(source: Path, target: Path) -> None:
    """Copy a live database through SQLite's own backup, so that writers need not stop.

    The copy gets its name only after it has been reopened and found sound. Raises Invalid when
    the source is no sound database.
    """
    if not source.exists():
        raise Invalid(f"Không có tệp {source}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    draft.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reader,
            closing(sqlite3.connect(draft)) as writer,
        ):
            reader.backup(writer)
            # A single file without a log beside it, fit to be carried away.
            writer.execute("PRAGMA journal_mode=DELETE")
        check_database(draft)
    except sqlite3.DatabaseError as error:
        draft.unlink(missing_ok=True)
        raise Invalid(f"Tệp {source} không phải cơ sở dữ liệu lành lặn: {error}.") from error
    draft.replace(target)


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
