"""Objects of another branch, asked for by their ids: never data, never a change.

A survey of the other branch alone, and one that both branches take part in; in each the other
branch has a counter, a kiosk, a drawn list, a decision, a batch of reports, a form in doubt.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from survey_app.operations.access.accounts import Wanted, add_grant
from survey_app.operations.access.rights import AccountRole
from survey_app.operations.fieldwork.devices import add_device
from survey_app.operations.privacy.contact_requests import code_of
from survey_app.operations.reports.batches import request_batch
from survey_app.storage.database import Database
from survey_app.storage.models import (
    AdministrativeUnit,
    AuditEntry,
    CollectionPoint,
    ContactRequest,
    Device,
    KeptAnalysis,
    ReportJob,
    Review,
    SecondKeying,
    Survey,
)
from tests.factories import NOW, make_account, make_point, make_survey, make_unit
from tests.integration.office import csrf_token, sign_in
from tests.integration.officer.file_forms import fill_kept
from tests.integration.operations.drawing import draw, listed

OWN, OTHER = "Phường An Lạc", "Xã Bí Mật"
ROLES = [role for role in AccountRole if role is not AccountRole.ADMINISTRATOR]
#: Names in an address that lead to something of a unit.
OF_A_UNIT = {
    "unit_code",
    "point_id",
    "device_id",
    "number",
    "job_id",
    "kept_id",
    "review_id",
    "key",
    "request_code",
}
#: What belongs to the whole, or to nobody's branch: it is not hidden from the other branches.
COMMON = {
    "version_id",
    "question",
    "language",
    "ending",
    "event_id",
    "draft_id",
    "attempt_id",
    "kind",
    "part",
    "form",
    "proposal_id",
}


@dataclass(frozen=True)
class World:
    """The addresses' values by survey code: everything in them is the other branch's."""

    values: dict[str, dict[str, object]]


def furnish(session: Session, survey: Survey, unit: AdministrativeUnit) -> dict[str, object]:
    """One of everything for a unit in a survey."""
    point = make_point(session, survey, unit)
    point.label = f"Quầy {OTHER}"
    owner = make_account(session, f"chu.{survey.code.lower()}", AccountRole.OFFICER, unit)
    device, _ = add_device(
        session, point, label=f"Kiosk {OTHER}", pin="2468", now=NOW, account=owner
    )
    sample = draw(session, survey, unit, listed(30), n=5)
    review = Review(
        survey_id=survey.id,
        unit_id=unit.id,
        verdict="accepted",
        reason=f"Lý do của {OTHER}",
        flags=1,
        sheets=5,
        account_id=owner.id,
        decided_at=NOW,
    )
    doubt = SecondKeying(
        form_key=survey.id.to_bytes(16),
        survey_id=survey.id,
        collection_point_id=point.id,
        form_number="1",
        answers=b"",
    )
    asked = ContactRequest(
        id=bytes(12) + survey.id.to_bytes(4),
        survey_id=survey.id,
        unit_id=unit.id,
        asked_on=date(2026, 6, 1),
        expires_on=date(2099, 1, 1),
        key_name="x",
        sealed=OTHER.encode(),
        is_mixed=True,
    )
    session.add_all([review, doubt, asked])
    job = request_batch(session, survey, owner, [unit.code], now=NOW)
    session.flush()
    return {
        "code": survey.code,
        "unit_code": unit.code,
        "point_id": point.id,
        "device_id": device.id,
        "number": sample.number,
        "review_id": review.id,
        "job_id": job.id,
        "key": doubt.form_key.hex(),
        "request_code": code_of(asked),
        "version_id": survey.version_id,
        "question": "x",
        "language": "vi",
        "ending": "json",
    }


@pytest.fixture
def world(database: Database) -> World:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        own = make_unit(session, "H01.01", OWN, parent=root)
        other = make_unit(session, "H01.02", OTHER, "commune", root)
        alone = make_survey(session, [other], code="RIENG")
        both = make_survey(session, [own, other], code="CHUNG")
        make_point(session, both, own)
        for role in ROLES:
            make_account(session, role.value.replace("_", ""), role, own)
        values = {survey.code: furnish(session, survey, other) for survey in (alone, both)}
    fill_kept(database, 1, "chu.rieng")
    with database.session() as session:
        kept_id = session.scalars(select(KeptAnalysis.id)).one()
    return World({code: {**found, "kept_id": kept_id} for code, found in values.items()})


def calls(app: Flask, values: dict[str, object]) -> Iterator[tuple[Rule, str, str]]:
    """Every route whose address names something, filled with these values."""
    for rule in app.url_map.iter_rules():
        named = set(rule.arguments)
        if not named & (OF_A_UNIT | {"code"}) or not named <= set(values):
            continue
        if not rule.endpoint.startswith(("admin.", "officer.")) or "/units/<code>" in rule.rule:
            continue  # the tree of units is no secret
        _, address = rule.build({name: values[name] for name in named}) or ("", "")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, address


def books(database: Database) -> list[object]:
    """What must be as it was: everything of the other branch, and the record of acts."""
    with database.session() as session:
        units = [(u.id, u.name) for u in session.scalars(select(AdministrativeUnit))]
        surveys = [(s.code, s.status, s.target_margin) for s in session.scalars(select(Survey))]
        devices = [
            (d.id, d.label, d.pin_hash, d.is_revoked, d.enrolment_hash, d.collection_point_id)
            for d in session.scalars(select(Device))
        ]
        counts = [
            len(session.scalars(select(table)).all())
            for table in (CollectionPoint, Review, SecondKeying, KeptAnalysis)
        ]
        asked = [(r.id, r.sealed) for r in session.scalars(select(ContactRequest))]
        jobs = [(j.id, j.state) for j in session.scalars(select(ReportJob)) if j.account_id]
        return [units, surveys, devices, counts, asked, jobs]


@pytest.mark.parametrize("role", ROLES)
def test_a_survey_of_another_branch_is_not_there(
    app: Flask, client: FlaskClient, database: Database, world: World, role: AccountRole
) -> None:
    send = sender(client, role.value.replace("_", ""))
    before = books(database)
    tried = 0
    for _, method, address in calls(app, world.values["RIENG"]):
        answer = send(method, address)
        assert answer.status_code in {403, 404}, f"{method} {address}: {answer.status}"
        assert OTHER not in contents(answer), f"{method} {address}"
        tried += 1
    assert tried > 60
    assert books(database) == before


@pytest.mark.parametrize("role", ROLES)
def test_the_other_branchs_part_of_a_common_survey_is_not_there(
    app: Flask, client: FlaskClient, database: Database, world: World, role: AccountRole
) -> None:
    send = sender(client, role.value.replace("_", ""))
    before = books(database)
    for rule, method, address in calls(app, world.values["CHUNG"]):
        answer = send(method, address)
        assert OTHER not in contents(answer), f"{method} {address}"
        if set(rule.arguments) & OF_A_UNIT:
            assert answer.status_code in {403, 404}, f"{method} {address}: {answer.status}"
    after = books(database)
    assert after[:5] == before[:5]
    mine = [job for job in after[5] if job not in before[5]]  # type: ignore[operator, attr-defined]
    assert len(mine) <= 1, "a batch of the own unit, for those who may ask for one"


def test_every_name_in_an_address_has_been_thought_about(app: Flask) -> None:
    """A new kind of id must be put into the world above, or among what is common."""
    names = {
        name
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("admin.", "officer."))
        for name in rule.arguments
    }
    of_no_unit = {"code", "account_id", "key_id", "grant_id", "handle", "identity_id"}
    assert names <= OF_A_UNIT | COMMON | of_no_unit


def test_a_role_in_one_branch_is_no_role_in_another(
    client: FlaskClient, app: Flask, database: Database, world: World
) -> None:
    """Clerk in the own ward and leader in the other commune: there, figures and nothing else."""
    with database.transaction() as session:
        other = session.scalars(select(AdministrativeUnit).filter_by(name=OTHER)).one()
        account = make_account(
            session,
            "haivai",
            AccountRole.CLERK,
            session.scalars(select(AdministrativeUnit).filter_by(name=OWN)).one(),
        )
        wanted = Wanted(AccountRole.LEADER, other.id, valid_from=date(2025, 7, 1))
        add_grant(session, account, wanted, today=date(2025, 7, 1))
    send = sender(client, "haivai")
    point_id = world.values["CHUNG"]["point_id"]
    own_unit = "/officer/surveys/CHUNG/units/H01.01"
    assert client.get("/officer/surveys/CHUNG/units/H01.02").status_code == 200
    assert client.get(own_unit).status_code == 404, "a clerk sees no figures of the own ward"
    assert send("POST", f"/admin/surveys/CHUNG/points/{point_id}/slip").status_code == 404
    assert client.get(f"/admin/surveys/CHUNG/paper/entry/{point_id}").status_code == 404
    desk = client.get("/admin/surveys/CHUNG/slips").text
    assert OWN in desk
    assert OTHER not in desk


def test_nothing_of_it_is_in_the_record_of_acts(
    app: Flask, client: FlaskClient, database: Database, world: World
) -> None:
    """A refused request leaves no line as though it had been done."""
    send = sender(client, "officer")
    for _, method, address in calls(app, world.values["RIENG"]):
        send(method, address)
    with database.session() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.account_id.is_not(None)))
        entries = [entry for entry in found if entry.account.username == "officer"]
    assert [entry.action for entry in entries] == ["sign_in"]


def contents(answer: TestResponse) -> str:
    """All that can be read in an answer, in the parts of a workbook too."""
    data = answer.get_data()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = b"".join(archive.read(name) for name in archive.namelist())
    return data.decode(errors="replace")


def sender(client: FlaskClient, username: str) -> Callable[[str, str], TestResponse]:
    """A browser in which somebody is signed in; its forms carry the token they need."""
    sign_in(client, username)
    token = csrf_token(client, "/account")

    def send(method: str, address: str) -> TestResponse:
        data = {"csrf_token": token} if method == "POST" else None
        return client.open(address, method=method, data=data)

    return send
