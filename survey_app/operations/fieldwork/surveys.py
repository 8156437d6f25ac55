"""Fieldwork: surveys, the units in them, collection points and their links."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.copied_codes import ALPHABET, draw_code
from survey_app.errors import Closed, Conflict, Invalid, NotFound, Paused, Problem
from survey_app.operations.organisation.unit_tree import find_units, was_there
from survey_app.operations.questionnaires.lifecycle import closed_versions
from survey_app.storage.models import (
    AdministrativeUnit,
    CollectionPoint,
    Mode,
    OneTimeLink,
    Survey,
    SurveyStatus,
    SurveyUnit,
)
from survey_app.storage.queries import surveys as queries
from survey_app.storage.queries.responses import is_link_used
from survey_app.storage.races import looks_again
from survey_app.text import clean_line

OPEN_TOKEN_LENGTH = 8
ONE_TIME_TOKEN_LENGTH = 13  # 31**13 ≈ 2**64: not to be guessed
MOST_LINKS_AT_ONCE = 2000
#: What a citizen reads; the address of the page and the code on a slip stay good.
PAUSED = "Cuộc khảo sát đang tạm dừng nhận phiếu. Mời ông/bà quay lại sau. Xin cảm ơn ông/bà."
UNKNOWN_LINK = "Mã khảo sát không đúng. Vui lòng kiểm tra lại mã trên phiếu hoặc áp phích."
SURVEY_CODE = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Link:
    """What a link leads to. ``one_time`` is None for the open link of a collection point."""

    token: str
    point: CollectionPoint
    one_time: OneTimeLink | None

    def require_open(self, now: datetime) -> None:
        """Raises Closed when answers are no longer (or not yet) taken through this link."""
        require_open_survey(self.point.survey, now)
        expires_on = self.one_time.expires_on if self.one_time else None
        require_open_link(self.point.is_active, expires_on, now)


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


def require_open_link(is_active: bool, expires_on: date | None, now: datetime) -> None:
    """Raises Closed when the collection point or the one-time link takes nothing any more."""
    if not is_active:
        raise Closed("Điểm thu thập ý kiến này đã ngừng nhận phiếu.")
    if expires_on and expires_on < local_date(now):
        raise Closed(
            "Mã khảo sát này đã hết hạn ngày {day}. "
            "Ông/bà vẫn có thể góp ý bằng mã chung đặt tại quầy.",
            day=f"{expires_on:%d/%m/%Y}",
        )


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


def set_population(
    session: Session, survey: Survey, unit_id: int, population: int | None
) -> SurveyUnit:
    """Record how many dossiers a unit handled in the period; None = not known."""
    if population is not None and population < 1:
        raise Invalid("Số hồ sơ phải là số nguyên dương.")
    row = find_survey_unit(session, survey, unit_id)
    row.population = population
    return row


def find_survey_unit(session: Session, survey: Survey, unit_id: int) -> SurveyUnit:
    """Raises NotFound when the survey does not cover the unit."""
    row = queries.survey_unit(session, survey.id, unit_id)
    if row is None:
        raise NotFound("Đơn vị này không thuộc cuộc khảo sát.")
    return row


def surveyed_codes(
    session: Session, survey: Survey, unit_ids: Collection[int] | None = None
) -> tuple[str, ...]:
    """The codes of the units surveyed (those in ``unit_ids``, or all), in Vietnamese order."""
    rows = queries.survey_units(session, survey.id, unit_ids=unit_ids)
    return tuple(row.unit.code for row in rows)


def add_collection_point(
    session: Session, survey: Survey, unit_id: int, *, label: str, mode: Mode = Mode.PHONE
) -> CollectionPoint:
    """Add a place that collects answers for a unit, with its open link."""
    find_survey_unit(session, survey, unit_id)
    point = CollectionPoint(
        survey=survey,
        unit_id=unit_id,
        label=clean_line(label),
        mode=mode,
        token=draw_code(OPEN_TOKEN_LENGTH),
    )
    session.add(point)
    session.flush()
    return point


def issue_one_time_links(
    session: Session, point: CollectionPoint, count: int, *, expires_on: date
) -> tuple[str, ...]:
    """Make ``count`` one-time tokens. They are returned here and never again: only hashes stay."""
    if not 1 <= count <= MOST_LINKS_AT_ONCE:
        raise Invalid(f"Mỗi lần tạo được từ 1 đến {MOST_LINKS_AT_ONCE} mã dùng một lần.")
    tokens = tuple(draw_code(ONE_TIME_TOKEN_LENGTH) for _ in range(count))
    store_one_time_links(session, point, tokens, expires_on=expires_on)
    return tokens


def store_one_time_links(
    session: Session, point: CollectionPoint, tokens: Collection[str], *, expires_on: date
) -> None:
    """Let these tokens open the questionnaire of a place once each; only hashes are stored."""
    session.add_all(
        OneTimeLink(
            token_hash=hash_token(token), collection_point_id=point.id, expires_on=expires_on
        )
        for token in tokens
    )
    session.flush()


def find_link(session: Session, token: str) -> Link:
    """What a token leads to, open or not; raises NotFound for an unknown one.

    The whole address of a link will do as well: people and programs paste either.
    """
    wanted = link_token(token)
    if len(wanted) <= ONE_TIME_TOKEN_LENGTH and set(wanted) <= set(ALPHABET):
        point = queries.point_by_token(session, wanted)
        if point:
            return Link(wanted, point, None)
        one_time = queries.one_time_link(session, hash_token(wanted))
        if one_time:
            return Link(wanted, one_time.collection_point, one_time)
    raise NotFound(UNKNOWN_LINK)


def link_token(text: str) -> str:
    """The token in what names a link (itself, or the end of a whole address), as it is stored.

    Only plain letters have capitals here: "ß" would become two, and another token.
    """
    token = text.strip().rstrip("/").rpartition("/")[2]
    return token.upper() if token.isascii() else token


def hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def is_used_up(session: Session, link: Link) -> bool:
    """Whether a one-time link has had its sheet; never true of an open link."""
    return link.one_time is not None and is_link_used(session, link.one_time)
