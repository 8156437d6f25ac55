"""hailong survey: what a survey lacks before it is opened, and the opening."""

from collections.abc import Iterator, Sequence

import click

from survey_app.cli.database import reading, transaction
from survey_app.clock import now
from survey_app.errors import Invalid
from survey_app.operations.audit.entries import record
from survey_app.operations.fieldwork.checklist import (
    BLOCKED,
    Finding,
    check_opening,
    open_checked,
    opening_detail,
    require_draft,
)
from survey_app.operations.fieldwork.surveys import find_survey


@click.group()
def survey() -> None:
    """Cuộc khảo sát: kiểm tra trước khi mở, mở."""


@survey.command("check")
@click.argument("code")
def check(code: str) -> None:
    """Cho biết cuộc khảo sát còn thiếu gì để mở; có mục phải sửa thì kết thúc với trạng thái 2."""
    with reading() as session:
        found = check_opening(session, find_survey(session, code), now=now())
    for line in _lines(found):
        click.echo(line)
    if any(finding.is_error for finding in found):
        raise Invalid(BLOCKED)
    click.echo("Không có mục nào phải sửa trước khi mở.")


@survey.command("open")
@click.argument("code")
@click.option(
    "--accept-warnings", is_flag=True, help="Mở dù có điểm cần lưu ý; nhật ký giữ các điểm ấy."
)
def open_(code: str, *, accept_warnings: bool) -> None:
    """Kiểm tra như trang “Kiểm tra trước khi mở”, rồi mở cuộc khảo sát."""
    moment = now()
    with transaction() as session:
        found = find_survey(session, code)
        require_draft(found)
        findings = check_opening(session, found, now=moment)
        for line in _lines(findings):
            click.echo(line, err=True)
        is_blocked = any(finding.is_error for finding in findings)
        if findings and not is_blocked and not accept_warnings:
            raise Invalid("Chưa mở. Muốn mở dù có các điểm cần lưu ý: thêm --accept-warnings.")
        _, accepted = open_checked(session, found, accepts=accept_warnings, now=moment)
        record(session, "survey.open", now=moment, subject=code, detail=opening_detail(accepted))
    click.echo("Cuộc khảo sát đang mở: các mã QR nhận phiếu trong thời gian đã định.")


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{'Phải sửa' if finding.is_error else 'Lưu ý'}: {finding.sentence}"
