"""Forms of the pages about slips."""

from collections.abc import Iterable
from typing import Self

from flask_wtf.file import FileField
from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange

from survey_app.operations.fieldwork.collection_points import CollectionPoint
from survey_app.web.admin import wording
from survey_app.web.admin.forms import (
    SPREADSHEETS,
    AdminForm,
    ChosenOrSentAlong,
    DayField,
    FileForm,
    required,
)

BY_ROW = "Theo từng dòng của tệp"


class SlipsForm(AdminForm):
    """How many one-time links to make, and until when they are good."""

    MOST = 300  # a sheet of slips has to be drawn while the browser waits

    count = IntegerField(
        "Số lượng mã",
        [required("Nhập số lượng mã."), NumberRange(1, MOST, f"Mỗi lần từ 1 đến {MOST} mã.")],
        default=50,
    )
    expires_on = DayField("Dùng được đến hết ngày", [required("Nhập ngày hết hạn.")])


class SlipListForm(FileForm):
    """A list of dossiers that get a slip each; point 0 = every row names its place."""

    file = FileField("Tệp danh sách hồ sơ", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)
    point_id = SelectField(
        "Điểm thu thập của các dòng không ghi đơn vị", [required("Chọn điểm.")], coerce=int
    )
    expires_on = DayField("Dùng được đến hết ngày", [required("Nhập ngày hết hạn.")])

    def offer(self, points: Iterable[CollectionPoint]) -> Self:
        """The places of the own units to choose from."""
        listed = {point.id: wording.place(point) for point in points}
        self.point_id.choices = {**listed, 0: BY_ROW}
        return self

    def show_only(self, points: Iterable[CollectionPoint]) -> None:
        """Of very many places only these stand on the page, and the one that was chosen."""
        offered: dict[int, str] = self.point_id.choices or {}
        chosen = {key: words for key, words in offered.items() if key == self.point_id.data}
        listed = {point.id: wording.place(point) for point in points}
        self.point_id.choices = {0: BY_ROW, **listed, **chosen}
