"""Sheets of the demo that are worth a second look: flagged by the same rules as real ones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from survey_app.clock import hour_of, local, local_date
from survey_app.integrity.flags import Flag
from survey_app.integrity.recent import RecentSheets
from survey_app.operations.demo.answers import MadeSheet, SheetMaker
from survey_app.operations.intake.flagging import flag_arrival, flag_sheet
from survey_app.operations.review.quarantine import REST, Verdict, Wish, decide, unit_quarantine
from survey_app.questionnaire.codebook import Codebook
from survey_app.questionnaire.definition import Questionnaire, Role
from survey_app.storage.models import Account, AdministrativeUnit, CollectionPoint, Mode, Survey

REASON = (
    "Minh họa: thiết bị đặt tại phòng trực, đã xác nhận không có công dân đến làm thủ tục vào tối "
    "Chủ nhật đó."
)


@dataclass(frozen=True)
class Episode:
    """Sheets that came one after the other at one point. ``hour``: on a Vietnamese clock;
    ``weekday``: 0 = Monday; ``seconds``: shortest and longest time of a sheet; ``is_copied``: the
    same answers each time, the best level throughout."""

    sheets: int
    mode: Mode
    weekday: int
    hour: int
    every: timedelta
    seconds: tuple[int, int]
    is_copied: bool = False


#: Somebody alone with a kiosk on a Sunday evening, and a link passed round a waiting room.
SUNDAY_EVENING = Episode(26, Mode.KIOSK, 6, 20, timedelta(seconds=19), (9, 18), is_copied=True)
WAITING_ROOM = Episode(46, Mode.PHONE, 2, 10, timedelta(seconds=12), (75, 210))
EPISODES = (SUNDAY_EVENING, WAITING_ROOM)
#: A unit has a whole episode only if that is a small part of its sheets.
LARGEST_PART = 0.4


class FlaggedSheets:
    """Flags the demo's sheets, and makes the rows of an episode."""

    def __init__(
        self, questionnaire: Questionnaire, codebook: Codebook, random: np.random.Generator
    ) -> None:
        self._questionnaire = questionnaire
        self._codebook = codebook
        self._random = random

    def flag(self, row: dict[str, Any], sheet: MadeSheet) -> dict[str, Any]:
        """The row of an ordinary sheet with what it shows by itself."""
        flags = flag_sheet(
            self._codebook, sheet.answers, answered=sheet.answered, seconds=row["seconds"]
        )
        alone = flag_arrival(
            row,
            None,
            answered=sheet.answered,
            texts=(),
            answered_at=row["received_hour"],
            received_at=row["received_hour"],
        )
        return {**row, "flags": int(flags) | alone}

    def episode(
        self,
        episode: Episode,
        point: CollectionPoint,
        survey: Survey,
        maker: SheetMaker,
        until: datetime,
    ) -> Iterator[dict[str, Any]]:
        """The rows of an episode, on the last such day before ``until``."""
        recent, rows = RecentSheets(), []
        start = _start(episode, until)
        sheet = self._copy(maker.make())
        for number in range(episode.sheets):
            if not episode.is_copied:
                sheet = maker.make()
            moment = start + number * episode.every
            row: dict[str, Any] = {
                "unit_id": point.unit_id,
                "response_key": self._random.bytes(16),
                "survey_id": survey.id,
                "collection_point_id": point.id,
                "mode": episode.mode,
                "language": "vi",
                "received_hour": hour_of(moment),
                "seconds": int(self._random.integers(*episode.seconds)),
                "version_number": survey.version.number,
                "answers": sheet.answers,
            }
            row = self.flag(row, sheet)
            row["flags"] |= flag_arrival(
                row,
                recent,
                answered=sheet.answered,
                texts=(),
                answered_at=moment,
                received_at=moment,
            )
            rows.append(row)
        burst = Flag.BURST if any(row["flags"] & Flag.BURST for row in rows) else 0
        return ({**row, "flags": row["flags"] | burst} for row in rows)

    def _copy(self, sheet: MadeSheet) -> MadeSheet:
        """The sheet with the best level at every criterion."""
        answers = bytearray(sheet.answers)
        for question in self._questionnaire.with_role(Role.CRITERION):
            answers[self._codebook.position(question.code)] = len(question.choices)
        return replace(sheet, answers=bytes(answers), texts={})


def _start(episode: Episode, until: datetime) -> datetime:
    """Five minutes past the episode's hour, on the last such weekday that is over."""
    there = local(until)
    days = (there.weekday() - episode.weekday) % 7 or 7
    day = there - timedelta(days=days)
    return day.replace(hour=episode.hour, minute=5, second=0, microsecond=0)


def exclude_evening(
    session: Session,
    survey: Survey,
    units: Iterable[AdministrativeUnit],
    account: Account,
    now: datetime,
) -> None:
    """Decide on what the kiosk collected when nobody was there."""
    for unit in units:
        groups = unit_quarantine(session, survey, unit, account, today=local_date(now)).groups
        seen = {
            group.code: group.fingerprint
            for group in groups
            if group.code != REST and Flag.OUT_OF_HOURS in group.flags
        }
        if seen:
            wish = Wish(Verdict.EXCLUDED, REASON, seen)
            decide(session, survey, unit, wish, account=account, now=now)
