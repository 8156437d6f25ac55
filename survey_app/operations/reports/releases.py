"""What left as data before: a file may not differ from former ones by a few sheets.

Whoever has two files sees in their difference what the sheets say that stand in one of them alone.
So sheets that stood in the same files so far are one group, and a file takes a group whole, or
parts it into parts of at least the minimum base; of sheets that never left it takes none or as
many. Then whatever files are laid beside one another, no fewer sheets come to light.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import Conflict
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.storage.models import DatasetRelease
from survey_app.storage.queries import dataset as queries
from survey_app.storage.races import looks_again

_NEVER_LEFT = 0


@dataclass(frozen=True)
class Leaving:
    """What of a unit leaves: so many ``rows`` of its ``sheets``, those of these ``versions``."""

    rows: int
    sheets: int
    versions: frozenset[int]


def may_leave(session: Session, survey_id: int, unit_id: int, versions: Collection[int]) -> bool:
    """Whether the sheets of a unit that count and are of these versions may leave together."""
    whole = queries.release_groups(session, survey_id, unit_id)
    leaving = queries.release_groups(session, survey_id, unit_id, versions=versions)
    return not is_telling(whole, leaving)


def is_telling(whole: Mapping[int, int], leaving: Mapping[int, int]) -> bool:
    """Whether a file lays bare a few sheets beside the former ones; both: group → sheets.

    >>> is_telling({0: 20}, {0: 20}), is_telling({0: 5, 1: 20}, {0: 5, 1: 20})
    (False, False)
    >>> is_telling({0: 4, 1: 20}, {0: 4, 1: 20}), is_telling({0: 5, 1: 20}, {0: 2, 1: 18})
    (True, True)
    """
    parts = [leaving.get(group, 0) for group in whole]
    parts += [size - leaving.get(group, 0) for group, size in whole.items() if group != _NEVER_LEFT]
    return any(0 < part < MINIMUM_BASE for part in parts)


@looks_again
def note_left(
    session: Session,
    survey_id: int,
    units: Mapping[int, Leaving],
    *,
    today: date,
) -> None:
    """Remember what leaves, by unit id. Raises Conflict where it is no longer the same."""
    queries.let_one_release(session, survey_id)
    former = queries.releases(session, survey_id)
    for unit_id, unit in units.items():
        versions = unit.versions
        whole = queries.release_groups(session, survey_id, unit_id)
        leaving = queries.release_groups(session, survey_id, unit_id, versions=versions)
        if sum(leaving.values()) != unit.rows or is_telling(whole, leaving):
            raise Conflict("Số liệu vừa thay đổi trong lúc lập tệp; vui lòng lấy lại.")
        new = max(whole) + 1
        for group, count in leaving.items():
            if group == _NEVER_LEFT or count < whole[group]:
                queries.part_release_group(session, survey_id, unit_id, group, new, versions)
                new += 1
        row = former.get(unit_id)
        if row is None:
            row = DatasetRelease(survey_id=survey_id, unit_id=unit_id)
            session.add(row)
        row.sheets, row.taken_on = unit.sheets, today
    session.flush()
