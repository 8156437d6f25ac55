"""What a sheet shows by itself: its pace, its variety, its hour, its version.

No rule looks at which level was chosen: all "very satisfied" and all "very dissatisfied" are
treated alike, else the flags would themselves move the index.
"""

from collections.abc import Sequence
from datetime import datetime

from survey_app.integrity.office_time import is_working_day

#: Less than this for a question, and there was no time to read it (seconds).
LEAST_SECONDS_A_QUESTION = 2.0
#: Less than this, and there was little time to weigh one answer against the next (seconds).
HURRIED_SECONDS_A_QUESTION = 4.0
#: The pace of a sheet is judged on at least so many answers.
FEWEST_TIMED = 5
#: One level throughout counts from so many criteria when the sheet was hurried …
SHORT_BATTERY = 10
#: … and from so many whatever its pace.
LONG_BATTERY = 30
#: Counters work Monday to Friday, 7:00 to 17:30. Only the hour of a sheet is kept, so the hour
#: that holds 17:30 counts as open: were it split, the flag would tell the half hour.
FIRST_OPEN_HOUR, LAST_OPEN_HOUR = 7, 17


def is_too_fast(seconds: int | None, answered: int) -> bool:
    """Whether a sheet was filled in faster than its questions can be read.

    Rule: under two seconds for each of ``answered`` questions, from five answers on. Two seconds
    is the cut of Huang, Curran, Keeney, Poposki and DeShon (2012); Zhang and Conrad (2014) take
    0.3 s a word, which for our questions (12 to 30 syllables) is stricter by half. ``seconds`` is
    the client's word; None = not known, and never too fast.
    """
    return _pace_is_under(LEAST_SECONDS_A_QUESTION, seconds, answered)


def is_straight_lined(levels: Sequence[int], seconds: int | None, answered: int) -> bool:
    """Whether the same level was chosen for every criterion with other signs of haste.

    ``levels``: the answered criteria alone, "does not apply" left out. Somebody who is satisfied
    with everything answers like this, too, so one level throughout is no reason by itself: it
    counts on ten criteria or more where the sheet took under four seconds a question, and from
    thirty on whatever the pace (the long-string index of Johnson 2005; Meade and Craig 2012 warn
    that its cut depends on the questionnaire).
    """
    if len(levels) < SHORT_BATTERY or len(set(levels)) > 1:
        return False
    return len(levels) >= LONG_BATTERY or _pace_is_under(
        HURRIED_SECONDS_A_QUESTION, seconds, answered
    )


def is_out_of_hours(hour: datetime) -> bool:
    """Whether a counter is closed in this hour, given on a Vietnamese clock.

    For what can only happen where staff are: a kiosk, an interview. Telephones answer at any
    time; paper is keyed at any time. Holidays that move with the moon are not known here.
    """
    is_open = FIRST_OPEN_HOUR <= hour.hour <= LAST_OPEN_HOUR
    return not (is_open and is_working_day(hour.date()))


def is_older_version(offered: str, current: str) -> bool:
    """Whether ``offered`` ("code@n") names an earlier version of ``current``.

    Versions are numbered from 1 without gaps, so every number below has been published.

    >>> is_older_version("sipas@1", "sipas@3"), is_older_version("sipas@4", "sipas@3")
    (True, False)
    """
    code, _, number = current.rpartition("@")
    offered_code, _, offered_number = offered.rpartition("@")
    if offered_code != code or not (offered_number.isascii() and offered_number.isdigit()):
        return False
    return len(offered_number) <= len(number) and 1 <= int(offered_number) < int(number)


def _pace_is_under(least: float, seconds: int | None, answered: int) -> bool:
    return seconds is not None and answered >= FEWEST_TIMED and seconds < least * answered
