"""The file a clerk exports from a kiosk: sheets that could not be sent, imported by the office.

JSON: ``{"format": "hailong-kiosk-queue", "version": 1, "sheets": […]}``, each sheet with ``id``
(UUID), ``link``, ``version``, ``language``, ``answers``, ``seconds`` (or null), ``answered_at``
(ISO 8601 with its zone, or null) and ``is_partial``. A malformed file is refused as a whole. The
sheets of a good one go the way of every sheet, so one that is stored already is only counted.

Anybody can write such a file. So links of places where no kiosk ever stood are refused, sheets are
looked at beside the others of the file as on arrival, and each is flagged as coming from a file.
"""

from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import HaiLongError, Invalid, NotFound, Problem
from survey_app.integrity.flags import Flag
from survey_app.integrity.recent import RecentSheets
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import record
from survey_app.operations.fieldwork.devices import had_device
from survey_app.operations.fieldwork.links import Link, find_link
from survey_app.operations.intake.doors import Door, door_of
from survey_app.operations.intake.envelope import decode_json, read_kiosk_sheet
from survey_app.operations.intake.submission import (
    Draft,
    PointCount,
    Receipt,
    Sheet,
    draft_sheet,
    store_drafts,
)
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.storage.models import CollectionPoint

FORMAT, VERSION = "hailong-kiosk-queue", 1
#: They are stored in one transaction, and everybody else's sheet waits for its end. A kiosk that
#: was without network for long writes more into its one file: the command takes it part by part.
MOST_SHEETS = 3000


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


def read_kiosk_file(data: bytes, *, most: int | None = MOST_SHEETS) -> tuple[Sheet, ...]:
    """The sheets in a file, ``most`` of them (None = any number). Raises Invalid when it is no such
    file, with every malformed sheet."""
    document = _parse(data)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Invalid("Tệp không phải là tệp phiếu xuất từ kiosk.")
    if document.get("version") != VERSION:
        raise Invalid("Tệp do một phiên bản phần mềm kiosk khác xuất; hệ thống chưa đọc được.")
    items = document.get("sheets")
    if not isinstance(items, list):
        raise Invalid("Tệp phiếu kiosk không có danh sách phiếu.")
    if most is not None and len(items) > most:
        raise Invalid(
            f"Tệp có {len(items)} phiếu; tại đây mỗi lần nhập nhiều nhất {most} phiếu. Người vận "
            "hành nhập được tệp này bằng lệnh: hailong kiosk import"
        )
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
    first: int = 1,
) -> KioskQueue:
    """Check sheets by themselves, before anybody's turn to write is taken.

    ``unit_ids``: about whose units they may be (None = any); ``first``: the place in the file of
    the first of them.
    """
    reader = _Reader(session, unit_ids, now)
    for number, sheet in enumerate(sheets, first):
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
            draft = self._draft(door_of(self._session, link, sheet.version), sheet)
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
            return draft._replace(row={**draft.row, "flags": draft.row["flags"] | Flag.FROM_FILE})
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
    """Every mistake of a sheet in one line, with its place: the office reads it."""
    if isinstance(refusal, Invalid) and refusal.problems:
        return " ".join(str(problem) for problem in refusal.problems)
    return refusal.message


def _parse(data: bytes) -> Any:
    try:
        return decode_json(data.removeprefix(BOM_UTF8))
    except Invalid as mistake:
        raise Invalid("Tệp không phải là tệp phiếu xuất từ kiosk.") from mistake
