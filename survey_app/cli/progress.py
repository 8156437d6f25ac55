"""Progress of long work: a bar on a terminal, plain lines otherwise."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

#: Off a terminal a line is written each time this share of the work is done.
STEP = 0.1


@contextmanager
def progress_bar(label: str, total: int, *, done: int = 0) -> Iterator[Callable[[int], None]]:
    """Yields a function to call with the number of pieces just finished."""
    if sys.stderr.isatty():
        columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(label, total=total, completed=done)
            yield lambda count: bar.advance(task, count)
    else:
        yield _plain_lines(label, total, done)


def _plain_lines(label: str, total: int, done: int) -> Callable[[int], None]:
    state = {"done": done, "next": done + max(1, round(total * STEP))}

    def advance(count: int) -> None:
        state["done"] += count
        if state["done"] >= state["next"] or state["done"] == total:
            click.echo(f"{label}: {state['done']}/{total}", err=True)
            state["next"] = state["done"] + max(1, round(total * STEP))

    return advance
