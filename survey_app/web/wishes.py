"""What was pressed: forms with several buttons say it in the field ``wish``."""

from flask import request

from survey_app.errors import Invalid

NO_SUCH_WISH = "Thao tác không hợp lệ; vui lòng tải lại trang."


def read_wish(*known: str) -> str:
    """The button that was pressed; raises Invalid for one that the page does not have."""
    wish = request.form.get("wish", "")
    if wish not in known:
        raise Invalid(NO_SUCH_WISH)
    return wish
