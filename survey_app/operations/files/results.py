"""What was found in a file, in one stable form: shown, downloaded again, kept; never the rows.

The form is text: the plan file, and the document other programs read. Every page and paper is
composed from these two whenever it is asked for. So the numbers, the plan and the JSON of a kept
result stay what they were; words and layout are those of the program that shows it. ``SCHEMA``
numbers the form (docs/decisions/0010-kept-results.md).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, Invalid, NotFound
from survey_app.estimation.estimate import Reason
from survey_app.estimation.plans.plan_results import (
    Analysis,
    DesignSummary,
    Figure,
    Figures,
    PlanReason,
)
from survey_app.operations.access.accounts import find_account
from survey_app.operations.access.rights import seat_of
from survey_app.operations.files.analysis import (
    FileAnalysis,
    analyse_with_fields,
    analyse_with_plan,
    rank_document,
    rank_file,
)
from survey_app.operations.files.answer_file import Limits
from survey_app.operations.files.plan_draft import DraftFields
from survey_app.operations.files.plan_file import read_plan
from survey_app.operations.organisation.units import describe_unit
from survey_app.operations.reports.documents import MIME_TYPES, Document, Format, render_document
from survey_app.ranking.document import RankDocument, RankReport
from survey_app.reporting.figures.subjects import UnitSubject
from survey_app.reporting.files.ranks import FileRanks, compose_file_ranks
from survey_app.reporting.files.report import FileFigures, FileReading, compose_file_report
from survey_app.reporting.report import Report
from survey_app.storage.models import Account
from survey_app.text import clean_line

#: What a page takes on while somebody waits for it.
PAGE_LIMITS = Limits(file=20 * 1024 * 1024, rows=100_000, plan=100_000, domains=60, estimates=2_000)
#: Every pair of units is compared, so their number is bounded.
MOST_RANKED = 4_000
#: The form of a stored result. A change that this program could not read any more takes the next
#: number, and the reader of the old form stays.
SCHEMA = 1
LONGEST_TITLE = 200
LONGEST_FILENAME = 200


class ResultKind(StrEnum):
    """What a file was read as."""

    ANSWERS = "answers"  # sheets, one a line: estimates by a plan
    RANKS = "ranks"  # units with estimates and standard errors: rank sets


TITLES = {
    ResultKind.ANSWERS: "Kết quả phân tích số liệu khảo sát",
    ResultKind.RANKS: "Khoảng hạng của các đơn vị",
}
#: The files each kind can be had as, beside the page; "yaml" is the plan.
ENDINGS: Mapping[ResultKind, tuple[str, ...]] = {
    ResultKind.ANSWERS: (Format.PDF, Format.XLSX, Format.JSON, "yaml"),
    ResultKind.RANKS: (Format.XLSX, Format.JSON),
}


@dataclass(frozen=True)
class FileResult:
    """``plan``: the plan file, empty for ranks. ``reading``: FileReading as a dict, empty for
    ranks. ``document``: what the commands write with --json."""

    kind: ResultKind
    title: str
    filename: str
    made_at: datetime
    plan: str
    reading: Mapping[str, Any]
    document: Mapping[str, Any]

    def to_text(self) -> str:
        """The result as one JSON text, with the number of its form."""
        tree = {**asdict(self), "made_at": self.made_at.isoformat(), "schema": SCHEMA}
        return json.dumps(tree, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_text(cls, text: str) -> "FileResult":
        """The result written by :meth:`to_text`. Raises Conflict for a form it cannot read."""
        tree = json.loads(text)
        check_schema(tree.pop("schema", None))
        moment = datetime.fromisoformat(tree["made_at"])
        return cls(**{**tree, "kind": ResultKind(tree["kind"]), "made_at": moment})


def check_schema(number: int | None) -> None:
    """Raises Conflict for a result in a form that this program does not know."""
    if number != SCHEMA:
        raise Conflict(
            "Kết quả này được ghi bằng một phiên bản khác của phần mềm nên không đọc được ở đây; "
            "xin phân tích lại tệp."
        )


def analyse_answers(
    data: bytes,
    filename: str,
    wanted: str | DraftFields,
    *,
    title: str,
    now: datetime,
    limits: Limits = PAGE_LIMITS,
) -> FileResult:
    """The figures of a file of answers, by a plan file (as text) or by a form.

    Raises Invalid with every cell, field or part of the plan that does not fit.
    """
    found: FileAnalysis
    if isinstance(wanted, str):
        found = analyse_with_plan(data, filename, wanted, limits=limits)
    else:
        found = analyse_with_fields(data, filename, wanted, limits=limits)
    return FileResult(
        kind=ResultKind.ANSWERS,
        title=_title(title, ResultKind.ANSWERS),
        filename=clean_line(filename)[-LONGEST_FILENAME:],
        made_at=now,
        plan=found.plan_text,
        reading=asdict(found.reading),
        document=found.analysis.to_document(),
    )


def rank_units_of_file(
    data: bytes,
    filename: str,
    *,
    confidence: float,
    is_percent: bool,
    title: str,
    now: datetime,
) -> FileResult:
    """The rank sets of a file of units. Raises Invalid with every cell that does not fit, for
    too many units, and where the estimates cannot be on the scale that was said."""
    report = rank_file(
        data, filename, confidence=confidence, is_percent=is_percent, most_units=MOST_RANKED
    )
    _check_scale(report, is_percent)
    return FileResult(
        kind=ResultKind.RANKS,
        title=_title(title, ResultKind.RANKS),
        filename=clean_line(filename)[-LONGEST_FILENAME:],
        made_at=now,
        plan="",
        reading={},
        document=dict(rank_document(report)),
    )


def author_of(session: Session, account: Account, *, today: date) -> UnitSubject | None:
    """The unit under whose letterhead an account's papers stand; ``account`` may come from
    another session."""
    unit = seat_of(find_account(session, account.id), today)
    return describe_unit(unit) if unit else None


def result_report(result: FileResult, author: UnitSubject | None) -> Report:
    """The report of a result; ``author`` None leaves the letterhead to fill in."""
    dated = local_date(result.made_at)
    if result.kind is ResultKind.RANKS:
        return compose_file_ranks(ranks_of_result(result), author, dated=dated)
    return compose_file_report(_figures(result), author, dated=dated)


def ranks_of_result(result: FileResult) -> FileRanks:
    """What the page and the workbook of rank sets are made from; for results of kind RANKS."""
    # What was written as this type, in this form, is read as this type.
    return FileRanks(result.title, result.filename, cast(RankDocument, result.document))


def result_document(result: FileResult, ending: str, author: UnitSubject | None) -> Document:
    """The result as a file. Raises NotFound for a form it does not have."""
    if ending not in ENDINGS[result.kind]:
        raise NotFound("Kết quả không có ở định dạng này.")
    report = result_report(result, author)
    if ending == "yaml":
        text = result.plan.encode()
        return Document(text, f"{report.file_stem}.yaml", "application/yaml; charset=utf-8")
    if ending == Format.JSON:
        text = f"{document_text(result)}\n".encode()
        return Document(text, f"{report.file_stem}.json", MIME_TYPES[Format.JSON])
    return render_document(report, Format(ending))


def document_text(result: FileResult) -> str:
    """The document as the commands write it."""
    return json.dumps(result.document, ensure_ascii=False, indent=2, allow_nan=False)


def analysis_of_document(document: Mapping[str, Any]) -> Analysis:
    """The typed figures of a document that :meth:`Analysis.to_document` made."""
    design = DesignSummary(**document["design"])
    domains = {name: _figures_of(part) for name, part in document["domains"].items()}
    compare = _figures_of(document["compare"]) if "compare" in document else None
    return Analysis(design, _figures_of(document["estimates"]), domains, compare)


def _figures(result: FileResult) -> FileFigures:
    reading = FileReading(**{**result.reading, "notes": tuple(result.reading["notes"])})
    analysis = analysis_of_document(result.document)
    return FileFigures(result.title, reading, read_plan(result.plan), analysis)


def _figures_of(document: Mapping[str, Any]) -> Figures:
    return Figures(
        **{
            part: {name: _figure(figure) for name, figure in document[part].items()}
            for part in ("questions", "factors", "overall")
        }
    )


def _figure(document: Mapping[str, Any]) -> Figure:
    interval = document["interval"]
    return Figure(
        estimate=document["estimate"],
        standard_error=document["standard_error"],
        df=document["df"],
        n=document["n"],
        excluded=document["excluded"],
        deff=document["deff"],
        method=interval["method"] if interval else None,
        interval=(interval["low"], interval["high"]) if interval else None,
        intervals={
            name: tuple(bounds) if bounds else None
            for name, bounds in document["intervals"].items()
        },
        reason=_reason(document.get("reason")),
        p_value=document.get("p_value"),
        is_difference="p_value" in document,
    )


def _reason(code: str | None) -> Reason | PlanReason | None:
    if code is None:
        return None
    return PlanReason(code) if code in set(PlanReason) else Reason(code)


def _title(title: str, kind: ResultKind) -> str:
    return clean_line(title)[:LONGEST_TITLE] or TITLES[kind]


def _check_scale(report: RankReport, is_percent: bool) -> None:
    """Proportions taken for percents, or the other way, give a wrong table without a mistake."""
    largest = max(map(float, report.units.estimates), default=0.0)
    if not is_percent and largest > 1:
        raise Invalid(
            "Có chỉ số lớn hơn 1: nếu tệp ghi theo phần trăm (0–100), xin chọn “Phần trăm”."
        )
    if is_percent and largest * 100 <= 1:
        raise Invalid("Mọi chỉ số đều không quá 1: nếu tệp ghi theo tỷ lệ 0–1, xin chọn “Tỷ lệ”.")
