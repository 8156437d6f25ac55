"""A closed survey's sheets as one archive for analysis: data, labels, codebook, DDI, scripts."""

import csv
import io
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from survey_app.errors import Conflict, TooMany
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE, is_reportable
from survey_app.i18n import format_date
from survey_app.interchange.ddi import Study, to_ddi
from survey_app.interchange.scripts import r_script, spss, stata
from survey_app.interchange.variables import (
    MISSING_LABELS,
    MODE_NUMBERS,
    VERSION_VARIABLE,
    Missing,
    Variable,
)
from survey_app.operations.fieldwork.versions import versions_of
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.exchange import codebook_workbook
from survey_app.operations.reports.releases import Leaving, may_leave, note_left
from survey_app.operations.reports.version_rows import lay_out, of_sheets
from survey_app.reporting import formats, wording
from survey_app.reporting.rendering.csv_file import safe_text
from survey_app.storage.models import AdministrativeUnit, DatasetRelease, Survey
from survey_app.storage.models.surveys import SurveyStatus
from survey_app.storage.queries.dataset import (
    all_sheets_by_unit,
    counted_by_version,
    counted_sheets,
    releases,
)
from survey_app.storage.queries.surveys import sheets_by_unit, survey_units
from survey_app.text import file_stem

DATA, LABELLED = "data.csv", "data_labels.csv"
#: More than this takes too long for a page; the command line has no limit.
MOST_SHEETS = 200_000

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of the zip format: the same sheets give the same bytes


@dataclass(frozen=True)
class UnitRows:
    """The rows of one unit; ``numbers`` has a column for each variable that is a number of the
    sheet itself; ``sheets`` counts those too that do not count in figures; ``versions``: of which
    those are that leave."""

    unit: AdministrativeUnit
    population: int | None
    sheets: int
    numbers: NDArray[np.int64]
    versions: frozenset[int]


@dataclass(frozen=True)
class DataSet:
    """What goes into the archive. ``small``: whether units were left out for having too few;
    ``held``: whether for having too few new ones since their rows last left; ``thinned``: whether
    sheets of a version were left out because a unit had too few of them."""

    survey: Survey
    variables: tuple[Variable, ...]
    units: tuple[UnitRows, ...]
    small: bool
    held: bool
    thinned: bool = False

    @property
    def n(self) -> int:
        return sum(len(unit.numbers) for unit in self.units)

    @property
    def is_of_several_versions(self) -> bool:
        return VERSION_VARIABLE in self.variables


def collect(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    *,
    most: int | None = None,
) -> DataSet:
    """The sheets that count of the units in ``unit_ids`` (or all), protected.

    Only a closed survey: who took the file twice while sheets come in could tell what the new
    ones say. Units under the minimum base are left out, and so are those of which the file would
    differ by fewer sheets than that from one that left before. Raises Conflict for an open survey
    or no unit that may leave, TooMany beyond ``most`` sheets.
    """
    if survey.status != SurveyStatus.CLOSED:
        raise Conflict(
            "Cuộc khảo sát chưa đóng. Số liệu từng phiếu chỉ lấy được khi không còn nhận phiếu."
        )
    counts = sheets_by_unit(session, survey.id)
    rows = survey_units(session, survey.id, unit_ids=unit_ids)
    enough = [row for row in rows if is_reportable(counts.get(row.unit_id, 0))]
    if not enough:
        raise Conflict(f"Chưa đơn vị nào có đủ {MINIMUM_BASE} phiếu nên không có số liệu để lấy.")
    totals = all_sheets_by_unit(session, survey.id)
    former = releases(session, survey.id)
    layout = lay_out(session, survey)
    numbers = counted_by_version(session, survey.id)
    versions = {row.unit_id: layout.versions_kept(numbers[row.unit_id]) for row in enough}
    leaving = [
        row
        for row in enough
        if _has_grown_enough(former.get(row.unit_id), totals[row.unit_id])
        and may_leave(session, survey.id, row.unit_id, versions[row.unit_id])
    ]
    if not leaving:
        raise Conflict(
            f"Từ lần lấy số liệu trước chỉ có dưới {MINIMUM_BASE} phiếu thêm vào hoặc bớt đi; so "
            "hai tệp sẽ thấy từng phiếu. Ông/bà dùng tệp đã lấy trước đây."
        )
    if most is not None and sum(counts[row.unit_id] for row in leaving) > most:
        raise TooMany(
            f"Có hơn {formats.count(most)} phiếu; vui lòng nhờ người vận hành hệ thống lấy số liệu "
            "bằng lệnh “hailong dataset”."
        )
    sheets = {row.unit_id: counted_sheets(session, survey.id, row.unit_id) for row in leaving}
    units = [
        UnitRows(
            row.unit,
            row.population,
            totals[row.unit_id],
            layout.rows(sheets[row.unit_id]),
            versions[row.unit_id],
        )
        for row in leaving
    ]
    small = any(counts.get(row.unit_id, 0) for row in rows if row not in enough)
    return DataSet(
        survey,
        layout.variables,
        tuple(units),
        small,
        held=len(leaving) < len(enough),
        thinned=any(map(layout.leaves_out, sheets.values())),
    )


def note_release(session: Session, found: DataSet, *, today: date) -> None:
    """Remember what leaves, before it does, for the next file to be compared with. Raises Conflict
    where something has changed since it was collected."""
    units = {
        unit.unit.id: Leaving(len(unit.numbers), unit.sheets, unit.versions) for unit in found.units
    }
    note_left(session, found.survey.id, units, today=today)


def _has_grown_enough(former: DatasetRelease | None, sheets: int) -> bool:
    """Whether no few sheets came since a file left, be they counted or not."""
    return former is None or former.sheets == sheets or is_reportable(sheets - former.sheets)


def archive_name(survey: Survey) -> str:
    """The file name of a survey's archive."""
    return f"SoLieu_{file_stem(survey.code)}.zip"


def write_archive(session: Session, found: DataSet, out: BinaryIO, *, today: date) -> None:
    """Everything as one ZIP: numbers, labels, codebook, DDI, scripts, and what one must know."""
    survey, variables = found.survey, found.variables
    questionnaire = load_questionnaire(survey.version)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "DOC-TRUOC.txt", _readme(found, today).encode("utf-8-sig"))
        _add_rows(archive, DATA, "utf-8", _plain_rows(found))
        _add_rows(archive, LABELLED, "utf-8-sig", _labelled_rows(found))
        _add(archive, "codebook.xlsx", codebook_workbook(session, survey.version))
        for version in versions_of(session, survey)[:-1]:
            data = codebook_workbook(session, version)
            _add(archive, f"codebook-v{version.number}.xlsx", data)
        _add(archive, "ddi.xml", to_ddi(questionnaire, _study(found, today), variables))
        _add(archive, "read.sps", spss(variables, DATA))
        _add(archive, "read.do", stata(variables, DATA))
        _add(archive, "read.R", r_script(variables, DATA))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIRST_DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(_entry(name), data)


def _add_rows(
    archive: zipfile.ZipFile, name: str, encoding: str, rows: Iterator[Sequence[object]]
) -> None:
    with (
        archive.open(_entry(name), "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, encoding=encoding, newline="") as text,
    ):
        csv.writer(text, lineterminator="\r\n").writerows(rows)


def _plain_rows(found: DataSet) -> Iterator[Sequence[object]]:
    yield [variable.name for variable in found.variables]
    for unit in found.units:
        population = int(Missing.NO_ANSWER) if unit.population is None else unit.population
        about = [unit.unit.code, safe_text(unit.unit.name), population]
        for numbers in unit.numbers.tolist():
            yield [*about, *numbers]


def _labelled_rows(found: DataSet) -> Iterator[Sequence[object]]:
    """The same with words for numbers: for people, who open it in a spreadsheet."""
    yield [safe_text(f"{v.name}: {' '.join(str(v.label).split())}") for v in found.variables]
    labels = [
        {value.number: safe_text(str(value.label)) for value in variable.values}
        for variable in of_sheets(found.variables)
    ]
    unknown = str(MISSING_LABELS[Missing.NO_ANSWER])
    for unit in found.units:
        population = unknown if unit.population is None else unit.population
        about = [safe_text(unit.unit.code), safe_text(unit.unit.name), population]
        for numbers in unit.numbers.tolist():
            words = [known.get(n, n) for known, n in zip(labels, numbers, strict=True)]
            yield [*about, *words]


def _modes(found: DataSet) -> tuple[str, ...]:
    """How the sheets came, as far as it is shown."""
    place = [v.name for v in of_sheets(found.variables)].index("mode")
    seen = {int(n) for unit in found.units for n in np.unique(unit.numbers[:, place])}
    return tuple(wording.mode(code) for code, number in MODE_NUMBERS.items() if number in seen)


def _study(found: DataSet, today: date) -> Study:
    survey = found.survey
    demo = (wording.DEMO_MARK,) if survey.is_demo else ()
    return Study(
        identifier=survey.code,
        title=survey.title,
        version=str(survey.version.number),
        dated=today,
        starts_on=survey.starts_on,
        ends_on=survey.ends_on,
        modes=_modes(found),
        cases=found.n,
        data_file=DATA,
        notes=(*demo, *_rules(found)),
    )


def _rules(found: DataSet) -> Iterator[str]:
    yield (
        "Mỗi dòng là một phiếu được tính vào kết quả. Không có họ tên, số phiếu, giờ nhận, thiết "
        "bị hay lời người dân viết; thứ tự dòng không theo thứ tự nhận phiếu."
    )
    yield (
        "Thông tin mà người khác có thể biết về người trả lời (đặc điểm, hoàn cảnh giao dịch, "
        f"tháng, hình thức trả lời) chỉ được ghi khi ít nhất {MINIMUM_BASE} phiếu của đơn vị giống "
        "nhau ở mọi thông tin được ghi; chỗ khác ghi −7. Vì vậy không tính tỷ lệ theo nhóm từ các "
        "cột có −7; hãy dùng báo cáo và bảng chéo của hệ thống."
    )
    if found.is_of_several_versions:
        yield (
            "Cuộc khảo sát đã chuyển phiên bản bộ câu hỏi trong kỳ: cột version cho biết phiên bản "
            "của từng phiếu. Câu so sánh được giữa các phiên bản có một cột; câu ngắt chuỗi có cột "
            "riêng cho từng phiên bản (đuôi _v1, _v2…), chỗ không phải phiên bản của phiếu ghi −5."
        )
    if found.thinned:
        yield f"Phiên bản có dưới {MINIMUM_BASE} phiếu của một đơn vị thì các phiếu ấy không có."
    if found.small:
        yield f"Đơn vị có dưới {MINIMUM_BASE} phiếu không có trong tệp."
    if found.held:
        yield (
            f"Đơn vị chỉ có dưới {MINIMUM_BASE} phiếu thêm vào hoặc bớt đi từ một lần lấy số liệu "
            "trước (do cuộc khảo sát được mở lại) không có trong tệp này; dùng tệp đã lấy trước "
            "đây cho đơn vị đó."
        )
    yield "Không được ghép tệp này với nguồn khác để tìm ra người trả lời."


def _reasons(found: DataSet) -> list[Missing]:
    """Why a value may be missing in this file, in the order of the numbers."""
    reasons = sorted(Missing, reverse=True)
    return reasons if found.is_of_several_versions else reasons[1:]


def _readme(found: DataSet, today: date) -> str:
    survey = found.survey
    period = f"{format_date(survey.starts_on)} – {format_date(survey.ends_on)}"
    lines = [
        *([f"{wording.DEMO_MARK} – không có giá trị sử dụng", ""] if survey.is_demo else []),
        survey.title,
        f"Cuộc khảo sát {survey.code}, {period}; bộ câu hỏi {survey.version.name}",
        f"{formats.count(found.n)} phiếu của {formats.count(len(found.units))} đơn vị; lập ngày "
        f"{format_date(today)}",
        "",
        "CÁC TỆP",
        f"{DATA}: số liệu dạng số, cho SPSS, Stata, R và các phần mềm khác (UTF-8, dấu phẩy)",
        f"{LABELLED}: cùng số liệu bằng chữ, mở bằng Excel",
        "codebook.xlsx: bảng mã – tên cột, câu hỏi, thang đo, mã khuyết, điều kiện hỏi",
        *(
            ["codebook-v….xlsx: bảng mã của các phiên bản dùng trước đó trong kỳ"]
            if found.is_of_several_versions
            else []
        ),
        "ddi.xml: mô tả theo DDI-Codebook 2.5, cho kho lưu trữ dữ liệu",
        "read.sps, read.do, read.R: đọc số liệu vào SPSS, Stata (từ bản 14), R, kèm nhãn và mã",
        "  khuyết; giải nén tất cả vào một thư mục rồi chạy trong thư mục ấy",
        "",
        "MÃ KHUYẾT",
        *(f"−{-m.value}: {MISSING_LABELS[m]}" for m in _reasons(found)),
        "",
        "CẦN BIẾT TRƯỚC KHI DÙNG",
        *(f"- {rule}" for rule in _rules(found)),
        "- Kết quả công bố lấy từ báo cáo của hệ thống, có khoảng tin cậy; tệp này để phân tích",
        "  thêm.",
        "",
    ]
    return "\r\n".join(lines)
