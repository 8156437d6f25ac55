"""Analysis: a unit's answer matrix becomes typed figures, computed once for every output."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from survey_app.estimation.disclosure import MINIMUM_BASE as MINIMUM_BASE
from survey_app.estimation.disclosure import (
    hide_small_cells,
    is_reportable,
    withhold,
)
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.estimation.index import (
    criteria_counted,
    estimate_comprehensive,
    estimate_factor,
    estimate_index,
)
from survey_app.estimation.proportion import estimate_mean, estimate_proportion
from survey_app.estimation.tally import Tally
from survey_app.operations.fieldwork import find_survey_unit
from survey_app.operations.publishing import load_codebook, load_questionnaire
from survey_app.operations.units import describe_unit
from survey_app.questionnaire.codebook import CHOSEN, NOT_APPLICABLE_BYTE, SKIPPED, Codebook
from survey_app.questionnaire.definition import (
    ItemRule,
    LocalText,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
    RollUp,
    Section,
)
from survey_app.reporting.figures import (
    ChoiceCount,
    ChoiceFigures,
    CriterionFigures,
    FactorFigures,
    OverallFigures,
    SurveySubject,
    UnitFigures,
)
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyStatus
from survey_app.storage.queries.responses import Microdata, comments, unit_microdata
from survey_app.storage.queries.surveys import survey_units

CONFIDENCE = 0.95

CHOICE_ROLES = (Role.OVERALL, Role.CONTEXT, Role.HARASSMENT, Role.NEED, Role.DEMOGRAPHIC)
#: A number asked (trips made) is reported value by value up to here, then "and more".
LARGEST_NUMBER_ALONE = 4

Matrix = NDArray[np.uint8]
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class UnitLine:
    """One line of a survey's overview."""

    unit: AdministrativeUnit
    n: int
    population: int | None
    index: Estimate


@dataclass(frozen=True)
class _Sample:
    """One unit's sheets with what is needed to read them."""

    questionnaire: Questionnaire
    codebook: Codebook
    answers: Matrix
    population: int | None

    @property
    def n(self) -> int:
        return len(self.answers)

    def population_without(self, excluded: int) -> int | None:
        """The most people a question can apply to: all but those who said that it does not."""
        return None if self.population is None else self.population - excluded

    def column(self, question: Question) -> Matrix:
        """The bytes of a scale or single choice question, one per sheet."""
        return self.answers[:, self.codebook.position(question.code)]


def measure_unit(session: Session, survey: Survey, unit_id: int, *, today: date) -> UnitFigures:
    """Every figure of one unit, as of ``today``. Raises NotFound when the survey misses it."""
    row = find_survey_unit(session, survey, unit_id)
    sample, data = _read_sample(session, survey, unit_id, row.population)
    enough = is_reportable(sample.n)
    return UnitFigures(
        unit=describe_unit(row.unit),
        survey=describe_survey(survey, today),
        questionnaire=sample.questionnaire,
        # A day, not the hour of the newest sheet: that would tell when somebody was here.
        data_until=min(today, survey.ends_on),
        n=sample.n,
        population=row.population,
        confidence=CONFIDENCE,
        by_mode=_count_modes(data),
        factors=tuple(_measure_factors(sample)) if enough else (),
        overall=_measure_overall(sample) if enough else None,
        choices=tuple(_measure_choices(sample)) if enough else (),
        comments=_read_comments(session, survey, unit_id) if enough else (),
        withheld=not enough,
    )


def overview(
    session: Session, survey: Survey, unit_ids: Collection[int] | None
) -> tuple[UnitLine, ...]:
    """The units of a survey (those in ``unit_ids``, or all) with n and overall index."""
    return tuple(
        UnitLine(row.unit, sample.n, row.population, _headline(sample))
        for row in survey_units(session, survey.id, unit_ids=unit_ids)
        for sample, _ in [_read_sample(session, survey, row.unit_id, row.population)]
    )


def _headline(sample: _Sample) -> Estimate:
    """The overall index by the questionnaire's method, or why there is none."""
    if 0 < sample.n < MINIMUM_BASE:
        return Estimate.missing(Reason.TOO_FEW, sample.n)
    method = sample.questionnaire.scoring
    return withhold(_index(sample, _scores(sample, method.item), method.roll_up))


def usable_population(population: int | None, n: int) -> int | None:
    """The population for finite corrections; one smaller than the sample is a wrong count.

    More sheets than dossiers means that the count, or the sheets, are wrong: the figures then
    assume nothing about the population, and the report says so.
    """
    return population if population is not None and population >= n else None


def _read_sample(
    session: Session, survey: Survey, unit_id: int, population: int | None
) -> tuple[_Sample, Microdata]:
    codebook = load_codebook(survey.version)
    data = unit_microdata(session, survey.id, unit_id, codebook.width)
    questionnaire = load_questionnaire(survey.version)
    known = usable_population(population, len(data.answers))
    return _Sample(questionnaire, codebook, data.answers, known), data


def describe_survey(survey: Survey, today: date) -> SurveySubject:
    """The survey as reports name it; provisional while it takes answers."""
    return SurveySubject(
        code=survey.code,
        title=survey.title,
        starts_on=survey.starts_on,
        ends_on=survey.ends_on,
        version=survey.version.name,
        fingerprint=survey.version.fingerprint,
        is_demo=survey.is_demo,
        is_running=survey.status == SurveyStatus.OPEN and today <= survey.ends_on,
    )


def _count_modes(data: Microdata) -> dict[str, int | None]:
    counted = sorted(Counter(data.modes).items())
    shown = hide_small_cells([count for _, count in counted])
    return {mode: count for (mode, _), count in zip(counted, shown, strict=True)}


def _read_comments(session: Session, survey: Survey, unit_id: int) -> tuple[str, ...]:
    return tuple(comment.text for comment in comments(session, survey.id, unit_id))


# ── criteria, factors, overall ────────────────────────────────────────────────────────────────


def _tally(sample: _Sample, question: Question) -> Tally:
    column = sample.column(question)
    counts = np.bincount(column, minlength=256)
    levels = counts[1 : 1 + len(question.choices)]
    return Tally(
        tuple(int(count) for count in levels),
        not_applicable=int(counts[NOT_APPLICABLE_BYTE]),
        skipped=int(counts[SKIPPED]),
    )


def _satisfied_levels(question: Question) -> list[bool]:
    scale = question.scale
    return [level.code in scale.satisfied for level in scale.levels] if scale else []


def _scores(sample: _Sample, rule: ItemRule) -> Scores:
    """Sheets × criteria, values in 0..1, NaN where there is no answer.

    A criterion under the minimum base is left out of every index: were it counted, its hidden
    figures could be had back by subtraction.
    """
    columns = []
    for _, question in sample.questionnaire.criteria:
        worth = np.full(256, np.nan)
        size = len(question.choices)
        if rule is ItemRule.TOP2:
            worth[1 : size + 1] = _satisfied_levels(question)
        else:
            worth[1 : size + 1] = np.arange(1, size + 1) / size
        scores = worth[sample.column(question)]
        answered = np.count_nonzero(~np.isnan(scores))
        columns.append(scores if answered >= MINIMUM_BASE else np.full(sample.n, np.nan))
    return np.column_stack(columns) if columns else np.empty((sample.n, 0))


def _measure_criterion(sample: _Sample, question: Question) -> CriterionFigures:
    tally = _tally(sample, question)
    satisfied = sum(
        count
        for count, counts_as_satisfied in zip(
            tally.levels, _satisfied_levels(question), strict=True
        )
        if counts_as_satisfied
    )
    population = sample.population_without(tally.not_applicable)
    share = estimate_proportion(satisfied, tally.n, population=population, confidence=CONFIDENCE)
    mean = estimate_mean(tally, population=population, confidence=CONFIDENCE)
    return CriterionFigures(question, tally, withhold(share), withhold(mean))


def _measure_factors(sample: _Sample) -> Iterator[FactorFigures]:
    by_rule = {rule: _scores(sample, rule) for rule in ItemRule}
    item = sample.questionnaire.scoring.item
    start = 0
    for section in sample.questionnaire.factors:
        stop = start + len(section.criteria)
        index, mean = (
            _factor_index(sample, section, by_rule[rule][:, start:stop])
            for rule in (item, ItemRule.MEAN)
        )
        criteria = tuple(_measure_criterion(sample, q) for q in section.criteria)
        yield FactorFigures(section, index, mean, criteria)
        start = stop


def _factor_index(sample: _Sample, factor: Section, scores: Scores) -> Estimate:
    columns = np.column_stack([sample.column(question) for question in factor.criteria])
    outside = (columns == NOT_APPLICABLE_BYTE).all(axis=1)
    estimate = estimate_factor(
        scores[~outside],
        roll_up=sample.questionnaire.scoring.roll_up,
        population=sample.population_without(int(outside.sum())),
        confidence=CONFIDENCE,
    )
    return withhold(estimate)


def _measure_overall(sample: _Sample) -> OverallFigures:
    method = sample.questionnaire.scoring
    top2, mean = _scores(sample, ItemRule.TOP2), _scores(sample, ItemRule.MEAN)
    own = top2 if method.item is ItemRule.TOP2 else mean
    roll_ups = [r for r in RollUp if r is not RollUp.WEIGHTED or method.weights]
    comprehensive = estimate_comprehensive(
        top2, population=sample.population, confidence=CONFIDENCE
    )
    return OverallFigures(
        chosen=method.roll_up,
        by_roll_up={r: withhold(_index(sample, own, r)) for r in roll_ups},
        mean_by_roll_up={r: withhold(_index(sample, mean, r)) for r in roll_ups},
        comprehensive=withhold(comprehensive),
        criteria_counted=criteria_counted(top2),
        criteria_asked=top2.shape[1],
    )


def _index(sample: _Sample, scores: Scores, roll_up: RollUp) -> Estimate:
    factors: tuple[Section, ...] = sample.questionnaire.factors
    weights = sample.questionnaire.scoring.weights
    return estimate_index(
        scores,
        factor_of=[place for place, factor in enumerate(factors) for _ in factor.criteria],
        roll_up=roll_up,
        weights=[weights[f.code] for f in factors] if roll_up is RollUp.WEIGHTED else None,
        population=sample.population,
        confidence=CONFIDENCE,
    )


# ── choices: overall, context, harassment, needs, demographics ────────────────────────────────


def _measure_choices(sample: _Sample) -> Iterator[ChoiceFigures]:
    measured = {
        question.code: _measure_choice(sample, question)
        for question in sample.questionnaire.questions
        if question.role in CHOICE_ROLES and question.kind is not QuestionKind.TEXT
    }
    for role in CHOICE_ROLES:
        for question in sample.questionnaire.with_role(role):
            if question.code in measured:
                yield _without_hidden_base(measured[question.code], measured)


def _measure_choice(sample: _Sample, question: Question) -> ChoiceFigures:
    if question.kind is QuestionKind.MULTIPLE:
        return _multiple_choice(sample, question)
    if question.kind is QuestionKind.NUMBER:
        return _number(sample, question)
    return _choice(sample, question, question.choices, _tally(sample, question).levels)


def _without_hidden_base(
    figures: ChoiceFigures, measured: Mapping[str, ChoiceFigures]
) -> ChoiceFigures:
    """The figures, or none where how many were asked would tell a count hidden elsewhere.

    Those asked a follow-up are those who gave certain answers before: where one of these counts
    is hidden, the follow-up's base would give it away.
    """
    parents = (measured.get(condition.question) for condition in figures.question.ask_when)
    is_telling = any(
        parent is not None and any(choice.count is None for choice in parent.choices)
        for parent in parents
    )
    if not is_telling and figures.n is not None and is_reportable(figures.n):
        return figures
    hidden = Estimate.missing(Reason.SUPPRESSED if is_telling else Reason.TOO_FEW)
    return replace(
        figures,
        n=None,
        excluded=None,
        choices=tuple(ChoiceCount(choice.option, None, hidden) for choice in figures.choices),
    )


def _multiple_choice(sample: _Sample, question: Question) -> ChoiceFigures:
    first = sample.codebook.position(question.code)
    block = sample.answers[:, first : first + len(question.options)]
    answered = (block == CHOSEN).any(axis=1)
    counts = [int(count) for count in (block == CHOSEN).sum(axis=0)]
    return _choice(sample, question, question.options, counts, n=int(answered.sum()))


def _number(sample: _Sample, question: Question) -> ChoiceFigures:
    """A number as choices: the smallest values one by one, the rest as "and more"."""
    first = sample.codebook.position(question.code)
    stored = sample.answers[:, first].astype(int) * 256 + sample.answers[:, first + 1]
    lowest = question.minimum or 0
    values = stored[(stored > 0) & (stored < 0xFFFF)] - 1
    counts = np.bincount(
        np.minimum(values - lowest, LARGEST_NUMBER_ALONE), minlength=LARGEST_NUMBER_ALONE + 1
    )
    labels = [str(lowest + step) for step in range(LARGEST_NUMBER_ALONE)]
    labels.append(f"Từ {lowest + LARGEST_NUMBER_ALONE} trở lên")
    options = [
        Option(str(lowest + step), LocalText({"vi": label})) for step, label in enumerate(labels)
    ]
    return _choice(sample, question, options, [int(count) for count in counts])


def _choice(
    sample: _Sample,
    question: Question,
    options: Sequence[Option],
    counts: Sequence[int],
    *,
    n: int | None = None,
) -> ChoiceFigures:
    """Counts and shares with small groups hidden; ``n`` = the counts' sum unless given."""
    base = sum(counts) if n is None else n
    shown: Sequence[int | None] = counts
    if question.kind is not QuestionKind.SCALE:
        # Levels of a scale are what is measured; every other choice makes a group of people.
        shown = _hide(counts, is_partition=n is None)
    choices = tuple(
        ChoiceCount(option, kept, _share(sample, count, base, hidden=kept is None))
        for option, count, kept in zip(options, counts, shown, strict=True)
    )
    return ChoiceFigures(question, n=base, excluded=sample.n - base, choices=choices)


def _hide(counts: Sequence[int], *, is_partition: bool) -> Sequence[int | None]:
    """Hide small groups. Options of a multiple choice have no common total to subtract from."""
    if is_partition:
        return hide_small_cells(counts)
    return [None if 0 < count < MINIMUM_BASE else count for count in counts]


def _share(sample: _Sample, count: int, base: int, *, hidden: bool) -> Estimate:
    estimate = estimate_proportion(count, base, population=sample.population, confidence=CONFIDENCE)
    return withhold(estimate, hidden=hidden)
