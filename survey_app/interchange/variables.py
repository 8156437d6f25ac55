"""The columns of a data file: one name for every program, values as numbers, why one is missing."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from survey_app.questionnaire.codebook import not_applicable_label
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    Condition,
    LocalText,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
    Section,
)

LONGEST_NAME = 32  # Stata's; SPSS takes 64 bytes, R any

#: Words that some program keeps for itself, in any case.
RESERVED = frozenset(
    {
        *("all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"),
        *("byte", "double", "float", "if", "in", "int", "long", "using", "strl"),
        *("else", "repeat", "while", "function", "for", "next", "break", "true", "false", "null"),
        *("inf", "nan", "na"),
    }
)


class Missing(IntEnum):
    """Why there is no value. Numbers that no answer can have."""

    OTHER_VERSION = -5  # the sheet is of a version whose answers have no place in the column
    NOT_ASKED = -6  # the skip rules do not ask it
    WITHHELD = -7  # known, and not given out: too few people share it
    NOT_APPLICABLE = -8  # answered "does not apply"
    NO_ANSWER = -9  # asked, left out


MISSING_LABELS = {
    Missing.OTHER_VERSION: LocalText({"vi": "Phiếu của phiên bản khác", "en": "Other version"}),
    Missing.NOT_ASKED: LocalText({"vi": "Không được hỏi", "en": "Not asked"}),
    Missing.WITHHELD: LocalText({"vi": "Không cung cấp (nhóm nhỏ)", "en": "Withheld"}),
    Missing.NOT_APPLICABLE: LocalText({"vi": "Không áp dụng", "en": "Not applicable"}),
    Missing.NO_ANSWER: LocalText({"vi": "Không trả lời", "en": "No answer"}),
}
_CHOSEN = LocalText({"vi": "Có chọn", "en": "Chosen"})
_NOT_CHOSEN = LocalText({"vi": "Không chọn", "en": "Not chosen"})


@dataclass(frozen=True)
class Value:
    """A number in the file: what it means, and the code the answer has in the questionnaire."""

    number: int
    label: LocalText
    code: str = ""
    is_missing: bool = False


@dataclass(frozen=True)
class Variable:
    """One column. ``code`` is the question's, for an answer of a multiple choice
    ``question:option``; empty for what describes the sheet itself. ``is_text``: letters, not
    numbers. ``values`` holds every number with a meaning of its own; ``is_open``: others occur."""

    name: str
    code: str
    label: LocalText
    values: tuple[Value, ...] = ()
    question: Question | None = None
    option: Option | None = None
    section: Section | None = None
    is_text: bool = False
    is_open: bool = False

    @property
    def valid(self) -> tuple[Value, ...]:
        return tuple(value for value in self.values if not value.is_missing)

    @property
    def missing(self) -> tuple[Value, ...]:
        return tuple(value for value in self.values if value.is_missing)


def variables_of(questionnaire: Questionnaire) -> tuple[Variable, ...]:
    """The columns of a data file of this questionnaire: those of the sheet, then one for each
    answer in the order of the codebook. Words that citizens wrote have no column."""
    found = list(_ABOUT_THE_SHEET)
    names = Names(variable.name for variable in found)
    for section in questionnaire.sections:
        for question in section.questions:
            found += _of_question(question, section, names)
    return tuple(found)


def skip_rule(variable: Variable, questionnaire: Questionnaire) -> str:
    """Of whom the question is asked, in Vietnamese words; empty for everybody."""
    asked = variable.question.ask_when if variable.question else ()
    return " và ".join(_conditions(asked, questionnaire))


def _conditions(asked: Sequence[Condition], questionnaire: Questionnaire) -> Iterator[str]:
    for condition in asked:
        question = questionnaire[condition.question]
        labels = [f"“{o.label}”" for o in question.choices if o.code in condition.options]
        if NOT_APPLICABLE in condition.options:
            labels.append(f"“{not_applicable_label(question)}”")
        verb = "không phải" if condition.negated else "là"
        yield f"câu {question.code} {verb} {' hoặc '.join(labels)}"


class Names:
    """Hands out names that every program takes, each once whatever its case."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def make(self, code: str) -> str:
        """The name of a code: letters, digits and "_", at most 32.

        >>> names = Names()
        >>> names.make("access.signage"), names.make("access_signage"), names.make("all")
        ('access_signage', 'access_signage_2', 'all_')
        """
        name = re.sub("[^a-z0-9_]+", "_", code.lower())[:LONGEST_NAME].rstrip("_") or "v"
        name = name if name[0].isalpha() else f"v_{name}"[:LONGEST_NAME]
        name = f"{name}_" if name in RESERVED or re.fullmatch(r"str\d+", name) else name
        found, number = name, 2
        while found in self._taken:
            ending = f"_{number}"
            found, number = name[: LONGEST_NAME - len(ending)] + ending, number + 1
        self._taken.add(found)
        return found


def number_of(choices: Sequence[Option]) -> dict[str, int]:
    """Answer code → number in the file: the code itself where all are whole numbers, else the
    place in the order of answers, from 1.

    >>> from survey_app.questionnaire.definition import LocalText
    >>> number_of([Option("0", LocalText({})), Option("10", LocalText({}))])
    {'0': 0, '10': 10}
    >>> number_of([Option("a", LocalText({})), Option("10", LocalText({}))])
    {'a': 1, '10': 2}
    """
    codes = [option.code for option in choices]
    if all(re.fullmatch("0|[1-9][0-9]{0,5}", code) for code in codes):
        return {code: int(code) for code in codes}
    return {code: place for place, code in enumerate(codes, start=1)}


def _of_question(question: Question, section: Section, names: Names) -> list[Variable]:
    if question.kind is QuestionKind.TEXT:
        return []
    missing = _missing(question)
    if question.kind is QuestionKind.MULTIPLE:
        values = (Value(1, _CHOSEN, "1"), Value(0, _NOT_CHOSEN, "0"), *missing)
        return [
            Variable(
                names.make(f"{question.code}_{option.code}"),
                f"{question.code}:{option.code}",
                _option_label(question, option),
                values,
                question,
                option,
                section,
            )
            for option in question.options
        ]
    numbers = number_of(question.choices)
    valid = [Value(numbers[o.code], o.label, o.code) for o in question.choices]
    name = names.make(question.code)
    return [
        Variable(
            name,
            question.code,
            question.text,
            (*valid, *missing),
            question,
            section=section,
            is_open=question.kind is QuestionKind.NUMBER,
        )
    ]


def _option_label(question: Question, option: Option) -> LocalText:
    """The question with its answer, in the languages that both speak."""
    codes = [code for code in question.text.texts if option.label.speaks(code)]
    return LocalText({c: f"{question.text.texts[c]} – {option.label.texts[c]}" for c in codes})


def _missing(question: Question) -> Iterable[Value]:
    if question.not_applicable:
        label = not_applicable_label(question)
        yield Value(Missing.NOT_APPLICABLE, label, "na", is_missing=True)
    yield missing_value(Missing.NO_ANSWER)
    if question.ask_when:
        yield missing_value(Missing.NOT_ASKED)
    if is_known_to_others(question):
        yield missing_value(Missing.WITHHELD)


def is_known_to_others(question: Question) -> bool:
    """Whether somebody at the counter, or at home, may know the answer of a person they know. In
    a file of sheets such answers are shown only where several people share them."""
    return question.role in (Role.DEMOGRAPHIC, Role.CONTEXT)


def missing_value(missing: Missing) -> Value:
    """The number that says why there is none, with its words."""
    return Value(missing, MISSING_LABELS[missing], is_missing=True)


def _about(
    name: str, vi: str, en: str, *values: Value, is_text: bool = False, is_open: bool = False
) -> Variable:
    label = LocalText({"vi": vi, "en": en})
    return Variable(name, "", label, values, is_text=is_text, is_open=is_open)


#: Of the files of surveys that moved to a later version.
VERSION_VARIABLE = _about(
    "version", "Phiên bản bộ câu hỏi", "Version of the questionnaire", is_open=True
)
_MODES = (
    ("kiosk", "Kiosk", "Kiosk"),
    ("phone", "Điện thoại", "Own telephone"),
    ("paper", "Phiếu giấy", "Paper"),
    ("interview", "Phỏng vấn", "Interview"),
    ("api", "Phần mềm khác", "Other software"),
)
UNIT, UNIT_NAME, POPULATION, MONTH, MODE, PARTIAL = (
    *("unit", "unit_name", "unit_population"),
    *("month", "mode", "is_partial"),
)
MODE_NUMBERS = {code: place for place, (code, _, _) in enumerate(_MODES, start=1)}
_ABOUT_THE_SHEET = (
    _about(UNIT, "Mã đơn vị", "Code of the unit", is_text=True),
    _about(UNIT_NAME, "Tên đơn vị", "Name of the unit", is_text=True),
    _about(
        POPULATION,
        "Số hồ sơ đơn vị giải quyết trong kỳ",
        "Dossiers the unit handled in the period",
        missing_value(Missing.NO_ANSWER),
        is_open=True,
    ),
    _about(MONTH, "Tháng nhận phiếu (năm × 100 + tháng)", "Month of receipt (year × 100 + month)",
           missing_value(Missing.WITHHELD), is_open=True),
    _about(
        MODE,
        "Hình thức trả lời",
        "Mode of answering",
        *(Value(MODE_NUMBERS[c], LocalText({"vi": vi, "en": en}), c) for c, vi, en in _MODES),
        missing_value(Missing.WITHHELD),
    ),
    _about(
        PARTIAL,
        "Phiếu dở dang",
        "Left unfinished",
        Value(1, LocalText({"vi": "Dở dang", "en": "Unfinished"})),
        Value(0, LocalText({"vi": "Đầy đủ", "en": "Finished"})),
    ),
)  # fmt: skip
