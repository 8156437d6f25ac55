"""One line of the audit record for what the signed-in account just did."""

from survey_app.clock import now
from survey_app.operations.organisation.audit import record
from survey_app.web.access import signed_in_account
from survey_app.web.transactions import current_session


def note(action: str, subject: str, detail: str = "") -> None:
    """Record an action of the signed-in account; it is kept only if the request succeeds."""
    record(
        current_session(),
        action,
        now=now(),
        account=signed_in_account(),
        subject=subject,
        detail=detail,
    )
