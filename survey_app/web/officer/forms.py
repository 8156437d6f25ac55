"""Forms of the officers' pages."""

from collections.abc import Iterable
from dataclasses import fields

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from survey_app.errors import Problem
from survey_app.operations.files.plan_draft import DraftFields
from survey_app.reporting.files.wording import item_choices

TABLES = ".xlsx,.xlsm,.xls,.ods,.csv,.tsv,.txt"
SCALES = {"share": "Tỷ lệ, từ 0 đến 1", "percent": "Phần trăm, từ 0 đến 100"}
ANSWER_OUTPUTS = {"page": "Xem trên trang", "pdf": "PDF", "xlsx": "Excel", "json": "JSON"}
RANK_OUTPUTS = {"page": "Xem trên trang", "xlsx": "Excel", "json": "JSON"}


class CommentForm(FlaskForm):  # type: ignore[misc]
    """Which comment to hide, or to show again."""

    key = HiddenField(validators=[InputRequired("Thiếu ý kiến cần xử lý."), Length(max=64)])
    question_code = HiddenField(validators=[InputRequired("Thiếu câu hỏi."), Length(max=80)])
    wish = HiddenField(validators=[AnyOf(["hide", "show"], "Thao tác không hợp lệ.")])


class _UploadForm(FlaskForm):  # type: ignore[misc]
    """What both forms of the files' page have. The application checks the token of every form."""

    class Meta:
        csrf = False

    title = StringField("Tên báo cáo", render_kw={"maxlength": "200"})
    confidence = StringField(
        "Độ tin cậy (%)", [InputRequired()], default="95", render_kw={"inputmode": "decimal"}
    )
    keep = BooleanField("Giữ lại báo cáo này")

    @property
    def speaks_by_plan(self) -> bool:
        """Whether a plan says what is wanted: its keys are no fields of the form."""
        return False

    def show_problems(self, problems: Iterable[Problem]) -> list[Problem]:
        """Put what is wrong with a field beside it; gives back what is wrong with the file."""
        left = []
        for problem in problems:
            if problem.where in self and (problem.where == "file" or not self.speaks_by_plan):
                field = self[problem.where]
                field.errors = [*field.errors, problem.message]
            else:
                left.append(problem)
        return left


class AnswersForm(_UploadForm):
    """A file of answers, and what its columns mean: as a plan file, or field by field."""

    file = FileField("Tệp số liệu", [InputRequired()], render_kw={"accept": TABLES})
    plan_file = FileField(
        "Tệp kế hoạch phân tích (YAML)", render_kw={"accept": ".yaml,.yml,text/plain"}
    )
    plan_text = TextAreaField(
        "Hoặc nội dung kế hoạch", render_kw={"rows": "10", "spellcheck": "false", "wrap": "off"}
    )
    factors = TextAreaField("Cột câu hỏi theo yếu tố", render_kw={"rows": "6"})
    item = RadioField("Cách tính một câu trả lời", choices=item_choices(), default=DraftFields.item)
    weight = StringField("Cột trọng số")
    strata = StringField("Cột tầng")
    clusters = StringField("Cột cụm")
    population_clusters = StringField("Cột số cụm của tầng trong tổng thể")
    population_members = StringField("Cột số người (hồ sơ) trong tổng thể")
    domains = StringField("Cột chia nhóm")
    compare_column = StringField("Cột để so sánh")
    compare_from = StringField("Giá trị trước")
    compare_to = StringField("Giá trị sau")
    same_clusters = BooleanField("Hai bên cùng các cụm")
    only_later = BooleanField("Kết quả chung chỉ tính trên giá trị sau")
    output = RadioField("Kết quả", choices=ANSWER_OUTPUTS, default="page")

    @property
    def speaks_by_plan(self) -> bool:
        return bool((self.plan_text.data or "").strip())

    @property
    def draft_fields(self) -> DraftFields:
        """The fields as typed."""
        typed = {field.name: self[field.name].data for field in fields(DraftFields)}
        return DraftFields(**{name: value for name, value in typed.items() if value})


class RanksForm(_UploadForm):
    """A file of units with their estimates and standard errors."""

    file = FileField("Tệp chỉ số của các đơn vị", [InputRequired()], render_kw={"accept": TABLES})
    scale = RadioField("Chỉ số và sai số chuẩn trong tệp ghi theo", choices=SCALES, default="share")
    output = RadioField("Kết quả", choices=RANK_OUTPUTS, default="page")
