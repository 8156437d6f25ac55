"""The lane of sent questionnaires: POST that stores and leads to the thanks, before Flask.

Telephones send in this way, with script and without.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from werkzeug.utils import redirect

from survey_app.copied_codes import ALPHABET
from survey_app.operations.fieldwork.links import ONE_TIME_TOKEN_LENGTH, OPEN_TOKEN_LENGTH
from survey_app.operations.intake.submission import Sheet
from survey_app.web.answer_form import read_form
from survey_app.web.bodies import Environment, small_body
from survey_app.web.citizen.one_sheet import AGAIN, Marks, cookie_header, read_id
from survey_app.web.citizen.sheets import LARGEST_FORM, read_seconds
from survey_app.web.express import Headers, Reply
from survey_app.web.reception import Reception

#: As browsers write it, and as their scripts do.
FORM_TYPES = frozenset(
    {"application/x-www-form-urlencoded", "application/x-www-form-urlencoded;charset=UTF-8"}
)
#: As it comes with the questionnaire on one page.
ON_ONE_PAGE = "trang=mot"
_ADDRESS = re.compile(
    rf"/s/([{ALPHABET}]{{{OPEN_TOKEN_LENGTH}}}|[{ALPHABET}]{{{ONE_TIME_TOKEN_LENGTH}}})"
)

#: Name of a field → what it holds, as Flask has it from a form.
Fields = Mapping[str, Sequence[str]]


class FormLane:
    """Stores a sheet as ``views.answer`` does. ``headers``: those of every answer; ``is_secure``:
    cookies go over HTTPS only."""

    def __init__(self, reception: Reception, headers: Headers, *, is_secure: bool) -> None:
        self._reception = reception
        self._headers = headers
        self._is_secure = is_secure

    def __call__(self, environ: Environment) -> Reply | None:
        address = _ADDRESS.fullmatch(environ["PATH_INFO"])
        fields = _read_fields(environ) if address else None
        marks = Marks.alone_in(environ.get("HTTP_COOKIE", ""))
        if address is None or fields is None or marks is None:
            return None
        sheet = self._sheet(address[1], fields, marks)
        receipt = self._reception.take(sheet, _first(fields, "_proof")) if sheet else None
        if sheet is None or receipt is None:
            return None
        place = f"{environ.get('SCRIPT_NAME', '')}{address[0]}"
        return self._thanks(place, receipt.code, marks.after_sending(sheet.response_id))

    def _sheet(self, token: str, fields: Fields, marks: Marks) -> Sheet | None:
        """The sheet of a form that is sent, and sent whole; None where the view has to ask more."""
        identifier, shown = _first(fields, "_response_id"), read_id(_first(fields, "_response_id"))
        if shown is None or str(shown) != identifier or "_display" in fields:
            return None
        door = self._reception.intake.door(token, _first(fields, "_version"))
        own_id = marks.own_id(shown, is_another=AGAIN in fields)
        language = _first(fields, "_language")
        is_spoken = language in door.questionnaire.languages
        if own_id is None or not is_spoken or door.version != _first(fields, "_version"):
            return None
        return Sheet(
            own_id,
            token,
            read_form(door.questionnaire, fields),
            version=door.version,
            language=language,
            seconds=read_seconds(_first(fields, "_seconds")),
        )

    def _thanks(self, place: str, receipt: str, sent: list[tuple[str, str, int]]) -> Reply:
        answer = redirect(f"{place}/cam-on/{receipt}", 303)
        del answer.headers["Content-Length"]
        cookies = [
            ("Set-Cookie", cookie_header(cookie, place, is_secure=self._is_secure))
            for cookie in sent
        ]
        return Reply(answer.status, (*answer.headers, *cookies, *self._headers), answer.get_data())


def _read_fields(environ: Environment) -> Fields | None:
    """The fields of a form, read as Flask reads them; None for what no browser sends."""
    body = small_body(environ, LARGEST_FORM)
    is_plain = environ.get("QUERY_STRING", "") in {"", ON_ONE_PAGE}
    if body is None or not is_plain or environ.get("CONTENT_TYPE") not in FORM_TYPES:
        return None
    if not body.isascii():
        return None
    return parse_qs(body.decode(), keep_blank_values=True, errors="werkzeug.url_quote")


def _first(fields: Fields, name: str) -> str:
    return fields.get(name, ("",))[0]
