"""The audit record: one entry for whatever somebody changed or took out, and what changed.

Entries never hold what a citizen said, a comment, or the code of a link; of an account they hold
its number, so that its name can be erased while the chain stays whole.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.storage.audit_chain import Act, canonical_json, enqueue
from survey_app.storage.models import Account
from survey_app.storage.queries.accounts import account_by_username
from survey_app.text import clean_line

LONGEST_SUBJECT = 200
#: What the first part of an action is about, where the two differ.
SUBJECT_KINDS = {
    "api_key": "key",
    "audit": "audit",
    "comment": "survey",
    "contact": "survey",
    "kiosk": "survey",
    "links": "survey",
    "paper": "survey",
    "point": "survey",
    "sample": "survey",
    "sheets": "survey",
    "sign_in": "",
    "sign_out": "",
    "units": "unit",
}

Fields = Mapping[str, Any]


def record(
    session: Session,
    action: str,
    *,
    now: datetime,
    account: Account | None = None,
    subject: str | Account = "",
    kind: str | None = None,
    detail: str | Fields = "",
) -> None:
    """Have one entry written when the session commits; if it does not, nothing happened.

    ``subject``: the code of what was acted on; an account is told by its number, whether it or its
    user name is given. ``kind``: what kind of thing that is (None: what the action says).
    ``detail``: plain words, or fields, among them ``from`` and ``to`` of what changed
    (:func:`changed`).
    """
    opening = action.partition(".")[0]
    kind = SUBJECT_KINDS.get(opening, opening) if kind is None else kind
    if isinstance(subject, Account):
        kind = "account"
    about = _account_number(session, subject) if kind == "account" else str(subject)
    fields = {"note": detail} if isinstance(detail, str) and detail else detail or {}
    enqueue(
        session,
        Act(
            happened_at=now,
            account_id=account.id if account else None,
            action=action,
            subject_kind=kind,
            subject=clean_line(about)[:LONGEST_SUBJECT],
            detail=canonical_json(fields),
        ),
    )


def snapshot(row: object, *fields: str) -> dict[str, Any]:
    """Some fields of a row as they are now, fit for an entry."""
    return {field: _plain(getattr(row, field)) for field in fields}


def changed(before: Fields, after: Fields) -> dict[str, dict[str, Any]]:
    """``from`` and ``to`` of the fields that differ; empty when none does."""
    fields = [field for field in after if before.get(field) != after[field]]
    if not fields:
        return {}
    return {
        "from": {field: before.get(field) for field in fields},
        "to": {field: after[field] for field in fields},
    }


def _account_number(session: Session, subject: str | Account) -> str:
    """What stands for an account in the chain. A name that nobody has is not kept."""
    found = account_by_username(session, subject) if isinstance(subject, str) else subject
    return str(found.id) if found else ""


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: dates and moments as text, the rest as it is."""
    return value.isoformat() if hasattr(value, "isoformat") else value
