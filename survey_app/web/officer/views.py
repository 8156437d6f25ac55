"""Pages of reform officers; every unit is checked against the scope of the account."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Invalid
from survey_app.operations.fieldwork import device_notices
from survey_app.operations.fieldwork.summaries import survey_summaries
from survey_app.operations.fieldwork.surveyed_units import is_surveyed
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.fieldwork.versions import version_numbers
from survey_app.operations.figures import targets
from survey_app.operations.figures.overview import Indices
from survey_app.operations.figures.places import describe_regrouped, survey_places
from survey_app.operations.figures.version_mix import describe_versions
from survey_app.operations.organisation.unit_search import page_by_unit
from survey_app.operations.organisation.units import AdministrativeUnit
from survey_app.operations.reports.documents import (
    render_document,
    segment_report,
    unit_report,
)
from survey_app.operations.review import moderation
from survey_app.operations.samples.drawn_list import describe_draw, render_draw
from survey_app.operations.samples.draws import find_draw
from survey_app.reporting.rendering.dashboard import render_fragment
from survey_app.reporting.report import Report
from survey_app.reporting.results import versions
from survey_app.reporting.results.boundaries import sentences
from survey_app.web.documents import attachment, record_export, record_list, wanted_form
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.officer import blueprint, wording
from survey_app.web.officer.boundaries import (
    export_subject,
    wanted_boundaries,
    wanted_lineage,
    where_it_is,
)
from survey_app.web.officer.forms import CommentForm
from survey_app.web.officer.parts import wanted_part
from survey_app.web.officer.places import own_unit, survey_and_unit
from survey_app.web.transactions import current_session
from survey_app.web.wishes import NO_SUCH_WISH, wanted_page, wanted_words


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"wording": wording, "boundaries": wanted_boundaries()}


@blueprint.get("/")
def home() -> ResponseReturnValue:
    surveys = survey_summaries(current_session(), current_scope().unit_ids)
    notices = device_notices.count_notices(
        current_session(),
        [entry.survey for entry in surveys],
        current_scope().unit_ids,
        now=now(),
    )
    return render_template(
        "officer/home.html", surveys=surveys, notices=notices, scope=current_scope()
    )


@blueprint.get("/surveys/<code>")
def survey(code: str) -> ResponseReturnValue:
    found = find_survey(current_session(), code)
    units = current_scope().unit_ids
    lineage = wanted_lineage()
    wanted, places = wanted_words(), survey_places(current_session(), found, units, lineage)
    page = page_by_unit(places, lambda place: place.unit, wanted, number=wanted_page())
    lines = Indices().lines(current_session(), found, page.entries)
    # Targets and samples belong to the units that were surveyed.
    ids = [place.unit.id for place in page.entries]
    progress = () if lineage else targets.progress_of(current_session(), found, ids)
    mix = describe_versions(current_session(), found)
    return render_template(
        "officer/survey.html",
        survey=found,
        places=places,
        wanted=wanted,
        page=page.showing(lines),
        progress={line.unit.id: line for line in progress},
        samples_heading="" if lineage else wording.samples_heading(found, progress),
        boundary_notes=sentences(describe_regrouped(places) if lineage else None),
        version_notes=() if mix is None else versions.sentences(mix),
        notices=device_notices.device_notices(current_session(), found, units, now=now()),
        few_answers=device_notices.few_answers(current_session(), found, units, now=now()),
    )


@blueprint.get("/surveys/<code>/units/<unit_code>")
def unit(code: str, unit_code: str) -> ResponseReturnValue:
    if elsewhere := where_it_is(find_survey(current_session(), code), own_unit(unit_code)):
        return redirect(elsewhere)
    survey, unit, report = _unit_report(code, unit_code)
    dashboard = render_fragment(report, heading_level=1)
    *former, _ = version_numbers(current_session(), survey)
    return render_template(
        "officer/unit.html",
        survey=survey,
        unit=unit,
        dashboard=dashboard,
        is_surveyed=is_surveyed(current_session(), survey, unit),
        former_versions=former,
        part=wanted_part(),
    )


@blueprint.get("/surveys/<code>/units/<unit_code>/report.<ending>")
def unit_document(code: str, unit_code: str, ending: str) -> ResponseReturnValue:
    form = wanted_form(ending)
    survey, unit, report = _unit_report(code, unit_code)
    document = render_document(report, form)
    part = f" phiên bản {number}" if (number := wanted_part()) else ""
    record_export(export_subject(f"{survey.code} {unit.code} {ending}{part}"))
    return attachment(document)


@blueprint.get("/surveys/<code>/units/<unit_code>/samples/<int:number>.xlsx")
def drawn_list(code: str, unit_code: str, number: int) -> ResponseReturnValue:
    survey, unit = survey_and_unit(code, unit_code)
    draw = find_draw(current_session(), survey, unit.id, number)
    document = render_draw(describe_draw(current_session(), draw))
    record_list(f"{survey.code} {unit.code} {number}")
    return attachment(document)


@blueprint.get("/surveys/<code>/units/<unit_code>/comments")
def comments(code: str, unit_code: str) -> ResponseReturnValue:
    survey, unit = survey_and_unit(code, unit_code)
    found = moderation.unit_comments(current_session(), survey, unit.id)
    return render_template("officer/comments.html", survey=survey, unit=unit, comments=found)


@blueprint.post("/surveys/<code>/units/<unit_code>/comments")
def hide_comment(code: str, unit_code: str) -> ResponseReturnValue:
    survey, unit = survey_and_unit(code, unit_code)
    form = CommentForm()
    if not form.validate():
        raise Invalid(NO_SUCH_WISH)
    is_hidden = form.wish.data == "hide"
    moderation.set_comment_hidden(
        current_session(),
        survey,
        unit,
        key=form.key.data,
        question_code=form.question_code.data,
        is_hidden=is_hidden,
        account=signed_in_account(),
        now=now(),
    )
    flash("Đã ẩn ý kiến khỏi báo cáo." if is_hidden else "Ý kiến được đưa lại vào báo cáo.")
    return redirect(url_for("officer.comments", code=code, unit_code=unit_code))


def _unit_report(code: str, unit_code: str) -> tuple[Survey, AdministrativeUnit, Report]:
    """A unit's report by the boundaries asked for, or of the sheets of one former version;
    NotFound where the survey misses it."""
    survey, unit = find_survey(current_session(), code), own_unit(unit_code)
    if number := wanted_part():
        today = local_date(now())
        report = segment_report(current_session(), survey, unit.id, number, today=today)
        return survey, unit, report
    lineage = wanted_lineage()
    report = unit_report(
        current_session(), survey, unit.id, today=local_date(now()), lineage=lineage
    )
    return survey, unit, report
