"""The questionnaire as a page shows it: view models made from plain values, without a request."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from survey_app.errors import Problem
from survey_app.i18n import format_number, frame_language, translate
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    PRIMARY_LANGUAGE,
    Condition,
    LocalText,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
    Section,
)
from survey_app.questionnaire.reading import LONGEST_TEXT

FACES = 5  # a scale of this length is shown with faces, any other with numbers
START, FINISH = "bat-dau", "gui"


@dataclass(frozen=True)
class Phrase:
    """A text for the page; ``lang`` is set when it stands in another language than the page, which
    speaks the questionnaire's language if there is a catalogue, else Vietnamese."""

    text: str
    lang: str | None = None


@dataclass(frozen=True)
class ChoiceModel:
    """One thing to choose. ``face`` counts from 1, the worst; ``number`` is the place in order."""

    code: str
    id: str
    label: Phrase
    number: int
    face: int | None = None
    is_chosen: bool = False


@dataclass(frozen=True)
class QuestionModel:
    """One question with what was answered and what is wrong with it."""

    code: str
    id: str
    kind: str
    number: int
    total: int
    text: Phrase
    hint: Phrase | None
    section: Phrase
    introduction: Phrase | None  # of the section: a criterion is not a question without it
    opens_section: bool
    is_required: bool
    is_faces: bool
    reassures: bool
    choices: tuple[ChoiceModel, ...]
    not_applicable: ChoiceModel | None
    value: str
    max_length: int
    most_characters: str  # the same, as it is written: 2.000
    max_choices: int | None
    minimum: int | None
    maximum: int | None
    condition: str | None  # the skip rule in words, for pages without script and for paper
    ask_when: str  # the skip rule as JSON, for the script
    messages: tuple[str, ...]
    is_answered: bool
    previous: str
    next: str


@dataclass(frozen=True)
class ProblemModel:
    """One line of the error summary; ``where`` is the id it leads to, empty for none."""

    message: str
    where: str


@dataclass(frozen=True)
class PageModel:
    """The whole questionnaire. ``is_begun``: something is answered already."""

    title: Phrase
    introduction: Phrase | None
    questions: tuple[QuestionModel, ...]
    problems: tuple[ProblemModel, ...]
    is_begun: bool

    @property
    def begin(self) -> str:
        """Where to go from the first page: a mistake, else after the last answer."""
        places = [problem.where for problem in self.problems if problem.where]
        answered = [q for q in self.questions if q.is_answered]
        return (places or [answered[-1].next if answered else self.questions[0].id])[0]

    @property
    def has_conditions(self) -> bool:
        return any(question.condition for question in self.questions)

    @property
    def is_all_optional(self) -> bool:
        return not any(question.is_required for question in self.questions)


def build_page(
    questionnaire: Questionnaire,
    language: str,
    given: Mapping[str, object] | None = None,
    problems: Iterable[Problem] = (),
) -> PageModel:
    """Everything the page needs, in ``language``, with the answers given so far."""
    given = given or {}
    problems = tuple(problems)
    messages: dict[str, tuple[str, ...]] = {}
    for problem in problems:
        messages[problem.where] = (*messages.get(problem.where, ()), problem.message)
    builder = _Builder(questionnaire, language, given, messages)
    questions = builder.questions()
    return PageModel(
        title=phrase(questionnaire.title, language),
        introduction=_optional(questionnaire.introduction, language),
        questions=questions,
        problems=tuple(_problem(questionnaire, problem) for problem in problems),
        is_begun=any(question.is_answered for question in questions),
    )


def read_form(
    questionnaire: Questionnaire, fields: Mapping[str, Sequence[str]]
) -> dict[str, object]:
    """The answers among the fields of a form, as ``validate_answers`` takes them."""
    return {
        question.code: _read_field(question, fields[question.code])
        for question in questionnaire.questions
        if question.code in fields
    }


def phrase(text: LocalText, language: str) -> Phrase:
    """The text in ``language``, or in Vietnamese where there is none; marked where the page speaks
    another language."""
    spoken = language if text.speaks(language) else PRIMARY_LANGUAGE
    lang = None if spoken == frame_language(language) else spoken
    return Phrase(text.in_language(language), lang)


def anchor(code: str) -> str:
    """The id of a question on the page."""
    return f"q-{code}"


class _Builder:
    """Builds the questions of one page."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        language: str,
        given: Mapping[str, object],
        messages: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._questionnaire = questionnaire
        self._language = language
        self._frame = frame_language(language)
        self._given = given
        self._messages = messages
        self._codes = [question.code for question in questionnaire.questions]
        self._numbers = {code: number for number, code in enumerate(self._codes, 1)}

    def questions(self) -> tuple[QuestionModel, ...]:
        return tuple(
            self._question(section, question)
            for section in self._questionnaire.sections
            for question in section.questions
        )

    def _question(self, section: Section, question: Question) -> QuestionModel:
        given = self._given.get(question.code)
        is_first = section.questions[0] is question
        number, total = self._numbers[question.code], len(self._numbers)
        return QuestionModel(
            code=question.code,
            id=anchor(question.code),
            kind=question.kind.value,
            number=number,
            total=total,
            text=phrase(question.text, self._language),
            hint=_optional(question.hint, self._language),
            section=phrase(section.title, self._language),
            introduction=_optional(section.introduction, self._language),
            opens_section=is_first,
            is_required=question.required,
            is_faces=question.scale is not None and len(question.choices) == FACES,
            reassures=question.role is Role.HARASSMENT,
            choices=self._choices(question, _chosen(given)),
            not_applicable=self._not_applicable(question, _chosen(given)),
            value="" if given is None or given == NOT_APPLICABLE else str(given),
            max_length=question.max_length or LONGEST_TEXT,
            most_characters=format_number(
                question.max_length or LONGEST_TEXT, language=self._frame
            ),
            max_choices=question.max_choices,
            minimum=question.minimum,
            maximum=question.maximum,
            condition=self._condition(question.ask_when),
            ask_when=_as_json(question.ask_when),
            messages=self._messages.get(question.code, ()),
            is_answered=bool(given),
            previous=START if number == 1 else anchor(self._codes[number - 2]),
            next=FINISH if number == total else anchor(self._codes[number]),
        )

    def _choices(self, question: Question, chosen: frozenset[str]) -> tuple[ChoiceModel, ...]:
        has_faces = question.scale is not None and len(question.choices) == FACES
        return tuple(
            ChoiceModel(
                code=option.code,
                id=f"{anchor(question.code)}-{option.code}",
                label=phrase(option.label, self._language),
                number=number,
                face=number if has_faces else None,
                is_chosen=option.code in chosen,
            )
            for number, option in enumerate(question.choices, 1)
        )

    def _not_applicable(self, question: Question, chosen: frozenset[str]) -> ChoiceModel | None:
        if not question.not_applicable:
            return None
        label = Phrase(translate("Không áp dụng", self._frame))
        if question.scale:
            label = phrase(question.scale.not_applicable, self._language)
        identifier = f"{anchor(question.code)}-{NOT_APPLICABLE}"
        is_chosen = NOT_APPLICABLE in chosen
        return ChoiceModel(NOT_APPLICABLE, identifier, label, 0, is_chosen=is_chosen)

    def _condition(self, conditions: tuple[Condition, ...]) -> str | None:
        if not conditions:
            return None
        return " ".join(self._one_condition(condition) for condition in conditions)

    def _one_condition(self, condition: Condition) -> str:
        question = self._questionnaire[condition.question]
        number = self._numbers[question.code]
        labels = [o.label for o in question.choices if o.code in condition.options]
        options = "; ".join(label.in_language(self._language) for label in labels)
        if condition.negated:
            return translate(
                "Chỉ trả lời câu này nếu ở câu {number} ông/bà không chọn: {options}.",
                self._frame,
                number=number,
                options=options,
            )
        return translate(
            "Chỉ trả lời câu này nếu ở câu {number} ông/bà chọn: {options}.",
            self._frame,
            number=number,
            options=options,
        )


def _read_field(question: Question, values: Sequence[str]) -> object:
    filled = [value for value in values if value.strip()]
    if question.kind is QuestionKind.MULTIPLE:
        return filled
    if not filled:
        return None
    # a number has two fields, the box and "not applicable": what was typed wins
    typed = [value for value in filled if value != NOT_APPLICABLE]
    return typed[0] if typed else filled[0]


def _chosen(given: object) -> frozenset[str]:
    if given is None:
        return frozenset()
    return frozenset([given] if isinstance(given, str) else map(str, _items(given)))


def _items(given: object) -> Iterable[object]:
    return given if isinstance(given, list | tuple) else [given]


def _optional(text: LocalText | None, language: str) -> Phrase | None:
    return phrase(text, language) if text else None


def _as_json(conditions: tuple[Condition, ...]) -> str:
    rules = [
        {"question": c.question, "options": sorted(c.options), "negated": c.negated}
        for c in conditions
    ]
    return json.dumps(rules, separators=(",", ":")) if rules else ""


def _problem(questionnaire: Questionnaire, problem: Problem) -> ProblemModel:
    where = anchor(problem.where) if problem.where in questionnaire else ""
    return ProblemModel(problem.message, where)
