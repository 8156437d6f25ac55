"""Where somebody wants to go after signing in: a page of this site, never another address."""

from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

#: Characters; a browser keeps cookies of 4096, and drops others without a word.
LONGEST = 1500
#: Ways in and out, which are nowhere to go to.
WAYS = frozenset(
    {
        "auth.sign_in",
        "auth.second_step",
        "auth.begin_at_provider",
        "auth.finish_at_provider",
        "auth.leave_provider",
    }
)


def local_page(wanted: str) -> str:
    """``wanted`` when it is the path of a page here that can be opened, else an empty text.

    The path must match a route that answers GET: "//host", "https:…" or the address of a form's
    target never do. It must not lead in or out, and not be longer than a cookie can carry.
    """
    if len(wanted) > LONGEST:
        return ""
    path, _, query = wanted.partition("?")
    parts = urlsplit(wanted)
    is_path = wanted.startswith("/") and not parts.scheme and not parts.netloc
    if not is_path or "\\" in wanted or not wanted.isprintable():
        return ""
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return ""
    if endpoint in WAYS:
        return ""
    return f"{path}?{query}" if query else path
