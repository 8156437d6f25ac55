"""hailong db: migrations."""

import click

from survey_app.config import Settings
from survey_app.errors import Unavailable
from survey_app.storage.database import DatabaseError
from survey_app.storage.migrate import upgrade


@click.group()
def db() -> None:
    """Cơ sở dữ liệu."""


@db.command("upgrade")
def upgrade_database() -> None:
    """Tạo hoặc nâng cấp cơ sở dữ liệu lên phiên bản mới nhất."""
    try:
        upgrade(Settings.from_environment().database_url)
    except DatabaseError as error:
        message = f"Chưa nâng cấp được cơ sở dữ liệu, dữ liệu vẫn như trước: {error.orig}"
        raise Unavailable(message) from error
    click.echo("Cơ sở dữ liệu đã ở phiên bản mới nhất.")
