"""Lineage: which unit of today stands for a unit of then, read once for a whole report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.storage.queries import unit_events as queries
from survey_app.storage.queries.units import ended_units


@dataclass(frozen=True)
class Heir:
    """The unit that stands for another one today. ``is_divided``: it was divided since, so that
    nobody can say which of its sheets belong where; it stands as it was."""

    unit_id: int
    is_divided: bool = False


@dataclass(frozen=True)
class _Step:
    successor: int
    day: date
    is_part: bool


class Lineage:
    """The successions of all units. Predecessors that merged go into their successor, at whatever
    remove; a unit that was divided is the end of the way."""

    def __init__(
        self,
        successions: Iterable[tuple[int, int, date, bool]],
        ended: Mapping[int, date],
    ) -> None:
        self._steps: dict[int, list[_Step]] = {}
        self._before: dict[int, set[int]] = {}
        self._ended = ended
        for predecessor, successor, day, is_part in successions:
            self._steps.setdefault(predecessor, []).append(_Step(successor, day, is_part))
            self._before.setdefault(successor, set()).add(predecessor)

    def heir(self, unit_id: int, day: date) -> Heir:
        """Which unit of today stands for ``unit_id`` as it was on ``day``."""
        seen = {unit_id}
        while True:
            steps = [
                step for step in self._steps.get(unit_id, ()) if self._counts(unit_id, step, day)
            ]
            if not steps:
                return Heir(unit_id)
            if len(steps) > 1 or steps[0].is_part or steps[0].successor in seen:
                return Heir(unit_id, is_divided=True)
            unit_id = steps[0].successor
            seen.add(unit_id)

    def family(self, unit_id: int) -> frozenset[int]:
        """The unit and every unit that may have gone into it, at whatever remove."""
        found, ahead = {unit_id}, [unit_id]
        while ahead:
            for predecessor in sorted(self._before.get(ahead.pop(), set()) - found):
                found.add(predecessor)
                ahead.append(predecessor)
        return frozenset(found)

    def offspring(self, unit_ids: Iterable[int]) -> frozenset[int]:
        """These units and every unit that took something over from them, at whatever remove."""
        found = set(unit_ids)
        ahead = list(found)
        while ahead:
            for step in self._steps.get(ahead.pop(), ()):
                if step.successor not in found:
                    found.add(step.successor)
                    ahead.append(step.successor)
        return frozenset(found)

    def parts(self, unit_id: int, day: date) -> frozenset[int]:
        """The units that on ``day`` made up what ``unit_id`` is today, those divided left out."""
        return frozenset(
            member
            for member in self.family(unit_id)
            if self.heir(member, day) == Heir(unit_id) and self._lived(member, day)
        )

    def _counts(self, unit_id: int, step: _Step, day: date) -> bool:
        """A unit that gave away a part and lives on is, from that day, what it is today."""
        return not step.is_part or unit_id in self._ended or step.day > day

    def _lived(self, unit_id: int, day: date) -> bool:
        end = self._ended.get(unit_id)
        return end is None or end > day


def read_lineage(session: Session) -> Lineage:
    """The lineage as it is recorded at this moment."""
    return Lineage(queries.successions(session), ended_units(session))
