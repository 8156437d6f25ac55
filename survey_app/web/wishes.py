"""What is wanted: the button of a form with several (field ``wish``), the page of a long list."""

from flask import request

from survey_app.errors import Invalid
from survey_app.web.identifiers import parse_id

NO_SUCH_WISH = "Thao tác không hợp lệ; vui lòng tải lại trang."


def read_wish(*known: str) -> str:
    """The button that was pressed; raises Invalid for one that the page does not have."""
    wish = request.form.get("wish", "")
    if wish not in known:
        raise Invalid(NO_SUCH_WISH)
    return wish


def wanted_page() -> int:
    """The number in the address of the page of a list that is looked at; 1 where there is none."""
    return request.args.get("page", 1, type=parse_id)
