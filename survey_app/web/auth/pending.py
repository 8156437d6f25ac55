"""Between the two steps: whose password was right in this browser, for a few minutes.

Kept in the signed cookie of forms. It opens nothing; a changed password or a new sign-in voids it.
"""

import hashlib
from datetime import datetime, timedelta

from flask import session

from survey_app.clock import now
from survey_app.operations.access.accounts import Account
from survey_app.operations.access.signing_in import Vouched

GOOD_FOR = timedelta(minutes=5)
_KEY = "second_step"


def begin_second_step(account: Account, wanted: str, *, by: Vouched | None = None) -> None:
    """Remember whose turn it is to show a code, and the page asked for. ``by``: the provider's
    word by which the first step was taken, None = by the password."""
    session.clear()
    session[_KEY] = {
        "account": account.id,
        "until": (now() + GOOD_FOR).isoformat(),
        "stamp": _stamp(account),
        "next": wanted,
        "by": (by.identity_id, by.provider_session) if by else None,
    }


def pending_id() -> int | None:
    """The account whose code is awaited, if there still is one."""
    found = session.get(_KEY)
    if not found or now() >= datetime.fromisoformat(found["until"]):
        return None
    return int(found["account"])


def is_for(account: Account) -> bool:
    """Whether the password is still the one that was right."""
    found = session.get(_KEY) or {}
    return bool(found.get("stamp") == _stamp(account))


def vouched() -> Vouched | None:
    """The provider's word by which the first step was taken, None = by the password. When they
    proved who they are there is of no interest once they show a code here."""
    found = (session.get(_KEY) or {}).get("by")
    return Vouched(*found) if found else None


def begun_at() -> datetime:
    """When the first step was taken."""
    return datetime.fromisoformat(session[_KEY]["until"]) - GOOD_FOR


def page_wanted() -> str:
    return str((session.get(_KEY) or {}).get("next", ""))


def _stamp(account: Account) -> str:
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]
