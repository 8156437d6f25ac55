"""One answer sheet is stored once, whatever is retried, and points to nobody."""

import threading
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from survey_app.errors import Closed, Conflict, Forbidden, Invalid, NotFound
from survey_app.operations.fieldwork.links import hash_token, issue_one_time_links
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.intake.submission import Sheet, mix_links, receipt_code, submit_sheet
from survey_app.storage.database import Database, sqlite_path
from survey_app.storage.models import (
    CollectionPoint,
    FreeText,
    SpentLink,
    Survey,
    SurveyResponse,
)
from survey_app.storage.queries.surveys import survey_units
from tests.factories import NOW, make_one_time_link, make_point, make_survey, make_unit

ANSWERS = {"access.signage": "5", "comment": "Rất tốt"}


@pytest.fixture
def survey(session: Session) -> Survey:
    return make_survey(session, [make_unit(session)])


@pytest.fixture
def point(session: Session, survey: Survey) -> CollectionPoint:
    return make_point(session, survey, survey_units(session, survey.id)[0].unit)


def sheet(token: str, answers: dict[str, object] | None = None, **fields: object) -> Sheet:
    fields.setdefault("response_id", uuid4())
    return Sheet(token=token, answers=ANSWERS if answers is None else answers, **fields)  # type: ignore[arg-type]


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(SurveyResponse)) or 0


def test_the_same_sheet_again_gets_the_same_receipt(
    session: Session, point: CollectionPoint
) -> None:
    one = sheet(point.token)
    first, again = submit_sheet(session, one, now=NOW), submit_sheet(session, one, now=NOW)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.code == again.code
    assert count(session) == 1


def test_the_same_id_with_other_answers_is_refused_and_the_first_stays(
    session: Session, point: CollectionPoint
) -> None:
    response_id = uuid4()
    submit_sheet(session, sheet(point.token, response_id=response_id), now=NOW)
    before = session.scalars(select(SurveyResponse.answers)).one()
    for other in ({"access.signage": "1", "comment": "Rất tốt"}, {**ANSWERS, "comment": "Tệ"}):
        with pytest.raises(Conflict):
            submit_sheet(session, sheet(point.token, other, response_id=response_id), now=NOW)
    assert session.scalars(select(SurveyResponse.answers)).one() == before
    assert session.scalars(select(FreeText.text)).one() == "Rất tốt"


def test_a_one_time_link_takes_one_sheet(session: Session, point: CollectionPoint) -> None:
    token = make_one_time_link(session, point)
    first = sheet(token)
    submit_sheet(session, first, now=NOW)
    assert not submit_sheet(session, first, now=NOW).is_new
    with pytest.raises(Forbidden):
        submit_sheet(session, sheet(token), now=NOW)
    assert count(session) == 1


def test_a_mistake_does_not_use_up_a_one_time_link(
    session: Session, point: CollectionPoint
) -> None:
    token = make_one_time_link(session, point)
    with pytest.raises(Invalid):
        submit_sheet(session, sheet(token, {"access.signage": "9"}), now=NOW)
    assert submit_sheet(session, sheet(token), now=NOW).is_new


def test_expired_unknown_and_closed_links_say_so(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    expired = issue_one_time_links(session, point, 1, expires_on=date(2026, 6, 14))[0]
    with pytest.raises(Closed, match="14/06/2026"):
        submit_sheet(session, sheet(expired), now=NOW)
    for unknown in ("ABCDEFGH", "", "x" * 400, "../../etc", "ABCD\x00FGH", "ＡＢＣＤＥＦＧＨ"):
        with pytest.raises(NotFound):
            submit_sheet(session, sheet(unknown), now=NOW)
    for moment in (datetime(2027, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, 16, 59, tzinfo=UTC)):
        with pytest.raises(Closed):
            submit_sheet(session, sheet(point.token), now=moment)
    # The survey ends with the Vietnamese day, seven hours before the one in Greenwich.
    last_minute = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)
    assert submit_sheet(session, sheet(point.token), now=last_minute).is_new
    point.is_active = False
    with pytest.raises(Closed):
        submit_sheet(session, sheet(point.token), now=NOW)


def test_a_retry_after_closing_is_still_acknowledged(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    one = sheet(point.token)
    submit_sheet(session, one, now=NOW)
    close_survey(survey)
    assert not submit_sheet(session, one, now=NOW).is_new
    with pytest.raises(Closed):
        submit_sheet(session, sheet(point.token), now=NOW)


def test_every_mistake_is_listed_at_once(session: Session, point: CollectionPoint) -> None:
    wrong = sheet(
        point.token,
        {"access.signage": "9", "nobody.asked": "1", "comment": "x" * 10_000},
        version="sipas-counter@99",
        language="fr",
        seconds=-1,
    )
    with pytest.raises(Invalid) as caught:
        submit_sheet(session, wrong, now=NOW)
    places = {problem.where for problem in caught.value.problems}
    assert places == {
        "version",
        "language",
        "seconds",
        "access.signage",
        "nobody.asked",
        "comment",
    }


def test_text_is_kept_composed(session: Session, point: CollectionPoint) -> None:
    decomposed = "Ca\u0309m o\u031bn"
    submit_sheet(session, sheet(point.token, {"comment": decomposed}), now=NOW)
    assert session.scalars(select(FreeText.text)).one() == "Cảm ơn"


def test_nothing_on_a_sheet_leads_to_its_link_or_its_moment(
    session: Session, point: CollectionPoint
) -> None:
    token = make_one_time_link(session, point)
    response_id = UUID("0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")  # a version 7 tells its millisecond
    receipt = submit_sheet(session, sheet(token, response_id=response_id), now=NOW)
    session.flush()
    row = session.execute(text("SELECT * FROM survey_response")).mappings().one()
    link = session.execute(text("SELECT * FROM one_time_link")).mappings().one()
    assert row["received_hour"] == "2026-06-15 03:00:00.000000"
    assert response_id.bytes not in {row["response_key"], row["answers"]}
    assert receipt.code == receipt_code(response_id)
    assert set(link) == {"token_hash", "collection_point_id", "expires_on", "is_used"}
    # What is written together with the sheet is gone as soon as the link is mixed with others.
    assert not link["is_used"]
    assert session.scalar(text("SELECT count(*) FROM spent_link")) == 1
    assert mix_links(session, all_of_them=False) == 0
    assert mix_links(session, all_of_them=True) == 1
    assert session.scalar(text("SELECT count(*) FROM spent_link")) == 0
    with pytest.raises(Forbidden):
        submit_sheet(session, sheet(token), now=NOW)
    columns = {c["name"] for c in inspect(session.connection()).get_columns("survey_response")}
    assert not {"ip", "user_agent", "created_at", "id", "token_hash"} & columns
    # No rowid: neither table gives back the order in which rows came.
    for table in ("survey_response", "free_text", "one_time_link", "spent_link"):
        sql = session.scalar(text("SELECT sql FROM sqlite_master WHERE name = :n"), {"n": table})
        assert "WITHOUT ROWID" in sql


def test_the_lock_on_a_link_holds_between_connections(
    database: Database, session: Session, point: CollectionPoint
) -> None:
    token = make_one_time_link(session, point)
    session.commit()
    outcomes: list[str] = []

    def hand_in() -> None:
        try:
            with database.transaction() as own:
                submit_sheet(own, sheet(token), now=NOW)
            outcomes.append("stored")
        except Forbidden:
            outcomes.append("refused")

    threads = [threading.Thread(target=hand_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 7 + ["stored"]
    with database.session() as reader:
        assert count(reader) == 1
        assert reader.scalars(select(SpentLink.token_hash)).all() == [hash_token(token)]


def test_the_same_sheet_sent_twice_at_once_is_stored_once(
    database: Database, session: Session, point: CollectionPoint
) -> None:
    token = point.token
    session.commit()
    one = sheet(token)
    found: list[bool] = []

    def hand_in() -> None:
        with database.transaction() as own:
            found.append(submit_sheet(own, one, now=NOW).is_new)

    threads = [threading.Thread(target=hand_in) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False] * 5 + [True]


def test_every_connection_is_durable(database: Database) -> None:
    with database.engine.connect() as first, database.engine.connect() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_one_id_is_one_sheet_whatever_the_unit(session: Session, survey: Survey) -> None:
    other = make_unit(session, "H01.02", "Phường Khác")
    both = make_survey(session, [other], code="KS-2")
    elsewhere = make_point(session, both, other)
    here = make_point(session, survey, survey_units(session, survey.id)[0].unit)
    response_id = uuid4()
    submit_sheet(session, sheet(here.token, response_id=response_id), now=NOW)
    with pytest.raises(Conflict):
        submit_sheet(session, sheet(elsewhere.token, response_id=response_id), now=NOW)


def test_the_log_is_emptied_and_the_file_is_private(database: Database, session: Session) -> None:
    make_survey(session)
    session.commit()
    session.close()
    path = sqlite_path(database.url)
    assert path is not None
    log = path.with_name(f"{path.name}-wal")
    assert log.stat().st_size > 0
    database.empty_log()
    assert log.stat().st_size == 0
    fresh = Database(f"sqlite:///{path.parent}/new/fresh.db")
    fresh.dispose()
    assert (path.parent / "new" / "fresh.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "is_hidden"),
    [
        ("Gọi tôi số 0912 345 678", True),
        ("CCCD 001088012345", True),
        ("Viết cho lan@example.vn", True),
        ("Chờ 45 phút, nộp lúc 8.30 ngày 12/10/2026", False),
    ],
)
def test_a_text_that_may_identify_somebody_waits_for_a_moderator(
    session: Session, point: CollectionPoint, text: str, is_hidden: bool
) -> None:
    submit_sheet(session, sheet(point.token, {"comment": text}), now=NOW)
    row = session.scalars(select(FreeText)).one()
    assert (row.text, row.is_hidden) == (text, is_hidden)
