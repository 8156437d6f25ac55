"""hailong paper: a template, a dry run, an import, the same again; mistakes in sentences."""

import os
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select

from survey_app.storage.database import Database
from survey_app.storage.models import SurveyResponse
from tests.factories import make_point, make_survey, make_unit
from tests.program import Done, Run, run_forked


@pytest.fixture
def run(tmp_path: Path, database: Database) -> Run:
    """``hailong`` on the database of the test, with a file of two forms in its folder."""
    with database.transaction() as session:
        unit = make_unit(session)
        # The clock of the command is the real one.
        survey = make_survey(session, [unit], ends_on=date(2099, 12, 31))
        token = make_point(session, survey, unit).token
    heads = "Mã điểm;Số phiếu;access.signage"
    (tmp_path / "good.csv").write_text(f"{heads}\n{token};0001;5\n{token};2;Hài lòng\n")
    (tmp_path / "bad.csv").write_text(f"{heads}\n{token};1;5\n{token};2;9\n")
    environment = os.environ | {"DATABASE_URL": database.url, "HAILONG_ENV": "development"}

    def call(*arguments: str) -> Done:
        words = ("paper", *arguments, "--survey", "KS-2026")
        return run_forked(*words, environment=environment, folder=tmp_path)

    return call


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def test_forms_are_checked_imported_and_recognised(run: Run, database: Database) -> None:
    checked = run("import", "good.csv", "--dry-run")
    assert checked.returncode == 0, checked.stderr
    assert "2 phiếu mới, 0 phiếu đã có." in checked.stdout
    assert "chưa nhập phiếu nào" in checked.stdout
    assert count(database) == 0
    assert "Đã nhập 2 phiếu giấy." in run("import", "good.csv").stdout
    again = run("import", "good.csv")
    assert "0 phiếu mới, 2 phiếu đã có." in again.stdout
    assert "Đã nhập 0 phiếu giấy." in again.stdout
    assert count(database) == 2
    never = run("import", "good.csv", "--form-version", "2")
    assert never.returncode != 0 and "không dùng phiên bản này" in never.stderr


def test_a_file_with_a_mistake_imports_nothing(run: Run, database: Database) -> None:
    refused = run("import", "bad.csv")
    assert refused.returncode == 2
    assert "chưa nhập phiếu nào" in refused.stderr
    assert "dòng 3, cột C: không hiểu “9”" in refused.stderr
    assert count(database) == 0


def test_the_template_is_a_workbook(run: Run, tmp_path: Path) -> None:
    done = run("template", "--out", "mau.xlsx")
    assert done.returncode == 0, done.stderr
    assert openpyxl.load_workbook(tmp_path / "mau.xlsx").sheetnames[0] == "Nhập phiếu"
