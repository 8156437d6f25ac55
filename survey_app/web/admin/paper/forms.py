"""Forms of the pages about paper sheets."""

from flask_wtf.file import FileField
from wtforms import BooleanField

from survey_app.web.admin.forms import (
    SPREADSHEETS,
    AdminForm,
    ChosenOrSentAlong,
    FileForm,
    PercentField,
    required,
)


class PaperFileForm(FileForm):
    """Forms that were filled in on paper, keyed into a file."""

    file = FileField("Tệp phiếu đã nhập", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)


class SecondKeyingForm(AdminForm):
    """Which share of the keyed forms is keyed again, and by whom."""

    share = PercentField("Tỷ lệ phiếu nhập lần hai (%)", [required("Nhập một tỷ lệ.")])
    same_clerk = BooleanField("Cho phép cùng một người nhập cả hai lần")
