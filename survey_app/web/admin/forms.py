"""Forms of the administrators' pages, with Vietnamese messages for every mistake."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import ClassVar

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    StopValidation,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, TextInput

from survey_app.clock import local_date, now
from survey_app.errors import Conflict, HaiLongError, Invalid, Problem
from survey_app.operations.organisation.api_keys import LONGEST_LABEL
from survey_app.operations.organisation.listing import AdministrativeUnit, CollectionPoint
from survey_app.operations.organisation.rights import AccountRole
from survey_app.operations.samples import LONGEST_REASON
from survey_app.unit_import import LONGEST_CODE
from survey_app.web.admin import wording

#: What WTForms says by itself, where no validator carries a message.
_SENTENCES = {
    "Not a valid choice.": "Hãy chọn một trong các mục có sẵn.",
    "Invalid Choice: could not coerce.": "Hãy chọn một trong các mục có sẵn.",
    "'%(value)s' is not a valid choice for this field.": "Hãy chọn trong các mục có sẵn.",
    "'%(value)s' are not valid choices for this field.": "Hãy chọn trong các mục có sẵn.",
    "Not a valid integer value.": "Nhập một số nguyên.",
    "Not a valid date value.": "Nhập ngày có đủ ngày, tháng, năm.",
}


#: What the dialogue for choosing a file offers.
SPREADSHEETS = {"accept": ".xlsx,.xls,.ods,.csv"}
PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,4})?) ?%?")


class _Vietnamese:
    """WTForms has no Vietnamese catalogue; without this its own sentences would be English."""

    def gettext(self, sentence: str) -> str:
        return _SENTENCES.get(sentence, sentence)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)


class AdminForm(FlaskForm):  # type: ignore[misc]
    """The base of the forms: Vietnamese messages, refusals of the operations shown in place."""

    class Meta:
        def get_translations(self, _form: FlaskForm) -> _Vietnamese:
            return _Vietnamese()

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        return 422 if self.errors else 200

    @staticmethod
    def mistake(field: str, refusal: HaiLongError) -> Invalid:
        """A refusal as a mistake of one field."""
        return Invalid(refusal.message, [Problem(refusal.message, field)])

    @contextmanager
    def refusals_shown(self) -> Iterator[None]:
        """Put what an operation refuses beside the fields it is about, and carry on."""
        try:
            yield
        except (Invalid, Conflict) as refusal:
            problems = refusal.problems if isinstance(refusal, Invalid) else ()
            for problem in problems:
                if problem.where in self:
                    field = self[problem.where]
                    field.errors = [*field.errors, problem.message]
                else:
                    self.form_errors.append(str(problem))
            if not problems:
                self.form_errors.append(refusal.message)


def required(message: str) -> InputRequired:
    return InputRequired(message)


def at_most(length: int) -> Length:
    return Length(max=length, message=f"Dài nhất {length} ký tự.")


class PercentField(Field):  # type: ignore[misc]
    """A percentage as people write it ("5", "7,5", "80%"); its data is a proportion or None."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else wording.as_written(Decimal(repr(self.data)) * 100)

    def process_formdata(self, sent: Sequence[str]) -> None:
        text = sent[0].strip() if sent else ""
        match = PERCENT.fullmatch(text)
        self.data = float(Decimal(match[1].replace(",", ".")) / 100) if match else None
        if text and not match:
            raise ValueError("Nhập một số phần trăm, như 5 hoặc 7,5.")


class DocumentForm(AdminForm):
    """A questionnaire document: a file, or its text."""

    file = FileField("Tệp YAML trên máy", render_kw={"accept": ".yaml,.yml,text/plain"})
    source = TextAreaField(
        "Nội dung tài liệu",
        render_kw={"rows": "22", "spellcheck": "false", "wrap": "off"},
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
    valid_from = DateField("Có hiệu lực từ ngày", [required("Nhập ngày có hiệu lực.")])


class EditUnitForm(AdminForm):
    """What of a unit can change without a reorganisation."""

    agency_name = StringField("Tên cơ quan ký văn bản", [Optional(), at_most(200)])
    place = StringField("Địa danh trên văn bản", [Optional(), at_most(100)])
    block = SelectField("Khối để so sánh", [Optional()], choices=wording.block_choices)


class ChosenOrSentAlong:
    """A file is required, but for the second step, which brings the content of the first."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, _form: FlaskForm, field: FileField) -> None:
        if not field.data and not request.form.get("content"):
            raise StopValidation("Chọn tệp.")


class FileForm(AdminForm):
    """A form with one file that holds a list."""

    file: FileField


class ImportForm(FileForm):
    """A list of units as a file."""

    file = FileField("Tệp danh sách đơn vị", [required("Chọn tệp.")], render_kw=SPREADSHEETS)


class PaperFileForm(FileForm):
    """Forms that were filled in on paper, keyed into a file."""

    file = FileField("Tệp phiếu đã nhập", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)


class AccountForm(AdminForm):
    """A new account."""

    username = StringField(
        "Tên đăng nhập",
        [required("Nhập tên đăng nhập."), at_most(64)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    display_name = StringField(
        "Họ và tên", [required("Nhập họ và tên."), at_most(120)], render_kw={"autocomplete": "off"}
    )
    role = RadioField(
        "Vai trò",
        [required("Chọn vai trò.")],
        choices={role.value: text for role, text in wording.ROLES.items()},
        default=AccountRole.OFFICER.value,
    )
    unit = StringField("Mã đơn vị phụ trách", [Optional(), at_most(LONGEST_CODE)])
    everywhere = BooleanField("Mọi đơn vị")
    password = PasswordField(
        "Mật khẩu ban đầu",
        [required("Nhập mật khẩu ban đầu."), at_most(200)],
        render_kw={"autocomplete": "new-password"},
    )


class GrantForm(AdminForm):
    """A role that an account gets, where and for how long."""

    role = RadioField(
        "Vai trò",
        [required("Chọn vai trò.")],
        choices={role.value: text for role, text in wording.ROLES.items()},
        default=AccountRole.OFFICER.value,
    )
    unit = StringField("Mã đơn vị phụ trách", [Optional(), at_most(LONGEST_CODE)])
    everywhere = BooleanField("Mọi đơn vị")
    valid_from = DateField("Từ ngày", [required("Nhập ngày bắt đầu.")])
    valid_until = DateField("Đến hết ngày", [Optional()])


class NameForm(AdminForm):
    """The name of an account that people see."""

    display_name = StringField("Họ và tên", [required("Nhập họ và tên."), at_most(120)])


class ApiKeyForm(AdminForm):
    """A new key for other software."""

    label = StringField("Tên của khóa", [required("Nhập tên của khóa."), at_most(LONGEST_LABEL)])
    unit = StringField("Mã đơn vị", [required("Nhập mã đơn vị."), at_most(LONGEST_CODE)])
    scopes = SelectMultipleField(
        "Quyền của khóa",
        [required("Chọn ít nhất một quyền của khóa.")],
        choices=wording.KEY_SCOPES,
        default=[next(iter(wording.KEY_SCOPES))],
        option_widget=CheckboxInput(),
    )
    expires_on = DateField("Dùng được đến hết ngày", [required("Nhập ngày hết hạn.")])


class SurveyForm(AdminForm):
    """A new survey; its units are chosen in a table beside these fields."""

    code = StringField(
        "Mã cuộc khảo sát",
        [
            required("Nhập mã cuộc khảo sát."),
            at_most(60),
            Regexp(
                r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$",
                message="Mã chỉ gồm chữ không dấu và chữ số, nối bằng gạch ngang, như 2026-q4.",
            ),
        ],
    )
    title = StringField("Tên cuộc khảo sát", [required("Nhập tên cuộc khảo sát."), at_most(300)])
    version_id = SelectField("Bộ câu hỏi", [required("Chọn bộ câu hỏi.")], coerce=int)
    starts_on = DateField("Từ ngày", [required("Nhập ngày bắt đầu.")])
    ends_on = DateField("Đến hết ngày", [required("Nhập ngày kết thúc.")])
    parent = SelectField("Chọn đơn vị trong")


class TurnForm(AdminForm):
    """Why a survey is paused or opened again; when it must be said is the operation's rule."""

    reason = TextAreaField("Lý do", render_kw={"rows": "3"})


class PointForm(AdminForm):
    """A place or channel that collects answers; unit 0 = every unit that has none yet."""

    unit_id = SelectField("Đơn vị", [required("Chọn đơn vị.")], coerce=int)
    label = StringField("Tên điểm thu thập", [required("Nhập tên điểm thu thập."), at_most(120)])
    mode = SelectField(
        "Hình thức trả lời", [required("Chọn hình thức trả lời.")], choices=wording.mode_choices
    )

    @classmethod
    def for_units(cls, units: Iterable[AdministrativeUnit], **arguments: object) -> "PointForm":
        """The form with the units of a survey to choose from."""
        form = cls(**arguments)
        listed = {unit.id: unit.name for unit in units}
        form.unit_id.choices = {0: "Mọi đơn vị chưa có điểm thu thập", **listed}
        return form


class SlipsForm(AdminForm):
    """How many one-time links to make, and until when they are good."""

    MOST = 300  # a sheet of slips has to be drawn while the browser waits

    count = IntegerField(
        "Số lượng mã",
        [required("Nhập số lượng mã."), NumberRange(1, MOST, f"Mỗi lần từ 1 đến {MOST} mã.")],
        default=50,
    )
    expires_on = DateField("Dùng được đến hết ngày", [required("Nhập ngày hết hạn.")])


class SlipListForm(FileForm):
    """A list of dossiers that get a slip each; point 0 = every row names its place."""

    file = FileField("Tệp danh sách hồ sơ", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)
    point_id = SelectField(
        "Điểm thu thập của các dòng không ghi đơn vị", [required("Chọn điểm.")], coerce=int
    )
    expires_on = DateField("Dùng được đến hết ngày", [required("Nhập ngày hết hạn.")])

    @classmethod
    def for_points(cls, points: Sequence[CollectionPoint], **arguments: object) -> "SlipListForm":
        """The form with the places of the own units to choose from."""
        form = cls(**arguments)
        listed = {point.id: f"{point.unit.name}, {point.label}" for point in points}
        form.point_id.choices = {**listed, 0: "Theo từng dòng của tệp"}
        return form


class TargetForm(AdminForm):
    """How sure a survey wants to be of each unit's figures."""

    margin = PercentField("Sai số mong muốn (±%)")
    response_rate = PercentField("Tỷ lệ thu về dự kiến (%)")


class SecondKeyingForm(AdminForm):
    """Which share of the keyed forms is keyed again, and by whom."""

    share = PercentField("Tỷ lệ phiếu nhập lần hai (%)", [required("Nhập một tỷ lệ.")])
    same_clerk = BooleanField("Cho phép cùng một người nhập cả hai lần")


class DrawForm(FileForm):
    """A list of dossiers and how to choose from it."""

    file = FileField("Tệp danh sách hồ sơ", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)
    as_of = DateField("Danh sách tính đến ngày", [required("Nhập ngày của danh sách.")])
    method = SelectField(
        "Phương pháp chọn", [required("Chọn phương pháp.")], choices=wording.sample_method_choices
    )
    allocation = SelectField(
        "Phân tầng theo lĩnh vực",
        [required("Chọn cách phân tầng.")],
        choices=wording.allocation_choices,
    )
    n = IntegerField("Số hồ sơ cần chọn", [Optional()])
    seed = IntegerField("Hạt giống", [Optional()])
    reason = StringField("Lý do chọn lại", [Optional(), at_most(LONGEST_REASON)])
    sets_population = BooleanField("Ghi số hồ sơ của danh sách làm số hồ sơ trong kỳ")

    def validate_as_of(self, field: DateField) -> None:
        if field.data > local_date(now()):
            raise ValidationError("Ngày của danh sách không thể sau hôm nay.")


class VerifyForm(FileForm):
    """The list a sample is said to have been drawn from."""

    file = FileField("Tệp danh sách hồ sơ", [required("Chọn tệp.")], render_kw=SPREADSHEETS)
