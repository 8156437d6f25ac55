"""The audit record at the edge: what the signed-in account just did, or takes out.

A file that would leave without an entry is refused, as is a change (web.guard): a view that
forgets to record fails in its first test.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g

from survey_app.clock import now
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import record
from survey_app.storage.audit_chain import UnrecordedError
from survey_app.storage.database import Session
from survey_app.web.guard import is_guarded, signed_in_account
from survey_app.web.transactions import current_session, database

Detail = str | Mapping[str, Any]


def note(action: str, subject: str | Account = "", detail: Detail = "") -> None:
    """Record an action of the signed-in account; it is kept only if the request succeeds."""
    note_in(current_session(), action, subject, detail)


def note_in(
    session: Session, action: str, subject: str | Account = "", detail: Detail = ""
) -> None:
    """The same in another session than that of the request."""
    account = signed_in_account()
    record(session, action, now=now(), account=account, subject=subject, detail=detail)
    g.is_noted = True


def note_taken(action: str, subject: str = "", detail: Detail = "") -> None:
    """Record what leaves, before it leaves: in a transaction of its own, for a GET may not write
    in its own."""
    with database().transaction() as session:
        note_in(session, action, subject, detail)


def holds_nothing(answer: Response) -> Response:
    """Say of a file that it holds nothing of the database: a table to fill in, or what was just
    sent, given back with its mistakes marked. It needs no entry."""
    g.is_noted = True
    return answer


def init_audit(app: Flask) -> None:
    """Let no file of the office leave without an entry."""

    @app.after_request
    def require_entry_of_file(response: Response) -> Response:
        is_file = response.headers.get("Content-Disposition", "").startswith("attachment")
        if is_file and response.status_code < 400 and is_guarded() and "is_noted" not in g:
            raise UnrecordedError("a file without an entry in the audit record")
        return response
