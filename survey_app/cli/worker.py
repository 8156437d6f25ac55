"""hailong worker: the process that makes batches of reports."""

import logging

import click

from survey_app.config import Settings
from survey_app.worker import work_until_stopped


@click.command()
def worker() -> None:
    """Chạy tiến trình lập báo cáo hàng loạt (Ctrl-C để dừng)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    work_until_stopped(Settings.from_environment())
