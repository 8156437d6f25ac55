"""Forms of the pages about units."""

from flask_wtf.file import FileField
from wtforms import SelectField, StringField
from wtforms.validators import Optional

from survey_app.unit_import import LONGEST_CODE
from survey_app.web.admin import wording
from survey_app.web.admin.forms import (
    SPREADSHEETS,
    AdminForm,
    DayField,
    FileForm,
    at_most,
    required,
)


class UnitForm(AdminForm):
    """One unit."""

    code = StringField("Mã đơn vị", [required("Nhập mã đơn vị."), at_most(LONGEST_CODE)])
    name = StringField("Tên đơn vị", [required("Nhập tên đơn vị."), at_most(200)])
    kind = SelectField(
        "Loại đơn vị", [required("Chọn loại đơn vị.")], choices=wording.unit_kind_choices
    )
    parent_code = StringField("Mã đơn vị cấp trên", [Optional(), at_most(LONGEST_CODE)])
    agency_name = StringField("Tên cơ quan ký văn bản", [Optional(), at_most(200)])
    place = StringField("Địa danh trên văn bản", [Optional(), at_most(100)])
    valid_from = DayField("Có hiệu lực từ ngày", [required("Nhập ngày có hiệu lực.")])


class EditUnitForm(AdminForm):
    """What of a unit can change without a reorganisation."""

    agency_name = StringField("Tên cơ quan ký văn bản", [Optional(), at_most(200)])
    place = StringField("Địa danh trên văn bản", [Optional(), at_most(100)])
    block = SelectField("Khối để so sánh", [Optional()], choices=wording.block_choices)


class ImportForm(FileForm):
    """A list of units as a file."""

    file = FileField("Tệp danh sách đơn vị", [required("Chọn tệp.")], render_kw=SPREADSHEETS)
