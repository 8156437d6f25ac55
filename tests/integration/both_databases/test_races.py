"""Two who do the same thing at one moment: one clear sentence, or nothing left to do; no 500."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.errors import Forbidden, HaiLongError, Invalid
from survey_app.identity_provider import ToldIdentity, ToldLogout
from survey_app.operations.access.accounts import (
    AccountRole,
    Wanted,
    add_grant,
    create_account,
    end_grant,
    set_active,
)
from survey_app.operations.access.identities import let_wait
from survey_app.operations.access.passwords import prepare
from survey_app.operations.access.provider_logout import end_by_provider
from survey_app.operations.access.second_step import set_required_roles
from survey_app.operations.access.signing_in import Credentials, admit
from survey_app.operations.fieldwork.conduct import turn_survey
from survey_app.operations.fieldwork.plan import change_plan, plan_of
from survey_app.operations.fieldwork.surveys import create_survey, find_survey
from survey_app.operations.organisation.dossier_counts import CountRow, store_counts
from survey_app.operations.organisation.reorganisation import Reorganisation, Successor
from survey_app.operations.organisation.services import import_services, read_services
from survey_app.operations.organisation.unit_events import reorganise
from survey_app.operations.organisation.units import create_unit, load_province
from survey_app.operations.privacy.contact_requests import (
    set_offer,
)
from survey_app.operations.questionnaires.lifecycle import (
    approve,
    close_version,
    find_proposal,
    propose,
    set_review,
    withdraw,
)
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.operations.questionnaires.recordings import store_recording
from survey_app.storage.database import Database, Session
from survey_app.storage.models import (
    Account,
    AdministrativeUnit,
    PublicationProposal,
    SurveyStatus,
)
from survey_app.storage.models.unit_events import EventKind
from survey_app.storage.queries.units import unit_by_code
from tests.factories import (
    NOW,
    PASSWORD,
    QUESTIONNAIRES,
    make_account,
    make_survey,
    make_unit,
)

SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
Act = Callable[[Session], object]
SERVICES = read_services(
    "Mã TTHC,Tên thủ tục,Lĩnh vực\n1.001193,Đăng ký khai sinh,Hộ tịch\n".encode(), "a.csv"
)
COUNTS = [
    CountRow(date(2026, month, 1), "H01.01", "H01.01", "1.001193", 120, {"month": "A1"})
    for month in (2, 1)
]


def author(session: Session) -> Account:
    return session.scalars(select(Account).where(Account.username == "quantri")).one()


def surveyed(session: Session) -> AdministrativeUnit:
    found = unit_by_code(session, "H01.01")
    assert found is not None
    return found


def hand_in(session: Session) -> PublicationProposal:
    return propose(session, SOURCE, declared={}, author=author(session), now=NOW)


def add_unit(session: Session) -> object:
    return create_unit(session, code="H02", name="Sở", kind="province", valid_from=date(2025, 7, 1))


def add_account(session: Session) -> object:
    return create_account(
        session,
        username="nguoimoi",
        display_name="Người mới",
        role=AccountRole.AUDITOR,
        password=prepare(PASSWORD, "nguoimoi"),
        unit_id=None,
        is_everywhere=True,
        now=NOW,
    )


def add_survey(session: Session) -> object:
    return create_survey(
        session,
        code="MOI",
        title="Mới",
        version_id=find_survey(session, "KS-2026").version_id,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        units={surveyed(session).id: None},
        now=NOW,
    )


def rename_survey(session: Session) -> object:
    """By two who both saw the first plan."""
    survey = find_survey(session, "KS-2026")
    wanted = replace(plan_of(session, survey), title="Tên khác")
    return change_plan(session, survey, wanted, revision=1, now=NOW)


def record_voice(session: Session) -> object:
    version = find_survey(session, "KS-2026").version
    return store_recording(
        session,
        version,
        question_code="access.signage",
        language="vi",
        content=b"ID3" + bytes(50),
        now=NOW,
    )


def close(session: Session) -> object:
    version = find_survey(session, "KS-2026").version
    account = author(session)
    return close_version(session, version, reason="cũ", account=account, now=NOW)


def give_a_role(session: Session) -> object:
    wanted = Wanted(AccountRole.CLERK, is_everywhere=True)
    return add_grant(session, author(session), wanted, today=NOW.date())


def pause(session: Session) -> object:
    survey = find_survey(session, "KS-2026")
    return turn_survey(session, survey, SurveyStatus.PAUSED, now=NOW, reason="bão")


@dataclass(frozen=True)
class Race:
    """What two do at once, and what the second is told; "" = that all is well."""

    act: Callable[[Session], object]
    told: str = ""


RACES = {
    "propose": Race(hand_in, "đang có một đề nghị chưa xong"),
    "publish": Race(lambda session: publish_questionnaire(session, SOURCE, now=NOW)),
    "rule": Race(lambda session: set_review(session, True)),
    "recording": Race(record_voice),
    "services": Race(lambda session: import_services(session, SERVICES)),
    "counts": Race(lambda session: store_counts(session, COUNTS)),
    "second step": Race(lambda session: set_required_roles(session, [AccountRole.AUDITOR])),
    "waiting": Race(lambda session: let_wait(session, ToldIdentity("https://a", "b"), now=NOW)),
    "logout": Race(
        lambda session: end_by_provider(session, ToldLogout("https://a", "j", "b"), now=NOW),
        "Thông báo đăng xuất này đã được dùng.",
    ),
    "offer": Race(lambda session: set_offer(session, find_survey(session, "KS-2026"), 30)),
    "unit": Race(add_unit, "Đã có đơn vị mang mã “H02”."),
    "province": Race(lambda session: load_province(session, "01")),
    "account": Race(add_account, "Tên đăng nhập “nguoimoi” đã có người dùng."),
    "survey": Race(add_survey, "Đã có cuộc khảo sát mang mã “MOI”."),
    "plan": Race(rename_survey, "vừa được người khác thay đổi"),
    "close": Race(close),
    "grant": Race(give_a_role, "đang có vai trò này"),
    "pause": Race(pause, "vừa được thay đổi"),
}


def wait_for_a_waiter(database: Database, later: Future[str]) -> None:
    """Until a backend of PostgreSQL waits for another's transaction, or needed not to; SQLite lets
    nobody begin."""
    while not database.is_sqlite and not later.done():
        with database.session() as session:
            if session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        time.sleep(0.005)


def test_the_second_of_two_is_told_or_has_nothing_left_to_do(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        make_survey(session)
    told = {name: second_of_two(database, race) for name, race in RACES.items()}
    for name, race in RACES.items():
        assert race.told in told[name] if race.told else not told[name], told


def second_of_two(database: Database, race: Race) -> str:
    """What the second is told when the first has not committed before it looked."""
    return told_after(database, race.act, race.act)


def told_after(database: Database, first: Act, second: Act) -> str:
    """What ``second`` is told when ``first`` has not committed before it looked."""

    def act_second() -> str:
        try:
            with database.transaction() as own:
                second(own)
        except Invalid as refusal:
            return " ".join(problem.message for problem in refusal.problems)
        except HaiLongError as refusal:
            return refusal.message
        return ""

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            first(session)
            session.flush()
            later = pool.submit(act_second)
            wait_for_a_waiter(database, later)
        return later.result(timeout=60)


# ── what each may do alone, and both together may not ─────────────────────────────────────────


def stops(username: str) -> Act:
    return lambda session: set_active(session, named(session, username), False, now=NOW)


def takes_back_from(username: str) -> Act:
    def act(session: Session) -> None:
        (grant,) = named(session, username).grants
        end_grant(session, grant, last_day=NOW.date() - timedelta(days=1), today=NOW.date())

    return act


def moves(code: str, parent: str) -> Act:
    plan = Reorganisation(
        EventKind.MOVE, date(2026, 1, 2), "QĐ 1", (code,), (Successor(code, parent_code=parent),)
    )
    return lambda session: reorganise(session, plan, now=NOW)


def named(session: Session, username: str) -> Account:
    return session.scalars(select(Account).where(Account.username == username)).one()


@pytest.mark.parametrize("act", [stops, takes_back_from])
def test_two_administrators_cannot_shut_each_other_out(
    database: Database, act: Callable[[str], Act]
) -> None:
    with database.transaction() as session:
        for name in ("mot", "hai"):
            make_account(session, name)
    assert "người quản trị cuối cùng" in told_after(database, act("mot"), act("hai"))


def test_two_moves_at_once_make_no_ring(database: Database) -> None:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh", "province")
        for code in ("H01.01", "H01.02"):
            make_unit(session, code, f"Đơn vị {code}", parent=root)
    told = told_after(database, moves("H01.01", "H01.02"), moves("H01.02", "H01.01"))
    assert "nằm dưới chính nó" in told


def test_what_is_withdrawn_is_not_approved(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        reviewer = make_account(session, "nguoiduyet")
        found = hand_in(session).id

    def approves(session: Session) -> None:
        approve(session, find_proposal(session, found), reviewer=reviewer, now=NOW, note="")

    def withdraws(session: Session) -> None:
        withdraw(session, find_proposal(session, found))

    assert "đã được xử lý" in told_after(database, withdraws, approves)


def test_guesses_at_once_are_each_counted(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).id

    def guess(session: Session) -> None:
        with pytest.raises(Forbidden):
            admit(session, Credentials(account_id, are_right=False), now=NOW)

    told_after(database, guess, guess)
    with database.session() as session:
        assert named(session, "quantri").failed_attempts == 2


def test_what_no_operation_foresees_ends_in_a_sentence(
    settings: Settings, database: Database
) -> None:
    app: Flask = create_app(settings, database)

    def twice() -> str:
        with database.transaction() as own:
            for _ in range(2):
                own.execute(text("INSERT INTO taken_once VALUES (1)"))
        return ""

    app.view_functions["auth.sign_in"] = twice
    with database.transaction() as session:
        session.execute(text("CREATE TABLE taken_once (id INTEGER PRIMARY KEY)"))
    answer = app.test_client().get("/sign-in")
    assert answer.status_code == 409
    assert "đã có người lưu đúng nội dung này" in answer.text
