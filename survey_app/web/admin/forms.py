"""Forms of the administrators' pages, with Vietnamese messages for every mistake."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    DateField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from survey_app.errors import Conflict, HaiLongError, Invalid, Problem
from survey_app.operations.accounts import AccountRole
from survey_app.operations.listing import AdministrativeUnit
from survey_app.unit_import import LONGEST_CODE
from survey_app.web.admin import wording

#: What WTForms says by itself, where no validator carries a message.
_SENTENCES = {
    "Not a valid choice.": "Hãy chọn một trong các mục có sẵn.",
    "Invalid Choice: could not coerce.": "Hãy chọn một trong các mục có sẵn.",
    "Not a valid integer value.": "Nhập một số nguyên.",
    "Not a valid date value.": "Nhập ngày có đủ ngày, tháng, năm.",
}


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


class ImportForm(AdminForm):
    """A list of units as a file."""

    file = FileField(
        "Tệp danh sách đơn vị",
        [required("Chọn tệp.")],
        render_kw={"accept": ".xlsx,.xls,.ods,.csv"},
    )


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
    password = PasswordField(
        "Mật khẩu ban đầu",
        [required("Nhập mật khẩu ban đầu."), at_most(200)],
        render_kw={"autocomplete": "new-password"},
    )


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
