"""Who only reads: sees units, services and drafts, and is offered nothing that would be refused."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.organisation.services import import_services, read_services
from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.lifecycle import propose
from survey_app.storage.database import Database
from tests.factories import NOW, QUESTIONNAIRES, make_account, make_unit
from tests.integration.office import sign_in

SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
SERVICES = "Mã TTHC,Tên thủ tục,Lĩnh vực\n1.001193,Đăng ký khai sinh,Hộ tịch\n"
UNIT_PAGES = ("units", "units/H01", "services", "services/1.001193", "reorganisations")
DRAFT_PAGES = (
    "drafts",
    "drafts/1/general",
    "drafts/1/checks",
    "drafts/1/scoring",
    "drafts/1/library",
)
PROPOSALS = ("questionnaires/proposals", "questionnaires/proposals/1", "drafts/1/preview")


@pytest.fixture(autouse=True)
def house(database: Database) -> None:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        author = make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, root)
        make_account(session, "kiemtra", AccountRole.AUDITOR)
        import_services(session, read_services(SERVICES.encode(), "a.csv"))
        drafts.draft_from_source(session, SOURCE, now=NOW, account=author)
        propose(session, SOURCE, declared={}, author=author, now=NOW)


def refused_links(client: FlaskClient, pages: tuple[str, ...]) -> list[str]:
    """Addresses that the main part of these pages leads to, and that the reader may not open."""
    refused = []
    for page in pages:
        answer = client.get(f"/admin/{page}")
        assert answer.status_code == 200, page
        main = answer.text.partition("<main")[2]
        links = set(re.findall(r'(?:href|src)="(/[^"#]*)', main)) - {"/account"}
        refused += [f"{page}: {link}" for link in links if client.get(link).status_code == 403]
    return refused


def test_an_officer_sees_units_and_services(app: Flask) -> None:
    client = app.test_client()
    sign_in(client, "canbo")
    assert refused_links(client, UNIT_PAGES) == []
    assert not re.search(r'method="post"', client.get("/admin/units").text.partition("<main")[2])


def test_an_auditor_sees_drafts_with_every_field_switched_off(app: Flask) -> None:
    client = app.test_client()
    sign_in(client, "kiemtra")
    assert refused_links(client, UNIT_PAGES + DRAFT_PAGES + PROPOSALS) == []
    page = client.get("/admin/drafts/1/general").text
    before, _, within = page.partition('<fieldset class="read-only" disabled>')
    assert within and "js/editor" not in page
    assert 'id="outline"' in before, "what leads from part to part is not switched off"
    assert 'method="post"' not in before.partition("<main")[2]
    assert "decide_proposal" not in client.get("/admin/questionnaires/proposals/1").text
