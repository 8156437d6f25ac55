"""Overview: the units of a survey with their sheets and overall index."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from survey_app.estimation.disclosure.small_groups import is_reportable
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.operations.figures.joined_sample import JoinedSample, as_estimate, weighting_of
from survey_app.operations.figures.places import SurveyPlace, survey_places
from survey_app.operations.figures.unit_sample import UnitSample, read_samples
from survey_app.operations.organisation.lineage import Lineage
from survey_app.storage.models import AdministrativeUnit, Survey

#: Places whose sheets are read in one query: more would only weigh more.
PLACES_AT_ONCE = 200


@dataclass(frozen=True)
class UnitLine:
    """One line of a survey's overview. ``index`` describes the dossiers of the period (corrected
    for their number); ``unlimited`` is the same without that, for comparing units: how they serve
    is no question about these dossiers alone. ``partial``: how many of the ``n`` sheets were left
    unfinished; ``everything``: the index with the excluded sheets, None where there are none.
    ``place``: whose sheets these are. ``effective_n``: of sheets that weigh differently, as many as
    would tell as much if they weighed alike (Kish); None: they do."""

    place: SurveyPlace
    n: int
    population: int | None
    index: Estimate
    unlimited: Estimate
    partial: int = 0
    everything: Estimate | None = None
    effective_n: float | None = None

    @property
    def unit(self) -> AdministrativeUnit:
        return self.place.unit

    @property
    def row_ids(self) -> tuple[int, ...]:
        """The ids of the units under which the sheets were collected."""
        return tuple(row.unit_id for row in self.place.rows)

    @property
    def shown_n(self) -> int | None:
        """The number of sheets, or None where it is so small that it stays hidden."""
        return self.n if self.n == 0 or is_reportable(self.n) else None


class Indices:
    """Lines measured once each. Whoever looks at the same units many times in one job (a batch of
    reports compares each with its whole block) keeps one of these and hands it on; it sees nothing
    of what is stored meanwhile, so it must not outlive the job."""

    def __init__(self) -> None:
        self._lines: dict[tuple[int, ...], UnitLine] = {}

    def line(self, session: Session, survey: Survey, place: SurveyPlace) -> UnitLine:
        """The line of one place of a survey."""
        (line,) = self.lines(session, survey, [place])
        return line

    def lines(
        self, session: Session, survey: Survey, places: Sequence[SurveyPlace]
    ) -> tuple[UnitLine, ...]:
        """The lines of some places of a survey, in their order."""
        new = [place for place in places if _key(survey, place) not in self._lines]
        for place, samples in read_places(session, survey, new):
            is_one = len(samples) == 1
            line = _line(place, samples[0]) if is_one else _joined(place, samples)
            self._lines[_key(survey, place)] = line
        return tuple(self._lines[_key(survey, place)] for place in places)


def overview(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    indices: Indices | None = None,
    lineage: Lineage | None = None,
) -> tuple[UnitLine, ...]:
    """The places of a survey (those in ``unit_ids``, or all) with n and overall index;
    ``lineage``: by the boundaries of today, None: by those of the survey."""
    places = survey_places(session, survey, unit_ids, lineage)
    return (indices or Indices()).lines(session, survey, places)


def read_places(
    session: Session, survey: Survey, places: Sequence[SurveyPlace]
) -> Iterator[tuple[SurveyPlace, list[UnitSample]]]:
    """Each place with its sheets, one sample for each unit under which they were collected."""
    for start in range(0, len(places), PLACES_AT_ONCE):
        some = places[start : start + PLACES_AT_ONCE]
        rows = [row for place in some for row in place.rows]
        found = read_samples(session, survey, {row.unit_id: row.population for row in rows})
        for place in some:
            yield place, [found[row.unit_id] for row in place.rows]


def shown_samples(samples: Sequence[UnitSample]) -> list[UnitSample]:
    """The samples with sheets enough to be reported. The others have no part in joined figures:
    by subtraction their sheets could be had back."""
    return [sample for sample in samples if is_reportable(sample.n)]


def _key(survey: Survey, place: SurveyPlace) -> tuple[int, ...]:
    return (survey.id, place.unit.id, *(row.unit_id for row in place.rows))


def _line(place: SurveyPlace, sample: UnitSample) -> UnitLine:
    return UnitLine(
        place,
        sample.n,
        place.rows[0].population,
        sample.headline(),
        replace(sample, population=None).headline(),
        sample.partial,
        sample.whole.headline() if sample.whole else None,
    )


def _joined(place: SurveyPlace, samples: Sequence[UnitSample]) -> UnitLine:
    """A line of sheets that were collected under several units, each of them a stratum."""
    counted = shown_samples(samples)
    if not counted:
        n = sum(sample.n for sample in samples)
        nothing = Estimate.missing(Reason.TOO_FEW if n else Reason.NO_ANSWER, n)
        return UnitLine(place, n, None, nothing, nothing)
    joined = JoinedSample(counted[0].questionnaire, counted, weighting_of(counted))
    wholes = [sample.whole or sample for sample in counted]
    everything = None
    if any(sample.whole for sample in counted):
        everything = as_estimate(
            replace(joined, samples=wholes, weighting=weighting_of(wholes)).official_index()
        )
    return UnitLine(
        place,
        sum(sample.n for sample in counted),
        joined.population,
        as_estimate(joined.official_index()),
        as_estimate(replace(joined, is_finite=False).official_index()),
        sum(sample.partial for sample in counted),
        everything,
        joined.index_part.effective_n,
    )
