"""Forms of the officers' pages."""

from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import AnyOf, InputRequired, Length


class CommentForm(FlaskForm):  # type: ignore[misc]
    """Which comment to hide, or to show again."""

    key = HiddenField(validators=[InputRequired("Thiếu ý kiến cần xử lý."), Length(max=64)])
    question_code = HiddenField(validators=[InputRequired("Thiếu câu hỏi."), Length(max=80)])
    wish = HiddenField(validators=[AnyOf(["hide", "show"], "Thao tác không hợp lệ.")])
