"""Public services and counts of dossiers: the list, one service, files with a trial first."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField

from survey_app.operations.organisation import dossier_counts, services
from survey_app.web.admin import blueprint
from survey_app.web.admin.forms import SPREADSHEETS, ChosenOrSentAlong, FileForm
from survey_app.web.admin.uploads import take_list
from survey_app.web.audit import note
from survey_app.web.documents import blank
from survey_app.web.transactions import current_session
from survey_app.web.wishes import wanted_page


class ServiceFileForm(FileForm):
    """A list of services as a file."""

    file = FileField("Tệp danh mục thủ tục", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)


class CountFileForm(FileForm):
    """Counts of dossiers as a file."""

    file = FileField("Tệp số liệu hồ sơ", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)


@blueprint.get("/services", endpoint="services")
def show_services() -> ResponseReturnValue:
    wanted = request.args.get("q", "").strip()
    field = request.args.get("field", "")
    page = services.page_services(
        current_session(), wanted=wanted, field=field, number=wanted_page()
    )
    return render_template(
        "admin/units/services.html",
        page=page,
        wanted=wanted,
        field=field,
        fields=services.list_fields(current_session()),
        levels=services.LEVELS,
    )


@blueprint.get("/services/<code>")
def service(code: str) -> ResponseReturnValue:
    found = services.find_service(current_session(), code)
    return render_template(
        "admin/units/service.html",
        service=found,
        months=services.months_of_service(current_session(), found),
        levels=services.LEVELS,
    )


@blueprint.route("/import-services", methods=["GET", "POST"])
def import_services() -> ResponseReturnValue:
    return take_list(
        ServiceFileForm(),
        "admin/units/import_services",
        _load_services,
        _services_imported,
        heading="Nhập danh mục thủ tục",
        each_row="thủ tục",
        address=url_for("admin.import_services"),
        template_address=url_for("admin.services_template"),
    )


@blueprint.route("/import-dossier-counts", methods=["GET", "POST"])
def import_dossier_counts() -> ResponseReturnValue:
    return take_list(
        CountFileForm(),
        "admin/units/import_services",
        _load_counts,
        _counts_imported,
        heading="Nhập số liệu hồ sơ",
        each_row="dòng số liệu",
        address=url_for("admin.import_dossier_counts"),
        template_address=url_for("admin.dossier_counts_template"),
    )


@blueprint.get("/services-template.xlsx")
def services_template() -> ResponseReturnValue:
    return blank(services.template_workbook(), "MauDanhMucThuTuc.xlsx")


@blueprint.get("/dossier-counts-template.xlsx")
def dossier_counts_template() -> ResponseReturnValue:
    return blank(dossier_counts.template_workbook(), "MauSoLieuHoSo.xlsx")


def _load_services(data: bytes, filename: str) -> services.ServiceOutcome:
    rows = services.read_services(data, filename)
    return services.import_services(current_session(), rows)


def _services_imported(outcome: services.ServiceOutcome, filename: str) -> ResponseReturnValue:
    note("services.import", filename, _as_words(outcome))
    flash(f"Đã nhập danh mục: {_as_words(outcome)}.")
    return redirect(url_for("admin.services"))


def _load_counts(data: bytes, filename: str) -> dossier_counts.CountOutcome:
    rows = dossier_counts.read_counts(data, filename)
    return dossier_counts.store_counts(current_session(), rows)


def _counts_imported(outcome: dossier_counts.CountOutcome, filename: str) -> ResponseReturnValue:
    note("dossier_counts.import", filename, _as_words(outcome))
    flash(f"Đã nhập số liệu hồ sơ: {_as_words(outcome)}.")
    return redirect(url_for("admin.services"))


def _as_words(outcome: services.ServiceOutcome | dossier_counts.CountOutcome) -> str:
    return f"{outcome.created} thêm mới, {outcome.changed} sửa, {outcome.unchanged} giữ nguyên"
