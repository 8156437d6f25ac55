"""The part of a survey that is asked for: all of it, or the sheets of one former version."""

from flask import request

from survey_app.errors import NotFound

LONGEST_NUMBER = 5


def wanted_part() -> int | None:
    """The number of the version, None for all sheets. Raises NotFound for what is no number."""
    text = request.args.get("version", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER and int(text)):
        raise NotFound("Không có phiên bản này.")
    return int(text)
