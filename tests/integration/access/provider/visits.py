"""What the tests of the provider's pages share: coming back from it, linking, a second step."""

import re
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey_app.clock import now
from survey_app.storage.database import Database
from survey_app.storage.models import Account
from tests.integration.office import plain, post, sign_in

CALLBACK = "/sign-in/provider/callback"


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object, **_more: object) -> None:
        return None


def sent_back(address: str) -> SplitResult:
    """Where the provider sends a browser that opens an address of its own."""
    try:
        build_opener(_NoRedirect).open(address)
    except HTTPError as redirect:
        with redirect:
            return urlsplit(redirect.headers["Location"])
    raise AssertionError("the provider asks")


def go_out(client: FlaskClient, address: str = "/sign-in/provider") -> str:
    """Set out, and be sent back by the provider: the address to come back by."""
    answer = client.get(address)
    assert answer.status_code == 302, answer.text
    parts = sent_back(answer.location)
    assert parts.path == CALLBACK
    return f"{parts.path}?{parts.query}"


def come(client: FlaskClient, address: str = "/sign-in/provider") -> TestResponse:
    return client.get(go_out(client, address))


def reference_on(answer: TestResponse) -> str:
    found = re.search(r'class="token">([A-Z2-9]{4}-[A-Z2-9]{4})<', answer.text)
    assert found, answer.text
    return found.group(1)


def account_id(database: Database, username: str = "binh") -> int:
    with database.session() as session:
        return session.scalars(select(Account.id).where(Account.username == username)).one()


def link(app: Flask, database: Database, reference: str, username: str = "binh") -> TestResponse:
    """What an administrator does with a reference."""
    client = app.test_client()
    sign_in(client)
    page = f"/admin/accounts/{account_id(database, username)}/identity"
    return post(client, page, page=page, reference=reference)


def enrol(client: FlaskClient) -> pyotp.TOTP:
    page = "/account/second-step"
    post(client, f"{page}/begin", page=page)
    found = re.search(r"Khóa: ((?:[A-Z2-7]{4} ?)+)", plain(client.get(page)))
    assert found
    totp = pyotp.TOTP(found.group(1).replace(" ", ""))
    assert post(client, f"{page}/confirm", page=page, code=totp.at(now())).status_code == 200
    return totp


def show(client: FlaskClient, totp: pyotp.TOTP) -> TestResponse:
    return post(client, "/sign-in/code", page="/sign-in/code", code=totp.at(now()))
