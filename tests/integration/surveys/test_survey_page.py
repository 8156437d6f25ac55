"""The page of a survey of very many units: places page by page and searched, no endless tables."""

import pytest
from flask.testing import FlaskClient

from survey_app.operations.fieldwork import collection_points
from survey_app.storage.database import Database
from survey_app.web.admin.surveys import page as survey_page
from tests.factories import make_account, make_point, make_survey, make_unit
from tests.integration.office import plain, sign_in

PAGE = "/admin/surveys/KS-2026"


def test_places_are_searched_and_paged(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection_points, "POINTS_A_PAGE", 1)
    with database.transaction() as session:
        units = [
            make_unit(session, f"H01.0{n}", name) for n, name in ((1, "Xã Đông"), (2, "Xã Tây"))
        ]
        survey = make_survey(session, dict.fromkeys(units, 40))
        tokens = [make_point(session, survey, unit).token for unit in units]
        make_account(session)
    sign_in(client)

    def shown(query: str) -> list[bool]:
        return [token in client.get(PAGE + query).text for token in tokens]

    assert (shown(""), shown("?page=2")) == ([True, False], [False, True])
    assert (shown("?q=xa+tay"), shown("?q=H01.01")) == ([False, True], [True, False])
    nothing = plain(client.get(f"{PAGE}?q=xa+nam"))
    assert "0 điểm của các đơn vị khớp với “xa nam”" in nothing
    assert "Chưa có điểm thu thập nào" not in nothing
    assert 'name="population-1"' in client.get(PAGE).text
    monkeypatch.setattr(survey_page, "MOST_AT_ONCE", 1)
    large = client.get(PAGE)
    assert "Cuộc khảo sát có 2 đơn vị." in plain(large) and 'name="population-' not in large.text
