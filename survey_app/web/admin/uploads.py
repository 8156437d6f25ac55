"""Lists sent as files: checked at a first step, sent along and used at a second."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.errors import Invalid
from survey_app.web.admin.forms import FileForm
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish

LARGEST_MEGABYTES = 4  # the second step sends the file as text, a third larger

Outcome = TypeVar("Outcome")


class GivenFile(NamedTuple):
    """A file as it was sent."""

    content: bytes
    filename: str

    @property
    def as_text(self) -> str:
        """Its content as a page sends it along to the next step."""
        return b64encode(self.content).decode()


def given_file(form: FileForm) -> GivenFile:
    """The chosen file; at the second step the one that was just checked, sent along.

    Raises Invalid when there is none or when it is too large.
    """
    if form.file.data:
        return GivenFile(_small_enough(form.file.data.read()), form.file.data.filename)
    given = sent_along()
    if given is None:
        raise Invalid("Hãy chọn tệp.")
    return given


def sent_along() -> GivenFile | None:
    """The file that the page before this one had taken in, None if there was none.

    Raises Invalid when it is too large.
    """
    try:
        content = b64decode(request.form.get("content", ""), validate=True)
    except NotBase64:
        return None
    if not content:
        return None
    return GivenFile(_small_enough(content), request.form.get("filename", ""))


def take_list(
    form: FileForm,
    page: str,
    load: Callable[[bytes, str], Outcome],
    done: Callable[[Outcome, str], ResponseReturnValue],
    **words: str,
) -> ResponseReturnValue:
    """The page to choose a file, the trial of a file, or what ``done`` (outcome, filename) replies.

    ``load`` (content, filename) writes the list and raises Invalid with the mistakes of its rows.
    ``page`` names two templates, ``<page>.html`` and ``<page>_check.html``, which get ``words``.
    """
    refusal = None
    if form.is_submitted():
        wish = read_wish("check", "import")
        try:
            given = given_file(form)
            outcome = load(*given)
        except Invalid as invalid:
            refusal = invalid
        else:
            if wish == "import":
                return done(outcome, given.filename)
            shown = render_template(f"{page}_check.html", outcome=outcome, given=given, **words)
            current_session().rollback()  # a trial: nothing of it stays
            return shown
    most = LARGEST_MEGABYTES
    shown = render_template(
        f"{page}.html", form=form, refusal=refusal, largest_megabytes=most, **words
    )
    return shown, 422 if refusal else 200


def _small_enough(content: bytes) -> bytes:
    if len(content) > LARGEST_MEGABYTES * 1024**2:
        message = f"Tệp lớn hơn {LARGEST_MEGABYTES} MB; vui lòng chia danh sách thành nhiều tệp."
        raise Invalid(message)
    return content
