"""From the editor's forms to operations on the draft: first the fields, then what was pressed.

Whatever button is pressed, the fields of its form are saved with it: nothing typed is lost. A field
that is not in the form leaves the draft as it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from survey_app.errors import Invalid
from survey_app.questionnaire.definition import QuestionKind, Role
from survey_app.questionnaire.editing import choices, codes, parts
from survey_app.questionnaire.editing.choices import ChoiceChange
from survey_app.questionnaire.editing.document import LONGEST_TEXT, Document, placed
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.questionnaire.editing.parts import find_question
from survey_app.text import read_count
from survey_app.web.admin.editor.values import field_label
from survey_app.web.admin.wording import count
from survey_app.web.wishes import NO_SUCH_WISH

Form = MultiDict[str, str]

_WEIGHT = re.compile(r"\d{1,7}([.,]\d{1,6})?")
_CAN_UNDO = "Có thể hoàn tác."
_WHOLE = re.compile(r"\d{1,6}")
#: Bounds of the whole numbers of a question, as the format has them.
_NUMBERS = {
    "max_choices": (1, 100),
    "minimum": (0, 65_000),
    "maximum": (0, 65_000),
    "max_length": (1, 10_000),
}


@dataclass(frozen=True)
class Edited:
    """A draft after an action: the document, the part to show next, what was done in words, and
    the field that is ready for typing. ``remark``: what is told now, and not of the saved state.
    ``language``: the one to be translated into next. ``home``: the part whose form was sent, by the
    code it has now."""

    document: Document
    place: Place
    said: str
    focus: str = ""
    remark: str = ""
    language: str = ""
    home: Place | None = None

    @property
    def told(self) -> str:
        """All that whoever did it reads."""
        return f"{self.said} {self.remark}".rstrip()


def edit(document: Document, place: Place, form: Form) -> Edited:
    """The draft after the form of one part was sent.

    Raises Invalid (with the fields it is about) and NotFound when the part is gone.
    """
    saved = _FIELDS[place.part](document, place, form)
    wish, _, about = form.get("wish", "save").partition(":")
    if wish == "save" and form.get("new-question", "").strip():
        wish = "add-question"  # Enter in its field
    act = _WISHES.get((place.part, wish)) or _WISHES_ANYWHERE.get(wish)
    if act is None and wish != "save":
        raise Invalid(NO_SUCH_WISH)
    edited = act(saved, about, form) if act else saved
    return replace(edited, home=saved.place)


# Fields


def _texts(document: Document, form: Form, name: str) -> dict[str, str]:
    """The texts of one field by language, as far as they are in the form."""
    found = {}
    for language in document["languages"]:
        key = f"{name}-{language}"
        if key in form:
            if len(form[key]) > LONGEST_TEXT:
                raise placed(f"Dài nhất {LONGEST_TEXT} ký tự.", key)
            found[language] = form[key]
    return found


def _general(document: Document, place: Place, form: Form) -> Edited:
    changes = {key: _texts(document, form, key) for key in ("title", "introduction", "thanks")}
    changed = choices.set_general(document, changes)
    if "code" in form:
        changed["code"] = codes.check_questionnaire_code(form["code"].strip())
    return Edited(changed, place, "Đã lưu thông tin chung.")


def _section(document: Document, place: Place, form: Form) -> Edited:
    changes: dict[str, Any] = {
        key: _texts(document, form, key) for key in ("title", "introduction")
    }
    if "flags" in form:
        changes["factor"] = "factor" in form
    changed = parts.set_section(document, place.code, changes)
    code = form.get("code", place.code).strip()
    changed = codes.rename_section(changed, place.code, code)
    return Edited(changed, replace(place, code=code), "Đã lưu phần.")


def _question(document: Document, place: Place, form: Form) -> Edited:
    code = place.code
    changed = _set_options(document, code, form)
    changed = _set_conditions(changed, code, form)
    changes: dict[str, Any] = {key: _texts(document, form, key) for key in ("text", "hint")}
    changes |= _question_choices(document, form)
    if "flags" in form:
        changes |= {key: key in form for key in ("required", "not_applicable")}
    changes |= {key: _whole(form, key) for key in _NUMBERS if key in form}
    changed = parts.set_question(changed, code, changes)
    new = form.get("code", code).strip()
    changed = codes.rename_question(changed, code, new)
    if new == code:
        changed, new = codes.name_by_first_words(document, changed, code)
    return Edited(changed, replace(place, code=new), "Đã lưu câu hỏi.")


def _question_choices(document: Document, form: Form) -> dict[str, Any]:
    known = {
        "kind": [kind.value for kind in QuestionKind],
        "role": [role.value for role in Role],
        "scale": list(document.get("scales", {})),
    }
    found = {key: form[key] for key in known if form.get(key)}
    for key, value in found.items():
        if value not in known[key]:
            raise placed("Lựa chọn này không còn; vui lòng chọn lại.", key)
    return found


def _set_options(document: Document, code: str, form: Form) -> Document:
    wanted = _choices(document, form, "options")
    return choices.set_options(document, code, wanted) if wanted else document


def _set_conditions(document: Document, code: str, form: Form) -> Document:
    conditions = find_question(document, code)[1].get("ask_when", [])
    for place in range(len(conditions)):
        negated = form.get(f"condition-{place}-negated")
        if negated is not None:
            options = form.getlist(f"condition-{place}-is")
            document = choices.set_condition(document, code, place, options, negated=negated == "1")
    return document


def _scale(document: Document, place: Place, form: Form) -> Edited:
    wanted = _choices(document, form, "levels")
    changed = document
    if "flags" in form:
        satisfied = form.getlist("satisfied")
        texts = _texts(document, form, "not_applicable")
        changed = choices.set_scale(document, place.code, wanted, satisfied, texts)
    code = form.get("code", place.code).strip()
    changed = codes.rename_scale(changed, place.code, code)
    return Edited(changed, replace(place, code=code), "Đã lưu thang đo.")


def _scoring(document: Document, place: Place, form: Form) -> Edited:
    if "version" not in form:
        return Edited(document, place, "Đã lưu cách tính.")
    changes: dict[str, Any] = {key: form[key] for key in ("item", "roll_up") if form.get(key)}
    changes["version"] = form["version"].strip()
    named = [name for name in form if name.startswith("weight-")]
    weights = {name.removeprefix("weight-"): _weight(form, name) for name in named}
    changes["weights"] = {code: weight for code, weight in weights.items() if weight is not None}
    return Edited(choices.set_scoring(document, changes), place, "Đã lưu cách tính.")


def _choices(document: Document, form: Form, name: str) -> list[ChoiceChange]:
    """The rows of options or levels, as many as were sent."""
    found: list[ChoiceChange] = []
    while (was := form.get(f"{name}-{len(found)}-was")) is not None:
        row = f"{name}-{len(found)}"
        code = form.get(f"{row}-code", was).strip()
        found.append(ChoiceChange(was, code, _texts(document, form, f"{row}-label")))
    return found


def _whole(form: Form, key: str) -> int | None:
    text = form[key].strip()
    if not text:
        return None
    (low, high), number = _NUMBERS[key], read_count(text)
    if number is None or not low <= number <= high:
        bounds = f"từ {count(low)} đến {count(high)}"
        raise placed(f"{field_label(key)}: ghi một số nguyên {bounds}.", key)
    return number


def _weight(form: Form, key: str) -> float | None:
    text = form[key].strip()
    if not text:
        return None
    if not _WEIGHT.fullmatch(text):
        raise placed("Ghi một số lớn hơn 0, như 1 hoặc 2,5.", key)
    return float(Decimal(text.replace(",", ".")))


_FIELDS: Mapping[Part, Callable[[Document, Place, Form], Edited]] = {
    Part.GENERAL: _general,
    Part.SECTION: _section,
    Part.QUESTION: _question,
    Part.SCALE: _scale,
    Part.SCORING: _scoring,
}


# What was pressed


def _add_section(edited: Edited, _about: str, form: Form) -> Edited:
    title = _needed(form, "new-section", "Ghi tên phần mới.")
    document, code = parts.add_section(
        edited.document, title, is_factor="new-section-factor" in form
    )
    return Edited(document, Place(Part.SECTION, code), f"Đã thêm phần “{title}”.")


def _add_scale(edited: Edited, _about: str, form: Form) -> Edited:
    name = _needed(form, "new-scale", "Ghi tên thang đo mới.")
    document, code = choices.add_scale(edited.document, name)
    return Edited(document, Place(Part.SCALE, code), "Đã thêm thang đo.", "levels-0-label-vi")


def _add_language(edited: Edited, _about: str, form: Form) -> Edited:
    language = _needed(form, "language", "Chọn ngôn ngữ.")
    document = choices.add_language(edited.document, language)
    said, remark = "Đã thêm ngôn ngữ.", "Các ô dịch đã sẵn sàng."
    return replace(edited, document=document, said=said, remark=remark, language=language)


def _remove_language(edited: Edited, about: str, _form: Form) -> Edited:
    document = choices.remove_language(edited.document, about)
    return replace(edited, document=document, said="Đã bỏ ngôn ngữ và các bản dịch của nó.")


def _add_question(edited: Edited, about: str, form: Form) -> Edited:
    """A question with its words, or a blank one to be written where it stands."""
    is_blank = about == "blank"
    text = "" if is_blank else _needed(form, "new-question", "Ghi câu chữ của câu hỏi mới.")
    place, after = edited.place, None
    section = place.code
    if place.part is Part.QUESTION:
        section, after = find_question(edited.document, place.code)[0]["code"], place.code
    document, code = parts.add_question(edited.document, section, text, after=after)
    remark = "Hãy ghi câu chữ." if is_blank else ""
    return Edited(document, Place(Part.QUESTION, code), "Đã thêm câu hỏi.", "text-vi", remark)


def _shift(edited: Edited, by: int) -> Edited:
    shift = parts.shift_section if edited.place.part is Part.SECTION else parts.shift_question
    document = shift(edited.document, edited.place.code, by)
    if document == edited.document:
        return replace(edited, said="Đã ở đầu hoặc cuối, không chuyển được nữa.")
    said = "Đã chuyển lên một bậc." if by < 0 else "Đã chuyển xuống một bậc."
    return replace(edited, document=document, said=said)


def _move(edited: Edited, _about: str, form: Form) -> Edited:
    section = form.get("section", "")
    target = parts.find_section(edited.document, section)
    end = len(target.get("questions", []))
    document = parts.place_question(edited.document, edited.place.code, section, end)
    return replace(edited, document=document, said="Đã chuyển câu hỏi sang phần khác.")


def _duplicate(edited: Edited, _about: str, _form: Form) -> Edited:
    place = edited.place
    act = {
        Part.SECTION: parts.duplicate_section,
        Part.QUESTION: parts.duplicate_question,
        Part.SCALE: choices.duplicate_scale,
    }[place.part]
    document, code = act(edited.document, place.code)
    return Edited(document, replace(place, code=code), "Đã nhân đôi.", remark="Đây là bản sao.")


def _remove(edited: Edited, _about: str, _form: Form) -> Edited:
    place = edited.place
    if place.part is Part.QUESTION:
        section = find_question(edited.document, place.code)[0]["code"]
        document = parts.remove_question(edited.document, place.code)
        return Edited(document, Place(Part.SECTION, section), "Đã xóa câu hỏi.", remark=_CAN_UNDO)
    if place.part is Part.SECTION:
        document = parts.remove_section(edited.document, place.code)
        return Edited(document, Place(Part.GENERAL), "Đã xóa phần.", remark=_CAN_UNDO)
    document = choices.remove_scale(edited.document, place.code)
    return Edited(document, Place(Part.GENERAL), "Đã xóa thang đo.", remark=_CAN_UNDO)


def _add_choice(edited: Edited, _about: str, _form: Form) -> Edited:
    is_scale = edited.place.part is Part.SCALE
    add = choices.add_level if is_scale else choices.add_option
    document, code = add(edited.document, edited.place.code)
    rows = _rows(document, edited.place)
    name = "levels" if is_scale else "options"
    focus = f"{name}-{rows.index(code)}-label-vi"
    return replace(edited, document=document, said="Đã thêm một dòng.", focus=focus)


def _shift_choice(edited: Edited, about: str, by: int) -> Edited:
    is_scale = edited.place.part is Part.SCALE
    shift = choices.shift_level if is_scale else choices.shift_option
    document = shift(edited.document, edited.place.code, about, by)
    return replace(edited, document=document, said=f"Đã chuyển “{about}” một bậc.")


def _remove_choice(edited: Edited, about: str, _form: Form) -> Edited:
    is_scale = edited.place.part is Part.SCALE
    remove = choices.remove_level if is_scale else choices.remove_option
    document = remove(edited.document, edited.place.code, about)
    place = _rows(edited.document, edited.place).index(about)
    rest = len(_rows(document, edited.place))
    name = "levels" if is_scale else "options"
    focus = f"{name}-{min(place, rest - 1)}-label-vi" if rest else ""  # the row that moved up
    return replace(edited, document=document, said=f"Đã xóa dòng “{about}”.", focus=focus)


def _add_condition(edited: Edited, _about: str, form: Form) -> Edited:
    about = form.get("condition", "")
    document = choices.add_condition(edited.document, edited.place.code, about)
    number = len(find_question(document, edited.place.code)[1]["ask_when"]) - 1
    return replace(
        edited,
        document=document,
        said="Đã thêm điều kiện.",
        focus=f"condition-{number}-negated-0",
        remark="Hãy đánh dấu câu trả lời.",
    )


def _remove_condition(edited: Edited, about: str, _form: Form) -> Edited:
    place = int(about) if _WHOLE.fullmatch(about) else -1
    document = choices.remove_condition(edited.document, edited.place.code, place)
    return replace(edited, document=document, said="Đã bỏ điều kiện.")


def _drag_question(edited: Edited, about: str, _form: Form) -> Edited:
    code, section, place = _dragged(about, 3)
    document = parts.place_question(edited.document, code, section, int(place))
    return Edited(document, Place(Part.QUESTION, code), "Đã chuyển câu hỏi.")


def _drag_section(edited: Edited, about: str, _form: Form) -> Edited:
    code, place = _dragged(about, 2)
    document = parts.place_section(edited.document, code, int(place))
    return Edited(document, Place(Part.SECTION, code), "Đã chuyển phần.")


def _dragged(about: str, count: int) -> Sequence[str]:
    found = about.split(":")
    if len(found) != count or not _WHOLE.fullmatch(found[-1]):
        raise Invalid(NO_SUCH_WISH)
    return found


def _rows(document: Document, place: Place) -> list[str]:
    if place.part is Part.SCALE:
        return [level["code"] for level in choices.find_scale(document, place.code)["levels"]]
    return [option["code"] for option in find_question(document, place.code)[1]["options"]]


def _needed(form: Form, field: str, complaint: str) -> str:
    text = form.get(field, "").strip()
    if not text:
        raise placed(complaint, field)
    if len(text) > LONGEST_TEXT:
        raise placed(f"Dài nhất {LONGEST_TEXT} ký tự.", field)
    return text


_Wish = Callable[[Edited, str, Form], Edited]
_MOVES: Mapping[str, _Wish] = {
    "up": lambda edited, _about, _form: _shift(edited, -1),
    "down": lambda edited, _about, _form: _shift(edited, 1),
    "duplicate": _duplicate,
    "remove": _remove,
}
_ROWS: Mapping[str, _Wish] = {
    "add-row": _add_choice,
    "row-up": lambda edited, about, _form: _shift_choice(edited, about, -1),
    "row-down": lambda edited, about, _form: _shift_choice(edited, about, 1),
    "row-remove": _remove_choice,
}
_WISHES: Mapping[tuple[Part, str], _Wish] = {
    **{(Part.SECTION, wish): act for wish, act in _MOVES.items()},
    **{(Part.QUESTION, wish): act for wish, act in {**_MOVES, **_ROWS}.items()},
    **{(Part.SCALE, wish): act for wish, act in _ROWS.items()},
    (Part.SCALE, "duplicate"): _duplicate,
    (Part.SCALE, "remove"): _remove,
    (Part.SECTION, "add-question"): _add_question,
    (Part.QUESTION, "add-question"): _add_question,
    (Part.QUESTION, "move"): _move,
    (Part.QUESTION, "add-condition"): _add_condition,
    (Part.QUESTION, "condition-remove"): _remove_condition,
    (Part.GENERAL, "add-language"): _add_language,
    (Part.GENERAL, "language-remove"): _remove_language,
}
#: Of the outline, which stands beside every part.
_WISHES_ANYWHERE: Mapping[str, _Wish] = {
    "add-section": _add_section,
    "add-scale": _add_scale,
    "place-question": _drag_question,
    "place-section": _drag_section,
}
