"""Overview: the units of a survey with their sheets and overall index."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from survey_app.estimation.disclosure import is_reportable
from survey_app.estimation.estimate import Estimate
from survey_app.operations.figures.unit_sample import read_sample
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyUnit
from survey_app.storage.queries.surveys import survey_units


@dataclass(frozen=True)
class UnitLine:
    """One line of a survey's overview. ``index`` describes the dossiers of the period (corrected
    for their number); ``unlimited`` is the same without that, for comparing units: how they serve
    is no question about these dossiers alone. ``partial``: how many of the ``n`` sheets were left
    unfinished; ``everything``: the index with the excluded sheets, None where there are none."""

    unit: AdministrativeUnit
    n: int
    population: int | None
    index: Estimate
    unlimited: Estimate
    partial: int = 0
    everything: Estimate | None = None

    @property
    def shown_n(self) -> int | None:
        """The number of sheets, or None where it is so small that it stays hidden."""
        return self.n if self.n == 0 or is_reportable(self.n) else None


class Indices:
    """Lines measured once each. Whoever looks at the same units many times in one job (a batch of
    reports compares each with its whole block) keeps one of these and hands it on; it sees nothing
    of what is stored meanwhile, so it must not outlive the job."""

    def __init__(self) -> None:
        self._lines: dict[tuple[int, int], UnitLine] = {}

    def line(self, session: Session, survey: Survey, row: SurveyUnit) -> UnitLine:
        """The line of one unit of a survey."""
        key = survey.id, row.unit_id
        if key not in self._lines:
            sample = read_sample(session, survey, row.unit_id, row.population)
            unlimited = replace(sample, population=None)
            self._lines[key] = UnitLine(
                row.unit,
                sample.n,
                row.population,
                sample.headline(),
                unlimited.headline(),
                sample.partial,
                sample.whole.headline() if sample.whole else None,
            )
        return self._lines[key]


def overview(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    indices: Indices | None = None,
) -> tuple[UnitLine, ...]:
    """The units of a survey (those in ``unit_ids``, or all) with n and overall index."""
    known = indices or Indices()
    rows = survey_units(session, survey.id, unit_ids=unit_ids)
    return tuple(known.line(session, survey, row) for row in rows)
