"""Kiosk devices of a survey: adding, enrolling, settings, moving, revoking."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.operations.fieldwork import devices as operations
from survey_app.operations.fieldwork.collection_points import (
    fieldwork_points,
    find_point,
    points_to_move_to,
)
from survey_app.operations.fieldwork.devices import Device, find_device_of
from survey_app.operations.fieldwork.surveyed_units import surveyed_unit_ids
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.reporting.fieldwork.invitations import code_groups
from survey_app.web.admin import blueprint, wording
from survey_app.web.admin.counter.device_forms import (
    DeviceForm,
    MoveDeviceForm,
    NewDeviceForm,
    PinForm,
)
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.offers import may
from survey_app.web.site import site_address
from survey_app.web.transactions import current_session


@blueprint.get("/surveys/<code>/devices")
def devices(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    return _devices_page(survey, _new_device_form(survey))


@blueprint.post("/surveys/<code>/devices")
def add_device(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    form = _new_device_form(survey)
    if not form.validate():
        return _devices_page(survey, form)
    point = find_point(current_session(), survey, form.point_id.data)
    with form.refusals_shown():
        device, enrolment_code = operations.add_device(
            current_session(),
            point,
            label=form.label.data,
            pin=form.pin.data,
            now=now(),
            account=signed_in_account(),
        )
        return _code_page(device, enrolment_code)
    return _devices_page(survey, form)


@blueprint.get("/surveys/<code>/devices/<int:device_id>")
def device(code: str, device_id: int) -> ResponseReturnValue:
    found = _device(code, device_id)
    return _device_page(found)


@blueprint.post("/surveys/<code>/devices/<int:device_id>/settings")
def set_device(code: str, device_id: int) -> ResponseReturnValue:
    found = _device(code, device_id)
    form = DeviceForm()
    if form.validate():
        with form.refusals_shown():
            operations.set_device(
                current_session(),
                found,
                label=form.label.data,
                idle_seconds=form.idle_seconds.data,
                keeps_partial=form.keeps_partial.data,
                now=now(),
                account=signed_in_account(),
            )
            flash("Đã lưu cài đặt. Thiết bị áp dụng khi liên lạc lần sau, giữa hai lượt trả lời.")
            return redirect(_address(found))
    return _device_page(found, settings=form)


@blueprint.post("/surveys/<code>/devices/<int:device_id>/pin")
def set_device_pin(code: str, device_id: int) -> ResponseReturnValue:
    found = _device(code, device_id)
    form = PinForm()
    if form.validate():
        with form.refusals_shown():
            operations.set_pin(
                current_session(), found, form.pin.data, now=now(), account=signed_in_account()
            )
            flash("Đã đổi mã PIN. Thiết bị dùng mã cũ cho đến khi liên lạc lần sau.")
            return redirect(_address(found))
    return _device_page(found, pin=form)


@blueprint.post("/surveys/<code>/devices/<int:device_id>/move")
def move_device(code: str, device_id: int) -> ResponseReturnValue:
    found = _device(code, device_id)
    points = points_to_move_to(current_session(), found.collection_point)
    form = MoveDeviceForm().offer(points)
    if not form.validate():
        return _device_page(found, move=form)
    point = next(point for point in points if point.id == form.point_id.data)
    operations.move_device(current_session(), found, point, now=now(), account=signed_in_account())
    flash(f"Đã chuyển thiết bị sang {wording.place(point)}.")
    return redirect(_address(found))


@blueprint.post("/surveys/<code>/devices/<int:device_id>/code")
def renew_device_code(code: str, device_id: int) -> ResponseReturnValue:
    found = _device(code, device_id)
    enrolment_code = operations.new_enrolment_code(
        current_session(), found, now=now(), account=signed_in_account()
    )
    return _code_page(found, enrolment_code)


@blueprint.post("/surveys/<code>/devices/<int:device_id>/revoke")
def revoke_device(code: str, device_id: int) -> ResponseReturnValue:
    found = _device(code, device_id)
    operations.revoke(current_session(), found, now=now(), account=signed_in_account())
    flash(f"Đã thu hồi thiết bị “{found.label}”.")
    return redirect(url_for("admin.devices", code=code))


def _device(code: str, device_id: int) -> Device:
    found = find_device_of(current_session(), find_survey(current_session(), code), device_id)
    current_scope().require(found.collection_point.unit_id)
    return found


def _address(device: Device) -> str:
    code = device.collection_point.survey.code
    return url_for("admin.device", code=code, device_id=device.id)


def _new_device_form(survey: Survey) -> NewDeviceForm:
    entries = fieldwork_points(current_session(), survey)
    return NewDeviceForm().offer(entry.point for entry in entries if entry.point.is_active)


def _may_add(survey: Survey) -> bool:
    """Devices are added by who manages the whole survey."""
    surveyed = surveyed_unit_ids(current_session(), survey.code)
    return may("admin.add_device") and current_scope().holds_all(surveyed)


def _devices_page(survey: Survey, form: NewDeviceForm) -> ResponseReturnValue:
    page = render_template(
        "admin/counter/devices.html",
        survey=survey,
        devices=operations.devices_of(current_session(), survey, current_scope().unit_ids),
        form=form,
        may_add=_may_add(survey),
        moment_now=now(),
    )
    return page, form.status


def _device_page(
    device: Device,
    *,
    settings: DeviceForm | None = None,
    pin: PinForm | None = None,
    move: MoveDeviceForm | None = None,
) -> ResponseReturnValue:
    """The page of one device; a form that was sent comes back with its mistakes."""
    wrong = settings or pin or move
    if move is None:
        points = points_to_move_to(current_session(), device.collection_point)
        move = MoveDeviceForm(formdata=None).offer(points)
    page = render_template(
        "admin/counter/device.html",
        survey=device.collection_point.survey,
        device=device,
        settings=settings or DeviceForm.of(device, formdata=None),
        pin=pin or PinForm(formdata=None),
        move=move,
        wrong=wrong,
        moment_now=now(),
    )
    return page, wrong.status if wrong else 200


def _code_page(device: Device, enrolment_code: str) -> ResponseReturnValue:
    return render_template(
        "admin/counter/device_code.html",
        survey=device.collection_point.survey,
        device=device,
        groups=code_groups(enrolment_code),
        site=site_address(),
    )
