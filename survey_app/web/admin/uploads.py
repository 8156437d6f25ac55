"""Lists sent as files: checked at a first step, sent along and used at a second."""

from base64 import b64decode
from binascii import Error as NotBase64

from flask import request

from survey_app.errors import Invalid
from survey_app.web.admin.forms import FileForm

LARGEST_MEGABYTES = 4  # the second step sends the file as text, a third larger


def given_file(form: FileForm) -> tuple[bytes, str]:
    """The chosen file and its name; at the second step the one that was just checked, sent along.

    Raises Invalid when there is none or when it is too large.
    """
    if form.file.data:
        return _small_enough(form.file.data.read()), form.file.data.filename
    given = sent_along()
    if given is None:
        raise Invalid("Hãy chọn tệp.")
    return given


def sent_along() -> tuple[bytes, str] | None:
    """The file that the page before this one had taken in, None if there was none.

    Raises Invalid when it is too large.
    """
    try:
        data = b64decode(request.form.get("content", ""), validate=True)
    except NotBase64:
        return None
    return (_small_enough(data), request.form.get("filename", "")) if data else None


def _small_enough(data: bytes) -> bytes:
    if len(data) > LARGEST_MEGABYTES * 1024**2:
        message = f"Tệp lớn hơn {LARGEST_MEGABYTES} MB; vui lòng chia danh sách thành nhiều tệp."
        raise Invalid(message)
    return data
