"""What is wanted: the button of a form with several (field ``wish``), the page of a long list, and
the words that are looked for in it."""

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


def wanted_page(name: str = "page") -> int:
    """The number in the address of the page of a list that is looked at; 1 where there is none.
    ``name``: of a second list beside another one."""
    return request.args.get(name, 1, type=parse_id)


def wanted_words() -> str:
    """What is looked for in a list; "" = nothing, all of it is shown."""
    return request.args.get("q", "").strip()
