"""Where the sheets behind figures come from: units that were regrouped, versions the survey had."""

from dataclasses import dataclass
from datetime import datetime

from survey_app.questionnaire.comparability import Break
from survey_app.questionnaire.definition import LocalText


@dataclass(frozen=True)
class Regrouped:
    """A unit of today whose figures are not simply those of one unit surveyed.

    ``was``: the units under which its sheets were collected; ``missing``: units that went into it,
    too, and were not surveyed. ``is_divided``: it was divided since and stands as it was;
    ``is_ended``: it is no more, and nothing succeeded it.
    """

    name: str
    was: tuple[str, ...]
    missing: tuple[str, ...]
    is_divided: bool
    is_ended: bool


@dataclass(frozen=True)
class VersionPart:
    """The sheets of one earlier version in a survey that moved to a later one. ``until``: when it
    went on; ``n``: None where the counts would tell of few sheets; ``index``, ``criteria``: what
    does not go on to the version shown, and why."""

    number: int
    until: datetime
    n: int | None
    index: Break | None
    criteria: tuple[tuple[LocalText, Break], ...]


@dataclass(frozen=True)
class VersionMix:
    """The versions behind some figures. ``shown``: the number of the one whose questions they are;
    ``n``: its sheets, like those of the parts; ``is_part``: no other sheets are in the figures."""

    shown: int
    n: int | None
    parts: tuple[VersionPart, ...]
    is_part: bool = False
