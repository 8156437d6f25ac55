"""Reminders: what an officer copies to a unit that is late, and the list of them as a file."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from survey_app.reporting import formats
from survey_app.reporting.rendering.csv_file import safe_text

HEAD = (
    "Mã đơn vị",
    "Đơn vị",
    "Phiếu đã nhận",
    "Phiếu lẽ ra đã có",
    "Phiếu cần có",
    "Còn thiếu",
    "Ngày có phiếu gần nhất",
    "Nội dung nhắc",
)
WIDTHS = (14, 32, 12, 12, 12, 12, 16, 90)


@dataclass(frozen=True)
class Reminder:
    """What is told of one late unit. ``agency``: who is written to, like a commune's people's
    committee; ``expected``: sheets due by ``today``; ``days_left``: today
    and the last day included; ``last_day`` None = not told; ``address``: of the unit's page."""

    code: str
    unit: str
    agency: str
    survey: str
    today: date
    ends_on: date
    days_left: int
    valid: int
    expected: float
    required: int
    missing: int
    last_day: date | None
    address: str

    @property
    def text(self) -> str:
        """The message, in the words of an official letter."""
        left = (
            f"Thời gian còn lại: {formats.count(self.days_left)} ngày, đến hết ngày "
            f"{self.ends_on:%d/%m/%Y}."
            if self.days_left
            else f"Kỳ khảo sát đã kết thúc ngày {self.ends_on:%d/%m/%Y}."
        )
        ask = (
            "Đề nghị Quý cơ quan mời người dân đến giao dịch trả lời phiếu tại quầy hoặc qua mã "
            "QR, và kiểm tra áp phích, thiết bị tại điểm thu thập."
            if self.days_left
            else "Đề nghị Quý cơ quan gửi hoặc nhập các phiếu đã thu mà chưa chuyển về."
        )
        return "\n".join(
            (
                f"Kính gửi {self.agency},",
                f"Tính đến ngày {self.today:%d/%m/%Y}, cuộc khảo sát “{self.survey}” tại "
                f"Quý cơ quan đã nhận "
                f"{formats.count(self.valid)} phiếu trên {formats.count(self.required)} phiếu cần "
                f"có, còn thiếu {formats.count(self.missing)} phiếu. {left}",
                ask,
                f"Kết quả của đơn vị: {self.address}",
                "Trân trọng cảm ơn.",
            )
        )

    @property
    def cells(self) -> tuple[str | int, ...]:
        day = f"{self.last_day:%d/%m/%Y}" if self.last_day else ""
        numbers = (self.valid, round(self.expected), self.required, self.missing)
        return (self.code, self.unit, *numbers, day, self.text)


def render_csv(reminders: Sequence[Reminder]) -> bytes:
    """UTF-8 with byte order mark, so that a spreadsheet reads the letters right."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows([safe_text(str(cell)) for cell in line.cells] for line in reminders)
    return out.getvalue().encode("utf-8-sig")


def render_xlsx(reminders: Sequence[Reminder]) -> bytes:
    """A sheet with a frozen heading and filters; numbers are numbers."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Đơn vị chậm tiến độ")
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for place, (name, width) in enumerate(zip(HEAD, WIDTHS, strict=True)):
            sheet.set_column(place, place, width, wrapped)
            sheet.write_string(0, place, name, heading)
        for row, line in enumerate(reminders, start=1):
            for place, cell in enumerate(line.cells):
                sheet.write(row, place, cell, wrapped)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(reminders), 1), len(HEAD) - 1)
    return out.getvalue()
