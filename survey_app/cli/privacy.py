"""hailong privacy: what personal data there is; taken out, and erased when its time is over."""

import json
from pathlib import Path

import click

from survey_app.cli.database import reading, transaction
from survey_app.clock import now
from survey_app.config import Settings
from survey_app.i18n import format_date
from survey_app.operations.audit.entries import record
from survey_app.operations.privacy.erasure import (
    Erasable,
    erase_account,
    find_by_name,
    find_expired,
    require_erasable,
)
from survey_app.operations.privacy.erasure import erase_expired as erase_what_expired
from survey_app.operations.privacy.holdings import Kind, about_account, personal_data
from survey_app.operations.privacy.retention import Retention
from survey_app.operations.privacy.rotation import Rotation, rotate
from survey_app.reporting import formats

ACCOUNT = click.option("--account", "username", required=True, help="Tên đăng nhập.")
YES = click.option("--yes", is_flag=True, help="Xóa thật; không có thì chỉ cho biết sẽ xóa gì.")
NOT_YET = "Chưa xóa gì; thêm --yes để xóa."


@click.group()
def privacy() -> None:
    """Dữ liệu cá nhân: có gì, giữ đến khi nào, lấy ra, xóa."""


@privacy.command()
def report() -> None:
    """In các loại dữ liệu cá nhân: bao nhiêu, cũ nhất từ ngày nào, giữ đến khi nào."""
    with reading() as session:
        retention = Retention.of(session, Settings.from_environment())
        for kind in personal_data(session, retention):
            click.echo(_line(kind))


@privacy.command()
@ACCOUNT
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def export(username: str, out: Path) -> None:
    """Ghi ra tệp JSON tất cả những gì hệ thống có về một tài khoản (trừ mật khẩu, mã bí mật)."""
    with transaction() as session:
        account = find_by_name(session, username)
        found = about_account(session, account)
        record(session, "account.export", now=now(), subject=account)
        # Before the end of the transaction: what is not on record does not leave.
        text = json.dumps(found, ensure_ascii=False, indent=2, default=str)
        out.write_text(text + "\n", encoding="utf-8")
    click.echo(f"{out}: {formats.count(sum(map(len, found['rows'].values())))} dòng.")


@privacy.command()
@ACCOUNT
@YES
def erase(username: str, *, yes: bool) -> None:
    """Xóa tên của một tài khoản đã khóa; nhật ký giữ số của tài khoản và vẫn kiểm tra được."""
    with transaction() if yes else reading() as session:
        account = find_by_name(session, username)
        require_erasable(account)
        told = f"Tài khoản số {account.id} “{account.username}” ({account.display_name})"
        if yes:
            erase_account(session, account, now=now())
    click.echo(f"{told}: đã xóa tên, mật khẩu, các lần đăng nhập." if yes else f"{told} sẽ bị xóa.")
    if not yes:
        click.echo(NOT_YET)


@privacy.command("erase-expired")
@YES
def erase_expired(*, yes: bool) -> None:
    """Xóa những gì đã quá hạn giữ; chương trình chạy nền cũng tự làm việc này."""
    days = Settings.from_environment().account_days
    with reading() as session:
        found = find_expired(session, account_days=days, now=now())
        told = _told(found)
    if yes and not found.is_empty:
        with transaction() as session:
            done = erase_what_expired(session, account_days=days, now=now())
            told = _told(done)
            if done.is_only_sign_ins:
                record(session, "privacy.erase_expired", now=now())
    click.echo(f"{'Đã xóa' if yes else 'Quá hạn'}: {told}.")
    if not yes and not found.is_empty:
        click.echo(NOT_YET)


@privacy.command("rotate-key")
@click.option("--yes", is_flag=True, help="Mã hóa lại thật; không có thì chỉ đếm.")
def rotate_key(*, yes: bool) -> None:
    """Sau khi đổi SECRET_KEY: chuyển mọi thứ còn theo khóa cũ sang khóa mới."""
    with transaction() as session:
        found = rotate(session, Settings.from_environment())
        if yes:
            record(session, "privacy.rotate_key", now=now(), detail={"count": found.total})
        else:
            session.rollback()
    click.echo("Đã chuyển sang khóa mới:" if yes else "Còn theo khóa cũ:")
    click.echo(f"  {formats.count(found.requests)} yêu cầu trả lời")
    click.echo(f"  {formats.count(found.second_steps)} tài khoản có xác thực hai bước")
    click.echo(f"  {formats.count(found.forms)} phiếu giấy trong việc nhập lần hai")
    _warn_of_lost(found)


def _warn_of_lost(found: Rotation) -> None:
    """What no key opens is told apart: the operator may still find the former key."""
    if found.lost_requests or found.lost_names:
        click.echo(
            "Không mở được bằng khóa nào trong SECRET_KEY và HAILONG_OLD_SECRET_KEYS: "
            f"{formats.count(found.lost_requests)} yêu cầu trả lời; "
            f"xác thực hai bước của: {', '.join(found.lost_names) or 'không ai'}.",
            err=True,
        )


def _told(found: Erasable) -> str:
    accounts = f"tên của {formats.count(len(found.accounts))} tài khoản"
    contacts = f"{formats.count(found.contacts)} yêu cầu trả lời"
    waiting = f"{formats.count(found.waiting)} người chờ gắn tài khoản"
    return f"{accounts}, {contacts}, {waiting}, {formats.count(found.sign_ins)} lần đăng nhập"


def _line(kind: Kind) -> str:
    since = f", cũ nhất từ {format_date(kind.oldest)}" if kind.count and kind.oldest else ""
    return f"{kind.name}: {formats.count(kind.count)}{since}; giữ {kind.kept}."
