"""What the tests of the pages for paper share: a survey on paper, its counters, who may key."""

import pytest

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.paper.forms import paper_points
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint
from tests.factories import make_account, make_point, make_survey, make_unit


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """A ward and a commune with a counter each, an officer of the ward, an administrator."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        commune = make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root)
        survey = make_survey(session, [ward, commune])
        for unit in (ward, commune):
            make_point(session, survey, unit)
        make_account(session)
        make_account(session, "phuong", AccountRole.OFFICER, ward)


@pytest.fixture
def points(database: Database) -> dict[str, CollectionPoint]:
    """The counters by the code of their unit."""
    with database.session() as session:
        found = paper_points(session, find_survey(session, "KS-2026"), None)
        return {point.unit.code: point for point in found}
