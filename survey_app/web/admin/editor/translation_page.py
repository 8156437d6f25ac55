"""A draft in two columns: Vietnamese, and one language into which it is translated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.errors import Invalid, NotFound
from survey_app.i18n import vietnamese_name
from survey_app.operations.questionnaires.drafts import QuestionnaireDraft
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.questionnaire.editing.translating import Merge, Text, texts_to_translate
from survey_app.web.admin.editor.page import (
    TRANSLATION,
    Outline,
    frame,
    is_asked_by_script,
    names_of,
    shown,
)
from survey_app.web.admin.editor.values import field_label

_LONG = frozenset(["introduction", "thanks", "text", "hint"])
_CHOICE = {Part.QUESTION: "phương án", Part.SCALE: "mức"}


@dataclass(frozen=True)
class Row:
    """A text with what its field shows."""

    text: Text
    label: str
    value: str
    error: str

    @property
    def is_long(self) -> bool:
        return self.text.key in _LONG

    @property
    def lines(self) -> int:
        """Of the field, so that the translation of such a text fits."""
        return min(8, 1 + len(self.text.source) // 45)


@dataclass(frozen=True)
class Group:
    """The rows of one section, of the general part or of one scale."""

    anchor: str
    title: str
    rows: tuple[Row, ...]

    @property
    def missing(self) -> int:
        return sum(row.text.is_missing for row in self.rows)


def require_language(draft: QuestionnaireDraft, language: str) -> None:
    """Raises NotFound for a language that nothing is translated into."""
    if language == PRIMARY_LANGUAGE or language not in draft.document["languages"]:
        raise NotFound("Bản thảo không có ngôn ngữ này.")


def translated_language(draft: QuestionnaireDraft, written: str) -> str:
    """The language a state is about, if it is about one that the draft still has."""
    language = written.removeprefix(TRANSLATION) if written.startswith(TRANSLATION) else ""
    return language if language in draft.document["languages"] else ""


def translation_address(draft_id: int, language: str) -> str:
    """The page at the filter that is set now."""
    return url_for(
        "admin.draft_translation", draft_id=draft_id, language=language, missing=_wish() or None
    )


def translation_answer(draft: QuestionnaireDraft, language: str, said: str) -> ResponseReturnValue:
    """The page after an action: at once for the script, by a redirect for everybody else."""
    if is_asked_by_script():
        return translation_page(draft, language, said=said)
    flash(said)
    return redirect(translation_address(draft.id, language) + "#muc", 303)


def translation_page(
    draft: QuestionnaireDraft,
    language: str,
    *,
    said: str = "",
    typed: Merge | None = None,
    refusal: Invalid | None = None,
) -> ResponseReturnValue:
    """Every text, or only what is missing; of a refused form with everything that was typed."""
    document = draft.document
    around = frame(draft, document, None)
    texts = texts_to_translate(document, language)
    rows = _rows(texts, around["outline"], typed, refusal)
    context: dict[str, Any] = {
        "part": "translation",
        "language": language,
        "language_words": vietnamese_name(language),
        "groups": list(_groups(rows, around["outline"])),
        "problems": refusal.problems if isinstance(refusal, Invalid) else (),
        "total": sum(bool(text.source) for text in texts),
        "missing": sum(text.is_missing for text in texts),
        "only_missing": bool(_wish()),
        **around,
    }
    address = translation_address(draft.id, language)
    return shown("admin/editor/translation.html", context, address, said, "", refusal)


def _wish() -> str:
    return "1" if request.args.get("missing") else ""


def _rows(
    texts: Iterable[Text], outline: Outline, typed: Merge | None, refusal: Exception | None
) -> list[Row]:
    labels = Labels(outline)
    changes: Mapping[str, str] = typed.changes if typed else {}
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    errors = {problem.where: problem.message for problem in problems}
    found = []
    for text in texts:
        name, label = text.name, labels.of(text)
        if name in changes or text.is_missing or not _wish():
            value = changes.get(name, text.translation)
            found.append(Row(text, label, value, errors.get(name, "")))
    return found


def _groups(rows: Iterable[Row], outline: Outline) -> Iterable[Group]:
    """The rows under the headings of the outline, without headings under which nothing is."""
    heads: list[tuple[set[Place], str, str]] = []
    heads.append(({outline.general.place}, "chung", "Thông tin chung"))
    for section in outline.sections:
        places = {section.head.place, *(line.place for line in section.questions)}
        title = f"Phần {section.head.number}. {section.head.text}"
        heads.append((places, f"phan-{section.head.number}", title))
    for number, line in enumerate(outline.scales, 1):
        heads.append(({line.place}, f"thang-{number}", f"Thang đo {line.text}"))
    for places, anchor, title in heads:
        own = tuple(row for row in rows if row.text.place in places)
        if own:
            yield Group(anchor, title, own)


class Labels:
    """What each text is called: "Câu 3", "Câu 3, phương án 2", "Lời dẫn"."""

    def __init__(self, outline: Outline) -> None:
        self._names = names_of(outline)
        self._numbers: dict[tuple[str, str], int] = {}

    def of(self, text: Text) -> str:
        place = str(text.place)
        is_question = text.place.part is Part.QUESTION
        head = f"Câu {self._names[place].partition('.')[0]}" if is_question else ""
        if text.choice:
            number = self._numbers[(place, "")] = self._numbers.get((place, ""), 0) + 1
            what = f"{_CHOICE[text.place.part]} {number}"
        elif text.key == "text":
            return head
        else:
            what = field_label(text.key)
        words = f"{head}, {what[:1].lower()}{what[1:]}" if head else what
        return words[:1].upper() + words[1:]
