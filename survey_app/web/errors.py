"""Domain errors become pages (or JSON under /api), in one table."""

import logging

from flask import Flask, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from survey_app.errors import (
    Closed,
    Conflict,
    Forbidden,
    HaiLongError,
    Invalid,
    NotFound,
    TooMany,
    Unavailable,
)

log = logging.getLogger(__name__)

STATUS: dict[type[HaiLongError], int] = {
    Invalid: 422,
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    Closed: 410,
    TooMany: 429,
    Unavailable: 503,
}

SENTENCES = {
    400: "Yêu cầu không hợp lệ.",
    401: "Vui lòng đăng nhập.",
    403: "Ông/bà không có quyền xem trang này.",
    404: "Không tìm thấy trang này.",
    405: "Trang này không nhận thao tác đó.",
    413: "Dữ liệu gửi lên quá lớn.",
    415: "Định dạng dữ liệu không được hỗ trợ.",
    429: "Quá nhiều yêu cầu; vui lòng thử lại sau ít phút.",
    500: "Hệ thống gặp lỗi. Chúng tôi đã ghi nhận; vui lòng thử lại sau.",
}


def init_errors(app: Flask) -> None:
    app.register_error_handler(HaiLongError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def _answer(status: int, message: str, problems: list[dict[str, str]]) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        body = {"error": message, "problems": problems} if problems else {"error": message}
        return jsonify(body), status
    page = render_template("errors/error.html", status=status, message=message, problems=problems)
    return page, status


def _domain_error(error: HaiLongError) -> ResponseReturnValue:
    problems = []
    if isinstance(error, Invalid):
        problems = [{"where": p.where, "message": p.message} for p in error.problems]
    return _answer(STATUS[type(error)], error.message, problems)


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    message = "Phiên làm việc đã hết hạn; vui lòng tải lại trang rồi gửi lại."
    return _answer(400, message, [])


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:  # a redirect is no error
        return error.get_response()
    return _answer(status, SENTENCES.get(status, SENTENCES[400]), [])


def _unexpected_error(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error
    log.exception("unexpected error on %s", request.endpoint)
    return _answer(InternalServerError.code, SENTENCES[500], [])
