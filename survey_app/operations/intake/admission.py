"""Admission: whether a sheet is taken, by when it was answered and what it came through."""

from collections.abc import Sequence
from datetime import date, datetime

from survey_app.clock import local_date
from survey_app.operations.fieldwork.conduct import require_outside_pauses
from survey_app.operations.fieldwork.links import require_open_link
from survey_app.operations.fieldwork.surveys import require_open_survey
from survey_app.operations.fieldwork.ways import Way, require_way
from survey_app.storage.queries.collection_points import PointState
from survey_app.storage.queries.survey_events import Pause


def believed(told: datetime | None, state: PointState, now: datetime) -> datetime:
    """When a sheet was answered, as far as a device's clock can be believed; else now."""
    if told is None or told > now or local_date(told) < state.starts_on:
        return now
    return told


def require_taken(
    way: Way,
    state: PointState,
    pauses: Sequence[Pause],
    expires_on: date | None,
    *,
    answered_at: datetime,
    now: datetime,
) -> None:
    """Raises Closed for what is not taken; ``expires_on``: of a one-time link.

    What was answered in time may come late, until somebody closes the survey: on a former day the
    point was there, whatever became of it since. What was answered before a pause may come in it.
    Only for the open link does it matter here which ways are open: slips and kiosks were asked
    before the sheet was given out. Of keyed paper the caller has judged.
    """
    if way is Way.PAPER:
        return
    require_open_survey(state, answered_at)
    is_late = local_date(answered_at) < local_date(now)
    require_open_link(state.is_active or is_late, expires_on, answered_at)
    require_outside_pauses(pauses, answered_at)
    if way is Way.LINK:
        require_way(state, way)
