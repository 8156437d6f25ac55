"""Where somebody wants to go after signing in: a page of this site, never another address."""

from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


def local_page(wanted: str) -> str:
    """``wanted`` when it is the path of a page here that can be opened, else an empty text.

    The path must match a route that answers GET: "//host", "https:…" or the address of a form's
    target never do.
    """
    path, _, query = wanted.partition("?")
    parts = urlsplit(wanted)
    is_path = wanted.startswith("/") and not parts.scheme and not parts.netloc
    if not is_path or "\\" in wanted or not wanted.isprintable():
        return ""
    try:
        current_app.url_map.bind("localhost").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return ""
    return f"{path}?{query}" if query else path
