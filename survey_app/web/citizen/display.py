"""Text size, contrast and language: chosen with the switch, kept in a cookie of this sitting."""

import re
from dataclasses import dataclass, replace
from typing import Self

from flask import Response, after_this_request, current_app, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from survey_app.i18n import frame_language
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.web.citizen import blueprint
from survey_app.web.templating import TEXT_SIZES, display_choices

CHOICES: dict[str, re.Pattern[str]] = {
    "size": re.compile("|".join(TEXT_SIZES)),
    "contrast": re.compile("normal|high"),
    # Which languages there are is known by the questionnaire that is opened next.
    "lang": re.compile("[a-z]{2,3}"),
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
    if is_choice("lang", asked):
        remember("lang", asked)
        g.wanted_language = asked
    else:
        g.wanted_language = request.cookies.get("lang", PRIMARY_LANGUAGE)
    g.language = frame_language(g.wanted_language)


def wanted_language() -> str:
    """The language that somebody has chosen, be there one or not; Vietnamese without a choice."""
    language: str = g.wanted_language
    return language


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
    return (kind, value) if is_choice(kind, value) else ("", "")


def is_choice(kind: str, value: str) -> bool:
    return kind in CHOICES and bool(CHOICES[kind].fullmatch(value))


def remember(kind: str, value: str) -> None:
    """Keep a choice until the browser is closed."""

    @after_this_request
    def add(response: Response) -> Response:
        response.set_cookie(
            kind, value, secure=current_app.config["SESSION_COOKIE_SECURE"], samesite="Lax"
        )
        return response
