"""One unit's answer sheets in one survey, with what is needed to read and score them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from survey_app.estimation.disclosure import MINIMUM_BASE, withhold
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.estimation.index import estimate_index
from survey_app.estimation.tally import Tally
from survey_app.operations.questionnaires.publishing import load_codebook, load_questionnaire
from survey_app.questionnaire.codebook import NOT_APPLICABLE_BYTE, SKIPPED, Codebook
from survey_app.questionnaire.definition import (
    ItemRule,
    Question,
    Questionnaire,
    RollUp,
    Section,
)
from survey_app.storage.models import Survey
from survey_app.storage.queries.responses import Microdata, unit_microdata

CONFIDENCE = 0.95

Matrix = NDArray[np.uint8]
Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnitSample:
    """The sheets of one unit that count. ``answers``: shape (sheets, codebook columns); ``modes``:
    one a sheet; ``population``: dossiers handled, None where not known or smaller than the sample;
    ``partial``: how many of the sheets were left unfinished; ``whole``: the same sample with the
    sheets that were excluded, None where there are none."""

    questionnaire: Questionnaire
    codebook: Codebook
    answers: Matrix
    modes: Sequence[str]
    population: int | None
    partial: int = 0
    whole: "UnitSample | None" = None

    @property
    def n(self) -> int:
        return len(self.answers)

    def population_without(self, excluded: int) -> int | None:
        """The most people a question can apply to: all but those who said that it does not."""
        return None if self.population is None else self.population - excluded

    def column(self, question: Question) -> Matrix:
        """The bytes of a scale or single choice question, one per sheet."""
        return self.answers[:, self.codebook.position(question.code)]

    def tally(self, question: Question) -> Tally:
        """How many chose each level or option of the question."""
        counts = np.bincount(self.column(question), minlength=256)
        levels = counts[1 : 1 + len(question.choices)]
        return Tally(
            tuple(int(count) for count in levels),
            not_applicable=int(counts[NOT_APPLICABLE_BYTE]),
            skipped=int(counts[SKIPPED]),
        )

    def score(self, question: Question, rule: ItemRule) -> Scores:
        """What each sheet scores on a criterion, in 0..1; NaN where there is no answer."""
        worth = np.full(256, np.nan)
        size = len(question.choices)
        if rule is ItemRule.TOP2:
            worth[1 : size + 1] = satisfied_levels(question)
        else:
            worth[1 : size + 1] = np.arange(1, size + 1) / size
        return worth[self.column(question)]

    def scores(self, rule: ItemRule) -> Scores:
        """Sheets × criteria, as :meth:`score`.

        A criterion under the minimum base is left out of every index: were it counted, its hidden
        figures could be had back by subtraction.
        """
        columns = [self.score(question, rule) for _, question in self.questionnaire.criteria]
        for place, column in enumerate(columns):
            if np.count_nonzero(~np.isnan(column)) < MINIMUM_BASE:
                columns[place] = np.full(self.n, np.nan)
        return np.column_stack(columns) if columns else np.empty((self.n, 0))

    def index(self, scores: Scores, roll_up: RollUp) -> Estimate:
        """The overall index of these scores; not yet withheld."""
        factors: tuple[Section, ...] = self.questionnaire.factors
        weights = self.questionnaire.scoring.weights
        return estimate_index(
            scores,
            factor_of=[place for place, factor in enumerate(factors) for _ in factor.criteria],
            roll_up=roll_up,
            weights=[weights[f.code] for f in factors] if roll_up is RollUp.WEIGHTED else None,
            population=self.population,
            confidence=CONFIDENCE,
        )

    def headline(self) -> Estimate:
        """The overall index by the questionnaire's method, or why there is none."""
        if 0 < self.n < MINIMUM_BASE:
            return Estimate.missing(Reason.TOO_FEW, self.n)
        method = self.questionnaire.scoring
        return withhold(self.index(self.scores(method.item), method.roll_up))


def satisfied_levels(question: Question) -> list[bool]:
    """For each level of a criterion's scale, whether it counts as satisfied."""
    scale = question.scale
    return [level.code in scale.satisfied for level in scale.levels] if scale else []


def read_sample(
    session: Session, survey: Survey, unit_id: int, population: int | None
) -> UnitSample:
    """The sheets of a unit; ``population`` as recorded, believed only where it can be right."""
    data = unit_microdata(session, survey.id, unit_id, load_codebook(survey.version).width)
    counted = _sample(survey, data, data.counted, population)
    if data.counted.all():
        return counted
    everything = np.ones_like(data.counted)
    return replace(counted, whole=_sample(survey, data, everything, population))


def _sample(
    survey: Survey, data: Microdata, chosen: NDArray[np.bool_], population: int | None
) -> UnitSample:
    """The chosen sheets of a unit's data."""
    n = int(chosen.sum())
    return UnitSample(
        load_questionnaire(survey.version),
        load_codebook(survey.version),
        data.answers if chosen.all() else data.answers[chosen],
        [mode for mode, is_chosen in zip(data.modes, chosen, strict=True) if is_chosen],
        usable_population(population, n),
        partial=int(data.partial[chosen].sum()),
    )


def usable_population(population: int | None, n: int) -> int | None:
    """The population for finite corrections; one smaller than the sample is a wrong count.

    More sheets than dossiers means that the count, or the sheets, are wrong: the figures then
    assume nothing about the population, and the report says so.
    """
    return population if population is not None and population >= n else None
