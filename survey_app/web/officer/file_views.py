"""A file that somebody has: its figures or ranks as page, PDF, Excel and JSON; nothing is kept
unless asked.

The result travels with its page, signed, so that it can be downloaded or kept without sending
the file again; the rows themselves are forgotten when the answer leaves.
"""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from survey_app.clock import local_date, now
from survey_app.errors import Conflict, Invalid, Problem
from survey_app.operations.files import results as file_results
from survey_app.operations.files.answer_file import parse_confidence
from survey_app.operations.files.kept_analyses import (
    KeptAnalysis,
    delete_kept,
    find_kept,
    keep_result,
    list_kept,
    page_kept,
    result_of,
)
from survey_app.operations.files.plan_draft import MOST_GROUPS
from survey_app.operations.files.results import ENDINGS, FileResult, ResultKind
from survey_app.operations.reports.documents import Document
from survey_app.reporting.figures.subjects import UnitSubject
from survey_app.reporting.files import ranks as file_ranks
from survey_app.reporting.rendering.dashboard import render_fragment
from survey_app.reporting.report import Report
from survey_app.spreadsheets.opening import LARGEST_FILE
from survey_app.storage.database import Session
from survey_app.text import decode_utf8
from survey_app.web.audit import note, note_in
from survey_app.web.documents import attachment, record_export
from survey_app.web.guard import signed_in_account
from survey_app.web.identifiers import parse_id
from survey_app.web.officer import blueprint
from survey_app.web.officer.forms import AnswersForm, RanksForm
from survey_app.web.transactions import current_session, database
from survey_app.web.wishes import NO_SUCH_WISH, read_wish

_MEGABYTE = 1024**2
#: Room for the fields beside the file (bytes).
_BESIDE_THE_FILE = _MEGABYTE
#: So many mistakes are listed; a file with more has one cause.
MOST_PROBLEMS = 1_000
EXPIRED = "Kết quả này không còn dùng được; xin chọn lại tệp và phân tích lại."


@blueprint.url_value_preprocessor
def allow_larger_files(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Before anything reads the form: this one page takes files larger than the others do."""
    if endpoint == "officer.read_file":
        request.max_content_length = file_results.PAGE_LIMITS.file + _BESIDE_THE_FILE


@blueprint.get("/files")
def files() -> ResponseReturnValue:
    return _forms(AnswersForm(), RanksForm(prefix="ranks-"))


@blueprint.post("/files")
def read_file() -> ResponseReturnValue:
    """The work is done before the database is asked for anything: nobody waits for it."""
    answers, ranks = AnswersForm(), RanksForm(prefix="ranks-")
    form = {"analyse": answers, "rank": ranks}[read_wish("analyse", "rank")]
    try:
        result = _analyse(answers) if form is answers else _rank(ranks)
        if form.output.data not in dict(form.output.choices):
            raise Invalid(NO_SUCH_WISH)
    except Invalid as refusal:
        left = form.show_problems(refusal.problems)
        return _forms(answers, ranks, refusal, left, form), 422
    return _given(result, form.output.data, is_kept=form.keep.data)


def _given(result: FileResult, output: str, *, is_kept: bool) -> ResponseReturnValue:
    """A result as it was asked for. What cannot be kept is shown: it may be much work."""
    document = None if output == "page" else _document(result, output)
    kept, refusal = None, None
    with database().transaction() as session:
        if is_kept:
            try:
                kept = _keep(session, result)
            except Conflict as too_many:
                document, refusal = None, too_many
        _note_work(session, result.kind, output if document else "page")
    if document is not None:
        return attachment(document)
    if kept is not None:
        return redirect(url_for("officer.kept_analysis", kept_id=kept.id))
    return _shown(result, refusal=refusal)


@blueprint.post("/files/result")
def file_result() -> ResponseReturnValue:
    """What the page of a result offers: its papers, keeping it, or its plan once more."""
    wish = read_wish("pdf", "xlsx", "json", "yaml", "keep", "edit")
    result = _unsigned(request.form.get("result", ""))
    if wish == "edit":
        form = AnswersForm(formdata=None, title=result.title, plan_text=result.plan)
        return _forms(form, RanksForm(formdata=None, prefix="ranks-"))
    if wish == "keep":
        try:
            with database().transaction() as session:
                kept = _keep(session, result)
        except Conflict as refusal:
            return _shown(result, refusal=refusal), 409
        flash("Đã giữ lại báo cáo.")
        return redirect(url_for("officer.kept_analysis", kept_id=kept.id))
    document = _document(result, wish)
    record_export(f"{result.kind} {wish}")
    return attachment(document)


@blueprint.get("/files/kept")
def all_kept() -> ResponseReturnValue:
    """What every account keeps, for administrators."""
    before = request.args.get("before", type=parse_id)
    page = page_kept(current_session(), signed_in_account(), today=local_date(now()), before=before)
    return render_template("officer/files_kept.html", page=page, before=before)


@blueprint.get("/files/kept/<int:kept_id>")
def kept_analysis(kept_id: int) -> ResponseReturnValue:
    row = _kept(kept_id)
    return _shown(result_of(row), row)


@blueprint.get("/files/kept/<int:kept_id>/report.<ending>")
def kept_document(kept_id: int, ending: str) -> ResponseReturnValue:
    row = _kept(kept_id)
    document = _document(result_of(row), ending, row)
    record_export(f"{row.kind} {ending}")
    return attachment(document)


@blueprint.post("/files/kept/<int:kept_id>/delete")
def delete_kept_analysis(kept_id: int) -> ResponseReturnValue:
    row = _kept(kept_id)
    delete_kept(current_session(), row, signed_in_account(), today=local_date(now()))
    note("file.delete", row.title)
    flash(f"Đã xóa báo cáo “{row.title}”.")
    return redirect(url_for("officer.files"))


def _kept(kept_id: int) -> KeptAnalysis:
    account = signed_in_account()
    return find_kept(current_session(), kept_id, account, today=local_date(now()))


# ── reading the forms ─────────────────────────────────────────────────────────────────────────


def _analyse(form: AnswersForm) -> FileResult:
    data, filename = _upload(form.file.data)
    if form.plan_file.data:
        form.plan_text.data = decode_utf8(form.plan_file.data.read())
    wanted = form.plan_text.data if form.speaks_by_plan else form.draft_fields
    return file_results.analyse_answers(
        data, filename, wanted, title=form.title.data or "", now=now()
    )


def _rank(form: RanksForm) -> FileResult:
    data, filename = _upload(form.file.data)
    return file_results.rank_units_of_file(
        data,
        filename,
        confidence=parse_confidence(form.confidence.data or ""),
        is_percent=form.scale.data == "percent",
        title=form.title.data or "",
        now=now(),
    )


def _upload(file: FileStorage | None) -> tuple[bytes, str]:
    if not file:
        raise Invalid("Chưa có tệp nào được chọn.", [Problem("Chọn tệp.", "file")])
    with file.stream:  # what a large file was put aside in disappears at once
        return file.read(), file.filename or ""


# ── answers ───────────────────────────────────────────────────────────────────────────────────


def _forms(
    answers: AnswersForm,
    ranks: RanksForm,
    refusal: Invalid | None = None,
    problems: list[Problem] | None = None,
    refused: AnswersForm | RanksForm | None = None,
) -> str:
    """The page with both forms; ``problems``: those that belong to no field."""
    with database().session() as reader:
        kept = list_kept(reader, signed_in_account())
    return render_template(
        "officer/files.html",
        answers=answers,
        ranks=ranks,
        refusal=refusal,
        refused=refused,
        problems=problems or [],
        most_problems=MOST_PROBLEMS,
        kept=kept,
        limits=file_results.PAGE_LIMITS,
        largest_megabytes=file_results.PAGE_LIMITS.file // _MEGABYTE,
        most_groups=MOST_GROUPS,
        largest_ranked_megabytes=LARGEST_FILE // _MEGABYTE,
        most_ranked=file_results.MOST_RANKED,
    )


def _shown(
    result: FileResult, row: KeptAnalysis | None = None, *, refusal: Conflict | None = None
) -> str:
    """The page of a result, just made or kept; ``refusal``: why it was not kept."""
    signed = "" if row else _signed(result)
    values = {"result": result, "row": row, "signed": signed, "refusal": refusal}
    endings = ENDINGS[result.kind]
    if result.kind is ResultKind.RANKS:
        found = file_results.ranks_of_result(result)
        return render_template(
            "officer/files_ranks.html", found=found, words=file_ranks, endings=endings, **values
        )
    dashboard = render_fragment(_report(result, row), heading_level=1)
    return render_template(
        "officer/files_report.html", dashboard=dashboard, endings=endings, **values
    )


def _report(result: FileResult, row: KeptAnalysis | None) -> Report:
    return file_results.result_report(result, _author(row))


def _document(result: FileResult, ending: str, row: KeptAnalysis | None = None) -> Document:
    return file_results.result_document(result, ending, _author(row))


def _author(row: KeptAnalysis | None) -> UnitSubject | None:
    """Whose letterhead: of the account that made the result."""
    with database().session() as reader:
        account = row.account if row else signed_in_account()
        return file_results.author_of(reader, account, today=local_date(now()))


# ── keeping and recording ─────────────────────────────────────────────────────────────────────


def _keep(session: Session, result: FileResult) -> KeptAnalysis:
    """Raises Conflict, and then has written nothing."""
    row = keep_result(session, result, signed_in_account())
    note_in(session, "file.keep", result.title)
    return row


def _note_work(session: Session, kind: ResultKind, output: str) -> None:
    note_in(session, "file.rank" if kind is ResultKind.RANKS else "file.analyse", output)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="result of a file")


def _signed(result: FileResult) -> str:
    """The result as text that only this application can have made, for this account."""
    return str(_signer().dumps([signed_in_account().id, result.to_text()]))


def _unsigned(text: str) -> FileResult:
    """Raises Invalid for a text that was not signed for this account."""
    try:
        account_id, result = _signer().loads(text)
    except BadData as error:
        raise Invalid(EXPIRED) from error
    if account_id != signed_in_account().id:
        raise Invalid(EXPIRED)
    return FileResult.from_text(result)
