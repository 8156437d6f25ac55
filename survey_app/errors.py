"""Domain errors: every one carries a sentence fit to be shown to the person who caused it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake in what somebody gave us.

    ``where`` names the place in the reader's own terms (a question code, a cell, a path in a
    document); ``line`` is the 1-based line of a text document, when there is one.
    """

    message: str
    where: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = [f"dòng {self.line}"] if self.line is not None else []
        place += [self.where] if self.where else []
        return f"{', '.join(place)}: {self.message}" if place else self.message


class HaiLongError(Exception):
    """The family of all errors that have a sentence for people."""

    def __init__(self, message: str, **values: str) -> None:
        """``message`` may hold ``{names}`` of ``values``, so that it can be translated whole."""
        self.msgid = message
        self.values = values
        self.message = message.format(**values) if values else message
        super().__init__(self.message)


class Invalid(HaiLongError):
    """What was given cannot be accepted; ``problems`` lists every mistake, never only the first."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class NotFound(HaiLongError):
    """There is no such thing (or none that the asker may know of)."""


class Conflict(HaiLongError):
    """It contradicts what is already stored; what is stored stays."""


class Forbidden(HaiLongError):
    """The asker may not do this."""


class Unidentified(HaiLongError):
    """Nobody knows who is asking: no key, or one that opens nothing."""


class Closed(HaiLongError):
    """It existed, and its time is over: a closed survey, an expired link."""


class Paused(Closed):
    """It takes nothing for the time being, and will again."""


class TooMany(HaiLongError):
    """Too many attempts in too short a time."""


class Unavailable(HaiLongError):
    """The machine lacks something it needs (a library, a font, a migration)."""
