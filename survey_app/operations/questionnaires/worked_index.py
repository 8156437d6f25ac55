"""The index of a draft worked out on example answers, with every step of the arithmetic."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.simple_sample.index import criterion_coefficients, estimate_index
from survey_app.questionnaire.definition import ItemRule, Role, RollUp
from survey_app.questionnaire.editing.document import sections_of, spoken

#: Example sheets; each answers the k-th criterion with a level this far up the scale (0 worst,
#: 1 best), None for "does not apply", over and over.
EXAMPLES: Sequence[Sequence[float | None]] = (
    (1.0, 0.75, 0.75, 1.0, 0.5),
    (0.75, 0.75, 0.25, None, 0.75),
    (0.5, 1.0, 0.75, 0.75, 0.0),
)


@dataclass(frozen=True)
class WorkedCriterion:
    """One criterion: the number each sheet scores (None: not applicable), their mean, and what
    the criterion counts in the index."""

    code: str
    text: str
    answers: tuple[str | None, ...]
    scores: tuple[float | None, ...]
    mean: float | None
    coefficient: float

    @property
    def total(self) -> float:
        return sum(score for score in self.scores if score is not None)

    @property
    def count(self) -> int:
        return sum(score is not None for score in self.scores)


@dataclass(frozen=True)
class WorkedFactor:
    """A factor with its criteria; ``weight``: as it was given, None where it was not."""

    title: str
    criteria: tuple[WorkedCriterion, ...]
    weight: float | None = None

    @property
    def counted(self) -> int:
        """How many criteria have an answer."""
        return sum(criterion.count > 0 for criterion in self.criteria)

    @property
    def count(self) -> int:
        """How many answers its criteria have."""
        return sum(criterion.count for criterion in self.criteria)

    @property
    def share(self) -> float:
        """What the factor counts in the index, of 1."""
        return sum(criterion.coefficient for criterion in self.criteria)

    @property
    def part(self) -> float:
        """What the factor gives to the index: its score × its share."""
        return sum(c.mean * c.coefficient for c in self.criteria if c.mean is not None)

    @property
    def score(self) -> float | None:
        """The factor's own score; None where nobody answered any of its criteria."""
        return self.part / self.share if self.share else None


@dataclass(frozen=True)
class WorkedIndex:
    """The whole example; ``value`` is what the estimation gives for these sheets."""

    factors: tuple[WorkedFactor, ...]
    value: float

    @property
    def total(self) -> float:
        return sum(c.total for factor in self.factors for c in factor.criteria)

    @property
    def count(self) -> int:
        return sum(factor.count for factor in self.factors)

    @property
    def counted(self) -> int:
        return sum(factor.counted for factor in self.factors)

    @property
    def factors_counted(self) -> int:
        return sum(factor.counted > 0 for factor in self.factors)

    @property
    def weight(self) -> float:
        """The sum of the weights of the factors that count."""
        return sum(factor.weight or 0.0 for factor in self.factors if factor.counted)


@dataclass(frozen=True)
class _Criterion:
    factor: int
    code: str
    text: str
    levels: tuple[tuple[str, str], ...]
    satisfied: frozenset[str]


def work_index(document: Mapping[str, Any]) -> WorkedIndex | None:
    """The example for a draft; None while it has no criterion with a scale, lacks weights, or
    names a rule that nobody knows."""
    factors = [section for section in sections_of(document) if section.get("factor")]
    criteria = [
        c for place, section in enumerate(factors) for c in _criteria(document, place, section)
    ]
    used = sorted({criterion.factor for criterion in criteria})
    scoring = document.get("scoring", {})
    given = scoring.get("weights", {})
    weights = [given.get(factors[place]["code"], 0.0) for place in used]
    roll_up, item = scoring.get("roll_up", ""), scoring.get("item", ItemRule.TOP2)
    if not criteria or roll_up not in set(RollUp) or item not in set(ItemRule):
        return None
    if roll_up == RollUp.WEIGHTED and not all(0 < weight < math.inf for weight in weights):
        return None
    chosen = [_answers(criterion, number) for number, criterion in enumerate(criteria)]
    scores = _scores(criteria, chosen, ItemRule(item))
    how: dict[str, Any] = {
        "factor_of": [used.index(criterion.factor) for criterion in criteria],
        "roll_up": roll_up,
        "weights": weights,
    }
    coefficients = criterion_coefficients((~np.isnan(scores)).sum(axis=0), **how)
    value = estimate_index(scores, **how).value
    worked = [
        _worked(criterion, chosen[k], scores[:, k], float(coefficients[k]))
        for k, criterion in enumerate(criteria)
    ]
    return WorkedIndex(
        tuple(
            WorkedFactor(
                spoken(factors[place].get("title")),
                tuple(w for c, w in zip(criteria, worked, strict=True) if c.factor == place),
                given.get(factors[place]["code"]),
            )
            for place in used
        ),
        float(value) if value is not None else float("nan"),
    )


def _criteria(
    document: Mapping[str, Any], factor: int, section: Mapping[str, Any]
) -> list[_Criterion]:
    found = []
    for question in section.get("questions", []):
        scale = document.get("scales", {}).get(question.get("scale"), {})
        levels = tuple((o["code"], spoken(o.get("label"))) for o in scale.get("levels", []))
        if question["role"] == Role.CRITERION and levels:
            satisfied = frozenset(scale.get("satisfied", []))
            text = spoken(question.get("text"))
            found.append(_Criterion(factor, question["code"], text, levels, satisfied))
    return found


def _answers(criterion: _Criterion, number: int) -> list[int | None]:
    """The level (from 0) that each example sheet chooses."""
    top = len(criterion.levels) - 1
    heights = [sheet[number % len(sheet)] for sheet in EXAMPLES]
    return [None if height is None else round(height * top) for height in heights]


def _scores(
    criteria: Sequence[_Criterion], chosen: Sequence[Sequence[int | None]], item: ItemRule
) -> NDArray[np.float64]:
    scores = np.full((len(EXAMPLES), len(criteria)), np.nan)
    for k, (criterion, levels) in enumerate(zip(criteria, chosen, strict=True)):
        for row, level in enumerate(levels):
            if level is not None:
                scores[row, k] = _score(criterion, level, item)
    return scores


def _score(criterion: _Criterion, level: int, item: ItemRule) -> float:
    if item is ItemRule.MEAN:
        return (level + 1) / len(criterion.levels)
    return float(criterion.levels[level][0] in criterion.satisfied)


def _worked(
    criterion: _Criterion,
    chosen: Sequence[int | None],
    scores: NDArray[np.float64],
    coefficient: float,
) -> WorkedCriterion:
    answered = scores[~np.isnan(scores)]
    return WorkedCriterion(
        code=criterion.code,
        text=criterion.text,
        answers=tuple(None if at is None else criterion.levels[at][1] for at in chosen),
        scores=tuple(None if np.isnan(score) else float(score) for score in scores),
        mean=float(answered.mean()) if len(answered) else None,
        coefficient=coefficient,
    )
