"""The plan of a survey, changed before and while it runs: title, version, period, units.

Who changes it sends the revision that was on the screen. If somebody else has saved in between,
nothing is written: neither of the two overwrites the other without knowing.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, Invalid, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import changed, snapshot
from survey_app.operations.fieldwork.conduct import LONGEST_REASON, keep_event
from survey_app.operations.fieldwork.surveys import mistakes_in_lives
from survey_app.operations.organisation.unit_tree import find_units, was_there
from survey_app.operations.questionnaires.lifecycle import closed_versions
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyStatus, SurveyUnit
from survey_app.storage.queries import plans as queries
from survey_app.storage.queries.surveys import survey_units, unit_ids_of
from survey_app.text import clean_line

LONGEST_TITLE = 300
PLANNED = ("title", "version_id", "starts_on", "ends_on")
CHANGED_MEANWHILE = "Kế hoạch của cuộc khảo sát vừa được người khác thay đổi; chưa lưu gì."


@dataclass(frozen=True)
class SurveyPlan:
    """What a survey is to be. ``units``: ids; ``reason``: why the last day is another, asked for
    once the survey has been opened."""

    title: str
    version_id: int
    starts_on: date
    ends_on: date
    units: frozenset[int]
    reason: str = ""


@dataclass(frozen=True)
class PlanChange:
    """What a change of the plan did: ``fields`` fit for an audit entry (from, to), codes of units
    that came in and went out, and whether the last day of an opened survey is another."""

    fields: Mapping[str, Mapping[str, object]]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moves_end: bool

    @property
    def is_empty(self) -> bool:
        return not (self.fields or self.added or self.removed)


def plan_of(session: Session, survey: Survey) -> SurveyPlan:
    """The plan as it is stored."""
    units = unit_ids_of(session, survey.code)
    return SurveyPlan(survey.title, survey.version_id, survey.starts_on, survey.ends_on, units)


def change_plan(
    session: Session,
    survey: Survey,
    wanted: SurveyPlan,
    *,
    revision: int,
    now: datetime,
    account: Account | None = None,
) -> PlanChange:
    """Make the plan of a survey another one.

    Before the opening everything may change; after it the title, the last day (with a reason, not
    before today) and the units: others may come in, those of which there is nothing yet may go
    out, with their collection points. Of a closed survey only the title.

    Raises Invalid with every mistake, Conflict when ``revision`` is no more the plan's.
    """
    known = {row.unit_id: row.unit for row in survey_units(session, survey.id)}
    added = find_units(session, wanted.units - known.keys())
    removed = [unit for unit_id, unit in known.items() if unit_id not in wanted.units]
    kept = [
        unit
        for unit_id, unit in known.items()
        if unit_id in wanted.units and _is_judged(unit, survey)
    ]
    problems = [
        *_mistakes_in_fields(session, survey, wanted, now),
        *mistakes_in_lives([*kept, *added], wanted.starts_on, wanted.ends_on),
        *_mistakes_in_units(session, survey, wanted, added, removed),
    ]
    if problems:
        raise Invalid("Chưa lưu được kế hoạch.", problems)
    claim_plan(session, survey, revision)
    before, last_day = snapshot(survey, *PLANNED), survey.ends_on
    survey.title, survey.version_id = clean_line(wanted.title), wanted.version_id
    survey.starts_on, survey.ends_on = wanted.starts_on, wanted.ends_on
    after = snapshot(survey, *PLANNED)
    moves_end = survey.status != SurveyStatus.DRAFT and survey.ends_on != last_day
    if moves_end:
        words = (last_day.isoformat(), survey.ends_on.isoformat())
        reason = clean_line(wanted.reason)
        keep_event(session, survey, "period", *words, now=now, account=account, reason=reason)
    session.add_all(SurveyUnit(survey_id=survey.id, unit_id=unit.id) for unit in added)
    session.flush()
    change = PlanChange(changed(before, after), _codes(added), _codes(removed), moves_end)
    if removed:
        queries.take_out_units(session, survey.id, [unit.id for unit in removed])
    return change


def _is_judged(unit: AdministrativeUnit, survey: Survey) -> bool:
    """Whether a unit that stays must be there in the period. One that was not there before the
    change either, and may have sheets, hinders nobody who changes something else."""
    is_draft = survey.status == SurveyStatus.DRAFT
    return is_draft or was_there(unit, survey.starts_on, survey.ends_on)


def claim_plan(session: Session, survey: Survey, revision: int) -> None:
    """Make the next revision of the plan; raises Conflict when somebody else was faster."""
    if survey.revision != revision or not queries.claim_revision(session, survey, revision):
        raise Conflict(CHANGED_MEANWHILE)


def _mistakes_in_fields(
    session: Session, survey: Survey, wanted: SurveyPlan, now: datetime
) -> Iterator[Problem]:
    title = clean_line(wanted.title)
    if not title:
        yield Problem("Nhập tên cuộc khảo sát.", "title")
    if len(title) > LONGEST_TITLE:
        yield Problem(f"Dài nhất {LONGEST_TITLE} ký tự.", "title")
    if survey.status == SurveyStatus.DRAFT:
        yield from _mistakes_in_draft(session, survey, wanted)
    else:
        yield from _mistakes_after_opening(survey, wanted, local_date(now))


def _mistakes_in_draft(session: Session, survey: Survey, wanted: SurveyPlan) -> Iterator[Problem]:
    is_other = wanted.version_id != survey.version_id
    if is_other and wanted.version_id in closed_versions(session):
        message = "Phiên bản bộ câu hỏi này đã đóng, không dùng cho cuộc khảo sát mới."
        yield Problem(message, "version_id")
    if wanted.ends_on < wanted.starts_on:
        yield Problem("Ngày kết thúc phải từ ngày bắt đầu trở đi.", "ends_on")


def _mistakes_after_opening(survey: Survey, wanted: SurveyPlan, today: date) -> Iterator[Problem]:
    if wanted.version_id != survey.version_id:
        message = "Cuộc khảo sát đã mở nên không đổi bộ câu hỏi ở trang này được."
        yield Problem(message, "version_id")
    if wanted.starts_on != survey.starts_on:
        yield Problem("Cuộc khảo sát đã mở nên không đổi ngày bắt đầu được.", "starts_on")
    if wanted.ends_on == survey.ends_on:
        return
    if survey.status == SurveyStatus.CLOSED:
        message = "Cuộc khảo sát đã đóng; hãy mở lại trước khi đổi ngày kết thúc."
        yield Problem(message, "ends_on")
        return
    if wanted.ends_on < today:
        message = "Ngày kết thúc mới phải từ hôm nay trở đi; muốn dừng ngay thì đóng cuộc khảo sát."
        yield Problem(message, "ends_on")
    reason = clean_line(wanted.reason)
    if not reason:
        yield Problem("Ghi lý do đổi ngày kết thúc.", "reason")
    if len(reason) > LONGEST_REASON:
        yield Problem(f"Lý do dài nhất {LONGEST_REASON} ký tự.", "reason")


def _mistakes_in_units(
    session: Session,
    survey: Survey,
    wanted: SurveyPlan,
    added: Collection[AdministrativeUnit],
    removed: Collection[AdministrativeUnit],
) -> Iterator[Problem]:
    if not wanted.units:
        yield Problem("Chọn ít nhất một đơn vị được khảo sát.", "units")
    if survey.status == SurveyStatus.CLOSED and (added or removed):
        message = "Cuộc khảo sát đã đóng; hãy mở lại trước khi thêm, bớt đơn vị."
        yield Problem(message, "units")
        return
    if removed:
        queries.hold_places(session, survey.id, [unit.id for unit in removed])
    ties = ties_of_units(session, survey) if removed else {}
    for unit in removed:
        if unit.id in ties:
            message = f"{unit.name}: không bớt được vì đã có {', '.join(ties[unit.id])}."
            yield Problem(message, "units")


def ties_of_units(session: Session, survey: Survey) -> dict[int, list[str]]:
    """Unit id → what there is of it already, in words; units without anything are left out."""
    found: dict[int, list[str]] = {}
    for counts, word in (
        (queries.sheets_ever, "phiếu trả lời"),
        (queries.slips_by_unit, "mã dùng một lần"),
        (queries.devices_by_unit, "thiết bị kiosk"),
        (queries.draws_by_unit, "danh sách chọn mẫu"),
    ):
        for unit_id, number in counts(session, survey.id).items():
            found.setdefault(unit_id, []).append(f"{number} {word}")
    return found


def _codes(units: Collection[AdministrativeUnit]) -> tuple[str, ...]:
    return tuple(sorted(unit.code for unit in units))
