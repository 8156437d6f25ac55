"""Everything a report of one unit, or of several joined, says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from survey_app.questionnaire.definition import Questionnaire
from survey_app.reporting.figures.groups import PartitionFigures
from survey_app.reporting.figures.periods import Omitted, PeriodComparison, TrendPoint
from survey_app.reporting.figures.quality import SheetQuality
from survey_app.reporting.figures.satisfaction import (
    ChoiceFigures,
    DriverFigures,
    FactorFigures,
    OverallFigures,
)
from survey_app.reporting.figures.several_units import BlockStanding, Consolidation
from survey_app.reporting.figures.subjects import SurveySubject, UnitSubject
from survey_app.reporting.origins import Regrouped, VersionMix


@dataclass(frozen=True)
class UnitFigures:
    """Everything a report of one unit says, as numbers.

    ``n`` answer sheets of ``population`` dossiers handled in the period (None = not known).
    ``by_mode`` counts sheets by mode of collection (a count hidden by disclosure control is
    None). ``withheld``: n is under the minimum base and no figure is given at all. ``trend``: the
    periods of this questionnaire, oldest first, this one last; empty where it is the first.
    ``consolidation``: these are the figures of several units, joined. ``quality``: the sheets
    that were flagged, and what became of them. ``boundaries``: the units that were regrouped by
    the boundaries of today; None = by the boundaries of the survey. ``versions``: of a survey that
    moved to a later version. ``omitted``: earlier surveys that ``previous`` passes over, and why.
    """

    unit: UnitSubject
    survey: SurveySubject
    questionnaire: Questionnaire
    data_until: date
    n: int
    population: int | None
    confidence: float
    by_mode: Mapping[str, int | None]
    factors: tuple[FactorFigures, ...]
    overall: OverallFigures | None
    choices: tuple[ChoiceFigures, ...]
    comments: tuple[str, ...]
    withheld: bool
    previous: PeriodComparison | None = None
    trend: tuple[TrendPoint, ...] = ()
    omitted: tuple[Omitted, ...] = ()
    block: BlockStanding | None = None
    drivers: DriverFigures | None = None
    groups: tuple[PartitionFigures, ...] = ()
    consolidation: Consolidation | None = None
    quality: SheetQuality | None = None
    boundaries: tuple[Regrouped, ...] | None = None
    versions: VersionMix | None = None

    @property
    def is_population_doubtful(self) -> bool:
        """Fewer dossiers on record than sheets: the count is wrong, and nothing rests on it."""
        return self.population is not None and self.population < self.n
