"""Collection points of a survey: adding them, posters to look at and to print."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey_app.i18n import interface_languages, translate
from survey_app.operations.fieldwork import collection_points as operations
from survey_app.operations.fieldwork.collection_points import (
    CollectionPoint,
    Mode,
    fieldwork_points,
    find_point,
    page_points,
)
from survey_app.operations.fieldwork.surveyed_units import FieldworkUnit, fieldwork_units
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.invitations.slips import posters_pdf as draw_posters
from survey_app.operations.invitations.slips import slip_points
from survey_app.operations.organisation.units import agency_of
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.documents import MIME_TYPES, Document, Format
from survey_app.paging import Page, page_of
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.reporting.fieldwork.invitations import code_groups
from survey_app.reporting.rendering.qr import qr_svg
from survey_app.text import file_stem
from survey_app.web.admin import blueprint
from survey_app.web.admin.surveys.forms import PointForm
from survey_app.web.admin.surveys.page import survey_page
from survey_app.web.audit import note, note_taken
from survey_app.web.documents import attachment
from survey_app.web.site import site_address
from survey_app.web.transactions import current_session
from survey_app.web.wishes import wanted_page, wanted_words

#: Each is drawn while the browser waits.
POSTERS_A_PAGE = 40
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
    rows = fieldwork_units(current_session(), survey)
    form = PointForm().offer(row.unit for row in rows)
    if not form.validate():
        return survey_page(survey, rows, form)
    unit_ids = [form.unit_id.data] if form.unit_id.data else _units_without_point(survey, rows)
    for unit_id in unit_ids:
        operations.add_collection_point(
            current_session(), survey, unit_id, label=form.label.data, mode=Mode(form.mode.data)
        )
    made = {"label": form.label.data, "mode": form.mode.data, "count": len(unit_ids)}
    note("point.create", survey.code, made)
    flash(f"Đã thêm {len(unit_ids)} điểm thu thập.")
    return redirect(url_for("admin.survey", code=code, _anchor="diem-thu-thap"))


@blueprint.get("/surveys/<code>/points/<int:point_id>/poster")
def poster(code: str, point_id: int) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    point = find_point(current_session(), survey, point_id)
    address = url_for("admin.poster_pdf", code=code, point_id=point_id)
    return _posters(survey, page_of([point], number=1, size=1), address)


@blueprint.get("/surveys/<code>/posters")
def posters(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    return _posters(survey, _wanted_points(survey), url_for("admin.posters_pdf", code=code))


@blueprint.get("/surveys/<code>/points/<int:point_id>/poster.pdf")
def poster_pdf(code: str, point_id: int) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    point = find_point(current_session(), survey, point_id)
    return _posters_pdf(survey, [point])


@blueprint.get("/surveys/<code>/posters.pdf")
def posters_pdf(code: str) -> ResponseReturnValue:
    """All posters, or those of the page of which the address gives the number."""
    survey = find_survey(current_session(), code)
    if "page" in request.args:
        return _posters_pdf(survey, _wanted_points(survey).entries)
    return _posters_pdf(survey, slip_points(current_session(), survey, None))


def _units_without_point(survey: Survey, rows: Sequence[FieldworkUnit]) -> list[int]:
    points = fieldwork_points(current_session(), survey)
    having = {entry.point.unit_id for entry in points}
    return [row.unit.id for row in rows if row.unit.id not in having]


def _wanted_points(survey: Survey) -> Page[CollectionPoint]:
    """One page of the places that take sheets."""
    return page_points(
        current_session(),
        survey,
        None,
        wanted_words(),
        number=wanted_page(),
        size=POSTERS_A_PAGE,
        is_active=True,
    )


def _posters(survey: Survey, page: Page[CollectionPoint], pdf_address: str) -> ResponseReturnValue:
    languages = load_questionnaire(survey.version).languages
    return render_template(
        "admin/counter/poster.html",
        survey=survey,
        pdf_address=pdf_address,
        wanted=wanted_words(),
        page=page,
        posters=[invitation(point, point.token, agency_of(point.unit)) for point in page.entries],
        translations={
            code: translate(TO_SCAN, code)
            for code in languages
            if code in interface_languages() and code != PRIMARY_LANGUAGE
        },
        site=site_address(),
    )


def _posters_pdf(survey: Survey, points: Sequence[CollectionPoint]) -> ResponseReturnValue:
    document = draw_posters(points, site=site_address())
    name = f"ApPhich_{file_stem(survey.code)}.pdf"
    note_taken("point.poster", survey.code, {"count": len(points)})
    return attachment(Document(document, name, MIME_TYPES[Format.PDF]))


def invitation(point: CollectionPoint, token: str, agency: str) -> Invitation:
    """A poster or slip to be shown on a page."""
    square = qr_svg(f"{site_address()}/s/{token}", label=f"Mã QR mở phiếu khảo sát {token}")
    return Invitation(agency, point, square, code_groups(token))
