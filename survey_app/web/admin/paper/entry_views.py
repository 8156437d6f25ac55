"""Keying paper forms one by one: by keyboard, with or without script.

Officers use these pages too, for the collection points of the units in their charge.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Closed, Invalid, Problem
from survey_app.operations.fieldwork.collection_points import CollectionPoint, find_point
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.fieldwork.versions import versions_of
from survey_app.operations.paper.entry import key_form
from survey_app.operations.paper.typed_form import NUMBER_FIELD, UNASKED, TypedForm
from survey_app.operations.questionnaires.publishing import QuestionnaireVersion, load_questionnaire
from survey_app.web.admin import blueprint
from survey_app.web.admin.paper.entry_page import (
    begin_sitting,
    entry_parts,
    field_id,
    note_saved,
    read_sitting,
    server_secret,
)
from survey_app.web.admin.paper.versions import VERSION_FIELD, form_version, in_address
from survey_app.web.audit import note_taken
from survey_app.web.errors import STATUS
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.transactions import current_session

#: The box that says: these answers stand on the paper, leave them out.
UNASKED_FIELD = "_unasked"
#: Why a form is not saved: mistakes in it, or a survey that takes none any more.
Refusal = Invalid | Closed
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Pile:
    """Whose forms are keyed: a survey, one of its collection points, one of its versions."""

    survey: Survey
    point: CollectionPoint
    version: QuestionnaireVersion

    @property
    def place(self) -> str:
        return f"{self.survey.code}/{self.point.id}"


@blueprint.get("/surveys/<code>/paper/entry/<int:point_id>")
def paper_entry(code: str, point_id: int) -> ResponseReturnValue:
    pile = find_pile(code, point_id)
    if begin_sitting(pile.place):
        _record_sitting(pile)
    return entry_page(pile, None)


@blueprint.post("/surveys/<code>/paper/entry/<int:point_id>")
def save_form(code: str, point_id: int) -> ResponseReturnValue:
    pile = find_pile(code, point_id)
    typed = read_typed_form(pile)
    try:
        keyed = keep_typed(key_form, pile, typed)
    except (Invalid, Closed) as refusal:
        return entry_page(pile, typed, refusal)
    note_saved(pile.place, keyed.number, is_new=keyed.is_new)
    if not keyed.is_new:
        flash(f"Phiếu số {keyed.number} đã được nhập trước đây, giống hệt; không tính thêm.")
    version = in_address(pile.survey, pile.version)
    return redirect(url_for("admin.paper_entry", code=code, point_id=point_id, **version))


def keep_typed(write: Callable[..., Kept], pile: Pile, typed: TypedForm) -> Kept:
    """Store what was typed by ``write`` (once or again). Raises what it raises."""
    return write(
        current_session(),
        pile.survey,
        pile.point,
        typed,
        secret=server_secret(),
        account=signed_in_account(),
        now=now(),
        version=pile.version,
    )


def _record_sitting(pile: Pile) -> None:
    """Who sits down to key, apart from any form: the record of acts has the minute."""
    note_taken("paper.key", f"{pile.survey.code} {pile.point.unit.code}", pile.point.label)


def find_pile(code: str, point_id: int) -> Pile:
    """The survey and its place; NotFound also for a place outside the account's units."""
    survey = find_survey(current_session(), code)
    point = find_point(current_session(), survey, point_id)
    current_scope().require(point.unit_id)
    return Pile(survey, point, form_version(survey))


def read_typed_form(pile: Pile) -> TypedForm:
    """What the fields of this request hold."""
    questions = load_questionnaire(pile.version).questions
    return TypedForm(
        number=request.form.get(NUMBER_FIELD, ""),
        answers={q.code: request.form.get(field_id(q.code), "") for q in questions},
        leaves_unasked=UNASKED_FIELD in request.form,
    )


def entry_page(
    pile: Pile, typed: TypedForm | None, refusal: Refusal | None = None
) -> ResponseReturnValue:
    """The page: empty for the next form, or with everything as it was typed and what is wrong."""
    sitting = read_sitting(pile.place)
    number = typed.number if typed else sitting.next_number
    page = render_template(
        "admin/paper/paper_entry.html",
        sitting=sitting,
        waiting=(),
        **entry_fields(pile, number, typed.answers if typed else {}, refusal),
    )
    return page, refusal_status(refusal)


def refusal_status(refusal: Refusal | None) -> int:
    """The HTTP status of the page that shows a refused form."""
    return 200 if refusal is None else STATUS[type(refusal)]


def entry_fields(
    pile: Pile,
    number: str,
    typed: Mapping[str, str],
    refusal: Refusal | None,
    *,
    is_second: bool = False,
) -> dict[str, object]:
    """What the fields of the page hold, and every mistake in its place."""
    problems = _problems(refusal)
    questionnaire = load_questionnaire(pile.version)
    return {
        "survey": pile.survey,
        "point": pile.point,
        "version": pile.version,
        "versions": versions_of(current_session(), pile.survey),
        "version_field": VERSION_FIELD,
        "is_second": is_second,
        "number": number,
        "number_messages": [p.message for p in problems if p.where == NUMBER_FIELD],
        "parts": entry_parts(questionnaire, typed, problems, has_texts=not is_second),
        "problems": [Problem(p.message, _anchor(p.where)) for p in problems],
        "has_unasked": any(p.message == UNASKED for p in problems),
        "number_field": NUMBER_FIELD,
        "unasked_field": UNASKED_FIELD,
        "is_refused": refusal is not None,
    }


def _problems(refusal: Refusal | None) -> tuple[Problem, ...]:
    if isinstance(refusal, Closed):
        return (Problem(refusal.message),)
    return tuple(refusal.problems) if refusal else ()


def _anchor(where: str) -> str:
    return where if where in ("", NUMBER_FIELD) else field_id(where)
