"""Before a survey is opened: what blocks it, what is accepted knowingly, what is printed."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey_app.operations.fieldwork.checklist import (
    BLOCKING,
    Check,
    check_opening,
    preparation,
)
from survey_app.operations.fieldwork.collection_points import add_collection_point
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.fieldwork.ways import set_offer
from survey_app.operations.figures.targets import set_target
from survey_app.operations.questionnaires.lifecycle import close_version
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry, Mode, Survey
from tests.factories import NOW, QUESTIONNAIRES, make_account, make_point, make_survey, make_unit
from tests.integration.office import plain, post, sign_in

PAGE = "/admin/surveys/KS-2026/opening"


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def survey(session: Session) -> Survey:
    """A draft that is ready in everything."""
    units = {make_unit(session, f"H01.0{n}", f"Phường {n}"): 100 for n in (1, 2)}
    survey = make_survey(session, units, is_open=False)
    for unit in units:
        make_point(session, survey, unit)
    set_target(survey, margin=0.05, response_rate=0.8)
    session.flush()
    return survey


def found(session: Session, survey: Survey) -> dict[Check, tuple[tuple[str, ...], int]]:
    findings = check_opening(session, survey, now=NOW)
    return {finding.check: (finding.names, finding.count) for finding in findings}


def test_a_survey_that_is_ready_has_nothing_to_accept(session: Session, survey: Survey) -> None:
    assert found(session, survey) == {}
    prepared = preparation(session, survey)
    assert (prepared.units, prepared.points, prepared.devices) == (2, 2, 0)


def test_each_gap_is_found(session: Session, survey: Survey) -> None:
    survey.ends_on = date(2026, 6, 14)
    assert set(found(session, survey)) == {Check.PERIOD_OVER}
    survey.starts_on, survey.ends_on = date(2025, 5, 1), date(2027, 1, 1)
    other = make_unit(session, "H01.03", "Xã Cũ")
    other.valid_to = date(2025, 7, 2)
    late = make_survey(session, [other], code="KS-2", is_open=False, starts_on=date(2025, 7, 1))
    late.starts_on = date(2025, 8, 1)
    assert found(session, late) == {
        Check.UNITS_GONE: (("Xã Cũ",), 0),
        Check.NO_POINT: ((), 0),
        Check.NO_TARGET: ((), 0),
        Check.DOSSIERS_UNKNOWN: (("Xã Cũ",), 0),
    }
    unit = make_unit(session, "H01.04", "Phường 4")
    kiosk = make_survey(
        session, {unit: 5, other: 5}, code="KS-3", is_open=False, starts_on=date(2025, 7, 1)
    )
    set_target(kiosk, margin=0.05, response_rate=None)
    add_collection_point(session, kiosk, unit.id, label="Quầy 1", mode=Mode.KIOSK)
    assert found(session, kiosk) == {
        Check.UNITS_WITHOUT_POINT: (("Xã Cũ",), 0),
        Check.NO_DEVICE: (("Phường 4 (Quầy 1)",), 0),
    }
    set_offer(session, kiosk, ways=["paper"], languages=["vi"], revision=kiosk.revision)
    assert set(found(session, kiosk)) == {Check.UNITS_WITHOUT_POINT}
    for ways, check in (
        (["kiosk", "link"], Check.UNITS_OUT_OF_REACH),
        (["link"], Check.UNITS_OUT_OF_REACH),
        (["link", "slip"], Check.UNITS_WITHOUT_POINT),
    ):
        set_offer(session, kiosk, ways=ways, languages=["vi"], revision=kiosk.revision)
        assert found(session, kiosk)[check] == (("Xã Cũ",), 0)
    assert Check.UNITS_OUT_OF_REACH in BLOCKING and Check.UNITS_WITHOUT_POINT not in BLOCKING


def test_a_language_that_is_not_complete_is_found_while_it_is_offered(session: Session) -> None:
    source = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
    source = source.replace("languages: [vi, en, zh]", "languages: [vi, en, zh, lo]")
    survey = make_survey(session, {make_unit(session): 9}, source=source, is_open=False)
    names, count = found(session, survey)[Check.UNTRANSLATED]
    assert names == ("lo",)
    assert count > 5
    set_offer(session, survey, ways=["link"], languages=["en"], revision=survey.revision)
    assert Check.UNTRANSLATED not in found(session, survey)


def test_a_closed_version_blocks(session: Session, survey: Survey) -> None:
    close_version(session, survey.version, reason="sai", account=make_account(session), now=NOW)
    assert set(found(session, survey)) == {Check.VERSION_CLOSED}


def test_gaps_are_accepted_knowingly_and_recorded(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        units = [make_unit(session, f"H01.0{n}", f"Phường {n}") for n in (1, 2)]
        survey = make_survey(session, units, is_open=False)
        make_account(session)
    sign_in(client)
    shown = plain(client.get(PAGE))
    assert "Chưa có điểm thu thập nào" in shown
    assert "Mở cuộc khảo sát" not in shown
    refused = post(client, PAGE, accepts="y")
    assert refused.status_code == 422
    assert "hãy sửa các mục bắt buộc trước" in plain(refused)
    assert post(client, "/admin/surveys/KS-2026/status", wish="open").location == PAGE
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        assert survey.status == "draft"
        make_point(session, survey, session.merge(units[0]))
        set_target(survey, margin=0.05, response_rate=0.8)
    hesitant = post(client, PAGE)
    # 385 sheets of each unit whose dossiers nobody knows, at 80 % that come back.
    assert "in 964 phiếu giấy" in plain(hesitant)
    assert hesitant.status_code == 422
    assert "1 đơn vị chưa có điểm thu thập nên chưa nhận được phiếu nào: Phường 2." in plain(
        hesitant
    )
    assert post(client, PAGE, accepts="y").location == "/admin/surveys/KS-2026"
    with database.session() as session:
        assert find_survey(session, "KS-2026").status == "open"
        entry = session.query(AuditEntry).filter_by(action="survey.open").one()
        assert "Phường 2" in entry.detail
    assert client.get(PAGE).location == "/admin/surveys/KS-2026"
