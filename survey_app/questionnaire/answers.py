"""Answers: checked against the questionnaire, encoded to a compact row and read back."""

from collections.abc import Callable, Mapping

from survey_app.errors import Invalid, Problem
from survey_app.questionnaire.codebook import (
    CHOSEN,
    NOT_APPLICABLE_BYTE,
    NOT_APPLICABLE_NUMBER,
    NOT_CHOSEN,
    SKIPPED,
    Codebook,
    Column,
)
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    Question,
    QuestionKind,
    Questionnaire,
)
from survey_app.questionnaire.reading import Mistake, read_answer, visible
from survey_app.questionnaire.routing import Answer, is_asked
from survey_app.questionnaire.sentences import SENTENCES, Say, in_vietnamese

__all__ = ["Answer", "validate_answers", "encode", "decode", "free_texts"]

_LONGEST_PLACE = 80  # characters of an unknown code that are repeated to its sender


def validate_answers(
    questionnaire: Questionnaire,
    raw: Mapping[str, object],
    say: Say = in_vietnamese,
    *,
    is_partial: bool = False,
) -> Mapping[str, Answer]:
    """The answers in ``raw`` (question code → any JSON value) in the questionnaire's order.

    None, "" and [] mean skipped. Answers to questions that the skip rules do not ask are left out.
    ``is_partial``: the sheet was left alone; required answers may be missing, but a level of the
    questionnaire's main rating must be there.
    Raises Invalid with every mistake, each sentence addressed to the citizen, in the language that
    ``say`` speaks; ``Problem.where`` is the question's code, empty for the sheet as a whole.
    """
    if not isinstance(raw, Mapping):
        raise Invalid(say(SENTENCES["sheet_form"]))
    sheet = _Sheet(questionnaire, raw, say, is_partial)
    sheet.read()
    if sheet.problems:
        count = len(sheet.problems)
        key = "one_mistake" if count == 1 else "mistakes"
        message = say(SENTENCES[key], count=count)
        raise Invalid(message, sheet.problems)
    return sheet.answers


class _Sheet:
    """One sheet on its way through the questionnaire."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        raw: Mapping[str, object],
        say: Say,
        is_partial: bool,
    ) -> None:
        self._questionnaire = questionnaire
        self._raw = raw
        self._say = say
        self._is_partial = is_partial
        self._unsure: set[str] = set()  # answered wrongly, or asked perhaps: routing is open
        self.answers: dict[str, Answer] = {}
        self.problems: list[Problem] = []

    def read(self) -> None:
        if not self._raw.keys() <= self._questionnaire.codes:
            self._tell_unknown()
        for question in self._questionnaire.questions:
            given = self._raw.get(question.code)
            if isinstance(given, str) and given in question.plain_answers:
                self.answers[question.code] = given  # as nearly every answer is
            else:
                self._read_question(question, given)
        if self._is_partial:
            self._require_main_rating()
        elif not self.answers and not self._unsure and not self._names_unknown():
            empty = Problem(self._say(SENTENCES["empty_sheet"]))
            self.problems.insert(0, empty)

    def _tell_unknown(self) -> None:
        for code in self._raw:
            if not isinstance(code, str) or code not in self._questionnaire:
                shown = visible(str(code))[:_LONGEST_PLACE]
                self._complain(shown, Mistake("unknown_question", {"code": shown}))

    def _names_unknown(self) -> bool:
        return any(problem.where not in self._questionnaire for problem in self.problems)

    def _read_question(self, question: Question, given: object) -> None:
        maybe = False
        if question.ask_when:
            maybe = any(condition.question in self._unsure for condition in question.ask_when)
            if not maybe and not is_asked(question, self.answers):
                return
        answer = read_answer(question, given)
        if isinstance(answer, Mistake):
            self._complain(question.code, answer)
            self._unsure.add(question.code)
        elif maybe:
            self._unsure.add(question.code)
        elif answer is not None:
            self.answers[question.code] = answer
        elif question.required and not self._is_partial:
            self._complain(question.code, Mistake(f"required_{question.kind}"))

    def _require_main_rating(self) -> None:
        rating = self._questionnaire.main_rating
        if rating is None:
            self._complain("", Mistake("no_main_rating"))
        elif rating.code in self._unsure:
            return  # its own mistake is told already
        elif self.answers.get(rating.code, NOT_APPLICABLE) == NOT_APPLICABLE:
            self._complain(rating.code, Mistake("no_main_rating"))

    def _complain(self, where: str, mistake: Mistake) -> None:
        message = self._say(SENTENCES[mistake.key], **mistake.values)
        self.problems.append(Problem(message, where))


def free_texts(questionnaire: Questionnaire, answers: Mapping[str, Answer]) -> dict[str, str]:
    """Question code → text of the text questions that were answered."""
    return {
        question.code: str(answers[question.code])
        for question in questionnaire.texts
        if question.code in answers
    }


def encode(codebook: Codebook, answers: Mapping[str, Answer]) -> bytes:
    """The row of ``codebook.width`` bytes for validated ``answers``; texts are not part of it.

    Raises KeyError for an option that the question does not have.
    """
    row = bytearray(codebook.width)
    for code, position, numbers in codebook.one_choice:
        if answer := answers.get(code):
            row[position] = numbers[str(answer)]
    for column in codebook.other_columns:
        if answer := answers.get(column.question.code):
            value = _ENCODERS[column.kind](column, answer)
            row[column.position : column.position + column.width] = value
    return bytes(row)


def decode(codebook: Codebook, data: bytes) -> dict[str, Answer]:
    """The coded answers of one row, without those skipped: the inverse of ``encode``.

    Raises ValueError when ``data`` is no row of this codebook.
    """
    if len(data) != codebook.width:
        raise ValueError(f"a row has {codebook.width} bytes, not {len(data)}")
    found: dict[str, Answer] = {}
    for code, columns in codebook.by_question.items():
        answer = _DECODERS[columns[0].kind](columns, data)
        if answer:
            found[code] = answer
    return found


def _encode_multiple(column: Column, answer: Answer) -> bytes:
    if answer == NOT_APPLICABLE:
        return bytes([NOT_APPLICABLE_BYTE])
    unknown = set(answer) - set(column.numbers)
    if unknown or isinstance(answer, str):
        raise KeyError(f"{column.question.code}: {answer!r}")
    return bytes([CHOSEN if column.option and column.option.code in answer else NOT_CHOSEN])


def _encode_number(column: Column, answer: Answer) -> bytes:
    value = NOT_APPLICABLE_NUMBER if answer == NOT_APPLICABLE else int(str(answer)) + 1
    return value.to_bytes(column.width, "big")


def _decode_choice(columns: tuple[Column, ...], data: bytes) -> Answer | None:
    (column,) = columns
    number = data[column.position]
    if number == SKIPPED:
        return None
    if number == NOT_APPLICABLE_BYTE:
        return NOT_APPLICABLE
    if number > len(column.numbers):
        raise ValueError(f"{column.code} has no answer number {number}")
    return column.question.choices[number - 1].code


def _decode_multiple(columns: tuple[Column, ...], data: bytes) -> Answer | None:
    marks = data[columns[0].position : columns[-1].position + 1]
    if set(marks) == {SKIPPED}:
        return None
    if set(marks) == {NOT_APPLICABLE_BYTE}:
        return NOT_APPLICABLE
    if not set(marks) <= {CHOSEN, NOT_CHOSEN}:
        raise ValueError(f"{columns[0].question.code} cannot be stored as {marks.hex(' ')}")
    return tuple(
        column.option.code
        for column, mark in zip(columns, marks, strict=True)
        if column.option and mark == CHOSEN
    )


def _decode_number(columns: tuple[Column, ...], data: bytes) -> Answer | None:
    (column,) = columns
    value = int.from_bytes(data[column.position : column.position + column.width], "big")
    if value == SKIPPED:
        return None
    return NOT_APPLICABLE if value == NOT_APPLICABLE_NUMBER else str(value - 1)


_ENCODERS: Mapping[QuestionKind, Callable[[Column, Answer], bytes]] = {
    QuestionKind.MULTIPLE: _encode_multiple,
    QuestionKind.NUMBER: _encode_number,
}
_DECODERS: Mapping[QuestionKind, Callable[[tuple[Column, ...], bytes], Answer | None]] = {
    QuestionKind.SCALE: _decode_choice,
    QuestionKind.SINGLE: _decode_choice,
    QuestionKind.MULTIPLE: _decode_multiple,
    QuestionKind.NUMBER: _decode_number,
}
