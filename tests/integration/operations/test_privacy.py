"""Personal data: names of accounts that are erased, what is past its time, what is told of one."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Forbidden, NotFound
from survey_app.operations.access.accounts import (
    AccountRole,
    rename,
    reset_password,
    set_active,
)
from survey_app.operations.access.passwords import draw
from survey_app.operations.access.signing_in import (
    ABSOLUTE_LIMIT,
    admit,
    check_credentials,
    open_session,
)
from survey_app.operations.audit.check import check_chain
from survey_app.operations.privacy.erasure import (
    erase_account,
    erase_expired,
    find_by_name,
    find_expired,
)
from survey_app.operations.privacy.holdings import about_account, personal_data
from survey_app.operations.privacy.retention import Retention
from survey_app.storage.database import Database
from survey_app.storage.models import Account, RecoveryCode, SecondStep, SignIn
from tests import promise
from tests.factories import NOW, PASSWORD, make_account, make_unit, recorded

RETENTION = Retention(365, 30, 7, 7, 12, 5, "", 14)


@pytest.fixture
def leaving(session: Session) -> Account:
    """An account that has signed in, and whose name stands nowhere by chance."""
    account = make_account(session, "hoangmaianh", AccountRole.OFFICER, make_unit(session))
    account.display_name = "Hoàng Mai Anh"
    open_session(session, account, now=NOW)
    account.second_step = SecondStep(sealed_secret=b"sealed", confirmed_at=NOW)
    session.add(RecoveryCode(code_hash=b"digest", account_id=account.id))
    session.flush()
    return account


def test_a_stopped_account_knows_since_when(session: Session, leaving: Account) -> None:
    set_active(session, leaving, False, now=NOW)
    assert leaving.inactive_since == date(2026, 6, 15)
    set_active(session, leaving, False, now=NOW + timedelta(days=3))
    assert leaving.inactive_since == date(2026, 6, 15), "stopped again is still stopped since then"
    set_active(session, leaving, True, now=NOW)
    assert leaving.inactive_since is None


def test_only_a_stopped_account_is_erased(session: Session, leaving: Account) -> None:
    with pytest.raises(Conflict, match="hãy khóa"):
        erase_account(session, leaving, now=NOW)
    assert leaving.username == "hoangmaianh"


def test_an_erased_name_stands_nowhere_and_the_chain_holds(
    database: Database, session: Session, leaving: Account
) -> None:
    set_active(session, leaving, False, now=NOW)
    erase_account(session, leaving, now=NOW)
    session.commit()
    assert leaving.username == leaving.display_name == f"tài khoản đã xóa #{leaving.id}"
    books = promise.Books(database.engine)
    for table, column, cell in books.words(books.read()):
        assert b"hoangmaianh" not in cell and "Hoàng Mai".encode() not in cell, f"{table}.{column}"
    assert check_chain(session).is_whole
    (entry,) = [entry for entry in recorded(session) if entry.action == "account.erase"]
    assert entry.subject == str(leaving.id)
    for table in (SignIn, SecondStep, RecoveryCode):
        assert session.scalar(select(func.count()).select_from(table)) == 0


def test_nobody_gets_in_by_an_erased_account(session: Session, leaving: Account) -> None:
    set_active(session, leaving, False, now=NOW)
    erase_account(session, leaving, now=NOW)
    for password in ("", PASSWORD):
        found = check_credentials(session, leaving.username, password, now=NOW)
        with pytest.raises(Forbidden):
            admit(session, found, now=NOW)
    with pytest.raises(Conflict, match="không mở lại"):
        set_active(session, leaving, True, now=NOW)
    with pytest.raises(Conflict, match="không mở lại"):
        reset_password(session, leaving, draw()[1], now=NOW)
    with pytest.raises(Conflict, match="không mở lại"):
        rename(leaving, "Hoàng Mai Anh")
    with pytest.raises(Conflict, match="từ trước"):
        erase_account(session, leaving, now=NOW)


def test_names_go_when_their_time_is_over_not_before(session: Session, leaving: Account) -> None:
    make_account(session, "conlamviec")
    set_active(session, leaving, False, now=NOW)
    day_before = NOW + timedelta(days=364)
    assert not find_expired(session, account_days=365, now=day_before).accounts
    done = erase_expired(session, account_days=365, now=NOW + timedelta(days=365))
    assert [account.id for account in done.accounts] == [leaving.id]
    assert erase_expired(session, account_days=365, now=NOW + timedelta(days=366)).is_empty
    assert find_by_name(session, "conlamviec").is_active
    with pytest.raises(NotFound):
        find_by_name(session, "hoangmaianh")


def test_sign_ins_that_open_nothing_go(session: Session, leaving: Account) -> None:
    living = NOW + ABSOLUTE_LIMIT
    assert find_expired(session, account_days=365, now=living).sign_ins == 0
    later = living + timedelta(seconds=1)
    assert erase_expired(session, account_days=365, now=later).sign_ins == 1
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_all_about_one_account_without_its_secrets(session: Session, leaving: Account) -> None:
    other = make_account(session, "nguoikhac")
    set_active(session, leaving, False, now=NOW)
    erase_account(session, leaving, now=NOW)
    session.commit()
    found = about_account(session, leaving)
    assert found["account"]["id"] == leaving.id
    assert {row["action"] for row in found["rows"]["audit_entry.account_id"]} >= {"sign_in"}
    assert [entry["action"] for entry in found["entries_about"]] == ["account.erase"]
    assert "password_hash" not in found["account"]
    assert "nguoikhac" not in json.dumps(found, default=str)
    assert about_account(session, other)["entries_about"] == []


def test_the_report_counts_every_kind(session: Session, leaving: Account) -> None:
    kinds = {kind.name: kind for kind in personal_data(session, RETENTION)}
    assert (kinds["Tài khoản đang dùng"].count, kinds["Lần đăng nhập"].count) == (1, 1)
    set_active(session, leaving, False, now=NOW)
    stopped = {kind.name: kind for kind in personal_data(session, RETENTION)}[
        "Tài khoản đã khóa, còn tên"
    ]
    assert (stopped.count, stopped.oldest) == (1, date(2026, 6, 15))
    assert "365 ngày" in stopped.kept
