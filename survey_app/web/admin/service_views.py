"""Public services and counts of dossiers: the list, one service, files with a trial first."""

from base64 import b64encode

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField

from survey_app.errors import Invalid
from survey_app.operations.organisation import dossier_counts, services
from survey_app.web.admin import blueprint
from survey_app.web.admin.forms import SPREADSHEETS, ChosenOrSentAlong, FileForm
from survey_app.web.admin.uploads import LARGEST_MEGABYTES, given_file
from survey_app.web.audit import note
from survey_app.web.documents import blank
from survey_app.web.identifiers import parse_id
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish


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
    number = request.args.get("page", 1, type=parse_id)
    page = services.page_services(current_session(), wanted=wanted, field=field, number=number)
    return render_template(
        "admin/services.html",
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
        "admin/service.html",
        service=found,
        months=services.months_of_service(current_session(), found),
        levels=services.LEVELS,
    )


@blueprint.route("/import-services", methods=["GET", "POST"])
def import_services() -> ResponseReturnValue:
    form = ServiceFileForm()
    texts = {
        "heading": "Nhập danh mục thủ tục",
        "template": url_for("admin.services_template"),
        "what": "thủ tục",
        "address": url_for("admin.import_services"),
    }
    if not form.is_submitted():
        return _file_page(form, texts)
    wish = read_wish("check", "import")
    try:
        data, filename = given_file(form)
        outcome = services.import_services(current_session(), data, filename)
    except Invalid as refusal:
        return _file_page(form, texts, refusal), 422
    if wish == "check":
        return _trial(texts, outcome, data, filename)
    note("services.import", filename, _as_words(outcome))
    flash(f"Đã nhập danh mục: {_as_words(outcome)}.")
    return redirect(url_for("admin.services"))


@blueprint.route("/import-dossier-counts", methods=["GET", "POST"])
def import_dossier_counts() -> ResponseReturnValue:
    form = CountFileForm()
    texts = {
        "heading": "Nhập số liệu hồ sơ",
        "template": url_for("admin.dossier_counts_template"),
        "what": "dòng số liệu",
        "address": url_for("admin.import_dossier_counts"),
    }
    if not form.is_submitted():
        return _file_page(form, texts)
    wish = read_wish("check", "import")
    try:
        data, filename = given_file(form)
        rows = dossier_counts.read_counts(data, filename)
        outcome = dossier_counts.store_counts(current_session(), rows)
    except Invalid as refusal:
        return _file_page(form, texts, refusal), 422
    if wish == "check":
        return _trial(texts, outcome, data, filename)
    note("dossier_counts.import", filename, _as_words(outcome))
    flash(f"Đã nhập số liệu hồ sơ: {_as_words(outcome)}.")
    return redirect(url_for("admin.services"))


@blueprint.get("/services-template.xlsx")
def services_template() -> ResponseReturnValue:
    return blank(services.template_workbook(), "MauDanhMucThuTuc.xlsx")


@blueprint.get("/dossier-counts-template.xlsx")
def dossier_counts_template() -> ResponseReturnValue:
    return blank(dossier_counts.template_workbook(), "MauSoLieuHoSo.xlsx")


Outcome = services.ServiceOutcome | dossier_counts.CountOutcome


def _trial(texts: dict[str, str], outcome: Outcome, data: bytes, filename: str) -> str:
    current_session().rollback()  # every row was right, and none of them stays
    return render_template(
        "admin/import_services_check.html",
        texts=texts,
        outcome=outcome,
        content=b64encode(data).decode(),
        filename=filename,
    )


def _as_words(outcome: Outcome) -> str:
    return f"{outcome.created} thêm mới, {outcome.changed} sửa, {outcome.unchanged} giữ nguyên"


def _file_page(form: FileForm, texts: dict[str, str], refusal: Invalid | None = None) -> str:
    return render_template(
        "admin/import_services.html",
        form=form,
        texts=texts,
        refusal=refusal,
        largest_megabytes=LARGEST_MEGABYTES,
    )
