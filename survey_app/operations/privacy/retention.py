"""How long what is kept: the one place that the public page, the report and the worker read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from sqlalchemy.orm import Session

from survey_app.config import Settings
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.operations.access.identities import WAITS_FOR
from survey_app.operations.access.signing_in import ABSOLUTE_LIMIT
from survey_app.operations.invitations.invitations import REPEATABLE_FOR
from survey_app.operations.invitations.slip_lists import REMEMBERED_FOR
from survey_app.operations.reports.batches import ARCHIVES_KEPT_FOR
from survey_app.storage.queries.contacts import longest_days


@dataclass(frozen=True)
class Retention:
    """What is in force in this installation.

    ``account_days``: days after an account was stopped until its name goes. ``slip_list_days``:
    days for which it is known that a list of dossiers came; ``request_days``: for which a request
    of other software can be repeated; ``archive_days``: for which a batch of reports can be
    fetched. ``sign_in_hours``: the longest sign-in. ``fewest_sheets``: below that no figure is
    shown. ``waiting_days``: how long who came from a provider without an account is remembered.
    ``contact_days``: the longest time of a request for a reply, None = no survey offers one.
    ``asked``: who answers questions about personal data, "" = nobody was named.
    """

    account_days: int
    slip_list_days: int
    request_days: int
    archive_days: int
    sign_in_hours: int
    fewest_sheets: int
    asked: str
    waiting_days: int
    contact_days: int | None = None

    @classmethod
    def of(cls, session: Session, settings: Settings) -> Self:
        return cls(
            account_days=settings.account_days,
            slip_list_days=REMEMBERED_FOR.days,
            request_days=REPEATABLE_FOR.days,
            archive_days=ARCHIVES_KEPT_FOR.days,
            sign_in_hours=ABSOLUTE_LIMIT // timedelta(hours=1),
            fewest_sheets=MINIMUM_BASE,
            asked=settings.privacy_contact,
            waiting_days=WAITS_FOR.days,
            contact_days=longest_days(session),
        )
