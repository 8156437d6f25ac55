"""Flagging: what the rules of integrity say of sheets on their arrival."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.clock import local
from survey_app.integrity.flags import Flag
from survey_app.integrity.recent import Arrival, RecentSheets
from survey_app.integrity.sheet import is_out_of_hours, is_straight_lined, is_too_fast
from survey_app.questionnaire.codebook import NOT_APPLICABLE_BYTE, SKIPPED, Codebook
from survey_app.storage.models import Mode
from survey_app.storage.queries.responses import flag_whole_hour

#: Answers that can only be given where staff are.
COUNTER_MODES = frozenset({Mode.KIOSK, Mode.INTERVIEW})


def flag_sheet(codebook: Codebook, coded: bytes, *, answered: int, seconds: int | None) -> Flag:
    """What a sheet shows by itself. ``coded``: its row; ``answered``: how many questions."""
    levels = [
        level
        for position in codebook.criteria
        if (level := coded[position]) not in (SKIPPED, NOT_APPLICABLE_BYTE)
    ]
    found = Flag(0)
    if is_too_fast(seconds, answered):
        found |= Flag.TOO_FAST
    if is_straight_lined(levels, seconds, answered):
        found |= Flag.STRAIGHT_LINE
    return found


def flag_arrival(
    row: Mapping[str, Any],
    recent: RecentSheets | None,
    *,
    answered: int,
    texts: tuple[str, ...],
    answered_at: datetime,
    received_at: datetime,
) -> int:
    """What the hour of a sheet and those that came before it say. ``row``: as it will be stored;
    ``recent``: None = nothing is known of others."""
    found = Flag(0)
    if row["mode"] in COUNTER_MODES and is_out_of_hours(local(answered_at)):
        found |= Flag.OUT_OF_HOURS
    if recent is not None:
        found |= recent.look(
            Arrival(
                source=row["collection_point_id"],
                is_device=row["mode"] == Mode.KIOSK,
                key=row["response_key"],
                answers=row["answers"],
                answered=answered,
                answered_at=answered_at,
                received_at=received_at,
                scope=(row["survey_id"], row["unit_id"]),
                texts=texts,
            )
        )
    return int(found)


def spread_bursts(
    session: Session, rows: Iterable[Mapping[str, Any]], recent: RecentSheets | None
) -> None:
    """Flag the whole hour of a burst, when ``rows`` are stored: were only those sheets flagged that
    came after the one too many, the flag would tell who came before it."""
    for row in rows:
        if recent is None or not row["flags"] & Flag.BURST:
            continue
        point = row["collection_point_id"]
        if recent.is_first_of_burst(point, row["received_hour"]):
            flag_whole_hour(
                session,
                survey_id=row["survey_id"],
                unit_id=row["unit_id"],
                point_id=point,
                hour=row["received_hour"],
                flag=Flag.BURST,
                but_not=Mode.PAPER,
            )
