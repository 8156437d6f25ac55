"""A sheet that cannot be taken any more: the words typed into it are not lost."""

import re

import time_machine
from flask.testing import FlaskClient

from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.storage.database import Database
from survey_app.storage.models import Survey
from tests.factories import NOW, make_point, make_survey, make_unit


@time_machine.travel(NOW)
def test_words_typed_are_shown_when_the_survey_has_closed(
    client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        address = f"/s/{make_point(session, survey, unit).token}"
        survey_id = survey.id
    page = client.get(address).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    with database.transaction() as session:
        close_survey(session.get_one(Survey, survey_id))
    refused = client.post(address, data=hidden | {"comment": "Xin thêm <b>ghế</b>"})
    assert refused.status_code == 410
    assert "Xin thêm &lt;b&gt;ghế&lt;/b&gt;" in refused.text


def test_a_wrong_method_is_told_the_right_ones(client: FlaskClient) -> None:
    refused = client.post("/healthz")
    assert refused.status_code == 405
    assert "GET" in refused.allow
