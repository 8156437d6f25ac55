"""Entries of the audit record as files: CSV, JSON by lines, Excel."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

import xlsxwriter

from survey_app.clock import local
from survey_app.reporting.records import audit_words
from survey_app.reporting.rendering.csv_file import safe_text

HEAD = (
    "Số",
    "Thời điểm",
    "Tài khoản",
    "Thao tác",
    "Mã thao tác",
    "Loại đối tượng",
    "Đối tượng",
    "Nội dung",
    "Chi tiết",
    "Mã băm",
)
WIDTHS = (8, 19, 16, 34, 22, 16, 30, 70, 40, 66)
ENCODINGS = {"csv": "utf-8-sig", "jsonl": "utf-8"}


@dataclass(frozen=True)
class Line:
    """One entry as it is shown. ``person``: the user name as it is now, empty when erased."""

    number: int
    happened_at: datetime
    account_id: int | None
    person: str
    action: str
    subject_kind: str
    subject: str
    detail: str
    hash: str
    subject_name: str

    @property
    def fields(self) -> dict[str, Any]:
        """What the entry says besides, read from its JSON."""
        found: dict[str, Any] = json.loads(self.detail)
        return found

    @property
    def who(self) -> str:
        """The user name, or what stands for it: the number, or the command line."""
        if self.account_id is None:
            return ""
        return self.person or f"số {self.account_id}"

    @property
    def sentence(self) -> str:
        return audit_words.sentence(self.action, self.subject_name, self.detail)

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in a row of a table, under :data:`HEAD`."""
        return (
            str(self.number),
            f"{local(self.happened_at):%d/%m/%Y %H:%M:%S}",
            self.who,
            audit_words.action(self.action),
            self.action,
            audit_words.kind(self.subject_kind),
            self.subject_name,
            self.sentence,
            self.detail,
            self.hash,
        )


def csv_writer(out: TextIO) -> Callable[[Line], None]:
    """Writes the headings now, and a line for each entry."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)

    def write(line: Line) -> None:
        writer.writerow([safe_text(cell) for cell in line.cells])

    return write


def json_writer(out: TextIO) -> Callable[[Line], None]:
    """One object for each entry, with all that its hash is made of but for the hash before."""

    def write(line: Line) -> None:
        fields = asdict(line)
        moment = line.happened_at.astimezone(UTC)
        fields["happened_at"] = f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
        # Numbers stand for accounts, as in the chain.
        del fields["person"], fields["subject_name"]
        out.write(json.dumps(fields, ensure_ascii=False) + "\n")

    return write


WRITERS = {"csv": csv_writer, "jsonl": json_writer}


def render_csv(lines: Iterable[Line]) -> bytes:
    """UTF-8 with byte order mark, so that a spreadsheet reads the letters right."""
    return _written(lines, "csv")


def render_jsonl(lines: Iterable[Line]) -> bytes:
    """One JSON object a line."""
    return _written(lines, "jsonl")


def _written(lines: Iterable[Line], form: str) -> bytes:
    out = io.StringIO()
    write = WRITERS[form](out)
    for line in lines:
        write(line)
    return out.getvalue().encode(ENCODINGS[form])


def render_xlsx(lines: Iterable[Line]) -> bytes:
    """A sheet with a frozen heading and filters; every cell as text but for the number."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Nhật ký")
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for place, (name, width) in enumerate(zip(HEAD, WIDTHS, strict=True)):
            sheet.set_column(place, place, width, wrapped)
            sheet.write_string(0, place, name, heading)
        row = 0
        for row, line in enumerate(lines, start=1):
            sheet.write_number(row, 0, line.number)
            for place, cell in enumerate(line.cells[1:], start=1):
                sheet.write_string(row, place, cell)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, row, len(HEAD) - 1)
    return out.getvalue()


RENDERERS: dict[str, Callable[[Iterable[Line]], bytes]] = {
    "csv": render_csv,
    "jsonl": render_jsonl,
    "xlsx": render_xlsx,
}
