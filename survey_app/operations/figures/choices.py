"""Figures of choice questions: overall, context, harassment, needs, demographics."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from survey_app.estimation.disclosure.small_groups import (
    MINIMUM_BASE,
    hide_small_cells,
    is_reportable,
    withhold,
)
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.estimation.simple_sample.proportion import estimate_proportion
from survey_app.operations.figures.unit_sample import CONFIDENCE, UnitSample
from survey_app.questionnaire.codebook import CHOSEN
from survey_app.questionnaire.definition import (
    LocalText,
    Option,
    Question,
    QuestionKind,
    Role,
)
from survey_app.reporting.figures.satisfaction import ChoiceCount, ChoiceFigures

CHOICE_ROLES = (Role.OVERALL, Role.CONTEXT, Role.HARASSMENT, Role.NEED, Role.DEMOGRAPHIC)
#: A number asked (trips made) is reported value by value up to here, then "and more".
LARGEST_NUMBER_ALONE = 4


def measure_choices(sample: UnitSample) -> Iterator[ChoiceFigures]:
    """Every choice question, grouped by role, with small groups hidden."""
    measured = {
        question.code: _measure_choice(sample, question)
        for question in sample.questionnaire.questions
        if question.role in CHOICE_ROLES and question.kind is not QuestionKind.TEXT
    }
    for role in CHOICE_ROLES:
        for question in sample.questionnaire.with_role(role):
            if question.code in measured:
                yield _without_hidden_base(measured[question.code], measured)


def _measure_choice(sample: UnitSample, question: Question) -> ChoiceFigures:
    sample = sample.question_part(question.code)
    if question.kind is QuestionKind.MULTIPLE:
        return _multiple_choice(sample, question)
    if question.kind is QuestionKind.NUMBER:
        return _number(sample, question)
    return _choice(sample, question, question.choices, sample.tally(question).levels)


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


def _multiple_choice(sample: UnitSample, question: Question) -> ChoiceFigures:
    first = sample.codebook.position(question.code)
    block = sample.answers[:, first : first + len(question.options)]
    answered = (block == CHOSEN).any(axis=1)
    counts = [int(count) for count in (block == CHOSEN).sum(axis=0)]
    return _choice(sample, question, question.options, counts, n=int(answered.sum()))


def _number(sample: UnitSample, question: Question) -> ChoiceFigures:
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
    sample: UnitSample,
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


def _share(sample: UnitSample, count: int, base: int, *, hidden: bool) -> Estimate:
    estimate = estimate_proportion(count, base, population=sample.population, confidence=CONFIDENCE)
    return withhold(estimate, hidden=hidden)
