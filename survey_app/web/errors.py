"""Domain errors become pages (or JSON under /api), in one table."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from survey_app.errors import (
    Closed,
    Conflict,
    Forbidden,
    HaiLongError,
    Invalid,
    NotFound,
    Paused,
    TooMany,
    Unavailable,
    Unidentified,
)
from survey_app.storage.database import DatabaseOutOfReach, is_unwritable
from survey_app.storage.races import is_overtaken

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Words:
    """A page's heading, and the sentence under it that can stand alone."""

    title: str
    detail: str
    values: Mapping[str, str] = field(default_factory=dict)


STATUS: dict[type[HaiLongError], int] = {
    Invalid: 422,
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    Unidentified: 401,
    Closed: 410,
    Paused: 423,
    TooMany: 429,
    Unavailable: 503,
}

#: The heading above the sentence that a domain error brings along.
TITLES: dict[type[HaiLongError], str] = {
    Invalid: "Có nội dung cần sửa",
    NotFound: "Không tìm thấy",
    Conflict: "Không thực hiện được",
    Forbidden: "Không thực hiện được",
    Unidentified: "Chưa xác định được người gọi",
    Closed: "Hiện không nhận phiếu",
    Paused: "Hiện không nhận phiếu",
    TooMany: "Quá nhiều yêu cầu",
    Unavailable: "Hệ thống chưa sẵn sàng",
}

HTTP = {
    400: Words("Yêu cầu không hợp lệ", "Vui lòng tải lại trang rồi thử lại."),
    401: Words("Chưa đăng nhập", "Vui lòng đăng nhập."),
    403: Words("Không có quyền truy cập", "Ông/bà không có quyền xem trang này."),
    404: Words("Không tìm thấy trang", "Không có trang nào ở địa chỉ này."),
    405: Words("Không thực hiện được", "Trang này không nhận thao tác đó."),
    413: Words("Dữ liệu quá lớn", "Dữ liệu gửi lên vượt quá dung lượng cho phép."),
    415: Words("Định dạng không phù hợp", "Định dạng dữ liệu không được hỗ trợ."),
    429: Words("Quá nhiều yêu cầu", "Vui lòng thử lại sau ít phút."),
    500: Words("Hệ thống gặp lỗi", "Lỗi đã được ghi nhận; vui lòng thử lại sau."),
}
EXPIRED = Words(
    "Trang đã hết hạn", "Phiên làm việc đã hết hạn; vui lòng tải lại trang rồi gửi lại."
)
OVERTAKEN = Words(
    "Không thực hiện được",
    "Cùng lúc đó đã có người lưu đúng nội dung này; vui lòng tải lại trang để xem.",
)

UNWRITABLE = Words(
    "Yêu cầu không hợp lệ", "Nội dung gửi lên có ký tự không ghi được; vui lòng nhập lại."
)

#: Whose pages stand in the office; the names are those of the blueprints and of their addresses.
OFFICE = frozenset({"admin", "auth", "officer"})


def init_errors(app: Flask) -> None:
    app.register_error_handler(HaiLongError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def _answer(
    status: int, words: Words, problems: list[dict[str, str]] | None = None
) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        body = {"error": words.detail.format(**words.values)}
        return jsonify(body | {"problems": problems} if problems else body), status
    template = "errors/office.html" if _is_office() else "errors/citizen.html"
    kept_texts = g.get("kept_texts", ())
    said = {"words": words, "status": status, "problems": problems or []}
    return render_template(template, kept_texts=kept_texts, **said), status


def _is_office() -> bool:
    """Whether the page belongs to officers and administrators, be it there or not."""
    place = request.blueprint or request.path.split("/")[1]
    return place in OFFICE


def _domain_error(error: HaiLongError) -> ResponseReturnValue:
    problems = []
    if isinstance(error, Invalid):
        problems = [{"where": p.where, "message": p.message} for p in error.problems]
    kind = type(error)
    return _answer(STATUS[kind], Words(TITLES[kind], error.msgid, error.values), problems)


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return _answer(400, EXPIRED)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:  # a redirect is no error
        return error.get_response()
    answer = make_response(_answer(status, HTTP.get(status, HTTP[400])))
    if isinstance(error, MethodNotAllowed):
        answer.allow.update(error.valid_methods or ())
    return answer


def _unexpected_error(error: Exception) -> ResponseReturnValue:
    if is_overtaken(error):
        log.warning("overtaken by another request on %s", request.endpoint)
        g.sign_in = None  # the transaction is spent: the name in the header cannot be asked for
        return _answer(409, OVERTAKEN)
    if is_unwritable(error):
        g.sign_in = None
        return _answer(400, UNWRITABLE)
    if current_app.testing:
        raise error
    if isinstance(error, DatabaseOutOfReach):
        # No room, or no database: in a line, for what is refused comes again and again.
        log.error("the database does not answer on %s: %s", request.endpoint, error.orig)
        g.sign_in = None
        return _answer(STATUS[Unavailable], Words(TITLES[Unavailable], HTTP[429].detail))
    log.exception("unexpected error on %s", request.endpoint)
    g.sign_in = None  # a database that failed is not asked again for the name in the header
    return _answer(InternalServerError.code, HTTP[500])
