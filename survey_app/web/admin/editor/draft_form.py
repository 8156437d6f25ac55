"""The form of a new draft."""

from collections.abc import Iterable

from flask import request
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Optional

from survey_app.operations.questionnaires.publishing import QuestionnaireVersion
from survey_app.web.admin.forms import AdminForm, at_most
from survey_app.web.identifiers import parse_id


class DraftForm(AdminForm):
    """A new draft of a questionnaire: empty, from a published version, or from a document."""

    start = RadioField(
        "Bắt đầu từ",
        choices={
            "empty": "Bản thảo trống",
            "version": "Một phiên bản đã công bố",
            "file": "Tệp YAML trên máy",
        },
        default="empty",
    )
    title = StringField("Tên bộ câu hỏi", [Optional(), at_most(300)])
    code = StringField(
        "Mã bộ câu hỏi",
        [Optional(), at_most(64)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    version_id = SelectField("Phiên bản", [Optional()], coerce=int)
    file = FileField("Tệp YAML", render_kw={"accept": ".yaml,.yml,text/plain"})

    @classmethod
    def offering(cls, versions: Iterable[QuestionnaireVersion]) -> "DraftForm":
        """The form with the latest versions to start from, one of them chosen by the address."""
        wanted = request.args.get("version", 0, type=parse_id)
        form = cls(start="version" if wanted else "empty", version_id=wanted)
        listed = {version.id: f"{version.title} ({version.name})" for version in versions}
        form.version_id.choices = {0: "– chọn phiên bản –", **listed}
        return form
