"""One unit's answer sheets in one survey, with what is needed to read and score them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE, withhold
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.estimation.simple_sample.index import estimate_index
from survey_app.estimation.simple_sample.tally import Tally
from survey_app.operations.fieldwork.versions import version_numbered
from survey_app.operations.questionnaires.lineage import compare_published
from survey_app.operations.questionnaires.publishing import load_codebook, load_questionnaire
from survey_app.questionnaire.codebook import NOT_APPLICABLE_BYTE, SKIPPED, Codebook
from survey_app.questionnaire.comparability import Break, Comparability
from survey_app.questionnaire.definition import (
    ItemRule,
    Question,
    Questionnaire,
    RollUp,
    Section,
)
from survey_app.questionnaire.recoding import recode
from survey_app.storage.models import QuestionnaireVersion, Survey
from survey_app.storage.queries.responses import Microdata, microdata_by_unit

CONFIDENCE = 0.95

Matrix = NDArray[np.uint8]
Rows = NDArray[np.bool_]
Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnitSample:
    """The sheets of one unit that count. ``answers``: shape (sheets, codebook columns); ``modes``:
    one a sheet; ``population``: dossiers handled, None where not known or smaller than the sample;
    ``partial``: how many of the sheets were left unfinished; ``whole``: the same sample with the
    sheets that were excluded, None where there are none.

    Where a survey moved to a later version, ``versions`` is the number of each sheet's version, and
    ``common`` says of each earlier one with sheets what can be compared; what cannot is as if it
    had been skipped, and the parts below leave such sheets out."""

    questionnaire: Questionnaire
    codebook: Codebook
    answers: Matrix
    modes: Sequence[str]
    population: int | None
    partial: int = 0
    whole: "UnitSample | None" = None
    versions: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, dtype=np.int16))
    common: Mapping[int, Comparability] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(self.answers)

    def population_without(self, excluded: int) -> int | None:
        """The most people a question can apply to: all but those who said that it does not."""
        return None if self.population is None else self.population - excluded

    def column(self, question: Question) -> Matrix:
        """The bytes of a scale or single choice question, one per sheet."""
        return self.answers[:, self.codebook.position(question.code)]

    def index_part(self) -> "UnitSample":
        """The sheets of all versions over which the overall index goes on."""
        return self._part(lambda common: common.index)

    def factor_part(self, code: str) -> "UnitSample":
        """The same for a factor."""
        return self._part(lambda common: common.factors.get(code, Break.ADDED))

    def question_part(self, code: str) -> "UnitSample":
        """The same for a question."""
        return self._part(lambda common: common.questions.get(code, Break.ADDED))

    def _part(self, broken: Callable[[Comparability], Break | None]) -> "UnitSample":
        left_out = [number for number, common in self.common.items() if broken(common)]
        if not left_out:
            return self
        rows = ~np.isin(self.versions, left_out)
        return replace(
            self,
            answers=self.answers[rows],
            modes=_chosen(self.modes, rows),
            versions=self.versions[rows],
            common={n: found for n, found in self.common.items() if n not in left_out},
            whole=self.whole and self.whole._part(broken),
        )

    def tally(self, question: Question) -> Tally:
        """How many chose each level or option of the question."""
        column = self.question_part(question.code).column(question) if self.common else None
        counts = np.bincount(self.column(question) if column is None else column, minlength=256)
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
        """Sheets × criteria, as :meth:`score`; sheets outside the index have no answer.

        A criterion under the minimum base is left out of every index: were it counted, its hidden
        figures could be had back by subtraction.
        """
        return self.columns([q for _, q in self.questionnaire.criteria], rule, self._outside())

    def _outside(self) -> Rows:
        """The sheets of versions over which the index does not go on."""
        left_out = [number for number, common in self.common.items() if common.index]
        found: Rows = np.isin(self.versions, left_out) if left_out else np.empty(0, dtype=np.bool_)
        return found

    def columns(
        self, questions: Sequence[Question], rule: ItemRule, outside: Rows | None = None
    ) -> Scores:
        """The same for these criteria, less the sheets ``outside``."""
        columns = [self.score(question, rule) for question in questions]
        if outside is not None and outside.size:
            for column in columns:
                column[outside] = np.nan
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
    """The sheets of a unit as the version that the survey has now shows them; ``population`` as
    recorded, believed only where it can be right."""
    return read_samples(session, survey, {unit_id: population})[unit_id]


def read_samples(
    session: Session, survey: Survey, populations: Mapping[int, int | None]
) -> dict[int, UnitSample]:
    """The same for several units at once: by their ids, as their populations are given."""
    versions = _Versions(session, survey, survey.version)
    found = microdata_by_unit(session, survey.id, populations)
    return {
        id_: _sample(found[id_], population, versions) for id_, population in populations.items()
    }


def read_segment(
    session: Session, survey: Survey, unit_id: int, version: QuestionnaireVersion
) -> UnitSample:
    """The sheets of one version that the survey had, by themselves. How many of the dossiers they
    stand for is not known."""
    found = microdata_by_unit(session, survey.id, [unit_id], version.number)
    return _sample(found[unit_id], None, _Versions(session, survey, version))


class _Versions:
    """The version that sheets are shown by, and those by which they were answered: each is looked
    up once, however many units are read."""

    def __init__(self, session: Session, survey: Survey, shown: QuestionnaireVersion) -> None:
        self.questionnaire, self.codebook = load_questionnaire(shown), load_codebook(shown)
        self.shown = shown
        self._session, self._survey = session, survey
        self._known: dict[int, tuple[Codebook, Comparability]] = {}

    def earlier(self, number: int) -> tuple[Codebook, Comparability]:
        """The codebook of another version, and what of the shown one can be compared with it."""
        if number not in self._known:
            version = version_numbered(self._session, self._survey, number)
            common = compare_published(self._session, version, self.shown)
            self._known[number] = load_codebook(version), common
        return self._known[number]


def _sample(data: Microdata, population: int | None, versions: _Versions) -> UnitSample:
    others = sorted(set(data.versions.tolist()) - {versions.shown.number})
    everything = UnitSample(
        versions.questionnaire,
        versions.codebook,
        _laid_out(data, versions),
        data.modes,
        usable_population(population, len(data.rows)),
        partial=int(data.partial.sum()),
        versions=data.versions,
        common={number: versions.earlier(number)[1] for number in others},
    )
    if data.counted.all():
        return everything
    n = int(data.counted.sum())
    return replace(
        everything,
        answers=everything.answers[data.counted],
        modes=_chosen(data.modes, data.counted),
        population=usable_population(population, n),
        partial=int(data.partial[data.counted].sum()),
        versions=data.versions[data.counted],
        whole=everything,
    )


def _laid_out(data: Microdata, versions: _Versions) -> Matrix:
    """The answers as the version shown lays them out; each row is read by its own version."""
    codebook, shown = versions.codebook, versions.shown.number
    numbers = sorted(set(data.versions.tolist()))
    if not set(numbers) - {shown}:
        return _matrix(data.rows, codebook)
    answers = np.full((len(data.rows), codebook.width), SKIPPED, dtype=np.uint8)
    for number in numbers:
        places = np.flatnonzero(data.versions == number)
        rows = [data.rows[place] for place in places.tolist()]
        answers[places] = (
            _matrix(rows, codebook) if number == shown else _recoded(rows, number, versions)
        )
    return answers


def _recoded(rows: Sequence[bytes], number: int, versions: _Versions) -> Matrix:
    """Rows of another version: what goes on in the one shown, the rest as if it were skipped."""
    own, common = versions.earlier(number)
    goes_on = {code for code, broken in common.questions.items() if not broken}
    return recode(own, versions.codebook, goes_on, _matrix(rows, own))


def _matrix(rows: Sequence[bytes], codebook: Codebook) -> Matrix:
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, codebook.width)


def _chosen(modes: Sequence[str], rows: Rows) -> Sequence[str]:
    return [mode for mode, is_chosen in zip(modes, rows, strict=True) if is_chosen]


def usable_population(population: int | None, n: int) -> int | None:
    """The population for finite corrections; one smaller than the sample is a wrong count.

    More sheets than dossiers means that the count, or the sheets, are wrong: the figures then
    assume nothing about the population, and the report says so.
    """
    return population if population is not None and population >= n else None
