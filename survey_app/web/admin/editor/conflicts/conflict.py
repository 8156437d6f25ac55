"""Two people at one part: both sides of what both changed, word by word, and the choice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from survey_app.errors import NotFound
from survey_app.operations.questionnaires.attempts import Chosen
from survey_app.questionnaire.definition import QuestionKind, Role
from survey_app.questionnaire.editing.choices import choices_of
from survey_app.questionnaire.editing.document import Document, sections_of, spoken
from survey_app.questionnaire.editing.merging import Clash
from survey_app.questionnaire.editing.mistakes import Part
from survey_app.questionnaire.editing.parts import find_question
from survey_app.questionnaire.spelling import Piece, mark_words
from survey_app.reporting.wording import ITEM_RULES, ROLL_UPS
from survey_app.web.admin import wording
from survey_app.web.admin.editor.conflicts.addressing import counted, rows_of, saved_fields, split
from survey_app.web.admin.editor.conflicts.joining import (
    ANEW,
    MINE,
    SAVED,
    THE_PART,
    THE_WISH,
    Joint,
)
from survey_app.web.admin.editor.page import scale_names
from survey_app.web.admin.editor.values import field_label

#: Boxes that are ticked or not.
_FLAGS = ("required", "not_applicable", "factor", "satisfied")
#: Fields whose words are written, so that a third wording is possible.
_TEXTS = ("title", "introduction", "thanks", "text", "hint", "label", "not_applicable")
#: Fields that hold codes → what each is called.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {kind.value: wording.question_kind(kind) for kind in QuestionKind},
    "role": {role.value: wording.question_role(role) for role in Role},
    "item": {rule.value: words for rule, words in ITEM_RULES.items()},
    "roll_up": {rule.value: words for rule, words in ROLL_UPS.items()},
    "negated": {"0": "chọn một trong", "1": "chọn khác với"},
}
_PARTS = {Part.SECTION: "phần", Part.QUESTION: "câu hỏi", Part.SCALE: "thang đo"}
_SIDES = ("Lấy của ông/bà", "Giữ bản đang lưu")


@dataclass(frozen=True)
class Side:
    """What one side says, and what that changed about what both began with."""

    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Matter:
    """One thing to decide. ``was``: what both began with, None where that is not known or says
    nothing; ``choices``: value and words of each; ``anew``: what the field for a third wording
    holds, None where there is none; ``changes``: what others changed of what is to be removed."""

    name: str
    label: str
    question: str
    choices: tuple[tuple[str, str], ...]
    mine: Side | None = None
    saved: Side | None = None
    was: str | None = None
    anew: str | None = None
    language: str = ""
    chosen: str = ""
    error: str = ""
    changes: tuple[tuple[str, tuple[Piece, ...]], ...] = ()


def matters_of(joint: Joint) -> tuple[Matter, ...]:
    """Everything to be decided."""
    return (*_part(joint), *_fields(joint), *_rows(joint), *_wish(joint))


def with_choice(matter: Matter, chosen: Chosen, errors: Mapping[str, str]) -> Matter:
    """The matter with what has been chosen so far."""
    anew = matter.anew
    if anew is not None:
        anew = chosen.words.get(matter.name, anew)
    side, error = chosen.side.get(matter.name, ""), errors.get(matter.name, "")
    return replace(matter, chosen=side, error=error, anew=anew)


def told_changes(joint: Joint, names: Iterable[str]) -> list[tuple[str, str]]:
    """Fields that go together without a question, with what they will say."""
    values = joint.merged.values
    return [
        (label_of(joint, name), said(joint.saved, name, values[name]))
        for name in names
        if name in values
    ]


def lost_of(joint: Joint) -> list[tuple[str, str]]:
    """What was typed and has no field any more."""
    document = joint.seen or joint.saved
    found = [(label_of(joint, one.name), said(document, one.name, one.mine)) for one in joint.lost]
    return [(label, text) for label, text in found if text]


def label_of(joint: Joint, name: str) -> str:
    """What a field is called: "Phương án 3, nhãn (tiếng Anh)"."""
    is_weight = name.startswith("weight-")
    sections = {one["code"]: spoken(one.get("title")) for one in sections_of(joint.saved)}
    if is_weight and (title := sections.get(name.removeprefix("weight-"))):
        return f"Trọng số: {title}"
    for document, place in ((joint.saved, joint.place), (joint.seen, joint.was)):
        try:
            found = counted(name, rows_of(document, place)) if document is not None else name
        except NotFound:
            continue
        if found != name or split(name) is None:
            return field_label(found)
    return field_label(name)


def said(document: Document, name: str, values: Sequence[str]) -> str:
    """What a field holds, as its page says it: no code where there are words."""
    parts = split(name)
    field = parts[2] if parts else name
    if field in _FLAGS:
        return "có" if any(values) else "không"
    words = {**_WORDS, "scale": dict(scale_names(document))}.get(field, {})
    if parts and field == "is":
        words = _answers(document, parts[1].partition("~")[0])
    return ", ".join(words.get(value, value) for value in values)


def field_matter(clash: Clash, label: str, document: Document, language: str = "") -> Matter:
    """One field that both changed."""
    was = None if clash.was is None else said(document, clash.name, clash.was)
    mine, saved = (said(document, clash.name, held) for held in (clash.mine, clash.saved or ()))
    is_text = language or _is_text(clash.name)
    choices = ((MINE, _SIDES[0]), (SAVED, _SIDES[1]), *([(ANEW, "Viết lại")] if is_text else []))
    return Matter(
        clash.name,
        label,
        f"{label}: lưu bản nào?",
        choices,
        Side(mine, mark_words(was or "", mine) if was else ()),
        Side(saved, mark_words(was or "", saved) if was else ()),
        was,
        mine if is_text else None,
        language or _language(clash.name),
    )


def _fields(joint: Joint) -> list[Matter]:
    return [
        field_matter(clash, label_of(joint, clash.name), joint.saved)
        for clash in joint.merged.clashes
    ]


def _part(joint: Joint) -> list[Matter]:
    if THE_PART not in joint.matters:
        return []
    what = _PARTS.get(joint.was.part, "phần này")
    question = f"Người khác đã xóa {what} này sau khi ông/bà mở trang."
    choices = (
        (MINE, f"Đưa lại {what}, cùng nội dung của ông/bà"),
        (SAVED, "Để nguyên việc xóa; bỏ nội dung của ông/bà"),
    )
    return [Matter(THE_PART, f"Đã bị xóa: {what}", question, choices)]


def _rows(joint: Joint) -> list[Matter]:
    found = []
    for row in joint.rows:
        texts = [
            f"{label_of(joint, name)}: {said(joint.seen or joint.saved, name, held)}"
            for name, held in joint.typed.items()
            if name.startswith(f"{row}:label") and any(held)
        ]
        former = said(joint.seen or joint.saved, f"{row}:label-vi", joint.before[f"{row}:label-vi"])
        head, _, code = row.partition(":")
        kind = "Mức" if head == "levels" else "Phương án"
        label = f"{kind} “{former or code}”: ông/bà vừa sửa, người khác đã xóa"
        choices = (
            (MINE, "Đưa lại dòng này với nội dung của ông/bà"),
            (SAVED, "Để nguyên việc xóa"),
        )
        found.append(Matter(row, label, label, choices, Side("\n".join(texts), ())))
    return found


def _wish(joint: Joint) -> list[Matter]:
    if THE_WISH not in joint.matters:
        return []
    now, before = saved_fields(joint.saved, joint.place), joint.before
    changes = []
    for name in joint.carried.changed:
        was = before.get(name, ())
        texts = (said(joint.saved, name, was), said(joint.saved, name, now.get(name, ())))
        changes.append((label_of(joint, name), mark_words(*texts)))
    choices = ((MINE, "Vẫn làm như ông/bà đã bấm"), (SAVED, "Không làm; giữ bản đang lưu"))
    label = "Thao tác ông/bà đã bấm"
    return [Matter(THE_WISH, label, joint.carried.question, choices, changes=tuple(changes))]


def _answers(document: Document, about: str) -> Mapping[str, str]:
    try:
        question = find_question(document, about)[1]
    except NotFound:
        return {}
    return {one["code"]: spoken(one.get("label")) for one in choices_of(document, question)}


def _field(name: str) -> str:
    parts = split(name)
    return parts[2] if parts else name


def _is_text(name: str) -> bool:
    return _field(name).partition("-")[0] in _TEXTS and "-" in _field(name)


def _language(name: str) -> str:
    return _field(name).partition("-")[2] if _is_text(name) else ""
