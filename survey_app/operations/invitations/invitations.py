"""Invitations: one-time links made for other software, the same ones however often it asks."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.copied_codes import spell_code
from survey_app.errors import Closed, Conflict, Invalid, NotFound, Paused, Problem
from survey_app.operations.access.api_keys import units_of
from survey_app.operations.audit.entries import record
from survey_app.operations.fieldwork.links import ONE_TIME_TOKEN_LENGTH, store_one_time_links
from survey_app.operations.fieldwork.surveyed_units import find_survey_unit
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.fieldwork.ways import Way, require_way
from survey_app.storage.models import (
    AdministrativeUnit,
    ApiKey,
    CollectionPoint,
    InvitationRequest,
    Mode,
    Survey,
    SurveyStatus,
)
from survey_app.storage.queries import api_keys as queries
from survey_app.storage.queries.collection_points import collection_points
from survey_app.storage.queries.units import unit_by_code

MOST_INVITATIONS = 500
#: As long may a request be sent again; then its codes cannot be made anew.
REPEATABLE_FOR = timedelta(days=7)
_SALT_BYTES = 32
PAUSED_TO_ISSUE = (
    "Cuộc khảo sát đang tạm dừng; tạo mã dùng một lần sau khi cuộc khảo sát tiếp tục nhận phiếu."
)


@dataclass(frozen=True)
class Order:
    """What is asked for. ``content``: the whole request in one fixed spelling, to know it again.

    ``point``: the code of a collection point, None = the unit's own; ``expires_on``: None = the
    last day of the survey.
    """

    survey: str
    unit: str
    count: int
    content: bytes
    point: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True)
class Invited:
    """The codes, in the order of the request; ``is_new`` is False when it came again."""

    codes: tuple[str, ...]
    expires_on: date
    is_new: bool


def invite(
    session: Session,
    order: Order,
    *,
    key: ApiKey,
    request_name: str,
    secret: bytes,
    now: datetime,
    former: Sequence[bytes] = (),
) -> Invited:
    """Make one-time links for a request, or give those made when it came before.

    ``request_name`` is the caller's own name for the request; ``secret`` stays out of the
    database; ``former`` ones know requests of before it was changed.

    Raises NotFound (also outside the key's branch), Closed, Invalid, and Conflict when
    another request had the same name.
    """
    known, secret = _find_request(session, key, request_name, (secret, *former))
    digest = _seal(secret, b"content", key.id, order.content)
    if known is None:
        point = _find_point(session, order, key, now)
        row = InvitationRequest(
            api_key_id=key.id,
            request_hash=_seal(secret, b"request", key.id, request_name.encode()),
            body_digest=digest,
            salt=secrets.token_bytes(_SALT_BYTES),
            expires_on=_last_day(order, point.survey, now),
            made_on=local_date(now),
        )
        if _is_first(session, row):
            codes = _codes(secret, row, order.count)
            store_one_time_links(session, point, codes, expires_on=row.expires_on)
            subject = f"{point.survey.code} {point.unit.code}"
            detail = f"{len(codes)} mã, đến {row.expires_on:%d/%m/%Y}, khóa “{key.label}”"
            record(session, "links.issue_by_key", now=now, subject=subject, detail=detail)
            session.flush()
            return Invited(codes, row.expires_on, is_new=True)
        known, _ = _find_request(session, key, request_name, (secret,))
    if known is None or not hmac.compare_digest(known.body_digest, digest):
        raise Conflict("Idempotency-Key này đã được dùng cho một yêu cầu có nội dung khác.")
    return Invited(_codes(secret, known, order.count), known.expires_on, is_new=False)


def _find_request(
    session: Session, key: ApiKey, name: str, secrets_known: Sequence[bytes]
) -> tuple[InvitationRequest | None, bytes]:
    """A request that came before, and the secret it was sealed with; the first one where it is
    new."""
    for secret in secrets_known:
        sealed = _seal(secret, b"request", key.id, name.encode())
        if known := queries.invitation_request(session, key.id, sealed):
            return known, secret
    return None, secrets_known[0]


def forget_old_requests(session: Session, *, now: datetime) -> int:
    """Forget requests that need no longer be repeatable; how many."""
    return queries.forget_requests(session, local_date(now) - REPEATABLE_FOR)


def require_taking(survey: Survey, now: datetime) -> None:
    """Raises Closed when no link of the survey can be good any more, or none is wanted; Paused in
    a pause: who gets a slip comes to answer now. One that has not begun is no obstacle: slips are
    printed beforehand."""
    require_way(survey, Way.SLIP)
    if survey.status == SurveyStatus.CLOSED or local_date(now) > survey.ends_on:
        raise Closed("Cuộc khảo sát đã kết thúc; không tạo thêm mã dùng một lần được.")
    if survey.state is SurveyStatus.PAUSED:
        raise Paused(PAUSED_TO_ISSUE)


def point_of_unit(points: Sequence[CollectionPoint]) -> CollectionPoint:
    """The place of a unit that links belong to when none is named: its only one, or its only one
    for phones. Raises NotFound when there is none, Invalid when there are several."""
    active = [point for point in points if point.is_active]
    for choice in ([point for point in active if point.mode == Mode.PHONE], active):
        if len(choice) == 1:
            return choice[0]
    if not active:
        raise NotFound("Đơn vị chưa có điểm thu thập nào đang nhận phiếu.")
    known = ", ".join(f"{point.token} ({point.label})" for point in active)
    message = f"Đơn vị có nhiều điểm thu thập; ghi mã của một điểm: {known}."
    raise Invalid(message, [Problem(message, "point")])


def _find_point(session: Session, order: Order, key: ApiKey, now: datetime) -> CollectionPoint:
    """The place the links are for; what lies outside the key's branch is not there."""
    unit = unit_by_code(session, order.unit)
    scope = units_of(session, key).unit_ids or frozenset()
    if unit is None or unit.id not in scope:
        raise NotFound("Không có đơn vị này trong phạm vi của khóa API.")
    survey = find_survey(session, order.survey)
    find_survey_unit(session, survey, unit.id)
    require_taking(survey, now)
    return _point_among(_points_of(session, survey, unit), order.point)


def _points_of(session: Session, survey: Survey, unit: AdministrativeUnit) -> list[CollectionPoint]:
    return list(collection_points(session, survey.id, unit_ids=[unit.id]))


def _point_among(points: Sequence[CollectionPoint], wanted: str | None) -> CollectionPoint:
    if wanted is None:
        return point_of_unit(points)
    for point in points:
        if point.token == wanted.upper():
            if not point.is_active:
                raise Closed("Điểm thu thập này đã ngừng nhận phiếu.")
            return point
    raise NotFound("Đơn vị không có điểm thu thập mang mã này.")


def _last_day(order: Order, survey: Survey, now: datetime) -> date:
    day = order.expires_on or survey.ends_on
    if local_date(now) <= day <= survey.ends_on:
        return day
    message = f"Ngày hết hạn phải từ hôm nay đến {survey.ends_on:%d/%m/%Y} (ngày cuối khảo sát)."
    raise Invalid(message, [Problem(message, "expires_on")])


def _is_first(session: Session, row: InvitationRequest) -> bool:
    """Whether nobody has stored this request in the same moment."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def _codes(secret: bytes, row: InvitationRequest, count: int) -> tuple[str, ...]:
    """The codes of a request, always the same ones: nothing but their hashes is stored."""
    return tuple(
        spell_code(
            _seal(secret, b"code", row.api_key_id, row.request_hash + row.salt, place),
            ONE_TIME_TOKEN_LENGTH,
        )
        for place in range(count)
    )


def _seal(secret: bytes, purpose: bytes, key_id: int, content: bytes, place: int = 0) -> bytes:
    """A digest that nobody can make without the secret; purposes and keys have their own."""
    head = b"%b %d %d " % (purpose, key_id, place)
    return hmac.new(secret, head + content, hashlib.sha256).digest()
