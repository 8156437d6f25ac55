"""What a page may offer to who is signed in: asked of the table of access, for every link."""

from urllib.parse import urlsplit

from flask import Flask, current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from survey_app.web.access import ACCESS
from survey_app.web.guard import admitting_grants, current_account
from survey_app.web.permissions import Access

#: The first page after signing in: the first of these that may be opened.
HOMES = ("admin.home", "officer.home", "admin.counter")


def may(endpoint: str) -> bool:
    """Whether who is signed in may call an endpoint, for some unit: what pages ask before they
    offer it."""
    account = current_account()
    if account is None:
        return False
    if ACCESS.get(endpoint) in {Access.PUBLIC, Access.SIGNED_IN}:
        return True
    rules = current_app.url_map.iter_rules(endpoint)
    reads = any("GET" in (rule.methods or ()) for rule in rules)
    return bool(admitting_grants(account, endpoint, reads=reads))


def may_visit(address: str) -> bool:
    """Whether who is signed in may open a page of this site, by its address."""
    return _may_request(address, "GET")


def may_send(address: str) -> bool:
    """Whether who is signed in may send a form to an address of this site."""
    return _may_request(address, "POST")


def _may_request(address: str, method: str) -> bool:
    addresses = current_app.url_map.bind("localhost")
    try:
        endpoint, _ = addresses.match(urlsplit(address).path, method=method)
    except (HTTPException, RequestRedirect):
        return False
    return may(endpoint)


def home_page() -> str:
    """The address of the first page for who is signed in."""
    first = next((endpoint for endpoint in HOMES if may(endpoint)), "auth.account")
    return url_for(first)


def init_offers(app: Flask) -> None:
    """Let every template ask."""
    app.jinja_env.globals.update(
        may=may, may_visit=may_visit, may_send=may_send, home_page=home_page
    )
