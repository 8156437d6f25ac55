"""The edits between two versions of a questionnaire in words: for the page and the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from survey_app.i18n import vietnamese_name
from survey_app.questionnaire.declarations import Declaration, Matter, Verdict
from survey_app.questionnaire.definition import (
    Condition,
    ItemRule,
    QuestionKind,
    Questionnaire,
    Role,
    RollUp,
)
from survey_app.questionnaire.edits import Change, ChangeKind, Subject, Touched
from survey_app.questionnaire.spelling import Piece, mark_words
from survey_app.reporting.formats import as_written
from survey_app.reporting.wording import ITEM_RULES, ROLL_UPS, said, scale_words

QUESTION_KINDS = {
    QuestionKind.SCALE: "Thang đo",
    QuestionKind.SINGLE: "Chọn một ý",
    QuestionKind.MULTIPLE: "Chọn nhiều ý",
    QuestionKind.NUMBER: "Nhập số",
    QuestionKind.TEXT: "Tự viết",
}
QUESTION_ROLES = {
    Role.CRITERION: "Tiêu chí",
    Role.OVERALL: "Hài lòng chung",
    Role.DEMOGRAPHIC: "Thông tin người trả lời",
    Role.NEED: "Nhu cầu, mong đợi",
    Role.HARASSMENT: "Phiền hà, chi phí ngoài quy định",
    Role.CONTEXT: "Hoàn cảnh giao dịch",
    Role.COMMENT: "Góp ý",
}
KINDS = {
    ChangeKind.TYPO: "Lỗi chính tả",
    ChangeKind.WORDING: "Đổi lời",
    ChangeKind.SCALE: "Đổi thang trả lời",
    ChangeKind.OPTIONS: "Đổi phương án trả lời",
    ChangeKind.AUDIENCE: "Đổi đối tượng được hỏi",
    ChangeKind.MEANING: "Đổi nội dung hỏi",
    ChangeKind.METHOD: "Đổi cách tính",
    ChangeKind.ADDED: "Thêm mới",
    ChangeKind.REMOVED: "Bỏ đi",
    ChangeKind.MOVED: "Chuyển chỗ",
    ChangeKind.TRANSLATION: "Bản dịch",
    ChangeKind.FRAME: "Chữ quanh câu hỏi",
}
VERDICTS = {Verdict.COMPARABLE: "So sánh được", Verdict.BREAK: "Ngắt chuỗi"}
_PARTS = {
    "text": "Lời câu hỏi",
    "hint": "Gợi ý",
    "kind": "Kiểu câu hỏi",
    "role": "Vai trò",
    "title": "Tiêu đề",
    "introduction": "Lời giới thiệu",
    "thanks": "Lời cảm ơn",
    "languages": "Ngôn ngữ",
    "code": "Mã bộ câu hỏi",
    "levels": "Các mức",
    "satisfied": "Mức được tính là hài lòng",
    "not_applicable": "“Không áp dụng”",
    "question": "Câu hỏi",
    "section": "Phần",
    "factor": "Là yếu tố",
    "order": "Thứ tự",
    "scale": "Thang trả lời",
    "max_choices": "Số ý được chọn nhiều nhất",
    "minimum": "Số nhỏ nhất",
    "maximum": "Số lớn nhất",
    "max_length": "Số ký tự nhiều nhất",
    "required": "Bắt buộc trả lời",
    "ask_when": "Chỉ hỏi khi",
    "version": "Tên phương pháp",
    "item": "Cách tính mỗi câu trả lời",
    "roll_up": "Cách gộp",
    "weights": "Trọng số",
}
_NUMBERED = {"level": "Mức", "option": "Phương án"}
#: So many figures are named; the others are counted.
MOST_NAMED = 3


@dataclass(frozen=True)
class EditLine:
    """One edit: which part, and both texts as one with what was removed and added."""

    part: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class EditedMatter:
    """Edits that are declared together, in words. ``outcome``: what becomes of the series where
    nobody is asked; "" where somebody is."""

    matter: Matter
    subject: str
    kind: str
    lines: tuple[EditLine, ...]
    touches: str
    outcome: str

    @property
    def key(self) -> str:
        return self.matter.key


def describe_matters(
    matters: Iterable[Matter], earlier: Questionnaire, later: Questionnaire
) -> tuple[EditedMatter, ...]:
    """The matters in words, those that somebody must decide on first."""
    ordered = sorted(matters, key=lambda matter: (not matter.is_open, matter.goes_on))
    return tuple(_describe(matter, earlier, later) for matter in ordered)


def declared_outcome(declaration: Declaration) -> str:
    """A verdict with its reason.

    >>> declared_outcome(Declaration(Verdict.COMPARABLE, "cùng một ý"))
    'So sánh được (lý do: cùng một ý)'
    """
    reason = f" (lý do: {declaration.reason})" if declaration.reason else ""
    return f"{VERDICTS[declaration.verdict]}{reason}"


def _describe(matter: Matter, earlier: Questionnaire, later: Questionnaire) -> EditedMatter:
    return EditedMatter(
        matter,
        _subject(matter.first, earlier, later),
        KINDS[matter.first.kind],
        tuple(
            EditLine(_part(change), _pieces(change, earlier, later)) for change in matter.changes
        ),
        _touches(matter.touched, earlier, later),
        _outcome(matter),
    )


def _outcome(matter: Matter) -> str:
    if matter.is_open:
        return ""
    is_bearing = matter.touched != Touched()
    if matter.goes_on or not is_bearing:
        return "Không ảnh hưởng đến số liệu; chuỗi đi tiếp."
    return "Ngắt chuỗi: hai bên không đặt cạnh nhau được, nên không có lựa chọn khác."


def _subject(change: Change, earlier: Questionnaire, later: Questionnaire) -> str:
    if change.subject is Subject.QUESTIONNAIRE:
        return "Bộ câu hỏi"
    if change.subject is Subject.SCORING:
        return "Phương pháp tính"
    if change.subject is Subject.SCALE:
        return f"Thang trả lời {_scale(change.code, earlier, later)}"
    if change.subject is Subject.SECTION:
        titles = {s.code: said(s.title) for q in (earlier, later) for s in q.sections}
        return f"Phần “{titles[change.code]}”"
    questionnaire = later if change.code in later else earlier
    question = questionnaire[change.code]
    return f"{QUESTION_ROLES[question.role]} “{said(question.text)}”"


def _scale(code: str, earlier: Questionnaire, later: Questionnaire) -> str:
    """A scale by its ends as they are now, or were; by its code where no question has it."""
    scales = [q.scale for one in (later, earlier) for q in one.questions if q.scale]
    scale = next((scale for scale in scales if scale.code == code), None)
    if scale is None:
        return f"“{code}”"
    ends = (said(scale.levels[place].label) for place in (0, -1))
    return f"“{scale_words(len(scale.levels), *ends)}”"


def _part(change: Change) -> str:
    name, _, rest = change.part.partition(" ")
    if name in _NUMBERED:
        place, _, language = rest.partition(" ")
        return _in_language(f"{_NUMBERED[name]} {place}", language)
    return _in_language(_PARTS[name], rest)


def _in_language(part: str, language: str) -> str:
    return f"{part}, {vietnamese_name(language)}" if language else part


def _pieces(change: Change, earlier: Questionnaire, later: Questionnaire) -> tuple[Piece, ...]:
    if change.part == "ask_when":
        return mark_words(*(_conditions(one, change.code) for one in (earlier, later)))
    if change.part == "weights":
        return mark_words(*(_weights(one) for one in (earlier, later)))
    return mark_words(_value(change, change.before), _value(change, change.after))


def condition(questionnaire: Questionnaire, asked: Condition) -> str:
    """A condition of a question in words: the question it is about, and the answers."""
    question = questionnaire[asked.question]
    labels = [f"“{said(c.label)}”" for c in question.choices if c.code in asked.options]
    verb = "khác" if asked.negated else "là"
    return f"câu “{said(question.text)}” {verb} {' hoặc '.join(labels)}"


def _conditions(questionnaire: Questionnaire, code: str) -> str:
    return " và ".join(condition(questionnaire, one) for one in questionnaire[code].ask_when)


def _weights(questionnaire: Questionnaire) -> str:
    weights = questionnaire.scoring.weights
    titles = {section.code: said(section.title) for section in questionnaire.factors}
    return "; ".join(
        f"{titles.get(code, code)}: {as_written(weight)}" for code, weight in weights.items()
    )


def _value(change: Change, text: str) -> str:
    """What a document holds as a code, in words."""
    if not text:
        return ""
    if change.part == "kind":
        return QUESTION_KINDS[QuestionKind(text)]
    if change.part == "role":
        return QUESTION_ROLES[Role(text)]
    if change.part == "item":
        return ITEM_RULES[ItemRule(text)]
    if change.part == "roll_up":
        return ROLL_UPS[RollUp(text)]
    if change.part == "languages":
        return ", ".join(vietnamese_name(code) for code in text.split(", "))
    return {"yes": "có", "factor": "có"}.get(text, text)


def _touches(touched: Touched, earlier: Questionnaire, later: Questionnaire) -> str:
    """Which figures an edit bears on, in one line."""
    asked = {q.code: said(q.text) for one in (earlier, later) for q in one.questions}
    titles = {s.code: said(s.title) for one in (earlier, later) for s in one.sections}
    parts = [
        *_named("tiêu chí", [asked[code] for code in touched.criteria]),
        *_named("yếu tố", [titles[code] for code in touched.factors]),
        *(["chỉ số hài lòng chung"] if touched.index else []),
        *_named("bảng của câu hỏi", [asked[code] for code in touched.tables]),
    ]
    return "; ".join(parts)


def _named(what: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(f"“{name}”" for name in names[:MOST_NAMED])
    rest = f" và {len(names) - MOST_NAMED} mục khác" if len(names) > MOST_NAMED else ""
    return [f"{what} {shown}{rest}"]
