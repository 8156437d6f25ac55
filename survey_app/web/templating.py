"""What every template can use: translation, Vietnamese dates, links that change with the file."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from jinja2 import StrictUndefined

from survey_app.clock import local
from survey_app.i18n import language_name, translate
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.reporting.wording import in_a_sentence

TEXT_SIZES = ("small", "normal", "large")


def current_language() -> str:
    """The language of this page; citizens choose it, everybody else reads Vietnamese."""
    language: str = g.get("language", PRIMARY_LANGUAGE)
    return language


def gettext(msgid: str, **placeholders: Any) -> str:
    """The sentence in the language of this page (msgids are Vietnamese)."""
    return translate(msgid, current_language(), **placeholders)


def display_choices() -> dict[str, str]:
    """Text size and contrast, as chosen with the switch (kept in a cookie of this browser)."""
    size = request.cookies.get("size", "normal")
    return {
        "size": size if size in TEXT_SIZES else "normal",
        "contrast": "high" if request.cookies.get("contrast") == "high" else "normal",
    }


@lru_cache(maxsize=256)
def _file_mark(path: Path, _modified: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def asset(filename: str) -> str:
    """The address of a static file, with a mark of its content (so it may be cached)."""
    path = Path(current_app.static_folder or "") / filename
    return url_for("static", filename=filename, v=_file_mark(path, path.stat().st_mtime))


def init_templating(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(_=gettext, asset=asset, language_name=language_name)
    app.jinja_env.filters["date"] = lambda day: f"{day:%d/%m/%Y}"
    app.jinja_env.filters["in_a_sentence"] = in_a_sentence
    app.jinja_env.filters["moment"] = lambda moment: f"{local(moment):%H:%M %d/%m/%Y}"

    @app.context_processor
    def page() -> dict[str, Any]:
        return {"language": current_language(), "display": display_choices()}
