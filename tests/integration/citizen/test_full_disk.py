"""A disk without room: nobody is promised anything, everybody may come again, logs stay short."""

from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey_app.storage.database import Database
from survey_app.storage.models import SurveyResponse
from tests.factories import make_point, make_survey, make_unit
from tests.integration.commands.test_power_cuts import full_disk


def test_a_sheet_that_finds_no_room_is_sent_again(
    app: Flask, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        token = make_point(session, make_survey(session, [unit]), unit).token
    app.testing = False
    database.empty_log()
    client, identifier = app.test_client(), uuid4()
    sheet = {"link": token, "answers": {"access.signage": "4"}}
    with full_disk((tmp_path / "hailong.db-turn").stat().st_size):
        put = client.put(f"/api/v1/responses/{identifier}", json=sheet)
    assert (put.status_code, put.json) == (503, {"error": "Vui lòng thử lại sau ít phút."})
    assert "Traceback" not in caplog.text and caplog.text.count("does not answer") == 1
    assert client.put(f"/api/v1/responses/{identifier}", json=sheet).status_code == 201
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(SurveyResponse)) == 1
