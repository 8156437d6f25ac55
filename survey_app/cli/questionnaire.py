"""hailong questionnaire: check and publish documents."""

from pathlib import Path

import click

from survey_app.cli.database import transaction
from survey_app.clock import now
from survey_app.errors import Invalid
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.text import decode_utf8

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
def publish(file: Path) -> None:
    """Công bố một tệp thành phiên bản không thể thay đổi."""
    source = decode_utf8(file.read_bytes())
    with transaction() as session:
        publication = publish_questionnaire(session, source, now=now())
        version = publication.version
        state = "đã công bố" if publication.is_new else "đã công bố từ trước, nội dung không đổi"
        click.echo(f"{version.name}: {state} (dấu vân tay {version.fingerprint[:12]}…).")
