"""hailong audit: the chain of the audit record checked, its head told, its entries written out."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from survey_app.cli.database import opened_database, reading
from survey_app.cli.progress import progress_bar
from survey_app.clock import now, start_of
from survey_app.operations.audit.check import (
    Anchor,
    Check,
    check_chain,
    head_of,
)
from survey_app.operations.audit.entries import record
from survey_app.operations.audit.search import Wanted, write_entries
from survey_app.reporting.records.audit_words import break_sentence

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def audit() -> None:
    """Nhật ký: kiểm tra chuỗi, in mốc đối chiếu, xuất các mục."""


@audit.command()
@click.option("--expect", "anchor", help="Mốc đã ghi lại trước đây, dạng SỐ:MÃ.")
@click.pass_context
def verify(context: click.Context, anchor: str | None) -> None:
    """Kiểm tra toàn bộ chuỗi; mã thoát 1 và chỗ đứt đầu tiên nếu nhật ký đã bị sửa."""
    expected = Anchor.parse(anchor) if anchor else None
    with reading() as session, progress_bar("Kiểm tra nhật ký", head_of(session).number) as advance:
        found = check_chain(session, expected=expected, progress=advance)
    if found.what is not None:
        click.echo(f"✗ {break_sentence(found.what, found.broken_at or 0)}", err=True)
        click.echo(f"Đến mục số {found.last.number} thì chuỗi còn đúng.", err=True)
        context.exit(1)
    click.echo(_sentence(found, expected))


@audit.command()
def head() -> None:
    """In mốc đối chiếu (số và mã của mục cuối) để ghi lại ở nơi khác, ngoài cơ sở dữ liệu."""
    with reading() as session:
        click.echo(str(head_of(session)))


@audit.command()
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv")
@click.option("--from", "first", type=DAY, help="Từ ngày (NĂM-THÁNG-NGÀY).")
@click.option("--to", "last", type=DAY, help="Đến hết ngày.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def export(form: str, first: datetime | None, last: datetime | None, out: Path) -> None:
    """Ghi các mục ra tệp CSV hoặc JSON từng dòng; việc xuất cũng được ghi vào nhật ký."""
    wanted = Wanted(
        since=start_of(first.date()) if first else None,
        until=start_of(last.date() + timedelta(days=1)) if last else None,
    )
    with opened_database() as database:
        with database.session() as session:
            count = write_entries(session, wanted, form, out)
        with database.transaction() as session:
            record(session, "audit.export", now=now(), detail={"count": count, "form": form})
    click.echo(f"{out}: {count} mục.")


def _sentence(found: Check, expected: Anchor | None) -> str:
    if not found.last.number:
        return "✓ Nhật ký chưa có mục nào."
    compared = f" Khớp với mốc của mục số {expected.number}." if expected else ""
    return f"✓ Chuỗi nguyên vẹn từ mục số 1 đến mục số {found.last}.{compared}"
