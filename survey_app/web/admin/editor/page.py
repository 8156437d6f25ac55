"""The editor's page: the outline on the left, one part of the draft on the right."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from survey_app.clock import now
from survey_app.errors import Conflict, Invalid, Problem
from survey_app.i18n import interface_languages, vietnamese_name
from survey_app.operations.questionnaires import attempts, drafts, library
from survey_app.operations.questionnaires.drafts import QuestionnaireDraft
from survey_app.operations.questionnaires.worked_index import work_index
from survey_app.questionnaire.advice import Advice, advise, minutes
from survey_app.questionnaire.definition import (
    PRIMARY_LANGUAGE,
    ItemRule,
    QuestionKind,
    Role,
    RollUp,
)
from survey_app.questionnaire.duration import estimate_seconds
from survey_app.questionnaire.editing.choices import (
    choices_of,
    find_scale,
    questions_before,
    questions_with_scale,
)
from survey_app.questionnaire.editing.document import Document, sections_of, spoken
from survey_app.questionnaire.editing.mistakes import Mistake, Part, Place, find_mistakes
from survey_app.questionnaire.editing.parts import find_question, find_section
from survey_app.questionnaire.editing.translating import missing_translations
from survey_app.reporting.formats import as_written
from survey_app.reporting.wording import ITEM_RULES, ROLL_UPS, scale_words
from survey_app.web.admin import wording
from survey_app.web.admin.editor.values import Values, values_of
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session

Form = MultiDict[str, str]

#: What a state of a draft is about when translations were saved: "translation:en".
TRANSLATION = "translation:"
#: The header with which the script asks for the editor alone instead of the whole page.
ASKED_BY_SCRIPT = "editor"


@dataclass(frozen=True)
class Line:
    """One line of the outline."""

    place: Place
    number: str
    text: str
    mistakes: int
    hints: int


@dataclass(frozen=True)
class SectionLines:
    """A section of the outline with its questions."""

    head: Line
    is_factor: bool
    questions: tuple[Line, ...]


@dataclass(frozen=True)
class Outline:
    """The whole draft as a list of places to go to."""

    general: Line
    sections: tuple[SectionLines, ...]
    scales: tuple[Line, ...]
    scoring: Line


@dataclass(frozen=True)
class Fields:
    """What the fields of the form show: what was typed if it was refused, else what is saved."""

    values: Values
    typed: Mapping[str, tuple[str, ...]] | None
    errors: Mapping[str, tuple[str, ...]]

    def value(self, name: str) -> str:
        found = (self.typed if self.typed is not None else self.values).get(name, ())
        return found[0] if found else ""

    def has(self, name: str, value: str = "1") -> bool:
        return value in (self.typed if self.typed is not None else self.values).get(name, ())


def part_address(draft_id: int, place: Place) -> str:
    """The address of one part of a draft."""
    code = place.code or None
    return url_for("admin.draft_part", draft_id=draft_id, part=place.part.value, code=code)


def is_asked_by_script() -> bool:
    return request.headers.get("X-Requested-With") == ASKED_BY_SCRIPT


def editor_page(
    draft: QuestionnaireDraft,
    place: Place,
    *,
    said: str = "",
    focus: str = "",
    home: Place | None = None,
    refusal: Invalid | Conflict | None = None,
    sent: Form | None = None,
) -> ResponseReturnValue:
    """The editor with one part open; of a refused form with everything that was typed. ``home``:
    the part whose form was sent; ``sent``: the form, if it is not the request's own."""
    document = draft.document
    around = frame(draft, document, place)
    context = {
        "part": place.part.value,
        "home": part_address(draft.id, home) if home else "",
        "fields": _fields(document, place, refusal, request.form if sent is None else sent),
        "problems": _problems(refusal),
        "own_mistakes": _at(place, around["mistakes"]),
        "own_hints": _at(place, around["hints"]),
        **around,
        **_PARTS[place.part](document, place.code),
    }
    return shown(
        "admin/editor/page.html", context, part_address(draft.id, place), said, focus, refusal
    )


def frame(draft: QuestionnaireDraft, document: Document, place: Place | None) -> dict[str, Any]:
    """What stands around every part: the outline, what can be undone, what is left to do."""
    mistakes = find_mistakes(document)
    hints = advise(document, library.published_questions(current_session()))
    outline = outline_of(document, mistakes, hints)
    return {
        "draft": draft,
        "place": place,
        "outline": outline,
        "history": drafts.history_of(current_session(), draft),
        "mistakes": mistakes,
        "hints": hints,
        "duration": minutes(estimate_seconds(document)),
        "languages": [(code, vietnamese_name(code)) for code in document["languages"]],
        "untranslated": missing_translations(document),
        "primary": PRIMARY_LANGUAGE,
        "kept_words": lambda written: _kept_words(outline, written),
        "kept": attempts.attempts_of(current_session(), draft, signed_in_account(), now=now()),
    }


def shown(
    template: str,
    context: Mapping[str, Any],
    address: str,
    said: str,
    focus: str,
    refusal: Invalid | Conflict | None,
) -> ResponseReturnValue:
    """The page; for the script the editor alone, with the address it stands at."""
    status = 200 if refusal is None else 409 if isinstance(refusal, Conflict) else 422
    is_bare = is_asked_by_script()
    told = {"is_bare": is_bare, "said": said, "focus": focus, "refusal": refusal}
    page = render_template(template, **{"home": "", **context, **told})
    return page, status, {"X-Editor-Address": address, "Vary": "X-Requested-With"}


def _fields(document: Document, place: Place, refusal: Exception | None, form: Form) -> Fields:
    typed = None
    if refusal is not None:
        typed = {name: tuple(form.getlist(name)) for name in form}
    errors: dict[str, tuple[str, ...]] = {}
    for problem in _problems(refusal):
        errors[problem.where] = (*errors.get(problem.where, ()), problem.message)
    return Fields(values_of(document, place), typed, errors)


def _problems(refusal: Exception | None) -> list[Problem]:
    if isinstance(refusal, Invalid) and refusal.problems:
        return [*refusal.problems]
    return [Problem(str(refusal))] if refusal is not None else []


def _at(place: Place, found: Iterable[Any]) -> list[Any]:
    return [entry for entry in found if entry.place == place]


# The outline


def names_of(outline: Outline) -> dict[str, str]:
    """What each part is called, by its place in writing."""
    lines = [outline.general, *outline.scales, outline.scoring]
    for section in outline.sections:
        lines += [section.head, *section.questions]
    return {str(line.place): f"{line.number}. {line.text}".lstrip(". ") for line in lines}


def _kept_words(outline: Outline, place: str) -> str:
    """What the part is called that an attempt is about."""
    if place.startswith(TRANSLATION):
        return f"bản dịch {vietnamese_name(place.removeprefix(TRANSLATION))}"
    found = names_of(outline).get(place)
    return f"“{found}”" if found else "một phần không còn trong bản thảo"


def outline_of(
    document: Document, mistakes: tuple[Mistake, ...] = (), hints: tuple[Advice, ...] = ()
) -> Outline:
    """The draft as a list of places, each with how much there is to mend."""

    def line(place: Place, number: str, text: str) -> Line:
        return Line(place, number, text, len(_at(place, mistakes)), len(_at(place, hints)))

    number = 0
    sections = []
    for at, section in enumerate(sections_of(document), 1):
        questions = []
        for question in section.get("questions", []):
            number += 1
            text = spoken(question.get("text")) or "(chưa có câu chữ)"
            questions.append(line(Place(Part.QUESTION, question["code"]), str(number), text))
        title = spoken(section.get("title")) or "(chưa có tên)"
        head = line(Place(Part.SECTION, section["code"]), str(at), title)
        sections.append(SectionLines(head, bool(section.get("factor")), tuple(questions)))
    scales = [line(Place(Part.SCALE, code), "", words) for code, words in scale_names(document)]
    general = line(Place(Part.GENERAL), "", "Thông tin chung")
    scoring = line(Place(Part.SCORING), "", "Cách tính chỉ số")
    return Outline(general, tuple(sections), tuple(scales), scoring)


def scale_names(document: Document) -> list[tuple[str, str]]:
    """The scales by code, each with what it is known by: how many levels, from which to which. Only
    those that could not be told apart, or have no words yet, show their codes."""
    words = {code: _scale_words(scale) for code, scale in document.get("scales", {}).items()}
    often = Counter(words.values())
    return [
        (code, said if said and often[said] == 1 else f"{said or 'chưa có nhãn'} ({code})")
        for code, said in words.items()
    ]


def _scale_words(scale: Mapping[str, Any]) -> str:
    """Empty while one of the ends has no words."""
    labels = [spoken(level.get("label")) for level in scale.get("levels", [])]
    if not labels or not (labels[0] and labels[-1]):
        return ""
    return scale_words(len(labels), labels[0], labels[-1])


# The parts


def _general(document: Document, _code: str) -> dict[str, Any]:
    offered = [code for code in interface_languages() if code not in document["languages"]]
    return {"offered_languages": [(code, vietnamese_name(code)) for code in offered]}


def _section(document: Document, code: str) -> dict[str, Any]:
    section = find_section(document, code)
    return {"section_item": section, "is_first": sections_of(document)[0] is section}


def _question(document: Document, code: str) -> dict[str, Any]:
    section, question = find_question(document, code)
    by_code = {q["code"]: q for q in questions_before(document, code)}
    unchosen = [] if "scale" in question else [("", "– chọn thang đo –")]
    return {
        "section_item": section,
        "question": question,
        "kinds": [(kind.value, wording.question_kind(kind)) for kind in QuestionKind],
        "roles": [(role.value, wording.question_role(role)) for role in Role],
        "scales": [*unchosen, *scale_names(document)],
        "sections": [
            (other["code"], spoken(other.get("title")) or other["code"])
            for other in sections_of(document)
        ],
        "conditions": [
            _condition(document, by_code, condition) for condition in question.get("ask_when", [])
        ],
        "askable": [(q["code"], spoken(q.get("text")) or q["code"]) for q in by_code.values()],
    }


def _condition(
    document: Document, by_code: Mapping[str, Document], condition: Mapping[str, Any]
) -> dict[str, Any]:
    target = by_code.get(condition["question"])
    options = choices_of(document, target) if target else []
    return {
        "question": condition["question"],
        "text": spoken(target.get("text")) if target else "",
        "is_known": target is not None,
        "options": [(o["code"], spoken(o.get("label")) or o["code"]) for o in options],
    }


def _scale(document: Document, code: str) -> dict[str, Any]:
    scale = find_scale(document, code)
    name = dict(scale_names(document))[code]
    return {"scale": scale, "name": name, "users": questions_with_scale(document, code)}


def _scoring(document: Document, _code: str) -> dict[str, Any]:
    return {
        "scoring": document.get("scoring", {}),
        "item_rules": [(rule.value, ITEM_RULES[rule]) for rule in ItemRule],
        "roll_ups": [(rule.value, ROLL_UPS[rule]) for rule in RollUp],
        "factors": [
            (section["code"], spoken(section.get("title")) or section["code"])
            for section in sections_of(document)
            if section.get("factor")
        ],
        "worked": work_index(document),
        "number": lambda value: as_written(round(value, 3)),
        "percent": lambda value, places=1: as_written(round(100 * value, places)) + "%",
    }


_PARTS = {
    Part.GENERAL: _general,
    Part.SECTION: _section,
    Part.QUESTION: _question,
    Part.SCALE: _scale,
    Part.SCORING: _scoring,
}
