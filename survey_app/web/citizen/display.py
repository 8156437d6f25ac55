"""Text size, contrast and language: chosen with the switch, kept in a cookie of this sitting."""

from dataclasses import dataclass, replace
from typing import Self

from flask import Response, after_this_request, current_app, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from survey_app.i18n import LANGUAGES
from survey_app.web.citizen import blueprint
from survey_app.web.templating import TEXT_SIZES, display_choices

CHOICES: dict[str, tuple[str, ...]] = {
    "size": TEXT_SIZES,
    "contrast": ("normal", "high"),
    "lang": LANGUAGES,
}


@dataclass(frozen=True)
class Display:
    """How this page is shown."""

    size: str
    contrast: str

    @classmethod
    def remembered(cls) -> Self:
        return cls(**display_choices())

    def having(self, kind: str, value: str) -> Self:
        return replace(self, **{kind: value}) if kind in {"size", "contrast"} else self


@blueprint.before_request
def choose_language() -> None:
    """The language asked for in the address, else the remembered one, else Vietnamese."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        remember("lang", asked)
    remembered = request.cookies.get("lang", "")
    language = asked if asked in LANGUAGES else remembered
    if language in LANGUAGES:
        g.language = language


@blueprint.before_request
def switch_by_address() -> BaseResponse | None:
    """The switch of pages without answers: remember the choice and show the page again."""
    if request.method != "GET" or "_display" not in request.args:
        return None
    kind, value = read_switch(request.args["_display"])
    if kind in CHOICES:
        remember(kind, value)
    return redirect(request.path)


def read_switch(choice: str) -> tuple[str, str]:
    """What a button of the switch asks for: ("size", "large"), or two empty texts."""
    kind, _, value = choice.partition(":")
    is_known = value in CHOICES.get(kind, ())
    return (kind, value) if is_known else ("", "")


def remember(kind: str, value: str) -> None:
    """Keep a choice until the browser is closed."""

    @after_this_request
    def add(response: Response) -> Response:
        response.set_cookie(
            kind, value, secure=current_app.config["SESSION_COOKIE_SECURE"], samesite="Lax"
        )
        return response
