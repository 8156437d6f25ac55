"""A questionnaire version → PDF to be filled in by hand: numbered forms with tick boxes.

The form is laid out and painted once, without its number; every copy shows that painting with
its own number over it. 200 forms are hardly larger, or slower to make, than one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby

import pydyf
from weasyprint.css import CSS
from weasyprint.document import Document, Page
from weasyprint.draw.text import draw_text
from weasyprint.formatting_structure.boxes import TextBox
from weasyprint.pdf.stream import Stream

from survey_app.errors import Invalid
from survey_app.questionnaire.codebook import not_applicable_label
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    Condition,
    Question,
    QuestionKind,
    Questionnaire,
    Scale,
    Section,
)
from survey_app.questionnaire.keying import answer_keys
from survey_app.reporting.rendering import markup
from survey_app.reporting.rendering.pdf import renderer
from survey_app.reporting.rendering.qr import Square
from survey_app.text import file_stem

MOST_COPIES = 200
HIGHEST_NUMBER = 99_999
_SQUARE = "hai-long-drawing:square"
_DIGITS = 4


@dataclass(frozen=True)
class PaperForm:
    """What a form says beside its questions; ``address`` is the open link of its place.

    The copies are numbered ``first``, ``first`` + 1 … Raises Invalid for impossible numbers.
    """

    questionnaire: Questionnaire
    survey_code: str
    survey_title: str
    agency: str
    parent_agency: str
    unit_name: str
    point_label: str
    starts_on: date
    ends_on: date
    token: str
    address: str
    is_demo: bool
    first: int = 1
    copies: int = 1
    version_number: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.copies <= MOST_COPIES:
            raise Invalid(f"Mỗi lần in được từ 1 đến {MOST_COPIES} phiếu.")
        if not 1 <= self.first <= HIGHEST_NUMBER - self.copies + 1:
            raise Invalid(f"Số phiếu phải từ 1 đến {HIGHEST_NUMBER}.")

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers as printed: 0001, 0002 … all of the same width."""
        numbers = range(self.first, self.first + self.copies)
        width = max(_DIGITS, len(str(numbers[-1])))
        return tuple(f"{number:0{width}}" for number in numbers)

    @property
    def filename(self) -> str:
        span = f"{self.numbers[0]}_{self.numbers[-1]}"
        return f"PhieuGiay_{file_stem(self.survey_code)}_{self.token}_{span}.pdf"


@dataclass(frozen=True)
class Choice:
    """One box to tick; ``key`` is what a clerk types for it."""

    label: str
    key: str


@dataclass(frozen=True)
class Entry:
    """One question as it stands on paper.

    ``boxes``: for a matrix one per column, None where the question lacks that answer.
    """

    number: int
    question: Question
    notes: tuple[str, ...]
    boxes: tuple[Choice | None, ...]


@dataclass(frozen=True)
class Block:
    """Questions that stand together: a matrix of one scale (with its columns), or one question."""

    columns: tuple[Choice, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Part:
    """A section with its blocks."""

    section: Section
    blocks: tuple[Block, ...]


def render_paper_form(form: PaperForm) -> bytes:
    """The forms on A4, one after the other; one of several pages has an even number of them, so
    that the next begins on a sheet of its own when printed on both sides.

    A single form is tagged, for those who have it read aloud; copies to be printed are not."""
    text = _text(form)
    square = Square(form.address)
    if form.copies == 1:
        return renderer().tag(text, _style(), {_SQUARE: square})

    def arrange(pages: list[Page]) -> list[Page]:
        found = [(page, _number_boxes(page, form.numbers[0])) for page in pages]
        shared: list[Page] = [WithoutNumber(page, boxes) for page, boxes in found]
        if len(pages) > 1 and len(pages) % 2:  # the next form begins on a sheet of its own
            found.append((pages[0], []))
            shared.append(OnlyNumber(pages[0], [], ""))
        over = [OnlyNumber(page, boxes, number) for number in form.numbers for page, boxes in found]
        return [*shared, *over]

    def finish(_document: Document, pdf: pydyf.PDF) -> None:
        _lay_over(pdf, len(pdf.pages["Kids"]) // 3 // (form.copies + 1))

    return renderer().paint(text, _style(), {_SQUARE: square}, arrange, finish)


def form_parts(questionnaire: Questionnaire) -> tuple[Part, ...]:
    """The sections of a questionnaire as they stand on paper."""
    numbers = {question.code: n for n, question in enumerate(questionnaire.questions, start=1)}
    return tuple(
        Part(section, tuple(_blocks(section, questionnaire, numbers)))
        for section in questionnaire.sections
    )


def _blocks(
    section: Section, questionnaire: Questionnaire, numbers: dict[str, int]
) -> Iterator[Block]:
    def notes(question: Question) -> tuple[str, ...]:
        return tuple(_notes(question, questionnaire, numbers))

    for scale, group in groupby(section.questions, key=lambda question: question.scale):
        questions = list(group)
        if scale is not None:
            columns = _columns(scale, questions)
            entries = (Entry(numbers[q.code], q, notes(q), _row(q, columns)) for q in questions)
            yield Block(columns, tuple(entries))
            continue
        for question in questions:
            entry = Entry(numbers[question.code], question, notes(question), _choices(question))
            yield Block((), (entry,))


def _columns(scale: Scale, questions: Sequence[Question]) -> tuple[Choice, ...]:
    """The worded columns of a matrix; "does not apply" when any question offers it."""
    widest = max(questions, key=lambda question: question.not_applicable)
    keys = answer_keys(widest)
    labels = {level.code: str(level.label) for level in scale.levels}
    labels[NOT_APPLICABLE] = str(scale.not_applicable)
    return tuple(Choice(labels[code], key) for code, key in keys.items())


def _row(question: Question, columns: tuple[Choice, ...]) -> tuple[Choice | None, ...]:
    keys = set(answer_keys(question).values())
    return tuple(column if column.key in keys else None for column in columns)


def _choices(question: Question) -> tuple[Choice, ...]:
    labels = {option.code: str(option.label) for option in question.choices}
    labels[NOT_APPLICABLE] = str(not_applicable_label(question))
    return tuple(Choice(labels[code], key) for code, key in answer_keys(question).items())


def _notes(
    question: Question, questionnaire: Questionnaire, numbers: dict[str, int]
) -> Iterator[str]:
    """The skip rule in words, the hint, and how the question is to be answered."""
    if question.ask_when:
        rules = " và ".join(
            _rule(condition, questionnaire, numbers) for condition in question.ask_when
        )
        number = numbers[question.code]
        yield f"Nếu {rules} thì trả lời câu {number}; nếu không, bỏ qua câu này."
    if question.hint:
        yield f"{str(question.hint).rstrip('.')}."
    elif question.kind is QuestionKind.MULTIPLE:
        most = question.max_choices
        yield f"Chọn nhiều nhất {most} ý." if most else "Có thể chọn nhiều ý."
    if question.kind is QuestionKind.NUMBER:
        yield _bounds(question)


def _rule(condition: Condition, questionnaire: Questionnaire, numbers: dict[str, int]) -> str:
    asked = questionnaire[condition.question]
    number = numbers[asked.code]
    labels = [f"“{o.label}”" for o in asked.choices if o.code in condition.options]
    if NOT_APPLICABLE in condition.options:
        labels.append(f"“{not_applicable_label(asked)}”")
    if not condition.negated:
        return f"câu {number} chọn {' hoặc '.join(labels)}"
    if asked.kind is QuestionKind.MULTIPLE:
        return f"câu {number} có trả lời mà không chọn {' và cũng không chọn '.join(labels)}"
    return f"câu {number} chọn ý khác với {' và '.join(labels)}"


def _bounds(question: Question) -> str:
    if question.minimum is not None and question.maximum is not None:
        return f"Ghi một số nguyên từ {question.minimum} đến {question.maximum}."
    return "Ghi một số nguyên."


# ── painting ──────────────────────────────────────────────────────────────────────────────────


class WithoutNumber(Page):  # type: ignore[misc]
    """A page painted with nothing where its number stands."""

    def __init__(self, page: Page, boxes: list[TextBox]) -> None:
        self.__dict__.update(page.__dict__)
        self._boxes = boxes

    def paint(self, stream: Stream, scale: float = 1) -> None:
        """Paint the page; its boxes are left as they were found."""
        words = [box.text for box in self._boxes]
        for box in self._boxes:
            box.text = ""
        super().paint(stream, scale)
        for box, text in zip(self._boxes, words, strict=True):
            box.text = text


class OnlyNumber(WithoutNumber):
    """Nothing of a page but its number: another one, of the same width, than was laid out."""

    def __init__(self, page: Page, boxes: list[TextBox], number: str) -> None:
        super().__init__(page, boxes)
        self._words = _number_words(number)

    def paint(self, stream: Stream, scale: float = 1) -> None:
        """Paint the number at its places."""
        with stream.stacked():
            stream.transform(a=scale, d=scale)
            for box in self._boxes:
                box.text = box.pango_layout.text = self._words
                draw_text(stream, box, 0, "clip", "none")


def _number_boxes(page: Page, number: str) -> list[TextBox]:
    words = _number_words(number)
    boxes = page._page_box.descendants()
    return [box for box in boxes if isinstance(box, TextBox) and box.text == words]


def _lay_over(pdf: pydyf.PDF, length: int) -> None:
    """Make one form of ``length`` pages, followed by the numbers of all copies, into the copies.

    A page may have several contents, painted one after the other; ``q`` and ``Q`` keep the first
    from changing what the second sees.
    """
    save, restore = pydyf.Stream([b"q"]), pydyf.Stream([b"Q"])
    pdf.add_object(save)
    pdf.add_object(restore)
    kids = pdf.pages["Kids"]
    pages = [pdf.objects[number] for number in kids[::3]]  # "12 0 R" are three items
    for place, page in enumerate(pages[length:]):
        shared = pages[place % length]["Contents"]
        page["Contents"] = pydyf.Array(
            [save.reference, shared, restore.reference, page["Contents"]]
        )
    del kids[: 3 * length]
    pdf.pages["Count"] -= length


@cache
def _style() -> CSS:
    return renderer().style("paper_form.css")


def _text(form: PaperForm) -> str:
    """The form as XHTML, with its first number."""
    template = markup.environment().get_template("paper_form.html")
    return template.render(
        form=form,
        parts=form_parts(form.questionnaire),
        number_words=_number_words(form.numbers[0]),
        token=f"{form.token[:4]} {form.token[4:]}",
        site=form.address.partition("://")[2].partition("/")[0],
        square=_SQUARE,
        has_required=any(question.required for question in form.questionnaire.questions),
        text_lines=range(4),
    )


def _number_words(number: str) -> str:
    return f"Số phiếu: {number}"
