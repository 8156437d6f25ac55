"""Commands that are cut short: a full disk, a power cut, a service that still runs."""

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from survey_app.cli import report as reports
from survey_app.cli.backup import backup, restore
from survey_app.errors import Conflict, Unavailable
from survey_app.storage.database import Database, Session
from survey_app.storage.models import AdministrativeUnit, CollectionPoint
from tests.factories import answer, make_point, make_survey, make_unit
from tests.integration.office import actions


@pytest.fixture(autouse=True)
def environment(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.setenv("HAILONG_ENV", "development")


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """No file may grow beyond ``most`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def backed_up(database: Database, folder: Path) -> Path:
    """A copy of the database with one unit in it."""
    with database.transaction() as session:
        make_unit(session)
    done = CliRunner().invoke(backup, ["--out", str(folder)])
    assert done.exit_code == 0, done.output
    (copy,) = folder.glob("*.db")
    database.dispose()
    return copy


def restored(copy: Path) -> Result:
    return CliRunner().invoke(restore, [str(copy), "--yes"])


def codes(path: Path) -> list[str]:
    found = Database(f"sqlite:///{path}")
    with found.session() as session:
        units = list(session.scalars(select(AdministrativeUnit.code).order_by("code")))
    found.dispose()
    return units


def test_a_copy_that_finds_no_room_leaves_all_as_it_was(database: Database, tmp_path: Path) -> None:
    copy, target = backed_up(database, tmp_path / "copies"), tmp_path / "hailong.db"
    before = sorted(path.name for path in tmp_path.iterdir())
    with full_disk(copy.stat().st_size // 2):
        done = restored(copy)
    assert isinstance(done.exception, Unavailable), done.exception
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert codes(target) == codes(copy) == ["H01.01"]
    with full_disk(copy.stat().st_size // 2):
        done = CliRunner().invoke(backup, ["--out", str(tmp_path / "others")])
    assert isinstance(done.exception, Unavailable)
    assert list((tmp_path / "others").iterdir()) == []


def test_what_was_put_aside_holds_what_stood_in_its_log(database: Database, tmp_path: Path) -> None:
    """After a kill the last sheets are in the log alone; put beside another database it would be
    lost, or spoil that one."""
    copy, target = backed_up(database, tmp_path / "copies"), tmp_path / "hailong.db"
    with database.transaction() as session:
        make_unit(session, "H01.02")
        session.flush()
    for suffix in ("", "-wal"):
        shutil.copy(f"{target}{suffix}", tmp_path / f"killed{suffix}")
    database.dispose()
    for suffix in ("", "-wal"):
        shutil.move(tmp_path / f"killed{suffix}", f"{target}{suffix}")
    done = restored(copy)
    assert done.exit_code == 0, done.output
    (aside,) = (path for path in tmp_path.glob("hailong.db.truoc-*"))
    assert (codes(target), codes(aside)) == (["H01.01"], ["H01.01", "H01.02"])
    assert actions(Database(database.url))[-1] == "backup.restore"


def test_nothing_is_restored_under_a_service_that_runs(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey_app.storage.backup.SECONDS_UNTIL_IN_USE", 0)
    copy = backed_up(database, tmp_path / "copies")
    with database.session() as session:
        session.scalars(select(AdministrativeUnit)).all()
        done = restored(copy)
        assert isinstance(done.exception, Conflict)
        assert "hãy dừng dịch vụ" in done.exception.message
    assert not list(tmp_path.glob("*.truoc-*"))


def test_old_reports_are_not_taken_for_those_of_a_run_that_was_cut_short(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        units = [make_unit(session, f"H01.0{place}", f"Phường Số {place}") for place in (1, 2, 3)]
        survey = make_survey(session, units)
        points = [make_point(session, survey, unit) for unit in units]
        more_sheets(session, points)
    out = tmp_path / "all"

    def report_all() -> Result:
        options = ["--survey", "KS-2026", "--format", "csv", "--out", str(out)]
        return CliRunner().invoke(reports.report, ["all", *options])

    assert report_all().exit_code == 0
    old = {path.name: path.read_bytes() for path in out.glob("*.csv")}
    with database.transaction() as session:
        more_sheets(session, points)
    whole = reports._render_batch

    def cut_short(task: tuple[str, list[str], str, Path]) -> int:
        survey_code, units, form, folder = task
        whole((survey_code, units[:1], form, folder))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reports, "_render_batch", cut_short)
        assert report_all().exit_code == 1
    done = report_all()
    assert "(2 vừa lập)" in done.output
    new = {path.name: path.read_bytes() for path in out.glob("*.csv")}
    assert len(new) == 3
    assert all(new[name] != old[name] for name in new)


def more_sheets(session: Session, points: list[CollectionPoint]) -> None:
    for point in points:
        for level in "455354":
            answer(session, point.token, {"access.signage": level})
