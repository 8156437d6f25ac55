"""What the tests of the office pages share: a signed-in browser, its forms, the audit record."""

import re
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry
from tests.factories import PASSWORD


def csrf_token(client: FlaskClient, page: str = "/sign-in") -> str:
    """The token of this browser, read from a page as a form would send it."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert found, f"no form on {page}"
    return found.group(1)


def post(
    client: FlaskClient, address: str, *, page: str = "/account", **fields: object
) -> TestResponse:
    """Send a form with the token of this browser."""
    data = {"csrf_token": csrf_token(client, page), **fields}
    return client.post(address, data=data)


def sign_in(client: FlaskClient, username: str = "quantri", password: str = PASSWORD) -> None:
    answer = post(client, "/sign-in", page="/sign-in", username=username, password=password)
    assert answer.status_code == 302, answer.text


def actions(database: Database) -> list[str]:
    """The actions in the audit record, the first first."""
    with database.session() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))


def plain(answer: TestResponse) -> str:
    """What is to be read on a page: without tags, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
