"""hailong survey: opened by the same list as the page asks."""

import os
from functools import partial
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.figures.targets import set_target
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry, CollectionPoint
from tests.factories import NOW, make_point, make_survey, make_unit
from tests.program import Run, run_forked


@pytest.fixture
def run(tmp_path: Path, database: Database) -> Run:
    """``hailong`` on a database with a draft of two units, one of which has its place."""
    with database.transaction() as session:
        units = {make_unit(session, f"H01.0{n}", f"Phường {n}"): 100 for n in (1, 2)}
        survey = make_survey(session, units, is_open=False)
        set_target(survey, margin=0.05, response_rate=0.8)
        make_point(session, survey, next(iter(units)))
    environment = os.environ | {"DATABASE_URL": database.url, "HAILONG_ENV": "development"}
    return partial(run_forked, environment=environment, folder=tmp_path)


def status(database: Database) -> str:
    with database.session() as session:
        return find_survey(session, "KS-2026").status


def opens(run: Run, *options: str) -> tuple[int, str]:
    with time_machine.travel(NOW):
        done = run("survey", "open", "KS-2026", *options)
    return done.returncode, done.stdout + done.stderr


def test_what_is_to_be_noted_must_be_accepted(run: Run, database: Database) -> None:
    code, told = opens(run)
    assert code == 2 and "Lưu ý: 1 đơn vị chưa có điểm thu thập" in told
    assert "--accept-warnings" in told and status(database) == "draft"
    code, told = opens(run, "--accept-warnings")
    assert code == 0 and "Lưu ý: 1 đơn vị" in told and status(database) == "open"
    with database.session() as session:
        entry = session.scalars(select(AuditEntry).filter_by(action="survey.open")).one()
        assert "Phường 2" in entry.detail and entry.subject == "KS-2026"
    code, told = opens(run, "--accept-warnings")
    assert code == 2 and "đã được mở" in told


def test_what_blocks_is_not_accepted(run: Run, database: Database) -> None:
    with database.transaction() as session:
        session.delete(session.scalars(select(CollectionPoint)).one())
    code, told = opens(run, "--accept-warnings")
    assert code == 2 and "Phải sửa: Chưa có điểm thu thập nào" in told
    assert "sửa các mục bắt buộc" in told and status(database) == "draft"
    with time_machine.travel(NOW):
        done = run("survey", "check", "KS-2026")
    assert done.returncode == 2 and "Phải sửa: Chưa có điểm" in done.stdout
