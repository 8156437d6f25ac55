"""Samples of a survey: lists of dossiers to draw from, the draws and their checks."""

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Invalid
from survey_app.operations.fieldwork.dossier_list import read_dossiers, template_workbook
from survey_app.operations.fieldwork.surveyed_units import SurveyUnit, find_survey_unit
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.figures import targets
from survey_app.operations.organisation.unit_search import page_by_unit
from survey_app.operations.organisation.units import find_unit
from survey_app.operations.samples.drawn_list import describe_draw, render_draw
from survey_app.operations.samples.draws import (
    SampleDraw,
    Verification,
    check_draw,
    count_identifiers,
    draws_of_unit,
    erase_identifiers,
    find_draw,
    make_draw,
    verify_draw,
)
from survey_app.operations.samples.planning import (
    Allocation,
    SampleMethod,
    SamplePlan,
    SampleWish,
    plan_draw,
)
from survey_app.sampling.frame import Frame
from survey_app.web.admin import blueprint, wording
from survey_app.web.admin.forms import FileForm
from survey_app.web.admin.surveys.forms import DrawForm, VerifyForm
from survey_app.web.admin.uploads import LARGEST_MEGABYTES, GivenFile, given_file
from survey_app.web.audit import note
from survey_app.web.documents import attachment, blank, record_list
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session, database
from survey_app.web.wishes import read_wish, wanted_page, wanted_words

#: Rows of long tables that are shown: mistakes in a file, chosen dossiers.
MISTAKES_SHOWN, DOSSIERS_SHOWN = 200, 20


@blueprint.get("/surveys/<code>/samples", endpoint="samples")
def show_samples(code: str) -> ResponseReturnValue:
    survey, wanted = find_survey(current_session(), code), wanted_words()
    lines = targets.progress_of(current_session(), survey)
    return render_template(
        "admin/surveys/samples.html",
        survey=survey,
        wanted=wanted,
        page=page_by_unit(lines, lambda line: line.unit, wanted, number=wanted_page()),
        confidence=targets.CONFIDENCE,
        identifiers=count_identifiers(current_session(), survey),
    )


@blueprint.post("/surveys/<code>/samples/erase")
def erase_samples(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    count = erase_identifiers(current_session(), survey, now=now(), account=signed_in_account())
    flash(f"Đã xóa {wording.count(count)} mã hồ sơ khỏi các danh sách được chọn.")
    return redirect(url_for("admin.samples", code=code))


@blueprint.get("/dossiers-template.xlsx")
def dossiers_template() -> ResponseReturnValue:
    return blank(template_workbook(), "MauDanhSachHoSo.xlsx")


@blueprint.get("/surveys/<code>/samples/<unit_code>")
def unit_samples(code: str, unit_code: str) -> ResponseReturnValue:
    survey, row = _survey_and_unit(code, unit_code)
    return _unit_page(survey, row, DrawForm(as_of=local_date(now()), n=row.target))


@blueprint.post("/surveys/<code>/samples/<unit_code>")
def draw_sample(code: str, unit_code: str) -> ResponseReturnValue:
    wish = read_wish("check", "draw")
    form = DrawForm()
    # Before the session of this request is opened: reading a workbook is slow.
    upload, refusal = _read_upload(form, form.as_of.data) if form.validate() else (None, None)
    survey, row = _survey_and_unit(code, unit_code)
    plan = None
    if upload is not None:
        with form.refusals_shown():
            plan = plan_draw(survey, upload.frame, _wish(form))
            check_draw(current_session(), survey, row.unit_id, plan)
            if wish == "draw":
                return _drawn(survey, row, plan, sets_population=form.sets_population.data)
    if plan is None or upload is None or form.errors:
        return _unit_page(survey, row, form, refusal)
    return _check_page(survey, row, form, upload, plan)


@blueprint.get("/surveys/<code>/samples/<unit_code>/<int:number>")
def sample(code: str, unit_code: str, number: int) -> ResponseReturnValue:
    survey, row = _survey_and_unit(code, unit_code)
    draw = find_draw(current_session(), survey, row.unit_id, number)
    return _draw_page(survey, row, draw, VerifyForm())


@blueprint.post("/surveys/<code>/samples/<unit_code>/<int:number>/verify")
def verify_sample(code: str, unit_code: str, number: int) -> ResponseReturnValue:
    form = VerifyForm()
    upload = refusal = None
    if form.validate():
        # Read with a session that waits for nobody: reading a workbook is slow.
        with database().session() as reader:
            found = find_survey(reader, code)
            draw = find_draw(reader, found, find_unit(reader, unit_code).id, number)
        upload, refusal = _read_upload(form, draw.as_of)
    survey, row = _survey_and_unit(code, unit_code)
    draw = find_draw(current_session(), survey, row.unit_id, number)
    outcome = None
    if upload is not None:
        outcome = verify_draw(current_session(), draw, upload.frame)
        detail = f"lần {number}: {'khớp' if outcome.is_same_list else 'không khớp'}"
        note("sample.verify", f"{survey.code} {row.unit.code}", detail)
    return _draw_page(survey, row, draw, form, refusal, outcome)


@blueprint.get("/surveys/<code>/samples/<unit_code>/<int:number>/list.xlsx")
def drawn_list(code: str, unit_code: str, number: int) -> ResponseReturnValue:
    survey, row = _survey_and_unit(code, unit_code)
    draw = find_draw(current_session(), survey, row.unit_id, number)
    document = render_draw(describe_draw(current_session(), draw))
    record_list(f"{survey.code} {row.unit.code} {number}")
    return attachment(document)


def _survey_and_unit(code: str, unit_code: str) -> tuple[Survey, SurveyUnit]:
    """Both, or NotFound: unknown, or not in the survey."""
    survey = find_survey(current_session(), code)
    unit = find_unit(current_session(), unit_code)
    return survey, find_survey_unit(current_session(), survey, unit.id)


@dataclass(frozen=True)
class _Upload:
    """A list of dossiers as it was sent, and read."""

    given: GivenFile
    frame: Frame


def _read_upload(form: FileForm, as_of: date) -> tuple[_Upload | None, Invalid | None]:
    """The list that was sent, or why it cannot be used."""
    try:
        given = given_file(form)
        return _Upload(given, read_dossiers(*given, as_of=as_of)), None
    except Invalid as refusal:
        return None, refusal


def _wish(form: DrawForm) -> SampleWish:
    return SampleWish(
        method=SampleMethod(form.method.data),
        allocation=Allocation(form.allocation.data),
        n=form.n.data,
        seed=form.seed.data,
        reason=form.reason.data or "",
    )


def _drawn(
    survey: Survey, row: SurveyUnit, plan: SamplePlan, *, sets_population: bool
) -> ResponseReturnValue:
    draw = make_draw(
        current_session(),
        survey,
        row.unit_id,
        plan,
        now=now(),
        account=signed_in_account(),
        sets_population=sets_population,
    )
    flash("Đã chọn mẫu. Danh sách được giữ nguyên từ nay và tải về được bất cứ lúc nào.")
    address = url_for("admin.sample", code=survey.code, unit_code=row.unit.code, number=draw.number)
    return redirect(address)


def _unit_page(
    survey: Survey, row: SurveyUnit, form: DrawForm, refusal: Invalid | None = None
) -> ResponseReturnValue:
    draws = draws_of_unit(current_session(), survey, row.unit_id)
    form.reason.flags.required = bool(draws)  # a first draw needs none, any other does
    page = render_template(
        "admin/surveys/sample_unit.html",
        survey=survey,
        row=row,
        form=form,
        draws=draws,
        refusal=refusal,
        mistakes_shown=MISTAKES_SHOWN,
        largest_megabytes=LARGEST_MEGABYTES,
    )
    return page, 422 if refusal or form.errors else 200


def _check_page(
    survey: Survey, row: SurveyUnit, form: DrawForm, upload: _Upload, plan: SamplePlan
) -> ResponseReturnValue:
    """What the draw will be; the list goes along with the page to the second step."""
    return render_template(
        "admin/surveys/sample_check.html",
        survey=survey,
        row=row,
        plan=plan,
        form=form,
        given=upload.given,
    )


def _draw_page(
    survey: Survey,
    row: SurveyUnit,
    draw: SampleDraw,
    form: VerifyForm,
    refusal: Invalid | None = None,
    outcome: Verification | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "admin/surveys/sample.html",
        survey=survey,
        row=row,
        draw=describe_draw(current_session(), draw),
        form=form,
        refusal=refusal,
        outcome=outcome,
        mistakes_shown=MISTAKES_SHOWN,
        shown=DOSSIERS_SHOWN,
    )
    return page, 422 if refusal or form.errors else 200
