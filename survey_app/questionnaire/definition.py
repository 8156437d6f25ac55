"""The questionnaire as typed, immutable objects: sections, questions, scales, scoring."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

PRIMARY_LANGUAGE = "vi"

#: The answer that says "does not apply to me". It leaves numerator and denominator alike.
NOT_APPLICABLE = "na"


class QuestionKind(StrEnum):
    """How a question is answered."""

    SCALE = "scale"  # one level of a shared, ordered scale
    SINGLE = "single"  # one of the question's own options
    MULTIPLE = "multiple"  # any number of the question's own options
    NUMBER = "number"  # a whole number within bounds
    TEXT = "text"  # free text


class Role(StrEnum):
    """What a question is for; reports are built from roles, never from codes."""

    CRITERION = "criterion"  # a satisfaction criterion: counts in factor and overall index
    OVERALL = "overall"  # satisfaction on the whole, asked outright
    DEMOGRAPHIC = "demographic"
    NEED = "need"  # needs and expectations
    HARASSMENT = "harassment"  # trouble made, money asked beyond the fees
    CONTEXT = "context"  # facts about the visit: trips, waiting time, channel
    COMMENT = "comment"


class ItemRule(StrEnum):
    """How one answer becomes a number in 0..1."""

    TOP2 = "top2"  # 1 when the level counts as satisfied, else 0
    MEAN = "mean"  # level / highest level ("mean of 5": 4 of 5 is 0.8)


class RollUp(StrEnum):
    """How criteria become an index."""

    CRITERIA_MEAN = "criteria_mean"
    FACTOR_MEAN = "factor_mean"
    POOLED = "pooled"
    WEIGHTED = "weighted"


@dataclass(frozen=True)
class LocalText:
    """A text in one or more languages; Vietnamese is always there."""

    texts: Mapping[str, str]

    def in_language(self, language: str) -> str:
        """The text in ``language``, or in Vietnamese where it has not been translated."""
        return self.texts.get(language, self.texts[PRIMARY_LANGUAGE])

    def speaks(self, language: str) -> bool:
        """Whether the text exists in ``language`` (a page marks a fallback with ``lang=vi``)."""
        return language in self.texts

    def __str__(self) -> str:
        return self.texts[PRIMARY_LANGUAGE]


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen."""

    code: str
    label: LocalText


@dataclass(frozen=True)
class Scale:
    """An ordered set of levels, worst first, shared by many questions.

    ``satisfied`` holds the codes that count as satisfied; ``not_applicable`` is the label of the
    answer "does not apply" on questions that offer it.
    """

    code: str
    levels: tuple[Option, ...]
    satisfied: frozenset[str]
    not_applicable: LocalText


@dataclass(frozen=True)
class Condition:
    """``question`` was answered with one of ``options`` (or, negated, was not)."""

    question: str
    options: frozenset[str]
    negated: bool = False


@dataclass(frozen=True)
class Question:
    """One question.

    ``ask_when``: all conditions must hold for the question to be asked; empty = always.
    ``options`` is empty for scale, number and text questions.
    """

    code: str
    kind: QuestionKind
    role: Role
    text: LocalText
    hint: LocalText | None = None
    required: bool = False
    not_applicable: bool = False
    scale: Scale | None = None
    options: tuple[Option, ...] = ()
    max_choices: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    ask_when: tuple[Condition, ...] = ()

    @property
    def choices(self) -> tuple[Option, ...]:
        """What can be chosen, in order: the scale's levels or the question's own options."""
        return self.scale.levels if self.scale else self.options

    @cached_property
    def choice_codes(self) -> frozenset[str]:
        return frozenset(option.code for option in self.choices)

    @cached_property
    def plain_answers(self) -> frozenset[str]:
        """The answers that need no second look: the choices, where one is chosen and where the
        question is put to everybody."""
        is_plain = self.kind in {QuestionKind.SCALE, QuestionKind.SINGLE} and not self.ask_when
        return self.choice_codes if is_plain else frozenset()


@dataclass(frozen=True)
class Section:
    """A group of questions; ``is_factor`` marks a SIPAS factor (its criteria form an index)."""

    code: str
    title: LocalText
    questions: tuple[Question, ...]
    is_factor: bool = False
    introduction: LocalText | None = None

    @property
    def criteria(self) -> tuple[Question, ...]:
        return tuple(q for q in self.questions if q.role is Role.CRITERION)


@dataclass(frozen=True)
class ScoringMethod:
    """The index formula, as versioned data: item rule × roll-up.

    ``weights`` (factor code → positive weight) is used by the roll-up ``weighted`` only.
    """

    version: str
    item: ItemRule
    roll_up: RollUp
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Questionnaire:
    """A whole questionnaire. Equal documents are equal objects."""

    code: str
    title: LocalText
    languages: tuple[str, ...]
    sections: tuple[Section, ...]
    scoring: ScoringMethod
    introduction: LocalText | None = None
    thanks: LocalText | None = None

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        return tuple(q for section in self.sections for q in section.questions)

    @cached_property
    def texts(self) -> tuple[Question, ...]:
        """The questions that are answered in one's own words."""
        return tuple(q for q in self.questions if q.kind is QuestionKind.TEXT)

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(q.code for q in self.questions)

    @cached_property
    def _by_code(self) -> dict[str, Question]:
        return {q.code: q for q in self.questions}

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> Question:
        """The question with this code; KeyError when there is none."""
        return self._by_code[code]

    def with_role(self, role: Role) -> tuple[Question, ...]:
        return tuple(q for q in self.questions if q.role is role)

    @property
    def main_rating(self) -> Question | None:
        """The question that says most by itself: the one about satisfaction as a whole, else the
        first required scale question, else the first criterion."""
        required = (q for q in self.questions if q.kind is QuestionKind.SCALE and q.required)
        candidates = (*self.with_role(Role.OVERALL), *required, *self.with_role(Role.CRITERION))
        return next(iter(candidates), None)

    @property
    def factors(self) -> tuple[Section, ...]:
        return tuple(s for s in self.sections if s.is_factor)

    @property
    def criteria(self) -> Iterator[tuple[Section, Question]]:
        """Every criterion with its factor, in order."""
        return ((s, q) for s in self.factors for q in s.criteria)
