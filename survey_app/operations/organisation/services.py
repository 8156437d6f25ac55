"""Public services: the list of procedures, from a file, searched, one by one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import Invalid, NotFound, Problem
from survey_app.paging import Page
from survey_app.spreadsheets.records import ColumnSpec, Records, read_records
from survey_app.spreadsheets.sheet import place_order
from survey_app.spreadsheets.writing import make_template
from survey_app.storage.models import PublicService as PublicService
from survey_app.storage.queries import services as queries
from survey_app.storage.races import looks_again
from survey_app.text import clean_line, fold, sort_key

#: "1.001612"; as a province localises it, "1.011442.000.00.00.H38" or "….H55.02".
SERVICE_CODE = re.compile(r"[1-9]\.\d{6}(\.\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}(\.\d{1,4})*)?")
LEVELS: Mapping[str, str] = {
    "": "",
    "central": "Trung ương",
    "province": "Cấp tỉnh",
    "commune": "Cấp xã",
    "both": "Cấp tỉnh và cấp xã",
    "other": "Cơ quan khác",
}
SERVICES_A_PAGE = 50
MONTHS_SHOWN = 24
COLUMNS = (
    ColumnSpec("code", ("Mã thủ tục", "Mã TTHC", "Mã"), required=True),
    ColumnSpec("name", ("Tên thủ tục", "Tên TTHC", "Tên"), required=True),
    ColumnSpec("field", ("Lĩnh vực",), required=True),
    ColumnSpec("level", ("Cấp thực hiện", "Cấp")),
)
_LONGEST = {"name": 500, "field": 200}
_LEVEL_OF = {fold(text): code for code, label in LEVELS.items() for text in (code, label)}
_SAMPLE = (
    ("1.001193", "Đăng ký khai sinh", "Hộ tịch", "Cấp xã"),
    ("2.000815", "Chứng thực bản sao từ bản chính", "Chứng thực", "Cấp xã"),
)
_ADVICE = (
    "Mỗi dòng là một thủ tục. Xóa các dòng mẫu, điền danh sách của mình, rồi tải tệp lên.",
    "Mã thủ tục theo Cơ sở dữ liệu quốc gia về thủ tục hành chính, như 1.001193.",
    "Mã đã có thì tên, lĩnh vực, cấp được sửa theo tệp; thủ tục không có trong tệp giữ nguyên.",
)


@dataclass(frozen=True)
class ServiceRow:
    """One service as a file has it; ``level``: a code of :data:`LEVELS`."""

    code: str
    name: str
    field: str
    level: str


@dataclass(frozen=True)
class ServiceOutcome:
    """What a file of services did, or would do."""

    created: int
    changed: int
    unchanged: int


def find_service(session: Session, code: str) -> PublicService:
    """Raises NotFound."""
    service = queries.service_by_code(session, code.strip())
    if service is None:
        raise NotFound(f"Không có thủ tục mang mã “{code.strip()}”.")
    return service


def page_services(
    session: Session, *, wanted: str = "", field: str = "", number: int = 1
) -> Page[PublicService]:
    """Services whose code, name or field holds the words (marks do not matter)."""
    return queries.page_services(
        session, folded=fold(wanted), field=field, number=number, size=SERVICES_A_PAGE
    )


def list_fields(session: Session) -> list[str]:
    """The fields there are, in Vietnamese order."""
    return sorted(queries.fields(session), key=sort_key)


def months_of_service(session: Session, service: PublicService) -> Sequence[tuple[date, int]]:
    """(first day of the month, dossiers of all units), the latest month first."""
    return queries.dossiers_of_service(session, service.id, limit=MONTHS_SHOWN)


def read_services(data: bytes, filename: str) -> tuple[ServiceRow, ...]:
    """The services of a CSV or Excel file; raises Invalid with the mistakes of every row.

    Apart from :func:`import_services`: opening a workbook is slow, and nobody's writing waits.
    """
    records = read_records(data, filename, COLUMNS)
    problems = sorted(
        [*records.problems, *_bad_cells(records)], key=lambda problem: place_order(problem.where)
    )
    if problems:
        raise Invalid(f"Tệp có {len(problems)} lỗi; chưa ghi gì.", problems)
    return tuple(
        ServiceRow(
            code=row["code"],
            name=clean_line(row["name"]),
            field=clean_line(row["field"]),
            level=_LEVEL_OF[fold(row["level"])],
        )
        for row in records.rows
    )


@looks_again
def import_services(session: Session, rows: Sequence[ServiceRow]) -> ServiceOutcome:
    """Add the services of a file that has been read, and change those there are."""
    known = queries.services_by_code(session)
    created = changed = 0
    for row in rows:
        service = known.get(row.code)
        if service is None:
            service = PublicService(code=row.code)
            session.add(service)
            created += 1
        elif (service.name, service.field, service.level) == (row.name, row.field, row.level):
            continue
        else:
            changed += 1
        _set(service, row)
    session.flush()
    return ServiceOutcome(created, changed, len(rows) - created - changed)


def template_workbook() -> bytes:
    """A workbook to fill in."""
    choices = {"level": [label for label in LEVELS.values() if label]}
    return make_template("Thủ tục", COLUMNS, _SAMPLE, _ADVICE, choices)


def _set(service: PublicService, row: ServiceRow) -> None:
    service.name, service.field, service.level = row.name, row.field, row.level
    service.sort_key = sort_key(f"{row.field}  {row.name}")
    service.search_key = fold(f"{row.code} {row.name} {row.field}")


def _bad_cells(records: Records) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, row in enumerate(records.rows):
        for column, message in _mistakes(row):
            yield Problem(message, records.where(index, column))
        before = first.setdefault(row["code"], index)
        if row["code"] and before != index:
            message = f"mã “{row['code']}” đã có ở dòng {records.numbers[before]}"
            yield Problem(message, records.where(index, "code"))


def _mistakes(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if row["code"] and not SERVICE_CODE.fullmatch(row["code"]):
        yield "code", f"mã “{row['code']}” không đúng dạng của mã thủ tục, như 1.001193"
    for column, longest in _LONGEST.items():
        if len(row[column]) > longest:
            yield column, f"dài quá {longest} ký tự"
    if fold(row["level"]) not in _LEVEL_OF:
        labels = ", ".join(label for label in LEVELS.values() if label)
        yield "level", f"không có cấp “{row['level']}”; hãy ghi một trong: {labels}"
