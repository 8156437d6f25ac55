"""Forms of the pages about surveys."""

from collections.abc import Iterable
from typing import Self

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput

from survey_app.clock import local_date, now
from survey_app.operations.fieldwork.collection_points import Mode
from survey_app.operations.organisation.units import AdministrativeUnit
from survey_app.operations.privacy.contact_requests import LONGEST_DAYS
from survey_app.operations.questionnaires.publishing import QuestionnaireVersion
from survey_app.operations.samples.planning import LONGEST_REASON
from survey_app.web.admin import wording
from survey_app.web.admin.forms import (
    SPREADSHEETS,
    AdminForm,
    ChosenOrSentAlong,
    DayField,
    FileForm,
    PercentField,
    at_most,
    required,
)

OFFERED_DAYS = f"Nhập số ngày từ 1 đến {LONGEST_DAYS}."


class SurveyForm(AdminForm):
    """A new survey; its units are chosen in a table beside these fields."""

    BESIDE = frozenset({"units"})

    title = StringField("Tên cuộc khảo sát", [required("Nhập tên cuộc khảo sát."), at_most(300)])
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
    version_id = SelectField("Bộ câu hỏi", [required("Chọn bộ câu hỏi.")], coerce=int)
    starts_on = DayField("Từ ngày", [required("Nhập ngày bắt đầu.")])
    ends_on = DayField("Đến hết ngày", [required("Nhập ngày kết thúc.")])
    find = StringField("Tìm đơn vị theo tên hoặc mã")

    def offer(self, versions: Iterable[QuestionnaireVersion]) -> Self:
        """The versions to choose from."""
        self.version_id.choices = {version.id: wording.version(version) for version in versions}
        return self


class PlanForm(AdminForm):
    """The plan of a survey, changed; its units are chosen in a tree beside these fields."""

    BESIDE = frozenset({"units"})

    title = StringField("Tên cuộc khảo sát", [required("Nhập tên cuộc khảo sát."), at_most(300)])
    version_id = SelectField("Bộ câu hỏi", [required("Chọn bộ câu hỏi.")], coerce=int)
    starts_on = DayField("Từ ngày", [required("Nhập ngày bắt đầu.")])
    ends_on = DayField("Đến hết ngày", [required("Nhập ngày kết thúc.")])
    reason = TextAreaField("Lý do đổi ngày kết thúc", render_kw={"rows": "2"})
    find = StringField("Tìm đơn vị theo tên hoặc mã")
    revision = IntegerField(widget=HiddenInput())

    def offer(self, versions: Iterable[QuestionnaireVersion]) -> Self:
        """The versions to choose from."""
        self.version_id.choices = {version.id: wording.version(version) for version in versions}
        return self


class OfferForm(AdminForm):
    """The ways and languages of a survey."""

    ways = SelectMultipleField(
        "Cách nhận phiếu",
        choices=wording.WAYS,
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    languages = SelectMultipleField(
        "Ngôn ngữ", choices=[], option_widget=CheckboxInput(), validate_choice=False
    )
    revision = IntegerField(widget=HiddenInput())

    def offer(self, languages: Iterable[str]) -> Self:
        """The languages to choose from: those of the questionnaire."""
        self.languages.choices = {code: wording.languages((code,)) for code in languages}
        return self


class OpeningForm(AdminForm):
    """That the gaps of a plan were seen, and the survey is opened all the same."""

    accepts = BooleanField("Tôi đã xem các điểm cần lưu ý và vẫn mở cuộc khảo sát")


class TurnForm(AdminForm):
    """Why a survey is paused or opened again; when it must be said is the operation's rule."""

    reason = TextAreaField("Lý do", render_kw={"rows": "3"})


class MoveForm(AdminForm):
    """To which later version a survey goes on, and why."""

    version_id = IntegerField("Phiên bản", [Optional()], widget=HiddenInput())
    reason = TextAreaField("Lý do", [required("Ghi lý do.")], render_kw={"rows": "3"})
    agreed = BooleanField(
        "Tôi đã xem các thay đổi và ảnh hưởng đến số liệu ở trên",
        [required("Đánh dấu ô này sau khi đã xem các thay đổi.")],
    )


class PointForm(AdminForm):
    """A place or channel that collects answers; unit 0 = every unit that has none yet."""

    unit_id = SelectField("Đơn vị", [required("Chọn đơn vị.")], coerce=int)
    label = StringField("Tên điểm thu thập", [required("Nhập tên điểm thu thập."), at_most(120)])
    mode = SelectField(
        "Hình thức trả lời",
        [required("Chọn hình thức trả lời.")],
        choices=wording.mode_choices,
        default=Mode.PHONE.value,  # what most places begin with: a code on the wall
    )

    def offer(self, units: Iterable[AdministrativeUnit]) -> Self:
        """The units of a survey to choose from."""
        listed = {unit.id: unit.name for unit in units}
        self.unit_id.choices = {0: "Mọi đơn vị chưa có điểm thu thập", **listed}
        return self


class ContactOfferForm(AdminForm):
    """For how long what citizens ask and where to reach them is kept at the most."""

    days = StringField(
        "Giữ nhiều nhất (ngày)",
        [
            required(OFFERED_DAYS),
            Regexp(r"^\s*[0-9]{1,4}\s*$", message=OFFERED_DAYS),
        ],
        id="contact-days",
        render_kw={"inputmode": "numeric"},
    )


class TargetForm(AdminForm):
    """How sure a survey wants to be of each unit's figures; the numbers of units stand in a table
    beside these fields."""

    BESIDE = frozenset({"units"})

    margin = PercentField("Sai số mong muốn (±%)")
    response_rate = PercentField("Tỷ lệ thu về dự kiến (%)")
    revision = IntegerField(widget=HiddenInput())


class DrawForm(FileForm):
    """A list of dossiers and how to choose from it."""

    file = FileField("Tệp danh sách hồ sơ", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)
    as_of = DayField("Danh sách tính đến ngày", [required("Nhập ngày của danh sách.")])
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

    def validate_as_of(self, field: DayField) -> None:
        if field.data and field.data > local_date(now()):
            raise ValidationError("Ngày của danh sách không thể sau hôm nay.")


class VerifyForm(FileForm):
    """The list a sample is said to have been drawn from."""

    file = FileField("Tệp danh sách hồ sơ", [required("Chọn tệp.")], render_kw=SPREADSHEETS)
