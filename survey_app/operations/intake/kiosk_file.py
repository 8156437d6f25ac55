"""The file a clerk exports from a kiosk: sheets that could not be sent, imported by the office.

JSON: ``{"format": "hailong-kiosk-queue", "version": 1, "sheets": […]}``, each sheet with ``id``
(UUID), ``link``, ``version``, ``language``, ``answers``, ``seconds`` (or null), ``answered_at``
(ISO 8601 with its zone, or null) and ``is_partial``. A malformed file is refused as a whole. The
sheets of a good one go the way of every sheet, so one that is stored already is only counted.

Anybody can write such a file. So links of places where no kiosk ever stood are refused, sheets are
looked at beside the others of the file as on arrival, and each is flagged as coming from a file.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.errors import HaiLongError, Invalid, NotFound, Problem
from survey_app.integrity.flags import Flag
from survey_app.integrity.recent import RecentSheets
from survey_app.operations.fieldwork.devices import had_device
from survey_app.operations.fieldwork.surveys import Link, find_link
from survey_app.operations.intake.submission import (
    Door,
    Draft,
    PointCount,
    Receipt,
    Sheet,
    door_of,
    draft_sheet,
    store_drafts,
)
from survey_app.operations.organisation.accounts import Account
from survey_app.operations.organisation.audit import record
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.storage.models import CollectionPoint, Mode

FORMAT, VERSION = "hailong-kiosk-queue", 1
#: They are stored in one transaction, and everybody else's sheet waits for its end.
MOST_SHEETS = 3000
LONGEST_WORD = 300  # characters of a link, a version, a language

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class RefusedSheet:
    """``number``: its place in the file, from 1; ``reason``: a sentence."""

    number: int
    reason: str


@dataclass(frozen=True)
class KioskQueue:
    """The sheets of a file, checked by themselves: those that may be stored, and the others.

    ``drafts``: place in the file → draft; ``points``: id → the collection points they belong to.
    """

    drafts: Mapping[int, Draft]
    refused: tuple[RefusedSheet, ...]
    points: Mapping[int, CollectionPoint]


@dataclass(frozen=True)
class KioskImport:
    """What became (or would become) of the sheets of a file."""

    points: tuple[PointCount, ...]
    refused: tuple[RefusedSheet, ...]

    @property
    def new(self) -> int:
        return sum(line.new for line in self.points)

    @property
    def known(self) -> int:
        return sum(line.known for line in self.points)


def read_kiosk_file(data: bytes) -> tuple[Sheet, ...]:
    """The sheets in a file. Raises Invalid when it is no such file, with every malformed sheet."""
    document = _parse(data)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Invalid("Tệp không phải là tệp phiếu xuất từ kiosk.")
    if document.get("version") != VERSION:
        raise Invalid("Tệp do một phiên bản phần mềm kiosk khác xuất; hệ thống chưa đọc được.")
    items = document.get("sheets")
    if not isinstance(items, list):
        raise Invalid("Tệp phiếu kiosk không có danh sách phiếu.")
    if len(items) > MOST_SHEETS:
        raise Invalid(f"Tệp có {len(items)} phiếu; mỗi lần nhập nhiều nhất {MOST_SHEETS} phiếu.")
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for number, item in enumerate(items, 1):
        try:
            sheets.append(read_kiosk_sheet(item))
        except Invalid as mistake:
            problems.append(Problem(mistake.message, f"phiếu {number}"))
    if problems:
        message = f"Tệp có {len(problems)} phiếu không đọc được; chưa nhập phiếu nào."
        raise Invalid(message, problems)
    if not sheets:
        raise Invalid("Tệp không có phiếu nào.")
    return tuple(sheets)


def draft_kiosk_sheets(
    session: Session,
    sheets: Sequence[Sheet],
    *,
    unit_ids: Collection[int] | None,
    now: datetime,
) -> KioskQueue:
    """Check sheets by themselves, before anybody's turn to write is taken.

    ``unit_ids``: about whose units they may be (None = any).
    """
    reader = _Reader(session, unit_ids, now)
    for number, sheet in enumerate(sheets, 1):
        reader.read(number, sheet)
    return KioskQueue(reader.drafts, tuple(reader.refused), reader.points)


def check_kiosk_sheets(session: Session, queue: KioskQueue, *, now: datetime) -> KioskImport:
    """What importing would do: it is done, and undone. ``session``: a writing one."""
    trial = session.begin_nested()
    try:
        return _store(session, queue, now)
    finally:
        trial.rollback()


def import_kiosk_sheets(
    session: Session, queue: KioskQueue, *, now: datetime, account: Account | None = None
) -> KioskImport:
    """Store the sheets that are not stored yet. Refused ones leave the others alone."""
    done = _store(session, queue, now)
    units = sorted({line.point.unit.code for line in done.points})
    detail = f"{done.new} phiếu mới, {done.known} phiếu đã có, {len(done.refused)} phiếu bị từ chối"
    subject = " ".join(units)
    record(session, "kiosk.import", now=now, account=account, subject=subject, detail=detail)
    return done


class _Reader:
    """Sheets of one file on their way to drafts."""

    def __init__(self, session: Session, unit_ids: Collection[int] | None, now: datetime) -> None:
        self._session, self._unit_ids, self._now = session, unit_ids, now
        self.drafts: dict[int, Draft] = {}
        self.refused: list[RefusedSheet] = []
        self.points: dict[int, CollectionPoint] = {}
        self._had_device: dict[tuple[int, bool], bool] = {}

    def read(self, number: int, sheet: Sheet) -> None:
        try:
            link = find_link(self._session, sheet.token)
            point = link.point
            if self._unit_ids is not None and point.unit_id not in self._unit_ids:
                raise NotFound("Phiếu thuộc một đơn vị ngoài phạm vi của ông/bà.")
            self._require_device(link)
            draft = self._draft(door_of(link), sheet)
        except HaiLongError as refusal:
            self.refused.append(RefusedSheet(number, _reason(refusal)))
        else:
            self.drafts[number] = draft
            self.points[point.id] = point

    def _require_device(self, link: Link) -> None:
        """Raises NotFound where no kiosk can have taken the sheet: a kiosk opens its own place's
        link, and the slips of its unit."""
        is_slip = link.one_time is not None
        key = (link.point.id, is_slip)
        if key not in self._had_device:
            self._had_device[key] = had_device(self._session, link.point, anywhere=is_slip)
        if not self._had_device[key]:
            raise NotFound("Chưa từng có kiosk nào đặt tại điểm thu thập của phiếu.")

    def _draft(self, door: Door, sheet: Sheet) -> Draft:
        """Raises what is wrong in Vietnamese: it is the office that reads it, not the citizen."""
        try:
            draft = draft_sheet(door, sheet, now=self._now)
            return replace(draft, row={**draft.row, "flags": draft.row["flags"] | Flag.FROM_FILE})
        except Invalid:
            draft_sheet(door, replace(sheet, language=PRIMARY_LANGUAGE), now=self._now)
            raise  # the language itself is the only mistake


def _store(session: Session, queue: KioskQueue, now: datetime) -> KioskImport:
    # Looked at in the order of answering; of sheets of one moment the file's order says nothing.
    # Rows are stored by their keys, whatever the order here (submission).
    def turn(number: int) -> tuple[datetime, bytes]:
        draft = queue.drafts[number]
        return draft.answered_at or now, draft.key

    numbers = sorted(queue.drafts, key=turn)
    drafts = [queue.drafts[number] for number in numbers]
    refused = list(queue.refused)
    new: Counter[int] = Counter()
    known: Counter[int] = Counter()
    for number, draft, outcome in zip(
        numbers, drafts, store_drafts(session, drafts, now=now, recent=RecentSheets()), strict=True
    ):
        if isinstance(outcome, Receipt):
            (new if outcome.is_new else known)[draft.door.point_id] += 1
        else:
            refused.append(RefusedSheet(number, _reason(outcome)))
    found = [queue.points[point_id] for point_id in new | known]
    found.sort(key=lambda point: (point.unit.sort_key, point.label, point.id))
    points = tuple(PointCount(point, new[point.id], known[point.id]) for point in found)
    return KioskImport(points, tuple(sorted(refused, key=lambda sheet: sheet.number)))


def _reason(refusal: HaiLongError) -> str:
    """Every mistake of a sheet in one line."""
    if isinstance(refusal, Invalid) and refusal.problems:
        return " ".join(str(problem) for problem in refusal.problems)
    return refusal.message


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, too deep, too long
        raise Invalid("Tệp không phải là tệp phiếu xuất từ kiosk.") from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def read_kiosk_sheet(item: object) -> Sheet:
    """One sheet as a kiosk holds it, in a file or sent by the kiosk itself. Raises Invalid."""
    if not isinstance(item, dict):
        raise Invalid("Phiếu không đúng cấu trúc.")
    identifier = item.get("id")
    if not isinstance(identifier, str) or not _UUID.fullmatch(identifier):
        raise Invalid("Mã phiếu không phải là một UUID.")
    is_partial = item.get("is_partial", False)
    if not isinstance(is_partial, bool):
        raise Invalid("Trường “is_partial” phải là true hoặc false.")
    return Sheet(
        UUID(identifier),
        _word(item, "link"),
        _answers(item),
        version=_word(item, "version"),
        language=_word(item, "language"),
        mode=Mode.KIOSK,
        seconds=_seconds(item),
        is_partial=is_partial,
        answered_at=_moment(item),
    )


def _word(item: Mapping[str, object], name: str) -> str:
    word = item.get(name)
    is_fit = isinstance(word, str) and word.strip() and len(word) <= LONGEST_WORD
    if not isinstance(word, str) or not is_fit or _NOT_TEXT.search(word):
        raise Invalid(f"Trường “{name}” phải là một chuỗi ngắn.")
    return word


def _answers(item: Mapping[str, object]) -> dict[str, object]:
    answers = item.get("answers")
    if not isinstance(answers, dict):
        raise Invalid("Phiếu không có các câu trả lời.")
    return answers


def _seconds(item: Mapping[str, object]) -> int | None:
    seconds = item.get("seconds")
    if seconds is None or (isinstance(seconds, int) and not isinstance(seconds, bool)):
        return seconds
    raise Invalid("Thời gian trả lời phải là một số nguyên (giây).")


def _moment(item: Mapping[str, object]) -> datetime | None:
    """When the sheet was answered, by the clock of the device; None where that cannot be so."""
    text = item.get("answered_at")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid("Thời điểm trả lời không đọc được.")
    # Beside the ends of the calendar no other zone's hour can be reckoned.
    return moment if MINYEAR < moment.year < MAXYEAR else None
