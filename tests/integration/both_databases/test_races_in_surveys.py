"""Two at one moment in a survey: a move, a unit taken out, a request that is withdrawn."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from survey_app.config import Settings
from survey_app.errors import NotFound
from survey_app.operations.fieldwork.moves import call_off_move, make_due_moves, plan_move
from survey_app.operations.fieldwork.plan import change_plan, plan_of
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.fieldwork.versions import version_numbered
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import Sheet
from survey_app.operations.privacy.contact_requests import (
    Asked,
    ask_for_reply,
    find_place,
    mix_requests,
    reseal,
    set_offer,
    withdraw_request,
)
from survey_app.operations.privacy.sealing import Sealer
from survey_app.operations.questionnaires.lifecycle import close_version
from survey_app.operations.questionnaires.publishing import publish_questionnaire, version_by_id
from survey_app.storage.database import Database, Session
from survey_app.storage.models import ContactRequest
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit
from tests.integration.both_databases.test_races import (
    SOURCE,
    Act,
    author,
    surveyed,
    told_after,
    wait_for_a_waiter,
)


def goes_on_with(number: int) -> Act:
    def act(session: Session) -> None:
        survey = find_survey(session, "KS-2026")
        version = version_numbered(session, survey, number)
        plan_move(session, survey, version, reason="sửa chữ", now=NOW)

    return act


def test_two_who_move_a_survey_to_different_versions_make_one_move(database: Database) -> None:
    with database.transaction() as session:
        make_survey(session, source=SOURCE)
        for title in ("Bản hai", "Bản ba"):
            later = SOURCE.replace("vi: Đánh giá việc", f"vi: {title}, đánh giá việc", 1)
            publish_questionnaire(session, later, now=NOW)
    assert "đang chờ đến giờ" in told_after(database, goes_on_with(2), goes_on_with(3))


@pytest.mark.parametrize("first", ["close", "move"])
def test_a_version_is_closed_or_a_survey_goes_on_with_it(database: Database, first: str) -> None:
    """Both at one moment: closed before, none moves to it; decided on before, it stays open."""
    with database.transaction() as session:
        make_account(session)
        make_survey(session, document="one-stop-rating.yaml")
        later = publish_questionnaire(
            session, SOURCE.replace("  vi: Đánh giá", "  vi: Bản hai, đánh giá", 1), now=NOW
        )

    def closes(session: Session) -> None:
        version = version_by_id(session, later.version.id)
        close_version(session, version, reason="sai", account=author(session), now=NOW)

    if first == "close":
        assert "chưa đóng" in told_after(database, closes, goes_on_with(2))
    else:
        assert "KS-2026 đang chờ đến giờ" in told_after(database, goes_on_with(2), closes)


def test_a_move_is_made_or_called_off(database: Database) -> None:
    """Whoever comes second finds nothing left to do: the worker, or who takes the decision back."""
    made: list[int] = []

    def works(session: Session) -> None:
        made.append(len(make_due_moves(session, now=NOW + timedelta(hours=1))))

    def calls_off(session: Session) -> None:
        call_off_move(session, find_survey(session, "KS-2026"), reason="nhầm", now=NOW)

    with database.transaction() as session:
        make_survey(session, document="one-stop-rating.yaml")
        later = publish_questionnaire(
            session, SOURCE.replace("  vi: Đánh giá", "  vi: Bản hai, đánh giá", 1), now=NOW
        )
        assert later.version.number == 2
        goes_on_with(2)(session)
    assert told_after(database, calls_off, works) == "" and made == [0]
    with database.transaction() as session:
        assert find_survey(session, "KS-2026").version.number == 1
        goes_on_with(2)(session)
    assert "đã chuyển hoặc đã hủy" in told_after(database, works, calls_off) and made == [0, 1]
    assert told_after(database, works, works) == "" and made == [0, 1, 0, 0]
    with database.session() as session:
        assert find_survey(session, "KS-2026").version.number == 2


def second_unit(database: Database) -> str:
    """A survey of two units; the open link of the second."""
    with database.transaction() as session:
        units = [make_unit(session, f"H01.0{number}", f"Xã {number}") for number in (1, 2)]
        return make_point(session, make_survey(session, units), units[1]).token


def takes_second_unit_out(session: Session) -> None:
    survey = find_survey(session, "KS-2026")
    units = frozenset({surveyed(session).id})
    wanted = replace(plan_of(session, survey), units=units)
    change_plan(session, survey, wanted, revision=1, now=NOW)


def test_a_unit_is_not_taken_out_while_its_first_sheet_is_stored(database: Database) -> None:
    token = second_unit(database)

    def answers(session: Session) -> None:
        answer(session, token, {"access.signage": "4"})

    told = told_after(database, answers, takes_second_unit_out)
    assert "không bớt được vì đã có 1 phiếu" in told


def test_a_sheet_of_a_unit_that_is_being_taken_out_is_told_so(database: Database) -> None:
    token = second_unit(database)
    intake = Intake(database)
    one = Sheet(uuid4(), token, {"access.signage": "4"})
    intake._draft(one, NOW, None)  # the link was looked up before
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            takes_second_unit_out(session)
            later = pool.submit(lambda: str(intake.submit(one, now=NOW)))
            wait_for_a_waiter(database, later)
        with pytest.raises(NotFound):
            later.result(timeout=60)


@pytest.mark.parametrize("writes_anew", ["mix", "rotate"])
def test_a_request_that_is_withdrawn_is_not_written_anew(
    database: Database, settings: Settings, writes_anew: str
) -> None:
    before = Sealer.of(replace(settings, secret_key="only-for-tests-" + "y" * 32))
    both = replace(settings, old_secret_keys=("only-for-tests-" + "y" * 32,))
    sealer, tomorrow = Sealer.of(both), NOW + timedelta(days=1)
    asked = Asked("Lê Văn Tám", "0903 123 456", "Hồ sơ bị trễ.", "Tôi đồng ý", "vi")
    with database.transaction() as session:
        set_offer(session, make_survey(session), 30)
        place = find_place(session, "KS-2026", "H01.01", now=NOW)
        code = ask_for_reply(session, place, asked, "a", before, now=NOW)

    def withdraws(session: Session) -> None:
        withdraw_request(session, place, code, sealer, now=tomorrow)

    def writes(session: Session) -> None:
        if writes_anew == "mix":
            mix_requests(session, sealer, now=tomorrow)
        else:
            reseal(session, sealer)

    told_after(database, withdraws, writes)
    with database.session() as session:
        assert session.scalars(select(ContactRequest.sealed)).one() is None
