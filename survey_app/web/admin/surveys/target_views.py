"""Targets of a survey by unit: what the sample-size planner asks, edited and tried in one table."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.errors import Invalid, Problem
from survey_app.operations.fieldwork.surveyed_units import FieldworkUnit, fieldwork_units
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.figures.unit_targets import (
    CONFIDENCE,
    TargetTable,
    TargetWish,
    UnitNumbers,
    set_targets,
    target_table,
    targets_of,
)
from survey_app.operations.organisation.dossier_counts import populations_from_counts
from survey_app.operations.organisation.unit_search import page_by_unit
from survey_app.web.admin import blueprint
from survey_app.web.admin.surveys.forms import TargetForm
from survey_app.web.admin.surveys.target_boxes import (
    Boxes,
    carried,
    sent_boxes,
    stored_boxes,
    wanted_look,
)
from survey_app.web.admin.surveys.unit_choice import whole_number
from survey_app.web.admin.wording import count
from survey_app.web.audit import note
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish

#: Where dossiers are filled in from: by whom they are counted, and how many years ago.
SOURCES = {
    "receiving": (True, 0),
    "resolving": (False, 0),
    "receiving-before": (True, 1),
    "resolving-before": (False, 1),
}


@blueprint.get("/surveys/<code>/targets")
def survey_targets(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    known = targets_of(current_session(), survey)
    form = TargetForm(
        margin=known.margin, response_rate=known.response_rate, revision=survey.revision
    )
    boxes = stored_boxes(known.numbers)
    table, filled = target_table(current_session(), survey), None
    if source := SOURCES.get(request.args.get("counts", "")):
        by_receiving, years_ago = source
        found = populations_from_counts(
            current_session(), survey, by_receiving=by_receiving, years_ago=years_ago
        )
        filled = len(found)
        boxes |= {unit_id: Boxes(count(n), boxes[unit_id].own) for unit_id, n in found.items()}
    return _page(survey, form, boxes, table, filled=filled)


@blueprint.post("/surveys/<code>/targets")
def set_survey_targets(code: str) -> ResponseReturnValue:
    """Save the table, or only show what would come of it, or another part of it."""
    survey = find_survey(current_session(), code)
    is_trial = "show" in request.form or read_wish("try", "save") == "try"
    form = TargetForm()
    rows = fieldwork_units(current_session(), survey)
    boxes = sent_boxes(request.form, _stored(survey))
    table = None
    if form.validate():
        with form.refusals_shown():
            wish = TargetWish(form.margin.data, form.response_rate.data, _numbers(rows, boxes))
            table = target_table(current_session(), survey, wish)
            if not is_trial:
                return _saved(survey, wish, form.revision.data or 0)
    return _page(survey, form, boxes, table, is_trial=is_trial)


def _saved(survey: Survey, wish: TargetWish, revision: int) -> ResponseReturnValue:
    done = set_targets(current_session(), survey, wish, revision=revision)
    for unit_code, change in done.items():
        if unit_code:
            note("survey.unit_target", f"{survey.code} {unit_code}", change)
        else:
            note("survey.target", survey.code, change)
    if not done:
        note("survey.target", survey.code)
    flash("Đã lưu mục tiêu." if done else "Mục tiêu không có gì thay đổi.")
    look = wanted_look()
    page = look.number if look.number > 1 else None
    return redirect(
        url_for("admin.survey_targets", code=survey.code, q=look.wanted or None, page=page)
    )


def _numbers(rows: tuple[FieldworkUnit, ...], boxes: Mapping[int, Boxes]) -> dict[int, UnitNumbers]:
    """What the boxes say. Raises Invalid with every box that holds no positive whole number."""
    found: dict[int, UnitNumbers] = {}
    problems: list[Problem] = []
    for row in rows:
        box = boxes[row.unit.id]
        numbers = []
        for text, about in ((box.population, "số hồ sơ"), (box.own, "số phiếu riêng")):
            numbers.append(whole_number(text))
            if text and numbers[-1] is None:
                message = f"{row.unit.name}: {about} phải là số nguyên dương, không phải “{text}”."
                problems.append(Problem(message, "units"))
        found[row.unit.id] = UnitNumbers(*numbers)
    if problems:
        raise Invalid("Có số không hợp lệ.", problems)
    return found


def _page(
    survey: Survey,
    form: TargetForm,
    boxes: Mapping[int, Boxes],
    table: TargetTable | None,
    *,
    filled: int | None = None,
    is_trial: bool = False,
) -> ResponseReturnValue:
    """The page; ``table`` None: what was sent cannot be reckoned with, so the stored targets are
    shown beside it. ``filled``: boxes that counts of dossiers were put into."""
    shown = table or target_table(current_session(), survey)
    margin = form.margin.data if table is not None else survey.target_margin
    look, stored = wanted_look(), _stored(survey)
    lines = page_by_unit(shown.lines, lambda line: line.unit, look.wanted, number=look.number)
    page = render_template(
        "admin/surveys/targets.html",
        survey=survey,
        form=form,
        boxes=boxes,
        carried=carried(boxes, stored, {line.unit.id for line in lines.entries}),
        page=lines,
        wanted=look.wanted,
        table=shown,
        margin=margin,
        widest=max(shown.widest, 2 * margin) if margin else 0,
        filled=filled,
        is_trial=is_trial and table is not None and _is_new(survey, form, boxes, stored),
        confidence=CONFIDENCE,
    )
    return page, form.status


def _stored(survey: Survey) -> dict[int, Boxes]:
    return stored_boxes(targets_of(current_session(), survey).numbers)


def _is_new(
    survey: Survey, form: TargetForm, boxes: Mapping[int, Boxes], stored: Mapping[int, Boxes]
) -> bool:
    """Whether anything is typed that is not stored."""
    target = (form.margin.data, form.response_rate.data)
    return boxes != stored or target != (survey.target_margin, survey.response_rate)
