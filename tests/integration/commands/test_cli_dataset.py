"""hailong dataset: the archive from the command line, on record."""

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from survey_app.cli.dataset import dataset
from survey_app.errors import Conflict
from survey_app.operations.fieldwork.surveys import close_survey, open_survey
from survey_app.operations.organisation.units import find_unit
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry, Survey
from tests.factories import answer, make_point, make_survey, make_unit


@pytest.fixture(autouse=True)
def survey(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.setenv("HAILONG_ENV", "development")
    with database.transaction() as session:
        unit = make_unit(session)
        found = make_survey(session, [unit], document="one-stop-rating.yaml")
        token = make_point(session, found, unit).token
        for _ in range(6):
            answer(session, token, {"service.overall": "5"})


def test_a_closed_survey(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        close_survey(session.scalars(select(Survey)).one())
    out = tmp_path / "so-lieu.zip"
    done = CliRunner().invoke(dataset, ["KS-2026", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "6 phiếu của 1 đơn vị" in done.output
    with zipfile.ZipFile(out) as archive:
        assert "data.csv" in archive.namelist()
    with database.session() as session:
        entries = session.scalars(select(AuditEntry)).all()
        assert [(e.action, e.subject) for e in entries] == [("dataset.export", "KS-2026")]


def test_the_rules_of_the_page_hold_here_as_well(database: Database, tmp_path: Path) -> None:
    """Fewer than five sheets never leave, nor a few that came after the former file."""
    with database.transaction() as session:
        found = session.scalars(select(Survey)).one()
        close_survey(found)
        unit = make_unit(session, "H01.02")
        few = make_survey(session, [unit], code="IT", document="one-stop-rating.yaml")
        token = make_point(session, few, unit).token
        for _ in range(4):
            answer(session, token, {"service.overall": "5"})
        close_survey(few)
    out = tmp_path / "so-lieu.zip"
    assert isinstance(run("IT", out).exception, Conflict) and not out.exists()
    assert run("KS-2026", out).exit_code == 0
    with database.transaction() as session:
        found = session.scalars(select(Survey).where(Survey.code == "KS-2026")).one()
        open_survey(found)
        token = make_point(session, found, find_unit(session, "H01.01")).token
        answer(session, token, {"service.overall": "1"})
        close_survey(found)
    assert isinstance(run("KS-2026", tmp_path / "2.zip").exception, Conflict)
    assert not (tmp_path / "2.zip").exists()


def run(code: str, out: Path) -> Result:
    return CliRunner().invoke(dataset, [code, "--out", str(out)])


def test_an_open_survey_leaves_nothing(database: Database, tmp_path: Path) -> None:
    out = tmp_path / "so-lieu.zip"
    done = CliRunner().invoke(dataset, ["KS-2026", "--out", str(out)])
    assert isinstance(done.exception, Conflict)
    assert not out.exists()
    with database.session() as session:
        assert session.scalars(select(AuditEntry)).all() == []
