"""A list of dossiers as a file → one slip for each; which dossiers they were is kept nowhere."""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, HaiLongError, Invalid, Problem
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import record
from survey_app.operations.fieldwork.dossier_list import COLUMNS as DOSSIER_COLUMNS
from survey_app.operations.fieldwork.links import issue_one_time_links
from survey_app.operations.invitations.invitations import point_of_unit
from survey_app.operations.invitations.slips import (
    MOST_SLIPS,
    MadeSlip,
    check_last_day,
    slip_points,
)
from survey_app.spreadsheets.records import ColumnSpec, Records, read_table, sheet_records
from survey_app.spreadsheets.sheet import Row, Sheet, place_order
from survey_app.spreadsheets.writing import make_template, marked_copy
from survey_app.storage.models import CollectionPoint, SlipListDigest, Survey
from survey_app.storage.queries import slips as queries

#: What one slip has room for.
LONGEST = {"identifier": 50, "label": 80}
#: As long is it told that a list comes again.
REMEMBERED_FOR = timedelta(days=30)
COLUMNS = (
    next(column for column in DOSSIER_COLUMNS if column.code == "identifier"),
    ColumnSpec("unit", ("Mã đơn vị", "Đơn vị", "Unit", "Unit code")),
    ColumnSpec("point", ("Mã điểm", "Mã điểm thu thập", "Point", "Point code")),
    ColumnSpec("label", ("Ghi chú", "Nội dung ghi thêm", "Label", "Note")),
)
ADDED_HEADINGS = ("Mã dùng một lần", "Địa chỉ")
_SAMPLE = (
    ("H00.21-260105-0001", "", "", "Trả kết quả chiều thứ Sáu"),
    ("H00.21-260105-0002", "", "", ""),
)
_ADVICE = (
    "Mỗi dòng là một hồ sơ cần phiếu mời. Xóa các dòng mẫu, dán danh sách vào.",
    "Mã hồ sơ: bắt buộc, mỗi mã chỉ có một lần. Mã được in lên phiếu mời, không được lưu.",
    "Mã đơn vị hoặc Mã điểm: chỉ ghi khi danh sách gồm nhiều đơn vị hoặc nhiều điểm thu thập.",
    "Ghi chú: được in lên phiếu mời nếu có. Không cần họ tên, số điện thoại, địa chỉ.",
)


@dataclass(frozen=True)
class WantedSlip:
    """One row of a list, understood: what is printed, and the place its code is for."""

    dossier: str
    label: str
    point: CollectionPoint


@dataclass(frozen=True)
class SlipList:
    """A list without mistakes. ``made_on``: the day slips were made for the same list before.

    ``digest`` is None for a list too short to stand for more than single dossiers.
    """

    slips: tuple[WantedSlip, ...]
    digest: bytes | None
    made_on: date | None

    @property
    def by_point(self) -> tuple[tuple[CollectionPoint, int], ...]:
        """How many slips each place gets, by unit and label."""
        counts: dict[int, int] = {}
        points = {slip.point.id: slip.point for slip in self.slips}
        for slip in self.slips:
            counts[slip.point.id] = counts.get(slip.point.id, 0) + 1
        ordered = sorted(points.values(), key=lambda p: (p.unit.sort_key, p.label, p.id))
        return tuple((point, counts[point.id]) for point in ordered)


def read_slip_table(data: bytes, filename: str) -> Sheet:
    """The table in a file; slow, and asks the database for nothing. Raises Invalid."""
    return read_table(data, filename, COLUMNS[:1], most_rows=MOST_SLIPS)


def template_workbook() -> bytes:
    """A workbook to fill in: headings, sample rows, advice."""
    return make_template("Phiếu mời", COLUMNS, _SAMPLE, _ADVICE)


def check_list(
    session: Session,
    survey: Survey,
    table: Sheet,
    *,
    unit_ids: Collection[int] | None,
    usual_point_id: int | None,
    secret: bytes,
    former: Sequence[bytes] = (),
) -> SlipList:
    """The list understood; nothing is written.

    ``usual_point_id``: the place of rows that name none. ``secret`` stays out of the database;
    ``former`` ones know lists of before it was changed.
    Raises Invalid with every mistake by row and column.
    """
    records = sheet_records(table, COLUMNS)
    places = _Places(slip_points(session, survey, unit_ids), usual_point_id)
    problems = [*records.problems, *_bad_cells(records)]
    slips = []
    for index, row in enumerate(records.rows):
        try:
            point = places.find(row)
        except _Misplaced as mistake:
            problems.append(Problem(mistake.message, records.where(index, mistake.column)))
        else:
            slips.append(WantedSlip(row["identifier"], row["label"], point))
    if not records.rows:
        raise Invalid("Danh sách không có hồ sơ nào.")
    if problems:
        problems.sort(key=lambda problem: place_order(problem.where))
        message = f"Danh sách có {len(problems)} chỗ cần sửa; chưa tạo phiếu mời nào."
        raise Invalid(message, problems)
    digests = [_digest(survey, slips, one) for one in (secret, *former)]
    known = [queries.list_digest(session, digest) for digest in digests if digest]
    days = [found.made_on for found in known if found]
    return SlipList(tuple(slips), digests[0], max(days, default=None))


def make_list_slips(
    session: Session,
    survey: Survey,
    wanted: SlipList,
    *,
    expires_on: date,
    account: Account,
    now: datetime,
) -> tuple[MadeSlip, ...]:
    """One slip for each row, in the order of the list.

    Raises Closed, Invalid, and Conflict when somebody makes those of the same list just now.
    """
    check_last_day(survey, expires_on, now)
    if wanted.digest is not None:
        _remember(session, survey, wanted.digest, len(wanted.slips), now)
    codes: dict[int, list[str]] = {}
    for point, count in wanted.by_point:
        codes[point.id] = list(issue_one_time_links(session, point, count, expires_on=expires_on))
        detail = f"{count} mã theo danh sách hồ sơ, đến {expires_on:%d/%m/%Y}"
        subject = f"{survey.code} {point.unit.code}"
        record(session, "links.issue", now=now, account=account, subject=subject, detail=detail)
    return tuple(
        MadeSlip(codes[slip.point.id].pop(), slip.point, expires_on) for slip in wanted.slips
    )


def _remember(session: Session, survey: Survey, digest: bytes, count: int, now: datetime) -> None:
    known = queries.list_digest(session, digest)
    today = local_date(now)
    if known is not None:
        known.made_on, known.count = today, count
        return
    row = SlipListDigest(digest=digest, survey_id=survey.id, made_on=today, count=count)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict("Phiếu mời của danh sách này vừa được tạo ở một cửa sổ khác.") from None


def forget_old_lists(session: Session, *, now: datetime) -> None:
    """Forget the digests of lists that were made long ago."""
    queries.forget_lists(session, local_date(now) - REMEMBERED_FOR)


def printed_notes(table: Sheet, count: int) -> list[tuple[str, str]]:
    """Dossier and label of each row, as they stand in the file. Raises Invalid when it has not
    as many rows as there are slips."""
    _require_rows(table, count)
    return [(row["identifier"], row["label"]) for row in sheet_records(table, COLUMNS).rows]


def with_codes(table: Sheet, slips: Sequence[MadeSlip], *, site: str) -> bytes:
    """The workbook again with two more columns: code and address of each row's slip.

    Raises Invalid when the slips are not those of this table.
    """
    _require_rows(table, len(slips))
    width = len(table.header.cells)
    added = {table.header.number: ADDED_HEADINGS}
    for row, slip in zip(table.rows, slips, strict=True):
        added[row.number] = (slip.code, f"{site}/s/{slip.code}")
    lines = tuple(
        Row(line.number, (*line.cells, *[""] * (width - len(line.cells)), *added[line.number]))
        if line.number in added
        else line
        for line in table.lines
    )
    return marked_copy(Sheet(table.name, lines, table.header_index), [])


def _require_rows(table: Sheet, count: int) -> None:
    if len(table.rows) != count:
        raise Invalid("Số mã không khớp với số dòng của danh sách.")


class _Misplaced(HaiLongError):
    """A row whose place cannot be told; ``column``: the code of the cell at fault."""

    def __init__(self, message: str, column: str) -> None:
        super().__init__(message)
        self.column = column


class _Places:
    """The places that rows may name."""

    def __init__(self, points: Sequence[CollectionPoint], usual_point_id: int | None) -> None:
        self._by_code = {point.token: point for point in points}
        self._by_unit: dict[str, list[CollectionPoint]] = {}
        for point in points:
            self._by_unit.setdefault(point.unit.code.upper(), []).append(point)
        self._usual = next((point for point in points if point.id == usual_point_id), None)

    def find(self, row: Mapping[str, str]) -> CollectionPoint:
        """Raises _Misplaced."""
        if row["point"]:
            return self._of_code(row["point"], row["unit"])
        if row["unit"]:
            return self._of_unit(row["unit"])
        if self._usual is None:
            message = "chưa ghi mã đơn vị hoặc mã điểm, và chưa chọn điểm chung cho danh sách"
            raise _Misplaced(message, "identifier")
        return self._usual

    def _of_code(self, code: str, unit: str) -> CollectionPoint:
        point = self._by_code.get(code.replace(" ", "").upper())
        if point is None:
            message = f"không có điểm thu thập mang mã “{code}” trong phạm vi của ông/bà"
            raise _Misplaced(message, "point")
        if unit and unit.upper() != point.unit.code.upper():
            raise _Misplaced(f"điểm “{code}” không thuộc đơn vị “{unit}”", "point")
        return point

    def _of_unit(self, code: str) -> CollectionPoint:
        points = self._by_unit.get(code.upper(), [])
        if not points:
            message = f"đơn vị “{code}” không có điểm thu thập trong phạm vi của ông/bà"
            raise _Misplaced(message, "unit")
        if self._usual in points:
            return self._usual
        try:
            return point_of_unit(points)
        except Invalid as several:
            raise _Misplaced(several.message, "unit") from several


def _bad_cells(records: Records) -> list[Problem]:
    problems = []
    first: dict[str, int] = {}
    for index, row in enumerate(records.rows):
        for column, longest in LONGEST.items():
            if len(row[column]) > longest:
                message = f"dài quá {longest} ký tự, không in vừa phiếu mời"
                problems.append(Problem(message, records.where(index, column)))
        code = row["identifier"]
        if code and first.setdefault(code.upper(), index) != index:
            number = records.numbers[first[code.upper()]]
            message = f"mã hồ sơ “{code}” đã có ở dòng {number}"
            problems.append(Problem(message, records.where(index, "identifier")))
    return problems


def _digest(survey: Survey, slips: Sequence[WantedSlip], secret: bytes) -> bytes | None:
    """The same for the same dossiers in any order; None for a list of very few, of which a guess
    might be tried out by whoever holds database and secret."""
    if len(slips) < MINIMUM_BASE:
        return None
    dossiers = sorted(slip.dossier.upper() for slip in slips)
    content = "\n".join([f"slips {survey.id}", *dossiers])
    return hmac.new(secret, content.encode(), hashlib.sha256).digest()
