"""The key of a device: kept by its browser in a cookie, checked with every request."""

from flask import Response, current_app, request

from survey_app.errors import Forbidden
from survey_app.operations.fieldwork.devices import Device, find_device
from survey_app.storage.database import Session

KEPT_FOR = 400 * 24 * 3600  # the longest a browser keeps a cookie; renewed with each report
PATH = "/k"


class UnknownDevice(Forbidden):
    """The key of a request opens nothing: there is none, or the device is revoked."""


def _name() -> str:
    is_secure: bool = current_app.config["SESSION_COOKIE_SECURE"]
    return "__Secure-hailong-kiosk" if is_secure else "hailong-kiosk"


def _path() -> str:
    return f"{request.script_root}{PATH}"


def current_key() -> str:
    """The key that came with this request, or an empty text."""
    return request.cookies.get(_name(), "")


def current_device(session: Session) -> Device:
    """The device behind this request. Raises UnknownDevice."""
    key = current_key()
    if not key:
        raise UnknownDevice("Thiết bị chưa được cài đặt. Vui lòng báo cán bộ phụ trách.")
    try:
        return find_device(session, key)
    except Forbidden as error:
        raise UnknownDevice(error.msgid) from error


def keep_key(response: Response, key: str) -> None:
    """Hand the key to the browser; no script sees it, no other site can send it."""
    response.set_cookie(
        _name(),
        key,
        max_age=KEPT_FOR,
        path=_path(),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )


def drop_key(response: Response) -> None:
    response.delete_cookie(
        _name(),
        path=_path(),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )
