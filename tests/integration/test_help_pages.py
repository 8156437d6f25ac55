"""The guides as pages: complete, linked with one another, found without marks, safe."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from survey_app.operations.access.rights import AccountRole
from survey_app.storage.database import Database
from survey_app.web.access import ACCESS
from survey_app.web.help.guides import FOLDER, GROUPS, render_guide, search_guides
from survey_app.web.help.views import GUIDE_OF_PAGE, GUIDE_OF_SECTION
from tests.factories import make_account, make_unit
from tests.integration.office import plain, sign_in

NAMES = [name for names in GROUPS.values() for name in names]


@pytest.fixture
def leader(client: FlaskClient, database: Database) -> FlaskClient:
    with database.transaction() as session:
        make_account(session, "lanhdao", AccountRole.LEADER, make_unit(session))
    sign_in(client, "lanhdao")
    return client


def test_every_guide_is_in_the_list_and_every_page_points_at_one() -> None:
    assert sorted(NAMES) == sorted(path.stem for path in FOLDER.glob("*.md"))
    assert set(GUIDE_OF_PAGE) <= set(ACCESS)
    assert {*GUIDE_OF_PAGE.values(), *GUIDE_OF_SECTION.values()} <= set(NAMES)


def test_whoever_is_signed_in_reads_every_guide_and_its_links_lead_somewhere(
    leader: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    overview = leader.get("/help/").text
    for name in NAMES:
        assert f'href="/help/{name}"' in overview
        page = leader.get(f"/help/{name}").text
        body = page[page.index('<article class="guide">') :]
        places = set(re.findall(r'id="([^"]+)"', page))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= places
        for address in re.findall(r'(?:src|href)="([^"/#:]+|pictures/[^"]+)"', body):
            assert leader.get(f"/help/{address}").status_code == 200, address
        assert ".md" not in "".join(re.findall(r'href="[^"]*"', body))
        assert " style=" not in body
    assert leader.get("/help/pictures/phuong-phap.md").status_code == 404
    assert leader.get("/help/khong-co").status_code == 404


def test_a_section_is_found_without_marks(leader: FlaskClient) -> None:
    told = leader.get("/help/?q=sap xep don vi").text
    assert 'href="/help/don-vi#muc-sap-xep-don-vi"' in told
    assert "Không có mục nào" in plain(leader.get("/help/?q=zzzz"))
    found = search_guides("mat khau")
    assert found[0].section.heading == "Mật khẩu"
    assert len(found) > 1


def test_the_office_points_at_the_fitting_guide(leader: FlaskClient) -> None:
    assert 'href="/help/phuong-phap"' in leader.get("/officer/").text


def test_html_is_shown_and_not_obeyed_and_links_out_become_words() -> None:
    source = "# A\n\nĐây. Kia.\n\n## B\n\n<b>x</b> [y](../api.md) [z](kiosk.md#muc-c)\n\n## B\n"
    guide = render_guide("a", source)
    assert guide.title == "A"
    assert guide.lead == "Đây."
    assert '&lt;b&gt;x&lt;/b&gt; y <a href="kiosk#muc-c">z</a>' in guide.body
    assert [section.anchor for section in guide.sections] == ["muc-b", "muc-b-2"]
