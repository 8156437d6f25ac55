"""Surveys: made, found, opened, closed; when one takes answers."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Closed, Conflict, Invalid, NotFound, Paused, Problem
from survey_app.operations.organisation.unit_tree import find_units, was_there
from survey_app.operations.questionnaires.lifecycle import closed_versions
from survey_app.storage.models import AdministrativeUnit, SurveyUnit
from survey_app.storage.models import Survey as Survey
from survey_app.storage.models import SurveyStatus as SurveyStatus
from survey_app.storage.queries import surveys as queries
from survey_app.storage.races import looks_again
from survey_app.text import clean_line

#: What a citizen reads; the address of the page and the code on a slip stay good.
PAUSED = "Cuộc khảo sát đang tạm dừng nhận phiếu. Mời ông/bà quay lại sau. Xin cảm ơn ông/bà."
SURVEY_CODE = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


class Period(Protocol):
    """What decides whether a survey takes answers: the survey itself, or its row."""

    @property
    def status(self) -> str: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def paused_at(self) -> datetime | None: ...


def require_open_survey(survey: Period, now: datetime) -> None:
    """Raises Closed when the survey does not take answers at this moment: Paused when it will."""
    today = local_date(now)
    if survey.status == SurveyStatus.CLOSED or today > survey.ends_on:
        raise Closed("Cuộc khảo sát đã kết thúc. Cảm ơn ông/bà đã quan tâm.")
    if survey.status == SurveyStatus.DRAFT or today < survey.starts_on:
        raise Closed("Cuộc khảo sát chưa bắt đầu nhận phiếu.")
    if survey.paused_at is not None and survey.paused_at <= now:
        raise Paused(PAUSED)


@looks_again
def create_survey(
    session: Session,
    *,
    code: str,
    title: str,
    version_id: int,
    starts_on: date,
    ends_on: date,
    units: Mapping[int, int | None],
    now: datetime,
    is_demo: bool = False,
) -> Survey:
    """Create a survey in draft. ``units``: unit id → dossiers handled in the period, if known.

    Raises Invalid (with every mistake) or Conflict when the code is taken.
    """
    problems = []
    if not SURVEY_CODE.fullmatch(code):
        message = "Mã chỉ gồm chữ không dấu và chữ số, nối bằng gạch ngang, như 2026-Q4."
        problems.append(Problem(message, "code"))
    if not clean_line(title):
        problems.append(Problem("Nhập tên cuộc khảo sát.", "title"))
    if ends_on < starts_on:
        problems.append(Problem("Ngày kết thúc phải từ ngày bắt đầu trở đi.", "ends_on"))
    if not units:
        problems.append(Problem("Chọn ít nhất một đơn vị được khảo sát.", "units"))
    problems += mistakes_in_lives(find_units(session, units), starts_on, ends_on)
    if version_id in closed_versions(session):
        message = "Phiên bản bộ câu hỏi này đã đóng, không dùng cho cuộc khảo sát mới."
        problems.append(Problem(message, "version_id"))
    if any(population is not None and population < 1 for population in units.values()):
        problems.append(Problem("Số hồ sơ phải là số nguyên dương.", "units"))
    if problems:
        raise Invalid("Chưa tạo được cuộc khảo sát.", problems)
    if queries.is_code_taken(session, code):
        raise Conflict(f"Đã có cuộc khảo sát mang mã “{code}”.")
    survey = Survey(
        code=code,
        title=clean_line(title),
        version_id=version_id,
        starts_on=starts_on,
        ends_on=ends_on,
        status=SurveyStatus.DRAFT,
        is_demo=is_demo,
        created_at=now,
    )
    session.add(survey)
    session.flush()
    session.add_all(
        SurveyUnit(survey_id=survey.id, unit_id=unit_id, population=population)
        for unit_id, population in units.items()
    )
    session.flush()
    return survey


def mistakes_in_lives(
    units: Collection[AdministrativeUnit], starts_on: date, ends_on: date
) -> Iterator[Problem]:
    """Units that are there on no day of a period."""
    for unit in units:
        if was_there(unit, starts_on, ends_on):
            continue
        if unit.valid_to is not None and unit.valid_to <= starts_on:
            when = f"không còn từ ngày {unit.valid_to:%d/%m/%Y}, trước kỳ khảo sát"
        else:
            when = f"chỉ có từ ngày {unit.valid_from:%d/%m/%Y}, sau kỳ khảo sát"
        yield Problem(f"{unit.name} {when}.", "units")


def find_survey(session: Session, code: str) -> Survey:
    """Raises NotFound."""
    survey = queries.survey_by_code(session, code)
    if survey is None:
        raise NotFound("Không có cuộc khảo sát này.")
    return survey


def open_survey(survey: Survey) -> None:
    survey.status, survey.paused_at = SurveyStatus.OPEN, None


def close_survey(survey: Survey) -> None:
    survey.status, survey.paused_at = SurveyStatus.CLOSED, None
