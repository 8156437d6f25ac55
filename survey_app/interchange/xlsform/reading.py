"""XLSForm → our questionnaire as YAML, or everything in it that cannot be said here."""

from dataclasses import dataclass, field, replace
from pathlib import PurePath

from survey_app.errors import Invalid, Problem
from survey_app.interchange.xlsform import vocabulary
from survey_app.interchange.xlsform.cells import (
    is_comment,
    name_cells,
    name_columns,
    name_comment,
    name_sheets,
    name_unused_list,
)
from survey_app.interchange.xlsform.choices import read_lists
from survey_app.interchange.xlsform.features import (
    DEVICE,
    DEVICE_TYPES,
    DISABLED,
    REFUSED_TYPES,
    Finding,
    Place,
    Type,
    read_type,
)
from survey_app.interchange.xlsform.notes import Notes, free
from survey_app.interchange.xlsform.question import OTHER, QUESTION_TYPES, YES, QuestionReader
from survey_app.interchange.xlsform.settings import read_settings
from survey_app.interchange.xlsform.sheets import Form, Line, open_form
from survey_app.questionnaire.definition import (
    PRIMARY_LANGUAGE,
    Condition,
    LocalText,
    Question,
    Questionnaire,
    Section,
)
from survey_app.questionnaire.parsing import dump_questionnaire, parse_questionnaire


@dataclass(frozen=True)
class XlsformReading:
    """``source``: the questionnaire as YAML, a draft for somebody to go on with; None while
    something is refused. ``findings``: everything that did not come over as it was, by place."""

    source: str | None
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """What has to be changed in the form first."""
        return tuple(finding for finding in self.findings if finding.is_refused)

    @property
    def left_out(self) -> tuple[Finding, ...]:
        """What is taken over in another way, or not, without anything asked being lost."""
        return tuple(finding for finding in self.findings if not finding.is_refused)


def read_xlsform(data: bytes, filename: str) -> XlsformReading:
    """The questionnaire in a workbook (.xlsx, .xls, .ods, or .csv with the sheets' names).

    Nothing is left out in silence: what the form holds is in ``source`` or in ``findings``.
    Raises Invalid when the file is no XLSForm, or cannot be opened safely.
    """
    form = open_form(data, filename)
    return _Reader(form, PurePath(filename).stem).read()


@dataclass
class _Group:
    """A group on the way: its row, the conditions on all in it, where its questions go."""

    line: Line | None
    title: LocalText
    conditions: tuple[Condition, ...] = ()


@dataclass
class _Part:
    """A section being filled. ``group`` is what it was made for."""

    group: _Group
    code: str
    is_factor: bool = False
    questions: list[Question] = field(default_factory=list)
    introduction: LocalText | None = None
    note: Line | None = None


@dataclass(frozen=True)
class _Between:
    """A note after a question; it may be the hint of the next one."""

    line: Line
    text: LocalText
    group: _Group

    def goes_with(self, line: Line, group: _Group) -> bool:
        """Whether it is shown exactly when the question of a row is."""
        return group is self.group and line.get("relevant") == self.line.get("relevant")


class _Reader:
    """Walks through the rows of survey with the groups that are open."""

    def __init__(self, form: Form, stem: str) -> None:
        self._form = form
        default = form.settings.get("default_language")
        self._notes = Notes(vocabulary.language_of(default) or PRIMARY_LANGUAGE)
        self._settings = read_settings(form, self._notes, stem)
        self._lists = read_lists(form.choices, self._notes)
        self._questions = QuestionReader(self._notes, self._lists, self._settings.languages)
        self._groups = [_Group(None, self._settings.title)]
        self._parts: list[_Part] = []
        self._codes: set[str] = set()
        self._introduction: LocalText | None = None
        self._thanks: LocalText | None = None
        self._thanks_line: Line | None = None
        self._between: _Between | None = None
        self._lists_in_use: set[str] = set()

    def read(self) -> XlsformReading:
        name_columns(self._form, self._notes)
        name_sheets(self._form, self._notes)
        for line in self._form.survey.lines:
            self._row(line)
        self._end_between()
        self._close()
        source = None
        if not any(finding.is_refused for finding in self._notes.found):
            source = self._source()
        return XlsformReading(source, tuple(sorted(self._notes.found, key=_order)))

    def _source(self) -> str | None:
        """The YAML, or None where the result breaks a rule of our format after all."""
        settings = self._settings
        questionnaire = Questionnaire(
            code=settings.code,
            title=settings.title,
            languages=settings.languages,
            sections=tuple(_section(part) for part in self._parts if part.questions),
            scoring=settings.scoring,
            introduction=self._introduction,
            thanks=self._thanks,
        )
        try:
            source = dump_questionnaire(questionnaire)
            parse_questionnaire(source)
        except Invalid as invalid:
            self._broken(invalid.problems)
            return None
        except ValueError:
            self._broken([Problem("Hai thang đo khác nhau có cùng mã.")])
            return None
        return source

    def _broken(self, problems: tuple[Problem, ...] | list[Problem]) -> None:
        for problem in problems:
            self._notes.refuse(
                Place(vocabulary.SURVEY),
                f"Bộ câu hỏi lập từ biểu mẫu chưa hợp lệ ở {problem.where or 'một chỗ'}",
                problem.message.rstrip("."),
                "Hãy sửa trong biểu mẫu rồi tải lên lại.",
            )

    # ── rows ──────────────────────────────────────────────────────────────────────────────────

    def _row(self, line: Line) -> None:
        type_ = read_type(line.get("type"))
        if line.get("disabled").lower() in YES:
            self._notes.feature(line.place("disabled"), DISABLED, is_refused=False)
            return
        if is_comment(line, "type"):
            name_comment(line, self._notes)
            return
        self._lists_in_use.add(type_.list_name)
        if type_.word in {"note", "begin_group", *QUESTION_TYPES}:
            name_cells(line, type_, self._notes)
        if type_.word != "note" and type_.word not in QUESTION_TYPES:
            self._end_between()
        if type_.word in ("begin_group", "begin_repeat", "begin_loop", "begin_lgroup"):
            self._begin(line, type_)
        elif type_.word.startswith("end_"):
            self._end(line)
        elif type_.word == "note":
            self._note(line)
        elif type_.word in QUESTION_TYPES:
            self._question(line, type_)
        else:
            self._unknown(line, type_)

    def _unknown(self, line: Line, type_: Type) -> None:
        place = line.place("type")
        if type_.word in DEVICE_TYPES:
            self._notes.feature(place, DEVICE, is_refused=False)
        elif type_.word in REFUSED_TYPES:
            self._notes.feature(place, REFUSED_TYPES[type_.word], is_refused=True)
        else:
            what = (
                f"Loại câu hỏi “{line.get('type')}”" if type_.word else "Dòng chưa ghi loại (type)"
            )
            why = "nền tảng không có loại này" if type_.word else "không biết dòng này hỏi gì"
            self._notes.refuse(place, what, why, "Hãy sửa ô type, hoặc xóa dòng.")

    def _begin(self, line: Line, type_: Type) -> None:
        if type_.word != "begin_group":
            self._notes.feature(line.place("type"), REFUSED_TYPES[type_.word], is_refused=True)
        outer = self._groups[-1]
        title = self._notes.text(line) or LocalText({PRIMARY_LANGUAGE: line.get("name") or "…"})
        if outer.line is not None:
            self._notes.leave_out(
                line.place(),
                f"Nhóm “{title}” nằm trong nhóm “{outer.title}”",
                "bộ câu hỏi có các phần nối tiếp nhau, không lồng nhau",
                "Không cần làm gì; nhóm này thành một phần riêng, giữ nguyên thứ tự câu.",
            )
        conditions = (*outer.conditions, *self._questions.conditions(line))
        self._groups.append(_Group(line, title, conditions))

    def _end(self, line: Line) -> None:
        if len(self._groups) > 1:
            self._groups.pop()
            return
        self._notes.refuse(
            line.place("type"),
            "Thừa dòng kết thúc nhóm",
            "không có nhóm nào đang mở",
            "Hãy xóa dòng.",
        )

    def _part(self) -> _Part:
        """The section for what comes next: that of the innermost open group."""
        group = self._groups[-1]
        if not self._parts or self._parts[-1].group is not group:
            if group.line is None:
                code = free("chung", {part.code for part in self._parts})
                self._parts.append(_Part(group, code))
            else:
                taken = {part.code for part in self._parts}
                code = self._notes.code(group.line, taken, "Nhóm")
                is_factor = bool(group.line.get(vocabulary.FACTOR))
                self._parts.append(_Part(group, code, is_factor))
        return self._parts[-1]

    def _question(self, line: Line, type_: Type) -> None:
        code = self._notes.code(line, self._codes, "Câu hỏi")
        self._codes.add(code)
        question = self._questions.read(line, type_, code, self._groups[-1].conditions)
        question = self._with_note(line, question)
        self._thanks, self._thanks_line = None, None
        part = self._part()
        part.questions.append(question)
        if any(option.code == OTHER for option in question.options) and type_.or_other:
            name = f"{line.get('name')}_{OTHER}"
            other = free(f"{code}_{OTHER}", self._codes)
            self._codes.add(other)
            part.questions.append(self._questions.other_text(question, other, name))

    # ── notes ─────────────────────────────────────────────────────────────────────────────────

    def _note(self, line: Line) -> None:
        """A note is the introduction of the form or of a section, or the thanks at the end."""
        text = self._notes.needed_text(line, "Ghi chú")
        if hint := self._notes.text(line, "hint"):
            text = self._both(line, text, hint)
        if line.get(vocabulary.PART) == vocabulary.THANKS:
            self._thanks = text
        elif line.get("relevant"):
            self._note_between(line, text)
        elif self._groups[-1].line is None:
            self._outer_note(line, text)
        elif (part := self._part()).questions:
            self._note_between(line, text)
        else:
            part.introduction, part.note = self._both(line, part.introduction, text), line

    def _outer_note(self, line: Line, text: LocalText) -> None:
        if not self._codes:
            self._introduction = self._both(line, self._introduction, text)
        else:  # thanks, if no question follows
            self._thanks, self._thanks_line = self._both(line, self._thanks, text), line

    def _note_between(self, line: Line, text: LocalText) -> None:
        """Kept for the next row, which tells whether it is a hint."""
        group, before = self._groups[-1], self._between
        if before is not None and before.goes_with(line, group):
            text = self._both(line, before.text, text)
        elif before is not None:
            self._end_between()
        self._between = _Between(line, text, group)

    def _with_note(self, line: Line, question: Question) -> Question:
        """The question with the notes that stand right before it, told as what they became."""
        group = self._groups[-1]
        if self._thanks_line is not None and self._thanks:  # no thanks then
            if self._between is not None:
                self._misplaced(self._between.line)
            self._between = _Between(self._thanks_line, self._thanks, self._groups[0])
        note, self._between = self._between, None
        if note is None:
            return question
        if not note.goes_with(line, group):
            self._misplaced(note.line)
            return question
        self._notes.leave_out(
            note.line.place("type"),
            "Ghi chú đứng giữa các câu hỏi",
            "lời dẫn riêng chỉ có ở đầu phiếu và đầu mỗi phần; lời này được hiện thành gợi ý "
            "(hint) của câu ngay sau",
            "Không cần làm gì; hãy xem lại câu đó trong bản thảo.",
        )
        hint = self._both(line, note.text, question.hint)
        return replace(question, hint=hint)

    def _both(self, line: Line, first: LocalText | None, second: LocalText | None) -> LocalText:
        """Two texts in a row as one, in the languages that both speak."""
        if first is None or second is None:
            return first or second or LocalText({})
        codes = [code for code in first.texts if second.speaks(code)]
        if lost := sorted({*first.texts, *second.texts} - {*codes}):
            self._notes.leave_out(
                line.place("label"),
                f"Bản dịch ({', '.join(lost)}) của lời dẫn",
                "hai lời liền nhau được ghép làm một, mà chỉ một lời có bản dịch",
                "Hãy dịch lại trong bản thảo.",
            )
        return LocalText({c: f"{first.texts[c]}\n\n{second.texts[c]}" for c in codes})

    def _end_between(self) -> None:
        if self._between is not None:
            self._misplaced(self._between.line)
            self._between = None

    def _misplaced(self, line: Line) -> None:
        self._notes.refuse(
            line.place("type"),
            "Ghi chú không đứng ngay trước một câu có cùng điều kiện",
            "lời dẫn chỉ có ở đầu phiếu, đầu mỗi phần, ngay trước một câu, và lời cảm ơn ở cuối",
            "Hãy chuyển lên đầu nhóm, hoặc ghi vào gợi ý (hint) của câu ngay sau.",
        )

    def _close(self) -> None:
        for group in self._groups[1:]:
            self._notes.refuse(
                group.line.place("type") if group.line else Place(vocabulary.SURVEY),
                f"Nhóm “{group.title}” không có dòng kết thúc",
                "không biết nhóm gồm những câu nào",
                "Hãy thêm dòng end_group.",
            )
        for part in self._parts:
            if part.note is not None and not part.questions:
                self._misplaced(part.note)
        for name, found in self._lists.items():
            if name not in self._lists_in_use and not found.scale:
                name_unused_list(found.place, name, self._notes)
        if not self._codes:
            self._notes.refuse(
                Place(vocabulary.SURVEY),
                "Biểu mẫu không có câu hỏi nào nhập được",
                "bộ câu hỏi phải có ít nhất một câu",
                "Hãy thêm câu hỏi vào trang “survey”.",
            )
        if rows := self._questions.unranked:
            self._notes.leave_out(
                rows[0].place(),
                f"{len(rows)} câu chưa có vai trò (từ dòng {rows[0].number})",
                "XLSForm không ghi vai trò, thang đo và cách tính chỉ số",
                "Các câu được nhập là “hoàn cảnh giao dịch” (câu chữ: “góp ý”); hãy đặt vai trò, "
                "thang đo và cách tính trong bản thảo.",
            )


def _section(part: _Part) -> Section:
    return Section(
        code=part.code,
        title=part.group.title,
        questions=tuple(part.questions),
        is_factor=part.is_factor,
        introduction=part.introduction,
    )


_SHEETS = (vocabulary.SURVEY, vocabulary.CHOICES, vocabulary.SETTINGS)


def _order(finding: Finding) -> tuple[int, int, int, str]:
    place = finding.place
    sheet = _SHEETS.index(place.sheet) if place.sheet in _SHEETS else len(_SHEETS)
    return sheet, place.row or 0, len(place.letter), place.letter
