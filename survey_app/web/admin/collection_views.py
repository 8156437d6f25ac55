"""Collection points of a survey: adding them, posters and slips to print."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey_app.clock import local_date, now
from survey_app.i18n import interface_languages, translate
from survey_app.operations import fieldwork, listing
from survey_app.operations.fieldwork import find_survey
from survey_app.operations.listing import CollectionPoint, FieldworkUnit, Mode, Survey
from survey_app.operations.publishing import load_questionnaire
from survey_app.operations.units import agency_of
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.reporting.qr import qr_svg
from survey_app.web.admin import blueprint
from survey_app.web.admin.forms import PointForm, SlipsForm
from survey_app.web.admin.recording import note
from survey_app.web.admin.survey_page import survey_page
from survey_app.web.site import site_address
from survey_app.web.transactions import current_session

#: Under the Vietnamese words of a poster, in every other language of the questionnaire.
TO_SCAN = (
    "Mời ông/bà đánh giá sự phục vụ hôm nay: quét mã bằng máy ảnh điện thoại. Không cần đăng nhập,"
    " không hỏi họ tên."
)


@dataclass(frozen=True)
class Invitation:
    """What a poster or slip shows: who asks, the square, the code under it in groups of four."""

    agency: str
    point: CollectionPoint
    square: Markup
    groups: tuple[str, ...]


@blueprint.post("/surveys/<code>/points")
def add_collection_point(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    rows = listing.fieldwork_units(current_session(), survey)
    form = PointForm.for_units(row.unit for row in rows)
    if not form.validate():
        return survey_page(survey, rows, form)
    unit_ids = [form.unit_id.data] if form.unit_id.data else _units_without_point(survey, rows)
    for unit_id in unit_ids:
        fieldwork.add_collection_point(
            current_session(), survey, unit_id, label=form.label.data, mode=Mode(form.mode.data)
        )
    note("point.create", survey.code, f"{form.label.data}: {len(unit_ids)} điểm")
    flash(f"Đã thêm {len(unit_ids)} điểm thu thập.")
    return redirect(url_for("admin.survey", code=code, _anchor="diem-thu-thap"))


@blueprint.get("/surveys/<code>/points/<int:point_id>/poster")
def poster(code: str, point_id: int) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    point = listing.find_point(current_session(), survey, point_id)
    return _posters(survey, [point])


@blueprint.get("/surveys/<code>/posters")
def posters(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    entries = listing.fieldwork_points(current_session(), survey)
    return _posters(survey, [entry.point for entry in entries if entry.point.is_active])


@blueprint.route("/surveys/<code>/points/<int:point_id>/slips", methods=["GET", "POST"])
def slips(code: str, point_id: int) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    point = listing.find_point(current_session(), survey, point_id)
    form = SlipsForm(expires_on=survey.ends_on)
    if not form.validate_on_submit() or not _is_in_time(form, survey):
        page = render_template("admin/slips_form.html", survey=survey, point=point, form=form)
        return page, form.status
    tokens = fieldwork.issue_one_time_links(
        current_session(), point, form.count.data, expires_on=form.expires_on.data
    )
    until = f"{form.expires_on.data:%d/%m/%Y}"
    note("links.issue", f"{survey.code} {point.unit.code}", f"{len(tokens)} mã, đến {until}")
    agency = agency_of(point.unit)
    # Kept before they are drawn: drawing takes a while, and citizens' sheets wait meanwhile.
    current_session().commit()
    return render_template(
        "admin/slips.html",
        survey=survey,
        point=point,
        expires_on=form.expires_on.data,
        site=site_address(),
        slips=[_invitation(point, token, agency) for token in tokens],
    )


def _units_without_point(survey: Survey, rows: Sequence[FieldworkUnit]) -> list[int]:
    points = listing.fieldwork_points(current_session(), survey)
    having = {entry.point.unit_id for entry in points}
    return [row.unit.id for row in rows if row.unit.id not in having]


def _posters(survey: Survey, points: list[CollectionPoint]) -> ResponseReturnValue:
    languages = load_questionnaire(survey.version).languages
    return render_template(
        "admin/poster.html",
        survey=survey,
        posters=[_invitation(point, point.token, agency_of(point.unit)) for point in points],
        translations={
            code: translate(TO_SCAN, code)
            for code in languages
            if code in interface_languages() and code != PRIMARY_LANGUAGE
        },
        site=site_address(),
    )


def _invitation(point: CollectionPoint, token: str, agency: str) -> Invitation:
    square = qr_svg(f"{site_address()}/s/{token}", label=f"Mã QR mở phiếu khảo sát {token}")
    return Invitation(agency, point, square, groups_of(token))


def groups_of(token: str) -> tuple[str, ...]:
    """A code in pieces that can be read aloud: ABCD EFGH, ABCD EFGH JKMNP."""
    starts = range(0, len(token) - 3, 4)
    return (*(token[start : start + 4] for start in starts[:-1]), token[starts[-1] :])


def _is_in_time(form: SlipsForm, survey: Survey) -> bool:
    """Whether the last day lies between today and the end of the survey."""
    today = local_date(now())
    if today <= form.expires_on.data <= survey.ends_on:
        return True
    message = f"Chọn ngày từ hôm nay đến {survey.ends_on:%d/%m/%Y} (ngày cuối của khảo sát)."
    form.expires_on.errors = [message]
    return False
