"""Sheets of several versions, on both databases: rows of before are filled in, moves are made."""

from sqlalchemy import inspect, select

from survey_app.operations.fieldwork.moves import make_due_moves
from survey_app.operations.figures.unit_sample import read_sample
from survey_app.storage.database import Database
from survey_app.storage.migrate import downgrade, upgrade
from survey_app.storage.models import Survey, SurveyResponse
from tests.factories import NOW, answer, make_point, make_survey, make_unit
from tests.integration.operations.test_moves import (
    HOUR,
    V1,
    both_versions,
    later_document,
)

BEFORE = "0030_dataset_releases"


def test_sheets_of_before_are_of_the_version_of_their_survey(database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        first = make_survey(session, [unit], source=V1)
        later = make_survey(session, [unit], code="KS-2", source=later_document())
        third = make_survey(session, [unit], code="KS-3", source=later_document())
        given = {first: {"waiting": "5"}, later: {"waiting": "3"}, third: {"waiting": "1"}}
        for survey, answers in given.items():
            answer(session, make_point(session, survey, unit).token, answers)
    url = database.engine.url.render_as_string(hide_password=False)
    database.dispose()
    downgrade(url, BEFORE)
    upgrade(url)
    with database.session() as session:
        rows = select(Survey.code, SurveyResponse.version_number).join(
            SurveyResponse, SurveyResponse.survey_id == Survey.id
        )
        assert dict(session.execute(rows).all()) == {"KS-2026": 1, "KS-2": 2, "KS-3": 2}
    # What says no version is of none, whatever the sheets of before were given.
    for table in ("survey_response", "second_keying"):
        columns = {column["name"]: column for column in inspect(database.engine).get_columns(table)}
        assert str(columns["version_number"]["default"]).strip("'") == "0"


def test_a_move_and_what_is_pooled(database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, {unit: 400}, source=V1)
        point = make_point(session, survey, unit)
        both_versions(session, survey, point)
        assert make_due_moves(session, now=NOW + HOUR) == []
        code, unit_id = survey.code, unit.id
    with database.session() as session:
        kept = session.scalars(select(Survey).where(Survey.code == code)).one()
        assert kept.version.number == 2
        sample = read_sample(session, kept, unit_id, None)
        levels = {c: sample.tally(sample.questionnaire[c]).levels for c in ("attitude", "waiting")}
    assert levels == {"attitude": (11, 4, 0, 0, 15), "waiting": (0, 11, 9)}
