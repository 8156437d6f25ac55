"""Every change and every file of the office leaves an entry; no entry holds what a citizen said."""

import io
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.paper.forms import form_id
from survey_app.storage.audit_chain import UnrecordedError
from survey_app.storage.database import Database
from survey_app.storage.models import (
    AdministrativeUnit,
    AuditEntry,
    CollectionPoint,
    FreeText,
    SurveyResponse,
)
from survey_app.web.access import ACCESS, UNRECORDED, Access
from survey_app.web.audit import note, note_taken
from survey_app.web.transactions import SAFE_METHODS, current_session
from tests.factories import answer, make_account, make_point, make_survey, make_unit
from tests.integration.office import post, sign_in

OPEN = (Access.PUBLIC, Access.KEY)


@pytest.fixture
def unit(database: Database) -> AdministrativeUnit:
    with database.transaction() as session:
        make_account(session)
        return make_unit(session, name="Phường Bình Minh")


def office_rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every address of the staff, with each of its methods."""
    for rule in app.url_map.iter_rules():
        if ACCESS[rule.endpoint] not in OPEN:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def address_of(app: Flask, rule: Rule) -> str:
    values = {
        name: 1 if type(converter).__name__ == "IdConverter" else uuid4().hex
        for name, converter in rule._converters.items()
    }
    found = rule.build(values)
    assert found
    return found[1]


def call(app: Flask, client: FlaskClient, rule: Rule, method: str, *, records: bool) -> int | None:
    """The status of an address whose view changes something, or hands out a file; None: refused."""
    is_change = method not in SAFE_METHODS

    def view(**_values: object) -> Response:
        if is_change:
            current_session().scalars(select(AdministrativeUnit)).one().place += "x"
            if records:
                note("units.create", "H01.01")
            return Response("done")
        if records:
            note_taken("report.export", "KS-2026")
        return Response("figures", headers={"Content-Disposition": "attachment; filename=a.csv"})

    before, app.view_functions[rule.endpoint] = app.view_functions[rule.endpoint], view
    try:
        return client.open(address_of(app, rule), method=method).status_code
    except UnrecordedError:
        return None
    finally:
        app.view_functions[rule.endpoint] = before


def test_no_address_of_the_office_can_forget_its_entry(
    app: Flask, client: FlaskClient, unit: AdministrativeUnit
) -> None:
    """Whatever stands behind an address: a change or a file without an entry is refused."""
    sign_in(client)
    app.config["WTF_CSRF_ENABLED"] = False
    wrong = []
    for rule, method in list(office_rules(app)):
        is_exception = method not in SAFE_METHODS and rule.endpoint in UNRECORDED
        if call(app, client, rule, method, records=False) != (200 if is_exception else None):
            wrong.append(f"{method} {rule.endpoint}: not refused")
        if call(app, client, rule, method, records=True) != 200:
            wrong.append(f"{method} {rule.endpoint}: refused")
    assert wrong == []


def test_what_is_refused_did_not_happen(
    app: Flask, client: FlaskClient, database: Database, unit: AdministrativeUnit
) -> None:
    sign_in(client)
    app.config["WTF_CSRF_ENABLED"] = False
    rule = next(r for r in app.url_map.iter_rules() if r.endpoint == "admin.load_province")
    assert call(app, client, rule, "POST", records=False) is None
    with database.session() as session:
        assert session.get_one(AdministrativeUnit, unit.id).place == unit.place
    assert call(app, client, rule, "POST", records=True) == 200
    with database.session() as session:
        assert session.get_one(AdministrativeUnit, unit.id).place == f"{unit.place}x"


def test_every_exception_is_an_address_that_changes_something_and_says_why(app: Flask) -> None:
    changing = {rule.endpoint for rule, method in office_rules(app) if method not in SAFE_METHODS}
    assert set(UNRECORDED) <= changing
    assert all(UNRECORDED.values())


# ── no citizen's data ─────────────────────────────────────────────────────────────────────────

WORDS = "Bà cụ ở tổ dân phố số mười bảy chờ rất lâu"


@pytest.fixture
def point(database: Database) -> CollectionPoint:
    with database.transaction() as session:
        unit = make_unit(session, "H01.01", "Phường Bình Minh")
        survey = make_survey(session, {unit: 100})
        found = make_point(session, survey, unit)
        for level in "2244455":
            answer(session, found.token, {"access.signage": level, "comment": WORDS})
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, unit)
        return found


def test_no_entry_holds_what_a_citizen_said_or_how_they_came_in(
    client: FlaskClient, database: Database, point: CollectionPoint
) -> None:
    """Everything the office does near sheets, then every entry is searched."""
    sign_in(client)
    survey, unit = "/admin/surveys/KS-2026", "/officer/surveys/KS-2026/units/H01.01"
    with database.session() as session:
        texts = session.scalars(select(FreeText)).all()
        keys = [key.hex() for key in session.scalars(select(SurveyResponse.response_key))]
    hidden = {"key": texts[0].response_key.hex(), "question_code": "comment"}
    for wish in ("hide", "show"):
        assert post(client, f"{unit}/comments", wish=wish, **hidden).status_code == 302
    for ending in ("csv", "xlsx", "json"):
        assert client.get(f"{unit}/report.{ending}").status_code == 200
    made = post(client, f"{survey}/points/{point.id}/slip")
    codes = re.findall(r'name="codes" value="(\w+)"', made.text)
    assert codes
    printed = post(client, f"{survey}/slips/documents", wish="pdf", codes=" ".join(codes))
    assert printed.status_code == 200
    sheet = "Mã điểm;Số phiếu;access.signage;comment\n"
    sheet += "".join(f"{point.token};{n};5;{WORDS} {n}\n" for n in (8001, 8002))
    sent = {"file": (io.BytesIO(sheet.encode()), "phieu.csv")}
    checked = post(client, f"{survey}/paper", wish="check", **sent)
    along = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', checked.text))
    along.pop("csrf_token")
    assert post(client, f"{survey}/paper", wish="import", **along).status_code == 302
    assert client.get(f"{survey}/paper/entry/{point.id}").status_code == 200
    typed = {"_number": "8003", "q-access.signage": "5", "q-comment": WORDS}
    assert post(client, f"{survey}/paper/entry/{point.id}", **typed).status_code == 302
    with database.session() as session:
        entries = session.scalars(select(AuditEntry)).all()
        place = session.get_one(CollectionPoint, point.id)
        keyed = [str(form_id(place.survey, place, number)) for number in ("8001", "8003")]
    assert {"comment.hide", "comment.show", "report.export", "links.issue", "links.print"} <= {
        entry.action for entry in entries
    }
    assert {"paper.import", "paper.key"} <= {entry.action for entry in entries}
    said = " ".join(entry.subject + entry.detail for entry in entries)
    for secret in (*WORDS.split(" ở ")[1:], *codes, *keys, *keyed, point.token, "800"):
        assert secret not in said
