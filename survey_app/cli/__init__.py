"""The command line ``hailong``: one group of commands per file, errors as one clear sentence."""

import sys

import click

from survey_app.cli.backup import backup, doctor, restore
from survey_app.cli.db import db
from survey_app.cli.demo import demo
from survey_app.cli.questionnaire import questionnaire
from survey_app.cli.report import report
from survey_app.cli.units import units
from survey_app.cli.worker import worker
from survey_app.errors import HaiLongError, Invalid
from survey_app.storage.database import DatabaseError

BAD_INPUT = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def hailong() -> None:
    """Hài Lòng: khảo sát sự hài lòng của người dân."""


for group in (backup, db, demo, doctor, questionnaire, report, restore, units, worker):
    hailong.add_command(group)


def main() -> None:
    """Run the command line; a mistake ends as sentences on standard error and exit status 2."""
    try:
        hailong()
    except HaiLongError as error:
        click.echo(error.message, err=True)
        if isinstance(error, Invalid):
            for problem in error.problems:
                click.echo(f"  {problem}", err=True)
        sys.exit(BAD_INPUT)
    except DatabaseError as error:
        click.echo(f"Không dùng được cơ sở dữ liệu: {error.orig}", err=True)
        sys.exit(BAD_INPUT)
