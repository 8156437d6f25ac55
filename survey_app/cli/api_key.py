"""hailong api-key: keys with which other software calls the API."""

from datetime import datetime

import click

from survey_app.cli.database import reading, transaction
from survey_app.clock import now
from survey_app.i18n import format_date
from survey_app.operations.access.api_keys import (
    ApiKey,
    KeyScope,
    create_api_key,
    find_api_key,
    is_alive,
    list_api_keys,
    revoke_api_key,
)
from survey_app.operations.audit.entries import record
from survey_app.operations.organisation.units import find_unit

SCOPES = click.Choice([scope.value for scope in KeyScope])


@click.group("api-key")
def api_key() -> None:
    """Khóa API cho phần mềm khác, như phần mềm một cửa."""


@api_key.command("create")
@click.option("--label", required=True, help="Tên để nhận ra khóa, như “Một cửa tỉnh”.")
@click.option("--unit", "unit_code", required=True, help="Mã đơn vị; gồm cả các đơn vị bên dưới.")
@click.option("--scope", "scopes", type=SCOPES, multiple=True, default=[KeyScope.INVITATIONS.value])
@click.option("--expires-on", required=True, type=click.DateTime(["%Y-%m-%d"]))
def create(label: str, unit_code: str, scopes: tuple[str, ...], expires_on: datetime) -> None:
    """Tạo một khóa và in ra, chỉ một lần này; hệ thống chỉ lưu giá trị băm."""
    with transaction() as session:
        unit = find_unit(session, unit_code)
        text, row = create_api_key(
            session,
            label=label,
            scopes=[KeyScope(scope) for scope in scopes],
            unit_id=unit.id,
            expires_on=expires_on.date(),
            now=now(),
        )
        facts = {"label": row.label, "scopes": row.scopes, "expires_on": f"{row.expires_on}"}
        detail = {"number": row.id, **facts}
        record(session, "api_key.create", now=now(), subject=unit.code, detail=detail)
    click.echo(text)


@api_key.command("list")
def list_all() -> None:
    """In các khóa: số, phần đầu, tên, đơn vị, quyền, hạn dùng, lần dùng gần nhất."""
    with reading() as session:
        for row in list_api_keys(session):
            click.echo(_line(row))


@api_key.command("revoke")
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Thu hồi khóa mang số này; khóa ngừng có hiệu lực ngay."""
    with transaction() as session:
        row = find_api_key(session, number)
        is_new = revoke_api_key(row, now=now())
        if is_new:
            facts = {"number": row.id, "label": row.label}
            record(session, "api_key.revoke", now=now(), subject=row.unit.code, detail=facts)
    click.echo(f"Đã thu hồi khóa “{row.label}”." if is_new else "Khóa đã được thu hồi từ trước.")


def _line(row: ApiKey) -> str:
    state = "" if is_alive(row, now()) else " hết hiệu lực;"
    used = f"dùng lần cuối {format_date(row.last_used_on)}" if row.last_used_on else "chưa dùng"
    until = format_date(row.expires_on)
    about = f"{row.unit.code}; {row.scopes}; đến {until};{state} {used}"
    return f"{row.id}  {row.opening}…  {row.label}; {about}"
