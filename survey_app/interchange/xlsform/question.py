"""One row of a form as a question: its type, limits and skip rule."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from survey_app.interchange.xlsform import vocabulary
from survey_app.interchange.xlsform.choices import ChoiceList
from survey_app.interchange.xlsform.expressions import (
    ALONE,
    Limits,
    NotExpressible,
    read_bounds,
    read_relevant,
)
from survey_app.interchange.xlsform.features import Type
from survey_app.interchange.xlsform.notes import Notes
from survey_app.interchange.xlsform.sheets import Line
from survey_app.questionnaire.definition import (
    Condition,
    LocalText,
    Option,
    Question,
    QuestionKind,
    Role,
)
from survey_app.questionnaire.reading import HIGHEST_NUMBER, LOWEST_NUMBER

_KINDS = {
    "select_one": QuestionKind.SINGLE,
    "select_multiple": QuestionKind.MULTIPLE,
    "integer": QuestionKind.NUMBER,
    "range": QuestionKind.NUMBER,
    "text": QuestionKind.TEXT,
}
QUESTION_TYPES = frozenset(_KINDS)
YES = frozenset({"yes", "true", "true()"})
_NO = frozenset({"", "no", "false", "false()"})
_SUBJECTS = {
    QuestionKind.NUMBER: (".",),
    QuestionKind.TEXT: ("string-length", "(", ".", ")"),
    QuestionKind.MULTIPLE: ("count-selected", "(", ".", ")"),
}
_LIMIT_ADVICE = {
    QuestionKind.NUMBER: "Chỉ giới hạn hai đầu được nhận, chẳng hạn: . >= 0 and . <= 120.",
    QuestionKind.TEXT: "Chỉ giới hạn độ dài được nhận, chẳng hạn: string-length(.) <= 500.",
    QuestionKind.MULTIPLE: "Chỉ giới hạn số phương án được nhận: count-selected(.) <= 3.",
}
#: What ``or_other`` stands for: an answer with this code, and a text about it.
OTHER = "other"
OTHER_LABEL = {"vi": "Khác", "en": "Other", "zh": "其他"}
OTHER_TEXT = {
    "vi": "Xin ông/bà ghi rõ phương án khác.",
    "en": "Please specify the other answer.",
    "zh": "请注明其他选项。",
}
_BARE_SPACE = re.compile(r"\s+")
_PARAMETER = re.compile(r"([\w-]+)\s*=\s*([^\s,;=]+)")
_OF_RANGE = frozenset({"start", "end", "step"})
_END_OF_RANGE = re.compile("[0-9]{1,9}")


def spoken(words: Mapping[str, str], languages: Collection[str]) -> LocalText:
    """Words of ours in the languages of a form; one that we do not speak stays to be translated."""
    return LocalText({code: text for code, text in words.items() if code in languages})


def _parameters(text: str) -> tuple[dict[str, str], bool]:
    """The parameters of a range by name, and whether all that is written has been understood."""
    given = {name.lower(): value for name, value in _PARAMETER.findall(text)}
    rest = _PARAMETER.sub("", text).strip(" ,;\n")
    return given, not rest and set(given) <= _OF_RANGE


@dataclass
class Earlier:
    """The questions read so far by their names in the form, as skip rules see them: option codes
    are those of the form. ``codes``: their option codes in the form → here; ``always``: names of
    those that are required and asked of everybody."""

    questions: dict[str, Question] = field(default_factory=dict)
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    always: set[str] = field(default_factory=set)

    def add(self, name: str, question: Question, choices: ChoiceList | None) -> None:
        names = {code: written for written, code in choices.codes.items()} if choices else {}
        shown = tuple(replace(o, code=names.get(o.code, o.code)) for o in question.choices)
        self.questions[name] = replace(question, options=shown, scale=None)
        self.codes[name] = choices.codes if choices else {}
        if question.required and not question.ask_when:
            self.always.add(name)

    def conditions(self, text: str) -> tuple[Condition, ...]:
        """The conditions of an expression, in our codes. Raises NotExpressible."""
        found = read_relevant(text, self.questions, self.always)
        names = {question.code: name for name, question in self.questions.items()}
        return tuple(
            replace(
                c, options=frozenset(self.codes[names[c.question]].get(o, o) for o in c.options)
            )
            for c in found
        )


class QuestionReader:
    """Reads rows that ask something."""

    def __init__(
        self, notes: Notes, lists: Mapping[str, ChoiceList], languages: Collection[str]
    ) -> None:
        self._notes = notes
        self._languages = languages
        self._lists = lists
        self.earlier = Earlier()
        self.unranked: list[Line] = []  # rows that say nothing of their role

    def read(
        self, line: Line, type_: Type, code: str, inherited: tuple[Condition, ...]
    ) -> Question:
        """The question of a row; what cannot be said is noted. ``inherited``: the conditions of
        the groups around it."""
        kind = _KINDS[type_.word]
        choices = self._choices(line, type_) if type_.word.startswith("select") else None
        question = Question(
            code=code,
            kind=QuestionKind.SCALE if choices and self._is_scale(choices, kind) else kind,
            role=self._role(line, kind),
            text=self._notes.needed_text(line, "Câu hỏi"),
            hint=self._notes.text(line, "hint"),
            required=self._required(line),
            not_applicable=self._offers_not_applicable(line, choices),
            ask_when=(*inherited, *self.conditions(line)),
        )
        if choices:
            is_scale = question.kind is QuestionKind.SCALE
            question = replace(
                question,
                scale=choices.to_scale() if is_scale else None,
                options=() if is_scale else tuple(choices.options),
            )
        question = self._limited(line, type_, question)
        self.earlier.add(line.get("name"), question, choices)
        return question

    def conditions(self, line: Line) -> tuple[Condition, ...]:
        """The skip rule of a row."""
        text = line.get("relevant")
        if not text or text.replace(" ", "").lower() in ("true()", "yes"):
            return ()
        try:
            return self.earlier.conditions(text)
        except NotExpressible as reason:
            self._notes.refuse(
                line.place("relevant"),
                "Điều kiện hỏi (relevant) không biểu đạt được",
                str(reason),
                "Điều kiện nhận được: ${câu} = 'mã' hoặc selected(${câu}, 'mã') nối bằng “or” "
                "trong cùng một câu, và “and” giữa các câu.",
            )
            return ()

    @staticmethod
    def _is_scale(choices: ChoiceList, kind: QuestionKind) -> bool:
        return bool(choices.scale) and kind is QuestionKind.SINGLE

    def _choices(self, line: Line, type_: Type) -> ChoiceList:
        found = self._lists.get(type_.list_name)
        if found is None:
            self._notes.refuse(
                line.place("type"),
                f"Không có danh sách phương án “{type_.list_name}”",
                "trang “choices” không có dòng nào của danh sách này",
                "Hãy thêm danh sách vào trang “choices”, hoặc sửa tên sau select_one.",
            )
        found = found or ChoiceList()
        return self._with_other(line, found) if type_.or_other else found

    def _with_other(self, line: Line, choices: ChoiceList) -> ChoiceList:
        """The list with one answer more, as converters make it of ``or_other``."""
        if choices.scale or OTHER in choices.codes or OTHER in choices.codes.values():
            self._notes.refuse(
                line.place("type"),
                "Phương án “khác” tự ghi (or_other)",
                "danh sách là một thang đo, hoặc đã có phương án “other”",
                "Hãy bỏ or_other; nếu cần ô ghi thêm, thêm một câu text với relevant chọn “other”.",
            )
            return choices
        self._notes.leave_out(
            line.place("type"),
            "Phương án “khác” tự ghi (or_other)",
            "ở đây phương án và ô ghi thêm là hai câu: phương án “Khác”, và một câu chữ chỉ hỏi "
            "người chọn phương án đó",
            "Không cần làm gì; có thể sửa lời trong bản thảo.",
        )
        other = Option(OTHER, spoken(OTHER_LABEL, self._languages))
        return replace(
            choices,
            options=[*choices.options, other],
            codes={**choices.codes, OTHER: OTHER},
        )

    def other_text(self, question: Question, code: str, name: str) -> Question:
        """What "other" is, asked of those who chose it. ``name``: in the form."""
        asked = Question(
            code=code,
            kind=QuestionKind.TEXT,
            role=Role.COMMENT,
            text=spoken(OTHER_TEXT, self._languages),
            ask_when=(Condition(question.code, frozenset({OTHER})),),
        )
        self.earlier.add(name, asked, None)
        return asked

    def _role(self, line: Line, kind: QuestionKind) -> Role:
        written = line.get(vocabulary.ROLE)
        if written in list(Role):
            return Role(written)
        self.unranked.append(line)
        return Role.COMMENT if kind is QuestionKind.TEXT else Role.CONTEXT

    def _required(self, line: Line) -> bool:
        written = (line.get("required") or line.get(vocabulary.REQUIRED)).lower().replace(" ", "")
        if written not in YES | _NO:
            self._notes.refuse(
                line.place("required"),
                "Bắt buộc theo điều kiện",
                "một câu hoặc luôn bắt buộc (khi được hỏi), hoặc không",
                "Hãy ghi yes hoặc no.",
            )
        return written in YES

    @staticmethod
    def _offers_not_applicable(line: Line, choices: ChoiceList | None) -> bool:
        if choices is None:
            return bool(line.get(vocabulary.OFFERS_NOT_APPLICABLE))
        return choices.offers_not_applicable

    # ── limits ────────────────────────────────────────────────────────────────────────────────

    def _limited(self, line: Line, type_: Type, question: Question) -> Question:
        if type_.word == "range":
            return self._ranged(line, question)
        limits = self._limits(line, question.kind)
        implied = line.get(vocabulary.IMPLIED).split()
        if question.kind is QuestionKind.MULTIPLE:
            return replace(question, max_choices=limits.highest)
        if question.kind is QuestionKind.TEXT:
            longest = None if "max_length" in implied else limits.highest
            return replace(question, max_length=longest)
        if question.kind is QuestionKind.NUMBER:
            low = None if "minimum" in implied else limits.lowest
            high = None if "maximum" in implied else limits.highest
            return self._within(line, "constraint", replace(question, minimum=low, maximum=high))
        return question

    def _limits(self, line: Line, kind: QuestionKind) -> Limits:
        text = _BARE_SPACE.sub(" ", line.get("constraint"))
        if kind is QuestionKind.MULTIPLE:
            text = text.replace(ALONE, "").strip().removesuffix("and").strip()
        if not text:
            return Limits()
        try:
            if kind not in _SUBJECTS:
                raise NotExpressible("câu một lựa chọn nhận mọi phương án của mình")
            limits = read_bounds(text, _SUBJECTS[kind])
            if kind is not QuestionKind.NUMBER and limits.lowest is not None:
                raise NotExpressible("giới hạn dưới chỉ có ở câu hỏi số")
        except NotExpressible as reason:
            self._notes.refuse(
                line.place("constraint"),
                "Ràng buộc (constraint) không biểu đạt được",
                str(reason),
                _LIMIT_ADVICE.get(kind, "Hãy xóa ô này."),
            )
            return Limits()
        return limits

    def _ranged(self, line: Line, question: Question) -> Question:
        """A slider over whole numbers is a number between its ends."""
        given, is_read = _parameters(line.get("parameters"))
        start, end = given.get("start", "1"), given.get("end", "10")
        is_whole = all(_END_OF_RANGE.fullmatch(end) for end in (start, end))
        if given.get("step", "1") != "1" or not is_whole or not is_read:
            self._notes.refuse(
                line.place("parameters"),
                "Thanh trượt (range) không phải từng số nguyên",
                "câu hỏi số nhận mọi số nguyên không âm trong khoảng",
                "Hãy chỉ dùng start, end (số nguyên) và step=1, hoặc đổi thành select_one.",
            )
            return question
        limits = self._limits(line, QuestionKind.NUMBER)
        lowest = max(int(start), limits.lowest or 0)
        highest = int(end) if limits.highest is None else min(int(end), limits.highest)
        return self._within(line, "parameters", replace(question, minimum=lowest, maximum=highest))

    def _within(self, line: Line, column: str, question: Question) -> Question:
        bounds = [b for b in (question.minimum, question.maximum) if b is not None]
        if any(not LOWEST_NUMBER <= bound <= HIGHEST_NUMBER for bound in bounds):
            self._notes.refuse(
                line.place(column),
                "Giới hạn nằm ngoài khoảng số nhận được",
                f"câu hỏi số nhận từ {LOWEST_NUMBER} đến {HIGHEST_NUMBER}",
                "Hãy đổi giới hạn hoặc đơn vị đo.",
            )
            return replace(question, minimum=None, maximum=None)
        return question
