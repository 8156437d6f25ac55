"""hailong account: the first administrator, and ways back in for one who is locked out."""

import click

from survey_app.cli.database import transaction
from survey_app.clock import now
from survey_app.errors import NotFound
from survey_app.operations.access import accounts, passwords, second_step
from survey_app.operations.access.rights import AccountRole
from survey_app.operations.audit.entries import record


@click.group("account")
def account() -> None:
    """Tài khoản: người quản trị đầu tiên, đặt lại xác thực hai bước."""


@account.command("create-admin")
@click.argument("username")
@click.option("--name", "display_name", required=True, help="Họ và tên.")
@click.password_option(
    prompt="Mật khẩu",
    confirmation_prompt="Nhập lại mật khẩu",
    help="Không ghi trên dòng lệnh thì được hỏi, không hiện khi gõ.",
)
@click.option("--given", is_flag=True, help="Đặt mật khẩu hộ: người dùng phải chọn mật khẩu riêng.")
def create_admin(username: str, display_name: str, password: str, *, given: bool) -> None:
    """Tạo một tài khoản quản trị hệ thống."""
    hashed = passwords.prepare(password, username)
    with transaction() as session:
        made = accounts.create_account(
            session,
            username=username,
            display_name=display_name,
            role=AccountRole.ADMINISTRATOR,
            password=hashed,
            unit_id=None,
            is_password_given=given,
            now=now(),
        )
        record(session, "account.create", now=now(), subject=made)
        click.echo(f"Đã tạo tài khoản quản trị {made.username}.")


@account.command("reset-second-step")
@click.argument("username")
def reset_second_step(username: str) -> None:
    """Tắt xác thực hai bước của một tài khoản bị mất điện thoại."""
    with transaction() as session:
        found = accounts.account_named(session, username)
        if found is None:
            raise NotFound(f"Không có tài khoản “{username}”.")
        second_step.remove(session, found, by=None, now=now())
    click.echo(f"Đã tắt xác thực hai bước của {username}.")
