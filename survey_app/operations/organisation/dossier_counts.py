"""Counts of dossiers by receiving and resolving unit, service and month: stored again, the same."""

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import Invalid, Problem
from survey_app.spreadsheets.records import ColumnSpec, Records, read_records
from survey_app.spreadsheets.sheet import place_order
from survey_app.spreadsheets.writing import make_template
from survey_app.storage.models import DossierCount, Survey
from survey_app.storage.queries import services as queries
from survey_app.storage.queries.surveys import unit_ids_of
from survey_app.storage.queries.units import units_by_code
from survey_app.storage.races import looks_again
from survey_app.text import read_count

#: More in one month at one place is a slip of the pen.
MOST_DOSSIERS = 10_000_000
COLUMNS = (
    ColumnSpec("month", ("Tháng",), required=True),
    ColumnSpec("receiving", ("Mã đơn vị tiếp nhận", "Đơn vị tiếp nhận"), required=True),
    ColumnSpec("resolving", ("Mã đơn vị giải quyết", "Đơn vị giải quyết")),
    ColumnSpec("service", ("Mã thủ tục", "Mã TTHC"), required=True),
    ColumnSpec("dossiers", ("Số hồ sơ", "Số hồ sơ đã giải quyết"), required=True),
)
_MONTH = re.compile(r"(?:(\d{4})-(\d{1,2})(?:-\d{1,2})?|(\d{1,2})[/-](\d{4}))")
_SAMPLE = (("06/2026", "H00.21", "H00.21", "1.001193", "120"),)
_ADVICE = (
    "Mỗi dòng là số hồ sơ đã giải quyết của một thủ tục trong một tháng tại một nơi tiếp nhận.",
    "Đơn vị giải quyết để trống thì lấy đơn vị tiếp nhận.",
    "Dòng đã có (cùng tháng, đơn vị, thủ tục) thì số hồ sơ được thay bằng số trong tệp; nhập lại "
    "cùng một tệp không làm thay đổi gì.",
)


@dataclass(frozen=True)
class CountRow:
    """One count as it was given, by codes. ``where``: its place, for mistakes."""

    month: date
    receiving: str
    resolving: str
    service: str
    dossiers: int
    where: Mapping[str, str]


@dataclass(frozen=True)
class CountOutcome:
    """What counts did, or would do."""

    created: int
    changed: int
    unchanged: int


def read_counts(data: bytes, filename: str) -> tuple[CountRow, ...]:
    """The counts of a CSV or Excel file; raises Invalid with the mistakes of every row."""
    records = read_records(data, filename, COLUMNS)
    problems = sorted(
        [*records.problems, *_bad_cells(records)], key=lambda problem: place_order(problem.where)
    )
    if problems:
        raise Invalid(f"Tệp có {len(problems)} lỗi; chưa ghi gì.", problems)
    return tuple(
        CountRow(
            month=parse_month(row["month"]) or date.min,
            receiving=row["receiving"],
            resolving=row["resolving"] or row["receiving"],
            service=row["service"],
            dossiers=_number(row["dossiers"]) or 0,
            where={spec.code: records.where(index, spec.code) for spec in COLUMNS},
        )
        for index, row in enumerate(records.rows)
    )


@looks_again
def store_counts(
    session: Session, rows: Sequence[CountRow], *, unit_ids: frozenset[int] | None = None
) -> CountOutcome:
    """Store counts, replacing those of the same month, units and service.

    ``unit_ids``: who may be named as receiving or resolving unit, None = any. Raises Invalid with
    every mistake, and then has written nothing.
    """
    codes = {code for row in rows for code in (row.receiving, row.resolving)}
    units = {
        code: unit.id
        for code, unit in units_by_code(session, codes).items()
        if unit_ids is None or unit.id in unit_ids
    }
    services = {code: found.id for code, found in queries.services_by_code(session).items()}
    problems: list[Problem] = []
    found: dict[queries.CountKey, int] = {}
    for row in rows:
        mistakes = list(_unknown(row, units, services))
        if not mistakes:
            key = (row.month, units[row.receiving], units[row.resolving], services[row.service])
            if key in found:
                message = "cùng tháng, đơn vị và thủ tục với một dòng trước"
                mistakes.append(Problem(message, row.where["month"]))
            found[key] = row.dossiers
        problems.extend(mistakes)
    if problems:
        raise Invalid(f"Có {len(problems)} lỗi; chưa ghi gì.", problems)
    return _write(session, found)


def _unknown(
    row: CountRow, units: Mapping[str, int], services: Mapping[str, int]
) -> Iterator[Problem]:
    """Codes that stand for nothing."""
    for field, code in (("receiving", row.receiving), ("resolving", row.resolving)):
        if code not in units:
            yield Problem(f"không có đơn vị mang mã “{code}”", row.where[field])
    if row.service not in services:
        message = f"không có thủ tục mang mã “{row.service}” trong danh mục"
        yield Problem(message, row.where["service"])


def populations_from_counts(
    session: Session, survey: Survey, *, by_receiving: bool, years_ago: int = 0
) -> dict[int, int]:
    """Unit id → dossiers in the months that the survey's period touches (of earlier years: what
    may be expected of a period to come), of its units that have any; counted where they were
    received, or by who resolved them."""
    found = queries.dossiers_by_unit(
        session,
        first=_earlier(survey.starts_on.replace(day=1), years_ago),
        last=_earlier(survey.ends_on, years_ago),
        by_receiving=by_receiving,
    )
    surveyed = unit_ids_of(session, survey.code)
    return {unit_id: number for unit_id, number in found.items() if number and unit_id in surveyed}


def _earlier(day: date, years: int) -> date:
    """The same day some years before; of 29 February the day before."""
    last = calendar.monthrange(day.year - years, day.month)[1]
    return day.replace(year=day.year - years, day=min(day.day, last))


def parse_month(text: str) -> date | None:
    """The first day of a month written "06/2026", "2026-06" or as a day in it; None = no month."""
    match = _MONTH.fullmatch(text)
    if match is None:
        return None
    year, month = int(match[1] or match[4]), int(match[2] or match[3])
    return date(year, month, 1) if 1 <= month <= 12 and 2000 <= year <= 2100 else None


def template_workbook() -> bytes:
    """A workbook to fill in."""
    return make_template("Số hồ sơ", COLUMNS, _SAMPLE, _ADVICE)


def _write(session: Session, found: Mapping[queries.CountKey, int]) -> CountOutcome:
    known = queries.counts_by_key(session, {key[0] for key in found})
    created = changed = 0
    # In the order of keys: two who store the same do not wait for one another.
    for key, dossiers in sorted(found.items()):
        row = known.get(key)
        if row is None:
            month, receiving, resolving, service = key
            session.add(
                DossierCount(
                    month=month,
                    receiving_unit_id=receiving,
                    resolving_unit_id=resolving,
                    service_id=service,
                    dossiers=dossiers,
                )
            )
            created += 1
        elif row.dossiers != dossiers:
            row.dossiers = dossiers
            changed += 1
    session.flush()
    return CountOutcome(created, changed, len(found) - created - changed)


def _number(text: str) -> int | None:
    number = read_count(text)
    return number if number is not None and number <= MOST_DOSSIERS else None


def _bad_cells(records: Records) -> Iterator[Problem]:
    for index, row in enumerate(records.rows):
        if row["month"] and parse_month(row["month"]) is None:
            message = f"“{row['month']}” không phải là tháng; hãy ghi như 06/2026"
            yield Problem(message, records.where(index, "month"))
        if row["dossiers"] and _number(row["dossiers"]) is None:
            message = f"“{row['dossiers']}” không phải là số hồ sơ; hãy ghi số nguyên, như 120"
            yield Problem(message, records.where(index, "dossiers"))
