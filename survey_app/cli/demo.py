"""hailong demo: the marked demo province, its links and sign-ins."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from survey_app.cli.database import reading, transaction
from survey_app.cli.progress import progress_bar
from survey_app.clock import local_date, now
from survey_app.config import Settings
from survey_app.errors import Forbidden
from survey_app.operations.audit.entries import record
from survey_app.operations.demo.description import describe_demo, open_tokens
from survey_app.operations.demo.kiosk import DemoKiosk, add_demo_kiosk, can_enrol
from survey_app.operations.demo.loading import (
    DEFAULT_RESPONSES,
    DEFAULT_SEED,
    DEFAULT_UNITS,
    SignInSheet,
    has_demo,
    is_untouched,
    load_demo,
    total_sheets,
)
from survey_app.storage.database import Session


@click.command()
@click.option("--units", default=DEFAULT_UNITS, show_default=True, type=click.IntRange(1, 3300))
@click.option(
    "--responses",
    default=DEFAULT_RESPONSES,
    show_default=True,
    type=click.IntRange(0, 10_000_000),
    help="Tổng số phiếu của cuộc khảo sát chính.",
)
@click.option("--seed", default=DEFAULT_SEED, show_default=True)
@click.option(
    "--json", "as_json", is_flag=True, help="In mã, liên kết và tài khoản dưới dạng JSON."
)
@click.option("--if-empty", is_flag=True, help="Không làm gì khi đã có cuộc khảo sát nào.")
@click.option("--sign-ins", is_flag=True, help="Chỉ in các tài khoản minh họa đã tạo.")
def demo(
    units: int, responses: int, seed: int, as_json: bool, if_empty: bool, sign_ins: bool
) -> None:
    """Nạp một tỉnh minh họa (hư cấu) với các đơn vị, liên kết và phiếu trả lời mẫu."""
    settings = Settings.from_environment()
    if settings.is_production:
        raise Forbidden("Không nạp dữ liệu minh họa khi HAILONG_ENV=production.")
    if not sign_ins:
        with transaction() as session:
            _load(session, settings, units, responses, seed, only_if_empty=if_empty)
    if as_json:
        with transaction() as session:
            record(session, "links.issue", now=now(), detail="cho dữ liệu minh họa")
            found = describe_demo(
                session, _base(settings), _read_sign_ins(settings), today=local_date(now())
            )
            kiosk = _usable_kiosk(session, settings)
            found["kiosk"] = kiosk and {"url": _kiosk_page(settings), **asdict(kiosk)}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif not if_empty:
        _print_ways_in(settings)


def _base(settings: Settings) -> str:
    return f"{settings.public_url or 'http://127.0.0.1:8000'}/s/"


def _print_ways_in(settings: Settings) -> None:
    """Where a citizen starts, and who may sign in."""
    with reading() as session:
        for survey, token in open_tokens(session):
            click.echo(f"Trả lời thử “{survey.title}”: {_base(settings)}{token}")
        kiosk = _usable_kiosk(session, settings)
    if kiosk:
        click.echo(
            f"Kiosk thử, {kiosk.unit}: {_kiosk_page(settings)}, mã cài đặt {kiosk.code} "
            f"(dùng một lần, trong 24 giờ), PIN {kiosk.pin}"
        )
    for sheet in _read_sign_ins(settings):
        click.echo(f"{sheet.display_name}: {sheet.username} / {sheet.password}")


def _load(
    session: Session,
    settings: Settings,
    units: int,
    responses: int,
    seed: int,
    *,
    only_if_empty: bool,
) -> None:
    if has_demo(session) or (only_if_empty and not is_untouched(session)):
        click.echo("Đã có dữ liệu; không nạp thêm dữ liệu minh họa.", err=True)
        return
    if not is_untouched(session):
        raise Forbidden("Đã có cuộc khảo sát thật; không nạp dữ liệu minh họa vào cùng chỗ.")
    with progress_bar("Nạp dữ liệu minh họa", total_sheets(responses)) as advance:
        finished = 0

        def show(done: int, _total: int) -> None:
            nonlocal finished
            advance(done - finished)
            finished = done

        sheets = load_demo(
            session, now=now(), units=units, responses=responses, seed=seed, progress=show
        )
    record(session, "demo.load", now=now(), detail={"units": units, "count": responses})
    _write_sign_ins(settings, sheets)
    _write(_kiosk_file(settings), asdict(add_demo_kiosk(session, now=now())))


def _kiosk_page(settings: Settings) -> str:
    return _base(settings).removesuffix("/s/") + "/k"


def _kiosk_file(settings: Settings) -> Path:
    return settings.data_directory / "demo-kiosk.json"


def _usable_kiosk(session: Session, settings: Settings) -> DemoKiosk | None:
    """The demo's kiosk, while its code may still be entered."""
    path = _kiosk_file(settings)
    kiosk = DemoKiosk(**json.loads(path.read_text())) if path.exists() else None
    return kiosk if kiosk and can_enrol(session, kiosk, now=now()) else None


def _sign_in_file(settings: Settings) -> Path:
    return settings.data_directory / "demo-sign-ins.json"


def _write_sign_ins(settings: Settings, sheets: tuple[SignInSheet, ...]) -> None:
    """Keep the passwords, made at random, for this machine's demo only."""
    _write(_sign_in_file(settings), [asdict(sheet) for sheet in sheets])


def _write(path: Path, found: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(found, ensure_ascii=False))


def _read_sign_ins(settings: Settings) -> list[SignInSheet]:
    path = _sign_in_file(settings)
    return [SignInSheet(**row) for row in json.loads(path.read_text())] if path.exists() else []
