"""A questionnaire as XLSForm: the workbook that KoboToolbox, ODK and SurveyCTO read."""

import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter

from survey_app.i18n import frame_language, translate
from survey_app.interchange.xlsform import vocabulary
from survey_app.interchange.xlsform.expressions import ALONE, bounds, joined, relevant
from survey_app.interchange.xlsform.vocabulary import language_heading, shielded
from survey_app.questionnaire.codebook import not_applicable_label
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    PRIMARY_LANGUAGE,
    LocalText,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
    Section,
)
from survey_app.questionnaire.reading import HIGHEST_NUMBER, LONGEST_TEXT, LOWEST_NUMBER

_LIKERT_MOST = 7  # levels that stand beside one another on a phone
_LONG_TEXT = 200  # characters from which a box has several lines
_TYPES = {
    QuestionKind.NUMBER: "integer",
    QuestionKind.TEXT: "text",
}

Line = dict[str, str]


def to_xlsform(questionnaire: Questionnaire, *, version: str) -> bytes:
    """The workbook: sheets survey, choices, settings. ``version`` names the published version.

    What XLSForm cannot say (roles, satisfied levels, scoring) stands in columns whose names begin
    with ``hailong_``: other programs pass over them, and reading the workbook back with
    :func:`~survey_app.interchange.xlsform.reading.read_xlsform` gives an equal questionnaire.
    """
    form = _Form(questionnaire)
    sheets = {
        vocabulary.SURVEY: form.survey(),
        vocabulary.CHOICES: form.choices(),
        vocabulary.SETTINGS: [form.settings(version)],
    }
    return _workbook({name: lines for name, lines in sheets.items() if lines})


class _Form:
    """The lines of the three sheets."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._languages = questionnaire.languages
        self._codes = {question.code for question in questionnaire.questions}

    # ── survey ────────────────────────────────────────────────────────────────────────────────

    def survey(self) -> list[Line]:
        questionnaire = self._questionnaire
        lines = self._note(vocabulary.INTRODUCTION, questionnaire.introduction)
        for section in questionnaire.sections:
            lines += self._section(section)
        return lines + self._note(vocabulary.THANKS, questionnaire.thanks)

    def _note(self, part: str, text: LocalText | None, before: str = "note") -> list[Line]:
        """A note; codes have no hyphen, so no question has its name."""
        if text is None:
            return []
        line = {"type": "note", "name": f"{before}-{part}", vocabulary.PART: part}
        return [line | self._texts(label=text)]

    def _section(self, section: Section) -> list[Line]:
        is_taken = section.code in self._codes or vocabulary.is_kept(section.code)
        name = f"{section.code}-group" if is_taken else section.code
        begin = {"type": "begin_group", "name": name, "appearance": "field-list"}
        begin |= self._texts(label=section.title)
        begin |= _filled(
            {
                vocabulary.CODE: section.code if is_taken else "",
                vocabulary.FACTOR: vocabulary.YES if section.is_factor else "",
            }
        )
        note = self._note(vocabulary.SECTION_INTRODUCTION, section.introduction, section.code)
        questions = [self._question(question) for question in section.questions]
        return [begin, *note, *questions, {"type": "end_group"}]

    def _question(self, question: Question) -> Line:
        is_number = question.kind is QuestionKind.NUMBER
        # Who cannot say "does not apply" has to be able to leave a number out.
        may_be_left = is_number and question.not_applicable
        constraint = _constraint(question)
        line = {
            "type": self._type(question),
            "name": vocabulary.question_name(question.code),
            vocabulary.CODE: question.code if vocabulary.is_kept(question.code) else "",
            "required": vocabulary.YES if question.required and not may_be_left else "",
            "relevant": relevant(question, self._questionnaire),
            "constraint": constraint,
            "appearance": _appearance(question),
            vocabulary.ROLE: question.role.value,
            vocabulary.OFFERS_NOT_APPLICABLE: vocabulary.YES if may_be_left else "",
            vocabulary.REQUIRED: vocabulary.YES if may_be_left and question.required else "",
            vocabulary.IMPLIED: " ".join(_implied(question)),
        }
        line |= self._texts(label=question.text, hint=question.hint)
        return _filled(line | (self._messages(question) if constraint else {}))

    def _type(self, question: Question) -> str:
        if question.kind in _TYPES:
            return _TYPES[question.kind]
        many = question.kind is QuestionKind.MULTIPLE
        return f"{'select_multiple' if many else 'select_one'} {_list_name(question)}"

    def _messages(self, question: Question) -> Line:
        """What somebody reads who breaks the constraint, in every language."""
        return {
            f"constraint_message::{language_heading(code)}": _message(
                question, frame_language(code)
            )
            for code in self._languages
        }

    def _texts(self, **texts: LocalText | None) -> Line:
        """The cells of texts in every language; Vietnamese stands in where one is missing."""
        line: Line = {}
        missing: list[str] = []
        for column, text in texts.items():
            if text is None:
                continue
            for code in self._languages:
                line[f"{column}::{language_heading(code)}"] = shielded(text.in_language(code))
                if not text.speaks(code):
                    missing.append(f"{column}:{code}")
        return line | _filled({vocabulary.UNTRANSLATED: " ".join(missing)})

    # ── choices ───────────────────────────────────────────────────────────────────────────────

    def choices(self) -> list[Line]:
        lists: dict[str, list[Line]] = {}
        for question in self._questionnaire.questions:
            if question.scale:  # the words for "does not apply" are part of every scale
                for offers in (False, True):
                    name = _scale_list(question.scale, offers)
                    lists.setdefault(name, self._levels(name, question.scale, offers))
            elif question.options:
                name = _list_name(question)
                lists[name] = [self._choice(name, option) for option in question.options]
                if question.not_applicable:
                    lists[name].append(self._not_applicable(name, not_applicable_label(question)))
        return [line for lines in lists.values() for line in lines]

    def _choice(self, name: str, option: Option) -> Line:
        return {"list_name": name, "name": option.code, **self._texts(label=option.label)}

    def _not_applicable(self, name: str, label: LocalText) -> Line:
        line = self._choice(name, Option(NOT_APPLICABLE, label))
        return line | {vocabulary.OFFERS_NOT_APPLICABLE: vocabulary.YES}

    def _levels(self, name: str, scale: Scale, offers: bool) -> list[Line]:
        lines = [
            self._choice(name, level)
            | _filled(
                {vocabulary.SATISFIED: vocabulary.YES if level.code in scale.satisfied else ""}
            )
            for level in scale.levels
        ]
        if offers:
            lines.append(self._not_applicable(name, scale.not_applicable))
        return [line | {vocabulary.SCALE: scale.code} for line in lines]

    # ── settings ──────────────────────────────────────────────────────────────────────────────

    def settings(self, version: str) -> Line:
        questionnaire = self._questionnaire
        scoring = questionnaire.scoring
        weights = (f"{code}={weight!r}" for code, weight in sorted(scoring.weights.items()))
        titles = questionnaire.title.texts.items()
        line = {
            "form_title": shielded(str(questionnaire.title)),
            "form_id": questionnaire.code,
            "version": version,
            "default_language": language_heading(PRIMARY_LANGUAGE),
            vocabulary.LANGUAGES: " ".join(self._languages),
            vocabulary.SCORING_VERSION: scoring.version,
            vocabulary.ITEM: scoring.item.value,
            vocabulary.ROLL_UP: scoring.roll_up.value,
            vocabulary.WEIGHTS: " ".join(weights),
        }
        line |= {
            f"{vocabulary.TITLE_IN}{code}": shielded(text)
            for code, text in titles
            if code != PRIMARY_LANGUAGE
        }
        return _filled(line)


def _filled(line: Mapping[str, str]) -> Line:
    return {heading: text for heading, text in line.items() if text}


def _list_name(question: Question) -> str:
    if question.scale:
        return _scale_list(question.scale, question.not_applicable)
    return f"{question.code}-options"


def _scale_list(scale: Scale, offers_not_applicable: bool) -> str:
    return f"{scale.code}-na" if offers_not_applicable else scale.code


def _appearance(question: Question) -> str:
    """Levels side by side where they are a line: few of them, and no answer off the line."""
    if question.kind is QuestionKind.TEXT:
        return "multiline" if (question.max_length or LONGEST_TEXT) >= _LONG_TEXT else ""
    is_line = question.scale is not None and not question.not_applicable
    return "likert" if is_line and len(question.choices) <= _LIKERT_MOST else ""


def _number_bounds(question: Question) -> tuple[int, int]:
    low, high = question.minimum, question.maximum
    return LOWEST_NUMBER if low is None else low, HIGHEST_NUMBER if high is None else high


def _constraint(question: Question) -> str:
    if question.kind is QuestionKind.NUMBER:
        return bounds(".", *_number_bounds(question))
    if question.kind is QuestionKind.TEXT:
        return bounds("string-length(.)", None, question.max_length or LONGEST_TEXT)
    if question.kind is QuestionKind.MULTIPLE:
        most = bounds("count-selected(.)", None, question.max_choices)
        return joined((most, ALONE if question.not_applicable else ""))
    return ""


def _message(question: Question, language: str) -> str:
    if question.kind is QuestionKind.NUMBER:
        low, high = _number_bounds(question)
        return translate("Vui lòng ghi một số từ {low} đến {high}.", language, low=low, high=high)
    if question.kind is QuestionKind.TEXT:
        most = question.max_length or LONGEST_TEXT
        return translate("Vui lòng ghi nhiều nhất {most} ký tự.", language, most=most)
    sentences = []
    if question.max_choices:
        most = question.max_choices
        sentences.append(
            translate("Vui lòng chọn nhiều nhất {most} phương án.", language, most=most)
        )
    if question.not_applicable:
        sentences.append(translate("Không chọn “không áp dụng” cùng với phương án khác.", language))
    return " ".join(sentences)


def _implied(question: Question) -> Iterable[str]:
    if question.kind is QuestionKind.NUMBER:
        if question.minimum is None:
            yield "minimum"
        if question.maximum is None:
            yield "maximum"
    elif question.kind is QuestionKind.TEXT and question.max_length is None:
        yield "max_length"


# ── the workbook ──────────────────────────────────────────────────────────────────────────────

_FIRST = ("type", "list_name", "name", "form_title", "form_id")
_LAST = ("required", "relevant", "constraint", "constraint_message", "appearance", "hailong_")


def _workbook(sheets: Mapping[str, Sequence[Line]]) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for name, lines in sheets.items():
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            for place, heading in enumerate(_headings(lines)):
                is_wide = heading.startswith(("label", "hint", "relevant", "form_title"))
                page.set_column(place, place, 44 if is_wide else 18)
                page.write_string(0, place, heading, bold)
                for row, line in enumerate(lines, start=1):
                    if heading in line:
                        page.write_string(row, place, line[heading], plain)
    return out.getvalue()


def _headings(lines: Sequence[Line]) -> list[str]:
    """Every heading once: what a line is, its texts, then what it obeys, and ours at the end."""
    found = dict.fromkeys(heading for line in lines for heading in line)
    return sorted(found, key=_turn)


def _turn(heading: str) -> int:
    if heading in _FIRST:
        return _FIRST.index(heading)
    ends = [place for place, start in enumerate(_LAST) if heading.startswith(start)]
    return 100 + ends[-1] if ends else 50
