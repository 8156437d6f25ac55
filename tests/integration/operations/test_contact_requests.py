"""Requests for a reply: encrypted, dated by the day, readable from the next one, erased in time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.config import Settings
from survey_app.errors import Closed, Invalid, NotFound, TooMany, Unavailable
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.privacy import contact_requests as operations
from survey_app.operations.privacy.contact_requests import (
    Asked,
    Place,
    ask_for_reply,
    find_place,
    find_request,
    finish_request,
    list_requests,
    mix_requests,
    read_request,
    reseal,
    set_offer,
)
from survey_app.operations.privacy.erasure import erase_expired
from survey_app.operations.privacy.sealing import Sealer
from survey_app.storage.database import Database
from survey_app.storage.models import ContactRequest, Survey
from tests import promise
from tests.factories import NOW, make_survey, make_unit, recorded

ASKED = Asked("Lê Văn Tám", "0903 123 456", "Hồ sơ đất của tôi bị trễ.", "Tôi đồng ý", "vi")
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def sealer(settings: Settings) -> Sealer:
    return Sealer.of(settings)


@pytest.fixture
def survey(session: Session) -> Survey:
    made = make_survey(session, [make_unit(session)])
    set_offer(session, made, 60)
    return made


@pytest.fixture
def place(session: Session, survey: Survey) -> Place:
    return find_place(session, "KS-2026", "H01.01", now=NOW)


def ask(session: Session, place: Place, sealer: Sealer, nonce: str = "a", **other: str) -> None:
    ask_for_reply(session, place, replace(ASKED, **other), nonce, sealer, now=NOW)


def rows(session: Session) -> list[ContactRequest]:
    return list(session.scalars(select(ContactRequest).order_by(ContactRequest.id)))


def test_replies_are_asked_for_only_where_they_are_offered(
    session: Session, survey: Survey, place: Place
) -> None:
    make_unit(session, "H01.02")
    with pytest.raises(NotFound):
        find_place(session, "KS-2026", "H01.02", now=NOW)
    set_offer(session, survey, None)
    with pytest.raises(NotFound, match="không nhận yêu cầu"):
        find_place(session, "KS-2026", "H01.01", now=NOW)
    set_offer(session, survey, 30)
    close_survey(survey)
    with pytest.raises(Closed):
        find_place(session, "KS-2026", "H01.01", now=NOW)
    for days in (0, 366):
        with pytest.raises(Invalid):
            set_offer(session, survey, days)


def test_what_is_kept_can_be_read_by_nobody_with_the_database_alone(
    database: Database, session: Session, place: Place, sealer: Sealer
) -> None:
    ask(session, place, sealer)
    session.commit()
    books = promise.Books(database.engine)
    for table, column, cell in books.words(books.read()):
        for secret in ("Văn Tám", "123 456", "đất của tôi"):
            assert secret.encode() not in cell, f"{table}.{column}"
    (row,) = rows(session)
    assert (row.asked_on, row.expires_on) == (date(2026, 6, 15), date(2026, 8, 14))
    assert read_request(row, sealer) == ASKED


def test_a_row_opens_only_as_it_was_written(session: Session, place: Place, sealer: Sealer) -> None:
    ask(session, place, sealer)
    (row,) = rows(session)
    row.expires_on += timedelta(days=300)
    with pytest.raises(Unavailable):
        read_request(row, sealer)


def test_every_mistake_is_told_at_once(session: Session, place: Place, sealer: Sealer) -> None:
    with pytest.raises(Invalid) as caught:
        ask(session, place, sealer, name="x" * 101, reach="hàng xóm", subject=" ", consent="")
    assert [p.where for p in caught.value.problems] == ["name", "reach", "subject", "consent"]
    with pytest.raises(Invalid) as english:
        ask(session, place, sealer, reach="123", language="en")
    assert "telephone number" in english.value.problems[0].message
    assert rows(session) == []


@pytest.mark.parametrize(
    ("reach", "is_good"),
    [
        ("0251.3822.501", True),
        ("+84 (90) 312-3456", True),
        ("ong.tam@example.gov.vn", True),
        ("tám@thư.vn", True),
        ("12345", False),
        ("a@b", False),
        ("a b@c.vn", False),
        ("٠٩٠٣١٢٣٤٥٦", False),
        ("x" * 130 + "@c.vn", False),
    ],
)
def test_a_telephone_or_an_address_of_mail(reach: str, *, is_good: bool) -> None:
    assert operations.is_reachable(reach) is is_good


def test_the_same_form_sent_twice_is_one_request(
    session: Session, place: Place, sealer: Sealer
) -> None:
    for nonce in ("a", "a", "b"):
        ask(session, place, sealer, nonce)
    assert len(rows(session)) == 2


def test_a_day_takes_so_many_and_no_more(
    session: Session, place: Place, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_A_DAY", 2)
    for nonce in "ab":
        ask(session, place, sealer, nonce)
    with pytest.raises(TooMany):
        ask(session, place, sealer, "c")


def test_nobody_reads_a_request_on_its_own_day(
    session: Session, place: Place, sealer: Sealer
) -> None:
    ask(session, place, sealer)
    (row,) = rows(session)
    assert list_requests(session, None, now=NOW) == []
    with pytest.raises(NotFound):
        find_request(session, row.id.hex(), now=NOW)
    assert list_requests(session, None, now=TOMORROW) == [row]
    assert list_requests(session, {row.unit_id}, now=TOMORROW) == [row]
    assert list_requests(session, {row.unit_id + 1}, now=TOMORROW) == []
    assert find_request(session, row.id.hex(), now=TOMORROW) is row
    for code in ("", "zz", "0" * 32, row.id.hex().upper() + "00"):
        with pytest.raises(NotFound):
            find_request(session, code, now=TOMORROW)


def test_what_was_answered_is_erased_at_once(
    session: Session, place: Place, sealer: Sealer
) -> None:
    ask(session, place, sealer)
    (row,) = rows(session)
    assert finish_request(session, row, now=TOMORROW)
    assert (row.sealed, row.answered_on) == (None, date(2026, 6, 16))
    assert read_request(row, sealer) is None
    assert not finish_request(session, row, now=TOMORROW)


def test_requests_of_a_day_are_written_anew_together(
    session: Session, place: Place, sealer: Sealer
) -> None:
    for nonce in "abc":
        ask(session, place, sealer, nonce)
    before = {row.id: row.sealed for row in rows(session)}
    assert mix_requests(session, sealer, now=NOW) == 0, "not on the day itself"
    assert mix_requests(session, sealer, now=TOMORROW) == 3
    after = {row.id: row.sealed for row in rows(session)}
    assert not before.keys() & after.keys()
    assert not set(before.values()) & set(after.values())
    assert [read_request(row, sealer) for row in rows(session)] == [ASKED] * 3
    assert mix_requests(session, sealer, now=TOMORROW) == 0


def test_a_request_is_gone_after_its_last_day(
    session: Session, place: Place, sealer: Sealer
) -> None:
    ask(session, place, sealer)
    on_the_last = NOW + timedelta(days=60)
    assert erase_expired(session, account_days=365, now=on_the_last).contacts == 0
    day_after = on_the_last + timedelta(days=1)
    assert erase_expired(session, account_days=365, now=day_after).contacts == 1
    assert session.scalar(select(func.count()).select_from(ContactRequest)) == 0
    assert [entry.detail for entry in recorded(session)] == ['{"accounts":0,"contacts":1}']


def test_the_key_can_be_changed(
    session: Session, place: Place, sealer: Sealer, settings: Settings
) -> None:
    ask(session, place, sealer)
    changed = replace(settings, secret_key="another-" + "y" * 32)
    alone = Sealer.of(changed)
    both = Sealer.of(replace(changed, old_secret_keys=(settings.secret_key,)))
    (row,) = rows(session)
    with pytest.raises(Unavailable, match="HAILONG_OLD_SECRET_KEYS"):
        read_request(row, alone)
    assert read_request(row, both) == ASKED
    assert mix_requests(session, alone, now=TOMORROW) == 1, "kept, though it cannot be read"
    (row,) = rows(session)
    assert read_request(row, both) == ASKED
    assert (reseal(session, both), reseal(session, both)) == (1, 0)
    assert read_request(row, alone) == ASKED
    with pytest.raises(Unavailable):
        read_request(row, sealer)
