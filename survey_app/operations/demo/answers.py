"""Believable answers for the demo: one latent opinion per person moves all the criteria."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from survey_app.operations.demo import province as place
from survey_app.questionnaire.answers import Answer, encode, free_texts, validate_answers
from survey_app.questionnaire.codebook import Codebook
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
)

#: Where a latent opinion turns from one level into the next, on a scale of five.
THRESHOLDS = np.array([-2.3, -1.45, -0.75, 0.75])
SPREAD_BETWEEN_PEOPLE = 0.75
SPREAD_WITHIN_A_PERSON = 0.65
SKIPPED = 0.015
WITHOUT_DEMOGRAPHICS = 0.06
GOOD, POOR = 0.6, -0.6


@dataclass(frozen=True)
class UnitTraits:
    """What a unit is like: its general quality, its own strength by factor."""

    quality: float
    by_factor: dict[str, float]
    comment_rate: float

    @classmethod
    def draw(cls, random: np.random.Generator) -> "UnitTraits":
        """A unit at random: some good, some poor."""
        return cls(
            quality=float(random.normal(0.35, 0.45)),
            by_factor={code: float(random.normal(0, 0.2)) for code in place.FACTORS},
            comment_rate=float(random.uniform(0.06, 0.16)),
        )

    def a_year_earlier(self, random: np.random.Generator) -> "UnitTraits":
        """The same unit before: most were worse, some better, no factor quite as it is now."""
        return replace(
            self,
            quality=self.quality - float(random.normal(0.2, 0.25)),
            by_factor={
                code: strength + float(random.normal(0, 0.15))
                for code, strength in self.by_factor.items()
            },
        )


@dataclass(frozen=True)
class MadeSheet:
    """``answered``: how many questions."""

    answers: bytes
    texts: dict[str, str]
    answered: int


class SheetMaker:
    """Makes sheets of one unit; all randomness comes from the generator given."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        codebook: Codebook,
        traits: UnitTraits,
        random: np.random.Generator,
    ) -> None:
        self._questionnaire = questionnaire
        self._codebook = codebook
        self._traits = traits
        self._random = random

    def make(self) -> MadeSheet:
        """One sheet, through the same validation as a citizen's."""
        opinion = self._traits.quality + self._random.normal(0, SPREAD_BETWEEN_PEOPLE)
        is_private = self._random.random() < WITHOUT_DEMOGRAPHICS
        raw: dict[str, object] = {}
        for section in self._questionnaire.sections:
            for question in section.questions:
                if is_private and question.role is Role.DEMOGRAPHIC:
                    continue
                answer = self._answer(section.code, question, opinion)
                if answer is not None:
                    raw[question.code] = answer
        answers = validate_answers(self._questionnaire, raw)
        texts = free_texts(self._questionnaire, answers)
        return MadeSheet(encode(self._codebook, answers), texts, len(answers))

    def _answer(self, section: str, question: Question, opinion: float) -> Answer | None:
        if not question.required and self._random.random() < SKIPPED:
            return None
        if question.kind is QuestionKind.SCALE:
            return self._level(section, question, opinion)
        if question.kind is QuestionKind.TEXT:
            return self._comment(opinion)
        if question.kind is QuestionKind.NUMBER:
            return str((question.minimum or 0) + int(self._random.poisson(0.8)))
        if question.kind is QuestionKind.MULTIPLE:
            return self._several(question)
        return self._one(question, opinion)

    def _level(self, section: str, question: Question, opinion: float) -> str:
        factor = place.FACTORS.get(section)
        if factor and question.not_applicable and self._random.random() < factor.not_applicable:
            return NOT_APPLICABLE
        ease = factor.ease + self._traits.by_factor[section] if factor else 0.1
        # The same question is harder or easier everywhere: a small effect of its own code.
        ease += (sum(question.code.encode()) % 7 - 3) / 15
        felt = opinion + ease + self._random.normal(0, SPREAD_WITHIN_A_PERSON)
        levels = question.choices
        at = int(np.searchsorted(THRESHOLDS, felt)) * len(levels) // (len(THRESHOLDS) + 1)
        return levels[at].code

    def _one(self, question: Question, opinion: float) -> str:
        size = len(question.options)
        if question.role is Role.HARASSMENT:
            # "No" comes first; the unhappier, the likelier the others.
            trouble = 0.04 + 0.16 / (1 + np.exp(2 + 2.5 * opinion))
            weights = [1 - trouble] + [trouble / (size - 1)] * (size - 1)
        elif question.role is Role.CONTEXT:
            weights = list(0.55 ** np.arange(size))
        else:
            weights = [1.0] * size
            if question.options[-1].code == "prefer-not":
                weights[-1] = 0.12
        return question.options[self._pick(weights)].code

    def _several(self, question: Question) -> tuple[str, ...] | None:
        size = len(question.options)
        most = min(question.max_choices or size, 3, size)
        how_many = int(self._random.integers(1, most + 1))
        weights = 1 / np.arange(1, size + 1)
        chosen = self._random.choice(size, how_many, replace=False, p=weights / weights.sum())
        return tuple(question.options[at].code for at in sorted(chosen))

    def _comment(self, opinion: float) -> str | None:
        if self._random.random() > self._traits.comment_rate:
            return None
        felt = opinion + self._random.normal(0, 0.3)
        texts: Sequence[str] = place.MIXED_COMMENTS
        if felt > GOOD:
            texts = place.GOOD_COMMENTS
        elif felt < POOR:
            texts = place.POOR_COMMENTS
        return texts[int(self._random.integers(len(texts)))]

    def _pick(self, weights: Sequence[float]) -> int:
        shares = np.asarray(weights) / np.sum(weights)
        return int(self._random.choice(len(shares), p=shares))
