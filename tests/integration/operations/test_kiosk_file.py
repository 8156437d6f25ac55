"""A kiosk's exported file: refused whole when malformed, else every sheet goes the usual way."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Invalid
from survey_app.integrity.flags import Flag
from survey_app.integrity.recent import MOST_OF_A_DEVICE
from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.collection_points import add_collection_point
from survey_app.operations.fieldwork.devices import add_device, move_device
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.intake.kiosk_file import (
    MOST_SHEETS,
    KioskImport,
    check_kiosk_sheets,
    draft_kiosk_sheets,
    import_kiosk_sheets,
    read_kiosk_file,
)
from survey_app.operations.intake.submission import Sheet, submit_sheet
from survey_app.operations.review.quarantine import unit_quarantine
from survey_app.storage.models import (
    AuditEntry,
    CollectionPoint,
    Device,
    Mode,
    SpentLink,
    SurveyResponse,
)
from tests.factories import (
    NOW,
    make_account,
    make_one_time_link,
    make_point,
    make_survey,
    make_unit,
    noted,
    recorded,
)


@pytest.fixture
def point(session: Session) -> CollectionPoint:
    unit = make_unit(session)
    survey = make_survey(session, [unit], document="one-stop-rating.yaml")
    found = make_point(session, survey, unit)
    add_device(session, found, label="Kiosk", pin="2580", now=NOW)
    return found


def item(point: CollectionPoint, **fields: object) -> dict[str, Any]:
    """A sheet as the kiosk writes it."""
    return {
        "id": str(uuid4()),
        "link": point.token,
        "version": point.survey.version.name,
        "language": "vi",
        "answers": {"service.overall": "4", "comment": "Chờ hơi lâu"},
        "seconds": 41,
        "answered_at": "2026-06-13T03:00:00.000Z",
        "is_partial": False,
    } | fields


def written(*items: object, **fields: object) -> bytes:
    document = {"format": "hailong-kiosk-queue", "version": 1, "sheets": list(items)} | fields
    return json.dumps(document).encode()


def run(
    session: Session, *items: Mapping[str, object], units: set[int] | None = None
) -> KioskImport:
    sheets = read_kiosk_file(written(*items))
    queue = draft_kiosk_sheets(session, sheets, unit_ids=units, now=NOW)
    return import_kiosk_sheets(session, queue, now=NOW)


def rows(session: Session) -> list[SurveyResponse]:
    session.expire_all()
    return list(session.scalars(select(SurveyResponse)))


def imports(session: Session) -> list[AuditEntry]:
    return [entry for entry in recorded(session) if entry.action == "kiosk.import"]


def test_sheets_are_stored_as_if_the_kiosk_had_sent_them(
    session: Session, point: CollectionPoint
) -> None:
    partial = item(point, is_partial=True, answers={"service.overall": "2"}, language="en")
    result = run(session, item(point), partial)
    assert (result.new, result.known, result.refused) == (2, 0, ())
    assert {line.point.id for line in result.points} == {point.id}
    stored = rows(session)
    assert {row.mode for row in stored} == {Mode.KIOSK}
    assert {row.received_hour for row in stored} == {datetime(2026, 6, 13, 3, tzinfo=UTC)}
    assert sorted((row.is_partial, row.language) for row in stored) == [(False, "vi"), (True, "en")]


def test_a_second_import_and_a_sheet_that_was_sent_meanwhile_change_nothing(
    session: Session, point: CollectionPoint
) -> None:
    sent, left = item(point), item(point)
    (sheet,) = read_kiosk_file(written(sent))
    submit_sheet(session, sheet, now=NOW)
    first = run(session, sent, left)
    assert (first.new, first.known) == (1, 1)
    before = {(row.response_key, row.answers) for row in rows(session)}
    again = run(session, sent, left)
    assert (again.new, again.known) == (0, 2)
    assert {(row.response_key, row.answers) for row in rows(session)} == before


def test_a_dry_run_tells_the_same_and_writes_nothing(
    session: Session, point: CollectionPoint
) -> None:
    once = make_one_time_link(session, point)
    items = [item(point), item(point, link=once), item(point, link=once), item(point, link="XX")]
    queue = draft_kiosk_sheets(session, read_kiosk_file(written(*items)), unit_ids=None, now=NOW)
    told = check_kiosk_sheets(session, queue, now=NOW)
    assert rows(session) == []
    assert session.scalars(select(SpentLink)).all() == []
    assert imports(session) == []
    assert (told.new, told.known, len(told.refused)) == (2, 0, 2)
    done = import_kiosk_sheets(session, queue, now=NOW)
    assert done == told
    assert len(rows(session)) == 2
    (entry,) = imports(session)
    assert entry.subject == "H01.01"
    assert noted(entry) == "2 phiếu mới, 0 phiếu đã có, 2 phiếu bị từ chối"


def test_refused_sheets_are_listed_with_their_reasons_and_leave_the_others(
    session: Session, point: CollectionPoint
) -> None:
    good = item(point)
    result = run(
        session,
        item(point, link="ABCDEFGH"),
        good,
        item(point, answers={"comment": "x"}),
        item(point, version="another@1"),
        {**good, "answers": {"service.overall": "1"}},
    )
    assert result.new == 1
    assert [sheet.number for sheet in result.refused] == [1, 3, 4, 5]
    reasons = " | ".join(sheet.reason for sheet in result.refused)
    for words in ("Mã khảo sát không đúng", "service.overall: Vui lòng", "another@1", "phiếu đầu"):
        assert words in reasons
    assert [row.answers[1] for row in rows(session)] == [4]  # the first of the twins


def test_the_office_reads_reasons_in_vietnamese(session: Session, point: CollectionPoint) -> None:
    wrong = {"service.overall": "9"}
    english, unspoken = (item(point, answers=wrong, language=language) for language in ("en", "en"))
    unspoken |= {"language": "fr", "answers": {"service.overall": "4"}}
    result = run(session, english, unspoken)
    assert [sheet.reason.partition(" ")[0] for sheet in result.refused] == [
        "service.overall:",
        "language:",
    ]
    assert "Phương án “9” không có" in result.refused[0].reason
    assert "không có ngôn ngữ này" in result.refused[1].reason


def test_sheets_of_units_outside_the_scope_are_refused(
    session: Session, point: CollectionPoint
) -> None:
    result = run(session, item(point), units={point.unit_id + 1})
    assert result.points == ()
    assert "ngoài phạm vi" in result.refused[0].reason
    assert rows(session) == []


def test_a_place_that_never_had_a_kiosk_is_refused(
    session: Session, point: CollectionPoint
) -> None:
    poster = add_collection_point(session, point.survey, point.unit_id, label="Áp phích")
    slip = make_one_time_link(session, poster)
    result = run(session, item(poster), item(point, link=slip))
    assert result.new == 1  # a kiosk takes the slips of its unit
    assert result.refused[0].reason == "Chưa từng có kiosk nào đặt tại điểm thu thập của phiếu."


def test_the_place_of_a_kiosk_that_was_moved_is_known(
    session: Session, point: CollectionPoint
) -> None:
    there = add_collection_point(session, point.survey, point.unit_id, label="Quầy số 10")
    slip = make_one_time_link(session, point)
    (refused,) = run(session, item(there)).refused
    assert "Chưa từng có kiosk" in refused.reason
    (device,) = session.scalars(select(Device))
    move_device(session, device, there, now=NOW)
    session.commit()
    result = run(session, item(point), item(there), item(point, link=slip))
    assert (result.new, result.refused) == (3, ())


def test_a_file_somebody_wrote_does_not_pass_unseen(
    session: Session, point: CollectionPoint
) -> None:
    """Best levels throughout in 8 hours: marked, and judged by somebody else."""
    own = make_account(session, "own", AccountRole.OFFICER, point.unit)
    first = datetime(2026, 6, 11, 1, tzinfo=UTC)
    moments = [first + timedelta(seconds=72 * number) for number in range(400)]
    written_by_hand = [
        item(point, answers={"service.overall": "5"}, answered_at=f"{at:%FT%TZ}") for at in moments
    ]
    assert run(session, *written_by_hand, units={point.unit_id}).new == 400
    assert all(row.flags & Flag.FROM_FILE for row in rows(session))
    found = unit_quarantine(session, point.survey, point.unit, own, today=local_date(NOW))
    assert sum(group.sheets or 0 for group in found.groups) == 400
    assert all(Flag.FROM_FILE in group.flags for group in found.groups)
    assert not found.may_judge


def test_sheets_of_a_file_are_looked_at_beside_one_another(
    session: Session, point: CollectionPoint
) -> None:
    """A burst in each of two hours flags both whole, and nothing of the third."""
    hours = [datetime(2026, 6, 11, hour, tzinfo=UTC) for hour in (1, 2, 7)]
    counts = dict(zip(hours, (MOST_OF_A_DEVICE + 1, MOST_OF_A_DEVICE + 2, 5), strict=True))
    items = [
        item(point, answered_at=f"{hour + timedelta(seconds=20 * number):%FT%TZ}")
        for hour, count in counts.items()
        for number in range(count)
    ]
    assert run(session, *reversed(items)).refused == ()
    stored = rows(session)
    assert Counter(row.received_hour for row in stored) == counts
    assert {row.received_hour for row in stored if row.flags & Flag.BURST} == set(hours[:2])
    assert all(row.flags & Flag.BURST for row in stored if row.received_hour != hours[2])


def test_a_closed_survey_takes_no_file(session: Session, point: CollectionPoint) -> None:
    close_survey(point.survey)
    (refused,) = run(session, item(point)).refused
    assert "đã kết thúc" in refused.reason


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"PK\x03\x04",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"format": "other"}',
        written(version=2),
        written(sheets={}),
        written(),
        written(format="hailong-kiosk-queue\n"),
        b'{"format": "hailong-kiosk-queue", "version": 1, "sheets": [NaN]}',
        written(*[0] * (MOST_SHEETS + 1)),
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read_kiosk_file(data)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "7"},
        {"id": None},
        {"link": ""},
        {"link": "A\0B"},
        {"link": "x" * 301},
        {"version": 1},
        {"language": None},
        {"answers": []},
        {"answers": None},
        {"seconds": True},
        {"seconds": "41"},
        {"answered_at": "yesterday"},
        {"answered_at": "2026-06-13T03:00:00"},
        {"answered_at": 1},
        {"is_partial": "yes"},
    ],
)
def test_one_malformed_sheet_stops_the_whole_file(
    session: Session, point: CollectionPoint, wrong: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as caught:
        read_kiosk_file(written(item(point), item(point, **wrong), 5))
    assert [problem.where for problem in caught.value.problems] == ["phiếu 2", "phiếu 3"]


def test_answers_of_any_form_are_refused_one_by_one(
    session: Session, point: CollectionPoint
) -> None:
    hostile = [{"service.overall": {"a": ["b"]}}, {"\ud800": "1"}, {"service.overall": 10**400}]
    result = run(session, *(item(point, answers=answers) for answers in hostile), item(point))
    assert result.new == 1
    assert [sheet.number for sheet in result.refused] == [1, 2, 3]


def test_a_clock_that_was_wrong_does_not_stop_a_sheet(
    session: Session, point: CollectionPoint
) -> None:
    told = (
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        None,
    )
    run(session, *(item(point, answered_at=moment) for moment in told))
    assert {row.received_hour for row in rows(session)} == {NOW.replace(minute=0)}


def test_a_full_file_is_imported(session: Session, point: CollectionPoint) -> None:
    result = run(session, *(item(point) for _ in range(MOST_SHEETS)))
    assert result.new == MOST_SHEETS
    assert session.scalar(select(func.count()).select_from(SurveyResponse)) == MOST_SHEETS


def test_what_is_read_is_what_a_kiosk_sends(session: Session, point: CollectionPoint) -> None:
    told = item(point)
    (sheet,) = read_kiosk_file(written(told))
    assert sheet == Sheet(
        response_id=sheet.response_id,
        token=point.token,
        answers=told["answers"],
        version="one-stop-rating@1",
        language="vi",
        mode=Mode.KIOSK,
        seconds=41,
        answered_at=datetime(2026, 6, 13, 3, tzinfo=UTC),
    )
    assert str(sheet.response_id) == told["id"]
