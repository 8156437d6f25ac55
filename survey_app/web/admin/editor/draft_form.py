"""The form of a new draft."""

from collections.abc import Iterable
from typing import Self

from flask import request
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Optional

from survey_app.operations.questionnaires.publishing import QuestionnaireVersion
from survey_app.operations.questionnaires.supplied import supplied_questionnaires
from survey_app.web.admin import wording
from survey_app.web.admin.forms import AdminForm, at_most
from survey_app.web.identifiers import parse_id


class DraftForm(AdminForm):
    """A new draft: from what the product brings, empty, from a version, or from a document."""

    start = RadioField(
        "Bắt đầu từ",
        choices={
            "supplied": "Bộ câu hỏi mẫu đi kèm phần mềm",
            "empty": "Bản thảo trống",
            "version": "Một phiên bản đã công bố",
            "file": "Tệp bộ câu hỏi trên máy (.yaml)",
        },
        default="empty",
    )
    supplied = SelectField("Bộ câu hỏi mẫu", [Optional()])
    title = StringField("Tên bộ câu hỏi", [Optional(), at_most(300)])
    code = StringField(
        "Mã bộ câu hỏi",
        [Optional(), at_most(64)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    version_id = SelectField("Phiên bản", [Optional()], coerce=int)
    file = FileField("Tệp bộ câu hỏi (.yaml)", render_kw={"accept": ".yaml,.yml,text/plain"})

    def __init__(self) -> None:
        """The form; the address may name what to start from."""
        wanted = request.args.get("version", 0, type=parse_id)
        start = "supplied" if "supplied" in request.args else "empty"
        super().__init__(start="version" if wanted else start, version_id=wanted)

    def offer(self, versions: Iterable[QuestionnaireVersion]) -> Self:
        """The versions to start from."""
        listed = {version.id: wording.version(version) for version in versions}
        self.version_id.choices = {0: "– chọn phiên bản –", **listed}
        self.supplied.choices = {
            each.code: wording.supplied(each) for each in supplied_questionnaires()
        }
        return self
