"""What a sheet shows beside those that came just before."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.integrity import recent as room
from survey_app.integrity.flags import Flag
from survey_app.integrity.recent import (
    FEWEST_ALIKE,
    IDENTICAL_RUN,
    MEMORY,
    MOST_OF_A_DEVICE,
    MOST_OF_A_LINK,
    TEXT_MEMORY,
    Arrival,
    RecentSheets,
)

START = datetime(2026, 6, 15, 2, 5, tzinfo=UTC)
PRAISE = "Cán bộ hướng dẫn rất tận tình, giải thích dễ hiểu."


def arrival(number: int, *, after: float = 0, **fields: object) -> Arrival:
    """Sheet ``number``, ``after`` so many seconds from the start, unlike every other."""
    moment = START + timedelta(seconds=after)
    given = {
        "source": 1,
        "is_device": False,
        "key": number.to_bytes(16, "big"),
        "answers": number.to_bytes(30, "big"),
        "answered": 30,
        "answered_at": moment,
        "received_at": moment,
    }
    return Arrival(**{**given, **fields})  # type: ignore[arg-type]


def look(*arrivals: Arrival) -> list[Flag]:
    sheets = RecentSheets()
    return [sheets.look(one) for one in arrivals]


@pytest.mark.parametrize(("is_device", "most"), [(True, MOST_OF_A_DEVICE), (False, MOST_OF_A_LINK)])
def test_a_burst_begins_with_the_one_too_many(is_device: bool, most: int) -> None:
    found = look(*(arrival(n, after=n, is_device=is_device) for n in range(most + 2)))
    assert found == [Flag(0)] * most + [Flag.BURST] * 2


def test_as_many_over_a_longer_time_are_no_burst() -> None:
    apart = MEMORY.total_seconds() / MOST_OF_A_LINK + 1
    found = look(*(arrival(n, after=n * apart) for n in range(3 * MOST_OF_A_LINK)))
    assert set(found) == {Flag(0)}


def test_two_points_are_no_burst_together() -> None:
    found = look(*(arrival(n, source=n % 2) for n in range(2 * MOST_OF_A_LINK)))
    assert set(found) == {Flag(0)}


def test_a_burst_lasts_to_the_end_of_its_hour() -> None:
    sheets = RecentSheets()
    for n in range(MOST_OF_A_LINK + 1):
        sheets.look(arrival(n))
    assert sheets.look(arrival(900, after=50 * 60)) == Flag.BURST
    assert sheets.look(arrival(901, after=56 * 60)) == Flag(0)


def test_the_hour_before_a_burst_is_flagged_once() -> None:
    sheets = RecentSheets()
    for n in range(MOST_OF_A_LINK + 2):
        sheets.look(arrival(n))
    hour = datetime(2026, 6, 15, 3, tzinfo=UTC)
    assert [sheets.is_first_of_burst(1, hour) for _ in range(2)] == [True, False]
    assert not sheets.is_first_of_burst(2, hour)
    assert sheets.is_first_of_burst(1, hour + timedelta(hours=1))
    assert sheets.is_first_of_burst(1, hour)
    sheets.spread_again()
    assert sheets.is_first_of_burst(1, hour)


def test_sheets_that_waited_are_a_burst_by_the_time_of_answering() -> None:
    sent = {"received_at": START + timedelta(hours=5)}
    quiet = look(*(arrival(n, after=n * 60, **sent) for n in range(100)))
    assert set(quiet) == {Flag(0)}
    hectic = look(*(arrival(n, after=n, **sent) for n in range(100)))
    assert hectic[-1] == Flag.BURST


def test_the_same_sheet_again_is_not_counted() -> None:
    assert set(look(*[arrival(1, texts=(PRAISE,))] * 200)) == {Flag(0)}


def test_a_third_sheet_with_the_same_answers_in_a_row() -> None:
    alike = [arrival(n, after=n, answers=b"\x05" * 30) for n in range(4)]
    assert look(*alike) == [Flag(0)] * (IDENTICAL_RUN - 1) + [Flag.IDENTICAL] * 2
    other = arrival(9, after=2)
    assert set(look(alike[0], alike[1], other, alike[2], alike[3])) == {Flag(0)}
    late = [arrival(n, after=n * 601, answers=b"\x05" * 30) for n in range(4)]
    assert set(look(*late)) == {Flag(0)}


def test_short_sheets_are_alike_by_chance() -> None:
    short = {"answers": b"\x05" * 7, "answered": FEWEST_ALIKE - 1}
    assert set(look(*(arrival(n, **short) for n in range(9)))) == {Flag(0)}


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        (PRAISE, Flag.REPEATED_COMMENT),
        (f"  {PRAISE.upper()} ", Flag.REPEATED_COMMENT),
        ("Can bo huong dan rat tan tinh, giai thich de hieu.", Flag.REPEATED_COMMENT),
        (PRAISE + " Cảm ơn.", Flag(0)),
    ],
)
def test_a_long_comment_written_twice(again: str, expected: Flag) -> None:
    far = TEXT_MEMORY.total_seconds() / 2
    first, second = arrival(1, texts=(PRAISE,)), arrival(2, after=far, texts=(again,))
    assert look(first, second) == [Flag(0), expected]


def test_comments_of_other_units_old_ones_and_short_ones_are_no_repetition() -> None:
    late = TEXT_MEMORY.total_seconds() + 1
    for second in (
        arrival(2, texts=(PRAISE,), scope=(1, 2)),
        arrival(2, texts=(PRAISE,), after=late),
        arrival(2, texts=("Rất tốt",)),
    ):
        assert look(arrival(1, texts=(PRAISE, "Rất tốt")), second) == [Flag(0), Flag(0)]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_SOURCES", 3)
    monkeypatch.setattr(room, "MOST_TEXTS", 3)
    sheets = RecentSheets()
    for n in range(50):
        sheets.look(arrival(n, source=n, texts=(f"{n} {PRAISE}",)))
    assert len(sheets._sources) == len(sheets._texts) == 3
    for n in range(50):
        sheets.look(arrival(100 + n, source=49))
    assert len(sheets._sources[49].traces) == MOST_OF_A_LINK + 1


@given(st.lists(st.binary(min_size=1, max_size=3), max_size=30), st.randoms())
def test_a_point_knows_nothing_of_another(answers: list[bytes], random: Random) -> None:
    """Whatever comes in elsewhere, in whatever order, a point's flags are the same."""
    own = [arrival(n, after=n, answers=a, source=1) for n, a in enumerate(answers)]
    foreign = [arrival(1000 + n, after=n, answers=a, source=2) for n, a in enumerate(answers * 2)]
    alone = look(*own)
    sheets, together = RecentSheets(), []
    for one in own:
        for _ in range(random.randint(0, 2)):
            if foreign:
                sheets.look(foreign.pop(0))
        together.append(sheets.look(one))
    assert together == alone
