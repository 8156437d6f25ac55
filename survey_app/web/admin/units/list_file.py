"""Lists given as files: every row is tried first, and taken in at a second step."""

from base64 import b64encode
from collections.abc import Callable
from typing import TypeVar

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.errors import Invalid
from survey_app.web.admin.forms import FileForm
from survey_app.web.admin.uploads import LARGEST_MEGABYTES, given_file
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish

Outcome = TypeVar("Outcome")


def take_list(
    form: FileForm,
    page: str,
    load: Callable[[bytes, str], Outcome],
    done: Callable[[Outcome, str], ResponseReturnValue],
    **words: str,
) -> ResponseReturnValue:
    """The page to choose a file, the trial of a file, or what ``done`` (outcome, filename) replies.

    ``load`` (data, filename) writes the list and raises Invalid with the mistakes of its rows.
    ``page`` names two templates, ``<page>.html`` and ``<page>_check.html``, which get ``words``.
    """
    refusal = None
    if form.is_submitted():
        wish = read_wish("check", "import")
        try:
            data, filename = given_file(form)
            outcome = load(data, filename)
        except Invalid as invalid:
            refusal = invalid
        else:
            if wish == "import":
                return done(outcome, filename)
            content = b64encode(data).decode()
            trial = {"outcome": outcome, "content": content, "filename": filename, **words}
            shown = render_template(f"{page}_check.html", **trial)
            current_session().rollback()  # a trial: nothing of it stays
            return shown
    most = LARGEST_MEGABYTES
    shown = render_template(
        f"{page}.html", form=form, refusal=refusal, largest_megabytes=most, **words
    )
    return shown, 422 if refusal else 200
