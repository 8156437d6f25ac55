"""hailong backup, restore and doctor: for those who keep the service running."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from survey_app.clock import local, now
from survey_app.config import ProviderSettings, Settings
from survey_app.errors import HaiLongError, Invalid, Unavailable
from survey_app.identity_provider import IdentityProvider
from survey_app.operations.audit.entries import record
from survey_app.reporting.rendering.fonts import find_fonts
from survey_app.storage.backup import check_database, copy_database, draft_copy, put_aside
from survey_app.storage.database import Database, DatabaseError, sqlite_path
from survey_app.storage.migrate import is_current
from survey_app.storage.whole_files import put_in_place

PREFIX = "hailong-"
LEAST_FREE_SPACE = 1024**3
DAYS_WITHOUT_BACKUP = 2


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Thư mục sao lưu.")
@click.option(
    "--keep", default=14, show_default=True, type=click.IntRange(1), help="Số bản giữ lại."
)
def backup(out: Path | None, keep: int) -> None:
    """Sao lưu cơ sở dữ liệu SQLite trong khi hệ thống vẫn chạy; kiểm tra bản sao rồi mới giữ."""
    settings = Settings.from_environment()
    folder = out or settings.data_directory / "backups"
    target = folder / f"{PREFIX}{local(now()):%Y%m%d-%H%M%S}.db"
    source = _sqlite_file(settings)
    _put_on_record(settings, "backup.create", target.name)
    copy_database(source, target)
    for old in _backups(folder)[:-keep]:
        old.unlink()
    click.echo(f"Đã sao lưu và kiểm tra: {target}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Không hỏi lại.")
def restore(file: Path, yes: bool) -> None:
    """Khôi phục từ một bản sao lưu (hãy dừng dịch vụ trước); dữ liệu hiện có được giữ riêng."""
    settings = Settings.from_environment()
    target = _sqlite_file(settings)
    check_database(file)
    if not yes:
        click.confirm(f"Thay {target} bằng {file}?", abort=True)
    # First the whole copy: where the disk is full, or the power fails, what is there stays.
    draft = draft_copy(file, target)
    aside = put_aside(target, f".truoc-{local(now()):%Y%m%d-%H%M%S}")
    put_in_place(draft, target)
    if aside is not None:
        click.echo(f"Giữ lại tệp trước khi khôi phục: {aside.name}")
    _put_on_record(settings, "backup.restore", file.name)
    click.echo(f"Đã khôi phục từ {file}. Hãy chạy: hailong db upgrade")


@click.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Kiểm tra máy này: phông chữ, cơ sở dữ liệu, ổ đĩa, sao lưu; mã thoát 1 nếu chưa ổn."""
    problems = list(_problems(Settings.from_environment()))
    for problem in problems:
        click.echo(f"✗ {problem}", err=True)
    if problems:
        context.exit(1)
    click.echo("✓ Không thấy vấn đề nào.")


def _problems(settings: Settings) -> Iterator[str]:
    try:
        find_fonts()
    except HaiLongError as error:
        yield error.message
    database = Database(settings.database_url)
    try:
        if not is_current(database):
            yield "Cơ sở dữ liệu chưa được nâng cấp: hailong db upgrade"
    except DatabaseError as error:
        yield f"Không mở được cơ sở dữ liệu: {error.orig}"
    finally:
        database.dispose()
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.data_directory).free < LEAST_FREE_SPACE:
        yield f"Ổ đĩa của {settings.data_directory} còn dưới 1 GB."
    if settings.provider is not None:
        yield from _provider_problems(settings.provider)
    if settings.is_production:
        yield from _production_problems(settings)


def _provider_problems(provider: ProviderSettings) -> Iterator[str]:
    try:
        IdentityProvider(provider).check(now=now())
    except Unavailable as error:
        yield f"Không hỏi được nơi cấp tài khoản {provider.issuer}: {error.__cause__}."


def _production_problems(settings: Settings) -> Iterator[str]:
    if not settings.public_url.startswith("https://"):
        yield "HAILONG_PUBLIC_URL chưa đặt bằng địa chỉ https://; mã QR và kiosk cần địa chỉ này."
    if sqlite_path(settings.database_url) is None:
        return  # PostgreSQL is backed up by its own tools
    copies = _backups(settings.data_directory / "backups")
    newest = copies[-1].stat().st_mtime if copies else 0.0
    if now().timestamp() - newest > DAYS_WITHOUT_BACKUP * 86400:
        yield "Hơn hai ngày chưa có bản sao lưu: hailong backup"


def _put_on_record(settings: Settings, action: str, filename: str) -> None:
    """Record what was done with a copy; a database before its upgrade has no place for it."""
    database = Database(settings.database_url)
    try:
        if not is_current(database):
            click.echo("Chưa ghi vào nhật ký: cơ sở dữ liệu chưa được nâng cấp.", err=True)
            return
        with database.transaction() as session:
            record(session, action, now=now(), subject=filename)
    except DatabaseError as error:
        raise Unavailable(f"Không ghi được vào nhật ký: {error.orig}") from error
    finally:
        database.dispose()


def _backups(folder: Path) -> list[Path]:
    """The dated copies in a folder, the oldest first."""
    return sorted(folder.glob(f"{PREFIX}*.db"))


def _sqlite_file(settings: Settings) -> Path:
    path = sqlite_path(settings.database_url)
    if path is None:
        raise Invalid("Với PostgreSQL, hãy sao lưu và khôi phục bằng pg_dump và pg_restore.")
    return path
