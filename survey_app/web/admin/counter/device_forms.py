"""Forms of the pages about kiosk devices."""

from collections.abc import Iterable
from typing import Self

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import NumberRange, Regexp

from survey_app.operations.fieldwork.collection_points import CollectionPoint
from survey_app.operations.fieldwork.devices import (
    LONGEST_IDLE,
    LONGEST_LABEL,
    LONGEST_PIN,
    SHORTEST_IDLE,
    SHORTEST_PIN,
    Device,
)
from survey_app.web.admin import wording
from survey_app.web.admin.forms import AdminForm, at_most, required

PIN_RULE = Regexp(
    rf"^[0-9]{{{SHORTEST_PIN},{LONGEST_PIN}}}$",
    message=f"Mã PIN gồm {SHORTEST_PIN} đến {LONGEST_PIN} chữ số.",
)
#: Digits on a telephone's keyboard; nobody's password manager is meant.
PIN_INPUT = {"inputmode": "numeric", "autocomplete": "off", "maxlength": LONGEST_PIN}


class NewDeviceForm(AdminForm):
    """A device to add to one of a survey's collection points."""

    point_id = SelectField("Điểm thu thập", [required("Chọn điểm thu thập.")], coerce=int)
    label = StringField("Tên thiết bị", [required("Nhập tên thiết bị."), at_most(LONGEST_LABEL)])
    pin = StringField(
        "Mã PIN của cán bộ", [required("Nhập mã PIN."), PIN_RULE], render_kw=PIN_INPUT
    )

    def offer(self, points: Iterable[CollectionPoint]) -> Self:
        """The places to choose from."""
        self.point_id.choices = {point.id: wording.place(point) for point in points}
        return self


class DeviceForm(AdminForm):
    """What a device is called and how it behaves."""

    label = StringField("Tên thiết bị", [required("Nhập tên thiết bị."), at_most(LONGEST_LABEL)])
    idle_seconds = IntegerField(
        "Thời gian chờ trước khi hỏi “Ông/bà còn đó không?” (giây)",
        [
            required("Nhập số giây."),
            NumberRange(
                SHORTEST_IDLE, LONGEST_IDLE, f"Nhập từ {SHORTEST_IDLE} đến {LONGEST_IDLE} giây."
            ),
        ],
    )
    keeps_partial = BooleanField("Giữ phiếu dở dang đã có câu đánh giá chính")

    @classmethod
    def of(cls, device: Device, **arguments: object) -> "DeviceForm":
        return cls(
            label=device.label,
            idle_seconds=device.idle_seconds,
            keeps_partial=device.keeps_partial,
            **arguments,
        )


class PinForm(AdminForm):
    """Another PIN for the clerk's corner."""

    pin = StringField("Mã PIN mới", [required("Nhập mã PIN."), PIN_RULE], render_kw=PIN_INPUT)


class MoveDeviceForm(AdminForm):
    """Another place for a device."""

    point_id = SelectField("Điểm thu thập mới", [required("Chọn điểm thu thập.")], coerce=int)

    def offer(self, points: Iterable[CollectionPoint]) -> Self:
        """The places to choose from, each with its survey."""
        self.point_id.choices = {
            point.id: f"{point.survey.title} – {wording.place(point)}" for point in points
        }
        return self
