"""What is looked at before a survey is opened: mistakes that block it, gaps that are accepted
knowingly, and what is to be printed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, Invalid
from survey_app.operations.access.accounts import Account
from survey_app.operations.fieldwork.conduct import SurveyEvent, turn_survey
from survey_app.operations.fieldwork.ways import (
    Way,
    languages_of,
    offered_questionnaire,
    ways_of,
)
from survey_app.operations.organisation.dossier_counts import populations_from_counts
from survey_app.operations.organisation.unit_tree import was_there
from survey_app.operations.questionnaires.lifecycle import closed_versions
from survey_app.questionnaire.translations import untranslated
from survey_app.reporting.fieldwork.opening import finding_sentence
from survey_app.storage.models import CollectionPoint, Mode, Survey, SurveyStatus, SurveyUnit
from survey_app.storage.queries.collection_points import collection_points
from survey_app.storage.queries.devices import survey_devices
from survey_app.storage.queries.surveys import survey_units, unit_ids_of


class Check(StrEnum):
    """What may be found, in the order of the page; the first five block the opening."""

    VERSION_CLOSED = "version_closed"
    PERIOD_OVER = "period_over"
    UNITS_GONE = "units_gone"
    NO_POINT = "no_point"
    UNITS_OUT_OF_REACH = "units_out_of_reach"
    UNITS_WITHOUT_POINT = "units_without_point"
    NO_DEVICE = "no_device"
    UNTRANSLATED = "untranslated"
    NO_TARGET = "no_target"
    DOSSIERS_UNKNOWN = "dossiers_unknown"


BLOCKING = frozenset(
    {
        Check.VERSION_CLOSED,
        Check.PERIOD_OVER,
        Check.UNITS_GONE,
        Check.NO_POINT,
        Check.UNITS_OUT_OF_REACH,
    }
)
#: What is said where something blocks.
BLOCKED = "Chưa mở được: hãy sửa các mục bắt buộc trước."
#: The ways in which the office hands out sheets itself, when it wants: it can make the place then.
#: A poster and a kiosk stand at a place, or nowhere.
HANDED_OUT = frozenset({Way.SLIP, Way.PAPER})


@dataclass(frozen=True)
class Finding:
    """One thing found. ``names``: the units, places or languages it is about; ``count``: how many
    texts of a language are missing, or of how many units the counts of dossiers are there."""

    check: Check
    names: tuple[str, ...] = ()
    count: int = 0

    @property
    def is_error(self) -> bool:
        return self.check in BLOCKING

    @property
    def sentence(self) -> str:
        return finding_sentence(self.check, self.names, self.count)


@dataclass(frozen=True)
class Preparation:
    """What is needed on the first day. ``devices``: kiosks that have their key."""

    units: int
    points: int
    devices: int


def check_opening(session: Session, survey: Survey, *, now: datetime) -> tuple[Finding, ...]:
    """All that is found, what blocks first."""
    rows = survey_units(session, survey.id)
    points = [point for point in collection_points(session, survey.id) if point.is_active]
    found = [
        *_look_at_plan(session, survey, rows, now),
        *_look_at_places(session, survey, rows, points),
        *_look_at_languages(survey),
        *_look_at_targets(session, survey, rows),
    ]
    return tuple(sorted(found, key=lambda finding: list(Check).index(finding.check)))


def preparation(session: Session, survey: Survey) -> Preparation:
    units = unit_ids_of(session, survey.code)
    points = [point for point in collection_points(session, survey.id) if point.is_active]
    return Preparation(len(units), len(points), len(_kiosk_places(session, survey)))


def open_checked(
    session: Session,
    survey: Survey,
    *,
    accepts: bool,
    now: datetime,
    account: Account | None = None,
) -> tuple[SurveyEvent, tuple[Finding, ...]]:
    """Open a draft, if nothing blocks it and its gaps are accepted; with the gaps.

    Raises Conflict when it is no draft any more, Invalid where something blocks, and where gaps
    are not accepted.
    """
    require_draft(survey)
    found = check_opening(session, survey, now=now)
    if any(finding.is_error for finding in found):
        raise Invalid(BLOCKED)
    if found and not accepts:
        raise Invalid("Chưa mở: hãy xem các điểm cần lưu ý và đánh dấu đồng ý mở.")
    event = turn_survey(session, survey, SurveyStatus.OPEN, now=now, account=account)
    return event, found


def require_draft(survey: Survey) -> None:
    """Raises Conflict for a survey that was opened before."""
    if survey.status != SurveyStatus.DRAFT:
        raise Conflict("Cuộc khảo sát đã được mở hoặc đổi trạng thái; vui lòng xem lại.")


def opening_detail(accepted: Sequence[Finding]) -> dict[str, object]:
    """What the audit record keeps of an opening: with which gaps."""
    detail: dict[str, object] = {"from": {"status": "draft"}, "to": {"status": "open"}}
    if accepted:
        detail["accepted"] = [finding.sentence for finding in accepted]
    return detail


def _look_at_plan(
    session: Session, survey: Survey, rows: Sequence[SurveyUnit], now: datetime
) -> Iterator[Finding]:
    if survey.version_id in closed_versions(session):
        yield Finding(Check.VERSION_CLOSED)
    if survey.ends_on < local_date(now):
        yield Finding(Check.PERIOD_OVER)
    period = (survey.starts_on, survey.ends_on)
    if gone := [row.unit.name for row in rows if not was_there(row.unit, *period)]:
        yield Finding(Check.UNITS_GONE, tuple(gone))


def _look_at_places(
    session: Session, survey: Survey, rows: Sequence[SurveyUnit], points: Sequence[CollectionPoint]
) -> Iterator[Finding]:
    if not points:
        yield Finding(Check.NO_POINT)
        return
    having, ways = {point.unit_id for point in points}, ways_of(survey)
    if lacking := [row.unit.name for row in rows if row.unit_id not in having]:
        is_handed_out = not HANDED_OUT.isdisjoint(ways)
        check = Check.UNITS_WITHOUT_POINT if is_handed_out else Check.UNITS_OUT_OF_REACH
        yield Finding(check, tuple(lacking))
    if Way.KIOSK in ways:
        placed = _kiosk_places(session, survey)
        bare = [
            f"{point.unit.name} ({point.label})"
            for point in points
            if (point.mode == Mode.KIOSK or ways == (Way.KIOSK,)) and point.id not in placed
        ]
        if bare:
            yield Finding(Check.NO_DEVICE, tuple(bare))


def _kiosk_places(session: Session, survey: Survey) -> list[int]:
    """The collection point of each device that has its key."""
    return [
        device.collection_point_id
        for device in survey_devices(session, survey.id)
        if device.key_hash is not None and not device.is_revoked
    ]


def _look_at_languages(survey: Survey) -> Iterator[Finding]:
    questionnaire = offered_questionnaire(survey)
    for language in languages_of(survey):
        if missing := untranslated(questionnaire, language):
            yield Finding(Check.UNTRANSLATED, (language,), len(missing))


def _look_at_targets(
    session: Session, survey: Survey, rows: Sequence[SurveyUnit]
) -> Iterator[Finding]:
    if survey.target_margin is None:
        yield Finding(Check.NO_TARGET)
    if unknown := [row for row in rows if row.population is None]:
        counted = populations_from_counts(session, survey, by_receiving=True)
        known = sum(row.unit_id in counted for row in unknown)
        yield Finding(Check.DOSSIERS_UNKNOWN, tuple(row.unit.name for row in unknown), known)
