"""hailong audit: checked, anchored and written out from the command line."""

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from survey_app.cli.audit import audit
from survey_app.cli.backup import backup, restore
from survey_app.cli.database import transaction
from survey_app.cli.report import report
from survey_app.errors import Invalid
from survey_app.operations.audit.entries import record
from survey_app.storage.audit_chain import UnrecordedError
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry
from survey_app.storage.models.audit import NO_HASH
from tests.factories import NOW, answer, make_point, make_survey, make_unit
from tests.integration.audit.books import check, tampering, write
from tests.integration.office import actions

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.setenv("HAILONG_ENV", "development")
    return lambda *arguments: CliRunner().invoke(audit, [str(word) for word in arguments])


def test_a_whole_chain(run: Run, database: Database) -> None:
    assert "chưa có mục nào" in run("verify").output
    write(database, 25)
    done = run("verify")
    assert done.exit_code == 0
    assert "Chuỗi nguyên vẹn từ mục số 1 đến mục số 25:" in done.output
    assert "Kiểm tra nhật ký: 25/25" in done.output
    head = run("head").output.strip()
    assert head.startswith("25:") and len(head) == 67
    write(database, 1)
    done = run("verify", "--expect", head)
    assert (done.exit_code, "Khớp với mốc của mục số 25." in done.output) == (0, True)
    assert run("verify", "--expect", head[:19]).exit_code == 0


def test_a_broken_chain_ends_with_one(run: Run, database: Database) -> None:
    write(database, 5)
    head = run("head").output.strip()
    with tampering(database) as connection:
        connection.exec_driver_sql("DELETE FROM audit_entry WHERE number = 3")
    done = run("verify")
    assert done.exit_code == 1
    assert "✗ Mục số 3: bị thiếu." in done.output
    assert "Đến mục số 2 thì chuỗi còn đúng." in done.output
    with database.engine.begin() as connection:  # and written anew by who holds the database
        connection.exec_driver_sql("DELETE FROM audit_entry")
        connection.exec_driver_sql(f"UPDATE audit_head SET number = 0, hash = '{NO_HASH}'")
    write(database, 4)
    with database.transaction() as session:
        record(session, "survey.open", now=NOW, subject="another")
    assert run("verify").exit_code == 0
    done = run("verify", "--expect", head)
    assert (done.exit_code, "✗ Mục số 5: khác với mốc" in done.output) == (1, True)
    assert isinstance(run("verify", "--expect", "5").exception, Invalid)


def test_json_lines_hold_all_that_is_needed_to_check_them(
    run: Run, database: Database, tmp_path: Path
) -> None:
    write(database, 3)
    out = tmp_path / "nhat-ky.jsonl"
    assert "3 mục" in run("export", "--format", "jsonl", "--out", out).output
    previous = NO_HASH
    for line in out.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        sealed = {
            "account": entry["account_id"],
            "action": entry["action"],
            "at": entry["happened_at"],
            "detail": entry["detail"],
            "number": entry["number"],
            "previous": previous,
            "subject": entry["subject"],
            "subject_kind": entry["subject_kind"],
        }
        text = json.dumps(sealed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert previous == entry["hash"]
    assert actions(database)[-1] == "audit.export"


def test_csv_by_day(run: Run, database: Database, tmp_path: Path) -> None:
    write(database, 2)
    with database.transaction() as session:
        record(session, "survey.open", now=NOW.replace(day=20), subject="later")
    out = tmp_path / "nhat-ky.csv"
    run("export", "--from", "2026-06-16", "--to", "2026-06-20", "--out", out)
    rows = list(csv.reader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert [row[0] for row in rows] == ["Số", "3"]
    run("export", "--to", "2026-06-15", "--out", out)
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 3


def test_copies_are_on_record(run: Run, database: Database, tmp_path: Path) -> None:
    write(database, 2)
    done = CliRunner().invoke(backup, ["--out", str(tmp_path / "copies")])
    assert done.exit_code == 0, done.output
    (copy,) = (tmp_path / "copies").glob("*.db")
    assert actions(database)[-1] == "backup.create"
    write(database, 3)
    database.dispose()
    done = CliRunner().invoke(restore, [str(copy), "--yes"])
    assert done.exit_code == 0, done.output
    found = Database(database.url)
    assert actions(found) == ["survey.open"] * 2 + ["backup.create", "backup.restore"]
    assert check(found).is_whole
    found.dispose()


def test_what_leaves_by_command_is_on_record(run: Run, database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        point = make_point(session, survey, unit)
        for _ in range(6):
            answer(session, point.token, {"access.signage": "4"})
    options = ["--survey", "KS-2026", "--format", "csv", "--out", str(tmp_path / "a.csv")]
    done = CliRunner().invoke(report, ["unit", unit.code, *options])
    assert done.exit_code == 0, done.output
    with database.session() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.account_id) == ("report.export", None)
    assert entry.subject == "KS-2026 H01.01 csv"


def test_a_command_that_changes_something_and_forgets_is_refused(
    run: Run, database: Database
) -> None:
    with pytest.raises(UnrecordedError), transaction() as session:
        make_unit(session)
    assert actions(database) == []
