"""The sheet settings of a form: code, title, languages; in our own forms the scoring method too."""

import re
from dataclasses import dataclass

from survey_app.interchange.xlsform import vocabulary
from survey_app.interchange.xlsform.features import Place
from survey_app.interchange.xlsform.notes import Notes
from survey_app.interchange.xlsform.sheets import Form, Line
from survey_app.interchange.xlsform.vocabulary import language_of, unshielded
from survey_app.questionnaire.definition import (
    PRIMARY_LANGUAGE,
    ItemRule,
    LocalText,
    RollUp,
    ScoringMethod,
)
from survey_app.text import file_stem

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_CODE = 64
_READ = frozenset({"form_title", "form_id", "version", "default_language"})


@dataclass(frozen=True)
class Settings:
    """What a form says of itself; ``is_ours``: it was written by this platform."""

    code: str
    title: LocalText
    languages: tuple[str, ...]
    scoring: ScoringMethod
    is_ours: bool


def read_settings(form: Form, notes: Notes, stem: str) -> Settings:
    """The settings, with what can be had from ``stem``, the file's name, where they are silent."""
    line = form.settings
    is_ours = notes.is_ours = bool(line.get(vocabulary.SCORING_VERSION))
    if not is_ours:
        _name_the_rest(line, notes)
    _name_plain_language(form, notes)
    title = unshielded(line.get("form_title")) or stem
    titles = {
        heading.name.removeprefix(vocabulary.TITLE_IN): unshielded(text)
        for heading, text in line.filled()
        if heading.name.startswith(vocabulary.TITLE_IN)
    }
    return Settings(
        code=_code(line, notes, stem),
        title=LocalText({PRIMARY_LANGUAGE: title, **titles}),
        languages=_languages(form, line, notes),
        scoring=_scoring(line, notes) if is_ours else _plain_scoring(),
        is_ours=is_ours,
    )


def _code(line: Line, notes: Notes, stem: str) -> str:
    written = line.get("form_id") or stem
    if _CODE.fullmatch(written) and len(written) <= _LONGEST_CODE:
        return written
    words = re.sub("([a-z0-9])([A-Z])", r"\1-\2", file_stem(written)).lower()
    code = words[:_LONGEST_CODE].strip("-")
    code = code if code[:1].isalpha() else f"bo-{code}"
    notes.leave_out(
        line.place("form_id"),
        f"Mã biểu mẫu “{written}” được đổi thành “{code}”",
        "mã bộ câu hỏi chỉ gồm chữ thường không dấu, chữ số và gạch ngang",
        "Không cần làm gì; có thể đổi trong bản thảo.",
    )
    return code


def _languages(form: Form, line: Line, notes: Notes) -> tuple[str, ...]:
    declared = line.get(vocabulary.LANGUAGES).split()
    seen = [h.language for h in form.languages if h.language]
    found = tuple(dict.fromkeys([*declared, *seen, notes.plain_language]))
    if declared:
        return tuple(dict.fromkeys([*declared, *seen]))
    return tuple(sorted(found, key=lambda code: code != PRIMARY_LANGUAGE))


def _name_plain_language(form: Form, notes: Notes) -> None:
    """Says how a column without a language was understood, where nothing in the form tells."""
    plain = [h for h in form.survey.named("label") if not h.part]
    if not plain or language_of(form.settings.get("default_language")):
        return
    notes.leave_out(
        Place(vocabulary.SURVEY, 1, plain[0].letter, plain[0].written),
        "Cột không ghi ngôn ngữ được hiểu là tiếng Việt",
        "biểu mẫu không nêu ngôn ngữ mặc định, hoặc nêu bằng tên không nhận ra",
        "Nếu không phải tiếng Việt, hãy đổi tên cột, chẳng hạn “label::English (en)”.",
    )


def _plain_scoring() -> ScoringMethod:
    return ScoringMethod("1", ItemRule.TOP2, RollUp.POOLED)


def _scoring(line: Line, notes: Notes) -> ScoringMethod:
    pairs = (part.partition("=") for part in line.get(vocabulary.WEIGHTS).split())
    try:
        return ScoringMethod(
            line.get(vocabulary.SCORING_VERSION),
            ItemRule(line.get(vocabulary.ITEM)),
            RollUp(line.get(vocabulary.ROLL_UP)),
            {code: float(weight) for code, _, weight in pairs},
        )
    except ValueError:
        notes.refuse(
            line.place(vocabulary.ITEM),
            "Cách tính chỉ số không đọc được",
            "các cột hailong_item, hailong_roll_up, hailong_weights đã bị sửa",
            "Hãy xuất lại biểu mẫu từ bộ câu hỏi, hoặc xóa cột hailong_scoring_version.",
        )
        return _plain_scoring()


def _name_the_rest(line: Line, notes: Notes) -> None:
    for heading, _ in line.filled():
        if heading.name not in _READ or heading.name == "version":
            notes.leave_out(
                line.cell_place(heading),
                f"Thiết lập “{heading.written}”",
                "chỉ dùng cho phần mềm thu thập khác",
                "Không cần làm gì; thiết lập này được bỏ qua.",
            )
