"""The command line ``hailong``: one group of commands per file, errors as one clear sentence."""

import sys
from importlib import import_module

import click

from survey_app.errors import HaiLongError, Invalid

BAD_INPUT = 2
#: Command → where it is. A command is imported when it is called: ``hailong analyse`` need not
#: wait for the libraries that make papers.
COMMANDS = {
    "account": "survey_app.cli.account:account",
    "analyse": "survey_app.cli.analyse:analyse",
    "api-key": "survey_app.cli.api_key:api_key",
    "audit": "survey_app.cli.audit:audit",
    "backup": "survey_app.cli.backup:backup",
    "dataset": "survey_app.cli.dataset:dataset",
    "db": "survey_app.cli.db:db",
    "demo": "survey_app.cli.demo:demo",
    "doctor": "survey_app.cli.backup:doctor",
    "kiosk": "survey_app.cli.kiosk:kiosk",
    "paper": "survey_app.cli.paper:paper",
    "privacy": "survey_app.cli.privacy:privacy",
    "questionnaire": "survey_app.cli.questionnaire:questionnaire",
    "rank": "survey_app.cli.rank:rank",
    "report": "survey_app.cli.report:report",
    "restore": "survey_app.cli.backup:restore",
    "sample": "survey_app.cli.sample:sample",
    "sample-size": "survey_app.cli.sample_size:sample_size",
    "survey": "survey_app.cli.survey:survey",
    "units": "survey_app.cli.units:units",
    "worker": "survey_app.cli.worker:worker",
}
#: A wrong file can have thousands of wrong cells; the first ones show what is wrong.
MOST_PROBLEMS = 200


class Commands(click.Group):
    """A group that knows its commands by name and imports them on demand."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def hailong() -> None:
    """Hài Lòng: khảo sát sự hài lòng của người dân."""


def main() -> None:
    """Run the command line; a mistake ends as sentences on standard error and exit status 2."""
    try:
        hailong()
    except HaiLongError as error:
        click.echo(error.message, err=True)
        if isinstance(error, Invalid):
            _list_problems(error)
        sys.exit(BAD_INPUT)
    except OSError as error:
        click.echo(f"Không đọc hoặc ghi được: {error}.", err=True)
        sys.exit(BAD_INPUT)


def _list_problems(error: Invalid) -> None:
    for problem in error.problems[:MOST_PROBLEMS]:
        click.echo(f"  {problem}", err=True)
    if len(error.problems) > MOST_PROBLEMS:
        click.echo(f"  … và {len(error.problems) - MOST_PROBLEMS} chỗ khác.", err=True)
