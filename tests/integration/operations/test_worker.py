"""The worker goes on, whatever fails once: what is due is done between reports and tried again,
and moves of surveys at their hour."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from survey_app import worker
from survey_app.config import Settings
from survey_app.errors import Conflict
from survey_app.operations.fieldwork.moves import call_off_move, make_due_moves, plan_move
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import Sheet
from survey_app.operations.privacy.contact_requests import (
    Asked,
    ask_for_reply,
    find_place,
    read_request,
    set_offer,
)
from survey_app.operations.privacy.sealing import Sealer
from survey_app.operations.questionnaires.lifecycle import close_version
from survey_app.operations.reports.batches import FOLDER, request_batch
from survey_app.operations.reports.documents import Format
from survey_app.storage.database import Database, Session
from survey_app.storage.models import ContactRequest, Survey, SurveyMove
from survey_app.storage.queries.surveys import survey_units
from survey_app.worker import Housekeeping, work_once
from tests.factories import NOW, make_account, make_point, make_survey, make_unit
from tests.integration.operations.test_moves import V1, first, published

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def house(database: Database, settings: Settings, tmp_path: Path) -> Housekeeping:
    (tmp_path / FOLDER).mkdir()
    return Housekeeping(database, settings, NOW)


def count_done(house: Housekeeping, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each time the house is kept."""
    done: list[None] = []
    monkeypatch.setattr(worker, "mix_links", lambda *_, **__: done.append(None))
    return done


def test_a_clock_that_is_put_back_stops_nothing(
    house: Housekeeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = count_done(house, monkeypatch)
    for moment in (NOW, NOW + MINUTE, NOW - 400 * DAY, NOW - 400 * DAY + MINUTE / 2):
        house.do_if_due(moment)
    assert len(done) == 2


def test_what_fails_is_tried_again_and_stops_nobody(
    house: Housekeeping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done = count_done(house, monkeypatch)
    moments = iter([NOW + MINUTE, NOW + MINUTE * 1.5, NOW + MINUTE * 2])
    monkeypatch.setattr(worker, "now", lambda: next(moments))

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(worker, "remove_old_archives", fail)
        house.try_if_due()
        house.try_if_due()
    assert (len(done), caplog.text.count("housekeeping failed")) == (1, 1)
    house.try_if_due()
    assert (len(done), caplog.text.count("housekeeping failed")) == (2, 1)


def test_what_is_due_does_not_wait_for_the_reports_of_all_units(
    database: Database, tmp_path: Path, house: Housekeeping
) -> None:
    with database.transaction() as session:
        units = [make_unit(session, f"H01.0{place}", f"Phường Số {place}") for place in (1, 2, 3)]
        survey = make_survey(session, units)
        codes = [unit.code for unit in units]
        account = make_account(session)
        request_batch(session, survey, account, codes, form=Format.CSV, now=NOW)
    between: list[None] = []
    assert work_once(database, tmp_path, threading.Event(), lambda: between.append(None))
    assert len(between) == 2


def test_a_request_that_was_damaged_keeps_nobody_from_being_mixed(
    database: Database, settings: Settings, house: Housekeeping
) -> None:
    sealer = Sealer.of(settings)
    asked = Asked("Lê Văn Tám", "0903 123 456", "Hồ sơ bị trễ.", "Tôi đồng ý", "vi")
    with database.transaction() as session:
        set_offer(session, make_survey(session), 30)
        place = find_place(session, "KS-2026", "H01.01", now=NOW)
        for nonce in "ab":
            ask_for_reply(session, place, asked, nonce, sealer, now=NOW)
        first = session.scalars(select(ContactRequest.id)).first()
        damage = update(ContactRequest).where(ContactRequest.id == first)
        session.execute(damage.values(sealed=b"0" * 300))
    house.do_if_due(NOW + DAY)
    with database.session() as session:
        requests = session.scalars(select(ContactRequest)).all()
        assert [request.is_mixed for request in requests] == [True, True]
        (readable,) = (one for one in requests if one.sealed != b"0" * 300)
        assert read_request(readable, sealer) == asked


def test_a_move_that_was_held_up_waits_for_the_next_full_hour(
    database: Database, settings: Settings, house: Housekeeping
) -> None:
    """Made at 11:20, it would tell which sheets of eleven o'clock were opened before."""
    with database.transaction() as session:
        survey = make_survey(session, source=V1)
        plan_move(session, survey, published(session), reason="thang đo mới", now=NOW)
    eleven = NOW.replace(minute=0) + timedelta(hours=1)
    found = []
    for minutes in (-1, 20, 59, 61):  # the worker does not run at eleven
        house.do_if_due(eleven + minutes * MINUTE)
        with database.session() as session:
            found.append(session.scalars(select(Survey)).one().version.number)
    assert found == [1, 1, 1, 2]
    with database.session() as session:
        move = session.scalars(select(SurveyMove)).one()
        assert move.starts_at == eleven + timedelta(hours=1), "what reports tell as its beginning"


def test_a_sheet_that_names_no_version_is_known_again_after_the_move(database: Database) -> None:
    """Its receipt was lost on the way; by the later version its answers are others, or wrong."""
    with database.transaction() as session:
        survey = make_survey(session, source=V1)
        (unit,) = survey_units(session, survey.id)
        token = make_point(session, survey, unit.unit).token
        plan_move(session, survey, published(session), reason="thang đo mới", now=NOW)
    intake = Intake(database)
    sheets = [Sheet(uuid4(), token, found) for found in (first("5", "4", "1"), {"attitude": "4"})]
    receipts = [intake.submit(sheet, now=NOW) for sheet in sheets]
    with database.transaction() as session:
        assert make_due_moves(session, now=NOW + timedelta(hours=1))
    other, later = Intake(database), NOW + timedelta(hours=1)  # a process that knew no door
    for sheet, receipt in zip(sheets, receipts, strict=True):
        assert other.submit(sheet, now=later) == replace(receipt, is_new=False)
    with pytest.raises(Conflict):
        other.submit(replace(sheets[1], answers={"attitude": "5"}), now=later)


def test_a_survey_that_is_over_does_not_move(session: Session) -> None:
    survey = make_survey(session, source=V1, ends_on=NOW.date())
    version, last_hour = published(session), NOW.replace(hour=16)  # 23:30 in Viet Nam
    with pytest.raises(Conflict, match="kết thúc trước"):
        plan_move(session, survey, version, reason="quá muộn", now=last_hour)
    plan_move(session, survey, version, reason="còn kịp", now=NOW)
    assert make_due_moves(session, now=last_hour + MINUTE * 30) == []
    assert make_due_moves(session, now=last_hour + MINUTE * 29) != []


def test_a_version_that_a_survey_is_about_to_move_to_is_not_closed(
    session: Session,
) -> None:
    survey = make_survey(session, source=V1)
    version, account = published(session), make_account(session)

    def close() -> bool:
        return close_version(session, version, reason="có lỗi", account=account, now=NOW)

    plan_move(session, survey, version, reason="thang đo mới", now=NOW)
    with pytest.raises(Conflict, match=f"{survey.code} đang chờ"):
        close()
    call_off_move(session, survey, reason="bản có lỗi", now=NOW)
    assert close()
