"""Forms of the pages about questionnaires."""

from flask_wtf.file import FileField
from wtforms import TextAreaField

from survey_app.web.admin.forms import AdminForm


class DocumentForm(AdminForm):
    """A questionnaire document: a file, or its text."""

    file = FileField(
        "Tệp bộ câu hỏi trên máy (.yaml)", render_kw={"accept": ".yaml,.yml,text/plain"}
    )
    source = TextAreaField(
        "Nội dung tài liệu",
        render_kw={"rows": "22", "spellcheck": "false", "wrap": "off"},
    )
