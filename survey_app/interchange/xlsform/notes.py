"""What is noted while a form is read: findings, and the texts and codes that need care."""

import re
from collections.abc import Iterable

from survey_app.interchange.xlsform import vocabulary
from survey_app.interchange.xlsform.features import (
    REFERENCE,
    STYLED,
    Feature,
    Finding,
    Place,
)
from survey_app.interchange.xlsform.sheets import Line
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE, LocalText

QUESTION_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_LONGEST_CODE = 64
_REFERENCE = re.compile(r"\$\{\s*(last-saved#)?[^\W\d][\w.:-]*\s*\}")
#: Marks that collecting programs turn into bold, large or coloured letters, links and lines.
_STYLED = re.compile(
    r"""</?(a|b|big|br|center|div|em|font|h[1-6]|i|li|ol|p|small|span|strong|su[bp]|u|ul)\b[^<>]*>
    |\*\*[^\s*][^*]*\*\*|(?<![\w*])\*[^\s*][^*]*\*(?![\w*])|(?<!\w)__?[^\s_][^_]*_(?!\w)
    |^\#{1,6}\s|\[[^\[\]]+\]\([^\s()]+\)""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)


class Notes:
    """Collects findings; ``plain_language`` is that of columns which name none; ``is_ours``: the
    form was written by this platform."""

    def __init__(self, plain_language: str) -> None:
        self.found: list[Finding] = []
        self.plain_language = plain_language
        self.is_ours = False

    def refuse(self, place: Place, what: str, why: str, advice: str) -> None:
        self.found.append(Finding(place, what, why, advice, is_refused=True))

    def leave_out(self, place: Place, what: str, why: str, advice: str) -> None:
        self.found.append(Finding(place, what, why, advice, is_refused=False))

    def feature(self, place: Place, feature: Feature, *, is_refused: bool) -> None:
        finding = Finding(place, feature.what, feature.why, feature.advice, is_refused)
        if finding not in self.found:
            self.found.append(finding)

    def text(self, line: Line, column: str = "label") -> LocalText | None:
        """A text of a row without the languages in which Vietnamese stands in; None without any.

        Refused where other languages have it and Vietnamese has not.
        """
        for heading in line.sheet.named(column):
            self._look_at_text(line.cell_place(heading), line.cells[heading.letter])
        texts = line.texts(column, self.plain_language)
        for mark in line.get(vocabulary.UNTRANSLATED).split():
            name, _, code = mark.partition(":")
            if name == column and texts.get(code) == texts.get(PRIMARY_LANGUAGE):
                texts.pop(code, None)
        if not texts:
            return None
        if PRIMARY_LANGUAGE not in texts:
            self.refuse(
                line.place(column),
                f"Thiếu {'nội dung' if column == 'label' else 'gợi ý'} tiếng Việt",
                "mỗi nội dung phải có tiếng Việt",
                "Hãy ghi vào cột “label::Tiếng Việt (vi)” (hoặc hint).",
            )
            texts = {PRIMARY_LANGUAGE: next(iter(texts.values())), **texts}
        return LocalText(texts)

    def _look_at_text(self, place: Place, text: str) -> None:
        """Names what a text does beside being read."""
        if _REFERENCE.search(text):
            self.feature(place, REFERENCE, is_refused=True)
        if not self.is_ours and _STYLED.search(text):
            self.feature(place, STYLED, is_refused=False)

    def needed_text(self, line: Line, what: str) -> LocalText:
        """The label of a row that cannot be without one."""
        text = self.text(line)
        if text is None:
            self.refuse(
                line.place("label"),
                f"{what} chưa có nội dung (label)",
                "người dân không biết được hỏi gì",
                "Hãy ghi nội dung vào cột “label::Tiếng Việt (vi)”.",
            )
        return text or LocalText({PRIMARY_LANGUAGE: "…"})

    def code(self, line: Line, taken: Iterable[str], what: str) -> str:
        """The code of a question or section: its name, or the nearest that is one here."""
        written = line.get(vocabulary.CODE) or line.get("name")
        if not written:
            self.refuse(
                line.place("name"),
                f"{what} chưa có tên (name)",
                "kết quả các kỳ được ghép theo mã",
                "Hãy ghi tên ngắn, không dấu, vào cột “name”.",
            )
        code = free(question_code(written), taken)
        if written and code != written:
            self.leave_out(
                line.place("name"),
                f"Mã “{written}” được đổi thành “{code}”",
                "mã chỉ gồm chữ thường không dấu, chữ số và dấu gạch dưới, và không trùng nhau",
                "Không cần làm gì; nên dùng mã này khi đối chiếu với số liệu cũ.",
            )
        return code


def question_code(written: str) -> str:
    """The nearest code of a question or section to what is written.

    >>> question_code("Q1-Age"), question_code("1a"), question_code("access.signage")
    ('q1_age', 'q_1a', 'access.signage')
    """
    if QUESTION_CODE.fullmatch(written) and len(written) <= _LONGEST_CODE:
        return written
    code = re.sub("[^a-z0-9_]+", "_", written.lower()).strip("_")[: _LONGEST_CODE - 4] or "q"
    return code if code[0].isalpha() else f"q_{code}"


def free(code: str, taken: Iterable[str]) -> str:
    """The code, or with the first number behind it that nothing has yet."""
    used = set(taken)
    found, number = code, 2
    while found in used:
        found, number = f"{code}_{number}", number + 1
    return found
