"""Signing in: lockout, expiry, revocation, scope."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, Forbidden, Invalid, NotFound
from survey_app.operations.access import passwords
from survey_app.operations.access.accounts import (
    Wanted,
    add_grant,
    change_password,
    create_account,
    end_grant,
    look_at_change,
    reset_password,
    set_active,
)
from survey_app.operations.access.passwords import draw, prepare
from survey_app.operations.access.rights import (
    AccountRole,
    Scope,
    roles_of,
    scope_of,
    valid_grants,
)
from survey_app.operations.access.signing_in import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    LOCKED_FOR,
    LONGEST_LOCK,
    MOST_FAILED_ATTEMPTS,
    admit,
    check_credentials,
    find_sign_in,
    open_session,
    sign_out,
    touch,
)
from survey_app.storage.models import Account, SignIn
from tests.economy import real_hasher
from tests.factories import NOW, PASSWORD, make_account, make_unit

TODAY = local_date(NOW)


def sign_in(session: Session, username: str, password: str, *, now: datetime) -> tuple[str, SignIn]:
    credentials = check_credentials(session, username, password, now=now)
    return open_session(session, admit(session, credentials, now=now), now=now)


def scope_today(session: Session, account: Account) -> Scope:
    return scope_of(session, valid_grants(account, TODAY))


@pytest.fixture
def account(session: Session) -> Account:
    return make_account(session)


def test_only_a_hash_of_the_token_and_of_the_password_is_kept(
    session: Session, account: Account
) -> None:
    token, row = sign_in(session, " QuanTri ", PASSWORD, now=NOW)
    assert token.encode() not in row.token_hash
    assert account.password_hash.startswith("$argon2id$")
    assert find_sign_in(session, token, now=NOW) is row
    assert find_sign_in(session, token + "x", now=NOW) is None


def test_the_product_hashes_slowly(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """All other tests hash cheaply; an installation spends 64 MiB, three times over."""
    monkeypatch.setattr(passwords, "_hasher", real_hasher)
    account = make_account(session)
    assert account.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    _, row = sign_in(session, "quantri", PASSWORD, now=NOW)
    assert row.account_id == account.id
    with pytest.raises(Forbidden):
        sign_in(session, "quantri", "sai", now=NOW)


def test_a_name_is_locked_after_some_wrong_passwords(session: Session, account: Account) -> None:
    for _ in range(MOST_FAILED_ATTEMPTS):
        with pytest.raises(Forbidden):
            sign_in(session, "quantri", "sai", now=NOW)
    with pytest.raises(Forbidden, match="tạm khóa"):
        sign_in(session, "quantri", PASSWORD, now=NOW)
    sign_in(session, "quantri", PASSWORD, now=NOW + LOCKED_FOR)
    assert account.failed_attempts == 0


def test_each_further_failure_locks_for_longer(session: Session, account: Account) -> None:
    moment, locks = NOW, []
    for _ in range(MOST_FAILED_ATTEMPTS + 6):
        with pytest.raises(Forbidden):
            sign_in(session, "quantri", "sai", now=moment)
        if account.locked_until is not None:
            locks.append(account.locked_until - moment)
            moment = account.locked_until
    assert locks[:3] == [LOCKED_FOR, LOCKED_FOR * 2, LOCKED_FOR * 4]
    assert locks[-1] == LONGEST_LOCK


def test_an_unknown_name_gets_the_same_words(session: Session, account: Account) -> None:
    with pytest.raises(Forbidden) as known:
        sign_in(session, "quantri", "sai", now=NOW)
    with pytest.raises(Forbidden) as unknown:
        sign_in(session, "khongco", "sai", now=NOW)
    assert known.value.message == unknown.value.message


def test_a_sign_in_ends_when_idle_and_in_any_case_after_a_day_of_work(
    session: Session, account: Account
) -> None:
    token, row = sign_in(session, "quantri", PASSWORD, now=NOW)
    assert find_sign_in(session, token, now=NOW + IDLE_LIMIT) is None
    moment = NOW
    while moment - NOW < ABSOLUTE_LIMIT - IDLE_LIMIT:
        moment += IDLE_LIMIT / 2
        touch(session, row, now=moment)
    session.refresh(row)
    assert find_sign_in(session, token, now=moment + IDLE_LIMIT / 4) is not None
    touch(session, row, now=NOW + ABSOLUTE_LIMIT)
    session.refresh(row)
    assert find_sign_in(session, token, now=NOW + ABSOLUTE_LIMIT) is None


def test_signing_out_revokes_at_once(session: Session, account: Account) -> None:
    token, row = sign_in(session, "quantri", PASSWORD, now=NOW)
    other, _ = sign_in(session, "quantri", PASSWORD, now=NOW)
    sign_out(session, row, now=NOW)
    session.expire_all()
    assert find_sign_in(session, token, now=NOW) is None
    assert find_sign_in(session, other, now=NOW) is not None
    change = look_at_change(account, current=PASSWORD, new="một mật khẩu mới")
    change_password(session, account, change, now=NOW)
    assert session.scalars(select(SignIn)).all() == []
    sign_in(session, "quantri", "một mật khẩu mới", now=NOW)


def test_a_deactivated_account_is_out(session: Session, account: Account) -> None:
    make_account(session, "thuhai")
    token, _ = sign_in(session, "quantri", PASSWORD, now=NOW)
    set_active(session, account, False, now=NOW + timedelta(minutes=1))
    session.expire_all()
    assert find_sign_in(session, token, now=NOW) is None
    with pytest.raises(Forbidden):
        sign_in(session, "quantri", PASSWORD, now=NOW)


def test_an_officer_sees_the_own_unit_and_those_below(session: Session) -> None:
    province = make_unit(session, "H01", "Tỉnh Thử", "province")
    own = make_unit(session, "H01.01", "Sở Nội vụ", "department", province)
    below = make_unit(session, "H01.01.1", "Phòng Một", "division", own)
    beside = make_unit(session, "H01.02", "Sở Tư pháp", "department", province)
    officer = make_account(session, "canbo", AccountRole.OFFICER, own)
    scope = scope_today(session, officer)
    assert scope.unit_ids == {own.id, below.id}
    for outside in (province, beside):
        with pytest.raises(NotFound):
            scope.require(outside.id)
    assert scope_today(session, make_account(session)).unit_ids is None


def test_a_grant_counts_from_its_first_day_to_its_last(session: Session, account: Account) -> None:
    ward = make_unit(session)
    soon, later = TODAY + timedelta(days=3), TODAY + timedelta(days=9)
    wanted = Wanted(AccountRole.AUDITOR, ward.id, valid_from=soon, valid_until=later)
    add_grant(session, account, wanted, today=TODAY)
    days = [soon - timedelta(days=1), soon, later, later + timedelta(days=1)]
    found = [AccountRole.AUDITOR in roles_of(account, day) for day in days]
    assert found == [False, True, True, False]


def test_grants_are_ended_and_stay(session: Session) -> None:
    ward = make_unit(session)
    officer = make_account(session, "canbo", AccountRole.OFFICER, ward)
    with pytest.raises(Conflict):
        add_grant(session, officer, Wanted(AccountRole.OFFICER, ward.id), today=TODAY)
    end_grant(session, officer.grants[0], last_day=TODAY - timedelta(days=1), today=TODAY)
    assert valid_grants(officer, TODAY) == ()
    assert scope_today(session, officer).unit_ids == frozenset()
    with pytest.raises(Invalid):
        end_grant(session, officer.grants[0], last_day=TODAY, today=TODAY)
    add_grant(session, officer, Wanted(AccountRole.OFFICER, ward.id), today=TODAY)
    session.refresh(officer)
    assert len(officer.grants) == 2


def test_the_last_administrator_stays(session: Session, account: Account) -> None:
    with pytest.raises(Conflict, match="cuối cùng"):
        set_active(session, account, False, now=NOW)
    with pytest.raises(Conflict, match="cuối cùng"):
        end_grant(session, account.grants[0], last_day=TODAY, today=TODAY)
    passing = make_account(session, "tamthoi")
    passing.grants[0].valid_until = TODAY + timedelta(days=5)
    with pytest.raises(Conflict, match="cuối cùng"):
        set_active(session, account, False, now=NOW)
    make_account(session, "thuhai")
    set_active(session, account, False, now=NOW)


def test_every_unit_is_never_meant_by_an_empty_field(session: Session, account: Account) -> None:
    with pytest.raises(Invalid) as caught:
        add_grant(session, account, Wanted(AccountRole.LEADER), today=TODAY)
    assert [problem.where for problem in caught.value.problems] == ["unit"]
    add_grant(session, account, Wanted(AccountRole.LEADER, is_everywhere=True), today=TODAY)
    assert scope_today(session, account).unit_ids is None


def test_every_mistake_in_a_new_account_is_listed(session: Session, account: Account) -> None:
    with pytest.raises(Invalid) as caught:
        create_account(
            session,
            username="a b",
            display_name=" ",
            role=AccountRole.OFFICER,
            password=prepare("ngắn", "a b"),
            unit_id=None,
            now=NOW,
        )
    assert {p.where for p in caught.value.problems} == {
        "username",
        "display_name",
        "password",
        "unit",
    }
    with pytest.raises(Conflict):
        make_account(session)


def test_a_reset_password_unlocks_and_signs_out(session: Session, account: Account) -> None:
    old, _ = sign_in(session, "quantri", PASSWORD, now=NOW)
    for _ in range(MOST_FAILED_ATTEMPTS):
        with pytest.raises(Forbidden):
            sign_in(session, "quantri", "sai", now=NOW)
    password, hashed = draw()
    reset_password(session, account, hashed, now=NOW)
    session.expire_all()
    assert find_sign_in(session, old, now=NOW) is None
    with pytest.raises(Forbidden):
        sign_in(session, "quantri", PASSWORD, now=NOW)
    sign_in(session, "quantri", password, now=NOW)
