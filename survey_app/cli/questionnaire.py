"""hailong questionnaire: check and publish documents; other programs' formats out and in."""

from pathlib import Path

import click

from survey_app.cli.database import reading, transaction
from survey_app.clock import now
from survey_app.errors import Invalid
from survey_app.interchange.xlsform.reading import XlsformReading, read_xlsform
from survey_app.operations.audit.entries import record
from survey_app.operations.questionnaires.publishing import (
    Comparison,
    compare_with_published,
    load_questionnaire,
    publication_facts,
    publish_questionnaire,
)
from survey_app.operations.reports.exchange import Exchange, export_version, find_version
from survey_app.questionnaire.declarations import Declaration, Verdict
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.questionnaire.spelling import Mark, Piece
from survey_app.reporting.records.edit_wording import describe_matters
from survey_app.text import clean_line, decode_utf8

OUT = click.Path(dir_okay=False, path_type=Path)
BREAK = Declaration(Verdict.BREAK)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def questionnaire() -> None:
    """Bộ câu hỏi."""


@questionnaire.command()
@click.argument("file", type=FILE)
@click.pass_context
def check(context: click.Context, file: Path) -> None:
    """Kiểm tra một tệp: liệt kê mọi lỗi kèm số dòng; mã thoát 1 nếu có lỗi."""
    try:
        found = parse_questionnaire(decode_utf8(file.read_bytes()))
    except Invalid as invalid:
        for problem in invalid.problems:
            click.echo(f"{file}: {problem}", err=True)
        click.echo(invalid.message, err=True)
        context.exit(1)
    click.echo(
        f"{file}: hợp lệ. {found.code}: {len(found.questions)} câu hỏi, "
        f"{sum(1 for _ in found.criteria)} tiêu chí, {len(found.factors)} yếu tố."
    )


@questionnaire.command()
@click.argument("file", type=FILE)
@click.option(
    "--comparable",
    multiple=True,
    metavar="MÃ",
    help="Câu hỏi hoặc thang trả lời đã sửa mà chuỗi vẫn so sánh được; dùng được nhiều lần.",
)
@click.option(
    "--break",
    "broken",
    multiple=True,
    metavar="MÃ",
    help="Câu hỏi hoặc thang trả lời mà chuỗi số liệu ngắt tại đây; dùng được nhiều lần.",
)
@click.option("--break-all", is_flag=True, help="Ngắt chuỗi ở mọi thay đổi còn lại.")
@click.option("--reason", default="", metavar="CHỮ", help="Lý do của các mục “so sánh được”.")
def publish(
    file: Path, comparable: tuple[str, ...], broken: tuple[str, ...], break_all: bool, reason: str
) -> None:
    """Công bố một tệp thành phiên bản không thể thay đổi.

    Khi bộ câu hỏi đã có phiên bản trước, lệnh liệt kê mọi thay đổi và cần biết chuỗi số liệu ngắt
    hay vẫn so sánh được ở từng thay đổi cần xác nhận.
    """
    source = decode_utf8(file.read_bytes())
    with transaction() as session:
        comparison = compare_with_published(session, source)
        _list_edits(comparison)
        for code in set(comparable) & set(broken):
            raise Invalid(f"Mã “{code}” không thể vừa so sánh được vừa ngắt chuỗi.")
        declared = {
            **(dict.fromkeys(_keys(comparison), BREAK) if break_all else {}),
            **dict.fromkeys(_keys(comparison, broken), BREAK),
            **dict.fromkeys(
                _keys(comparison, comparable),
                Declaration(Verdict.COMPARABLE, clean_line(reason)),
            ),
        }
        publication = publish_questionnaire(session, source, now=now(), declared=declared)
        version = publication.version
        if publication.is_new:
            detail = publication_facts(version)
            record(session, "questionnaire.publish", now=now(), subject=version.name, detail=detail)
        state = "đã công bố" if publication.is_new else "đã công bố từ trước, nội dung không đổi"
        click.echo(f"{version.name}: {state} (mã kiểm tra nội dung {version.fingerprint[:12]}…).")


@questionnaire.command()
@click.argument("version")
@click.option(
    "--format", "form", type=click.Choice([form.value for form in Exchange]), required=True
)
@click.option("--out", required=True, type=OUT)
def export(version: str, form: str, out: Path) -> None:
    """Xuất phiên bản đã công bố (như sipas-counter@1) thành tệp cho phần mềm khác."""
    with reading() as session:
        document = export_version(session, find_version(session, version), Exchange(form))
    with transaction() as session:  # on record before it leaves
        record(session, "questionnaire.export", now=now(), subject=version, detail={"form": form})
    out.write_bytes(document.data)
    click.echo(f"{out}: {len(document.data):,} byte.".replace(",", "."))


@questionnaire.command("import-xlsform")
@click.argument("file", type=FILE)
@click.option("--out", required=True, type=OUT, help="Tệp YAML sẽ ghi.")
@click.pass_context
def import_xlsform(context: click.Context, file: Path, out: Path) -> None:
    """Đổi một biểu mẫu XLSForm thành tài liệu YAML; mã thoát 1 nếu có chỗ không biểu đạt được."""
    found = read_xlsform(file.read_bytes(), file.name)
    _tell(file, found)
    if found.source is None:
        count = len(found.refused)
        click.echo(f"{file}: {count} chỗ không biểu đạt được; chưa ghi tệp nào.", err=True)
        context.exit(1)
    out.write_text(found.source, encoding="utf-8")
    click.echo(f"{out}: đã ghi; {len(found.left_out)} điều cần biết nêu ở trên.")


def _tell(file: Path, found: XlsformReading) -> None:
    for finding in found.findings:
        mark = "không nhập được" if finding.is_refused else "cần biết"
        click.echo(f"{file}: {finding.place}: [{mark}] {finding}", err=True)


def _list_edits(comparison: Comparison) -> None:
    """Every edit since the last version, one a line, those to be declared with their codes."""
    if not comparison.base or not comparison.matters:
        return
    earlier, later = load_questionnaire(comparison.base), comparison.questionnaire
    click.echo(f"Thay đổi so với {comparison.base.name}:")
    for item in describe_matters(comparison.matters, earlier, later):
        code = item.matter.first.code
        asks = f"cần xác nhận: {code}" if item.matter.is_open else item.outcome
        click.echo(f"- {item.kind}: {item.subject}. {asks}")
        for line in item.lines:
            click.echo(f"    {line.part}: {' '.join(map(_marked, line.pieces))}")


def _marked(piece: Piece) -> str:
    left, right = {Mark.REMOVED: ("[-", "-]"), Mark.ADDED: ("{+", "+}")}.get(piece.mark, ("", ""))
    return f"{left}{piece.text}{right}"


def _keys(comparison: Comparison, codes: tuple[str, ...] | None = None) -> list[str]:
    """The keys of the edits to be declared on these subjects, or of all; raises Invalid for a
    code that none of them has."""
    found = comparison.open_matters
    if codes is None:
        return [matter.key for matter in found]
    for code in codes:
        if code not in {matter.first.code for matter in found}:
            raise Invalid(f"Không có thay đổi nào cần xác nhận mang mã “{code}”.")
    return [matter.key for matter in found if matter.first.code in codes]
