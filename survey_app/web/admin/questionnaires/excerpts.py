"""The mistakes of a document beside the lines they are about."""

import re
from dataclasses import dataclass

from survey_app.errors import Invalid, Problem

AROUND = 1  # lines shown before and after


@dataclass(frozen=True)
class ExcerptLine:
    number: int
    text: str
    is_marked: bool


@dataclass(frozen=True)
class Mistake:
    """One problem; ``lines`` is empty where it belongs to no line."""

    problem: Problem
    lines: tuple[ExcerptLine, ...]


def mistakes_of(invalid: Invalid, source: str) -> tuple[Mistake, ...]:
    """Every problem with its lines; an error without problems is one itself."""
    lines = re.split(r"\r\n|\r|\n", source)
    problems = invalid.problems or (Problem(invalid.message),)
    return tuple(Mistake(problem, _around(lines, problem.line)) for problem in problems)


def _around(lines: list[str], line: int | None) -> tuple[ExcerptLine, ...]:
    if line is None or not 1 <= line <= len(lines):
        return ()
    first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
    return tuple(
        ExcerptLine(number, lines[number - 1], number == line) for number in range(first, last + 1)
    )
