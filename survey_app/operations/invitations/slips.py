"""Slips with one-time links: made singly or in number, and put on paper while the codes last.

Only hashes of codes are stored. Who made slips holds the codes in the open page, and the page
sends them back for each document; they must be codes of this survey, within the own units.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Closed, Invalid, NotFound, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import record
from survey_app.operations.fieldwork.links import hash_token, issue_one_time_links
from survey_app.operations.fieldwork.ways import languages_of
from survey_app.operations.invitations.invitations import require_taking
from survey_app.operations.organisation.units import agency_of
from survey_app.reporting.fieldwork.invitations import Poster, Slip, render_posters, render_slips
from survey_app.storage.models import CollectionPoint, Survey
from survey_app.storage.queries.collection_points import collection_points
from survey_app.storage.queries.slips import links_of_survey

MOST_SLIPS = 500


@dataclass(frozen=True)
class MadeSlip:
    """A slip whose code is known for the moment."""

    code: str
    point: CollectionPoint
    expires_on: date


def make_slips(
    session: Session,
    point: CollectionPoint,
    count: int,
    *,
    expires_on: date,
    account: Account,
    now: datetime,
) -> tuple[MadeSlip, ...]:
    """Make one-time links of one place. Raises Invalid (number, last day) and Closed."""
    check_last_day(point.survey, expires_on, now)
    if not point.is_active:
        raise Closed("Điểm thu thập này đã ngừng nhận phiếu.")
    codes = issue_one_time_links(session, point, count, expires_on=expires_on)
    subject = f"{point.survey.code} {point.unit.code}"
    detail = f"{len(codes)} mã, đến {expires_on:%d/%m/%Y}"
    record(session, "links.issue", now=now, account=account, subject=subject, detail=detail)
    return tuple(MadeSlip(code, point, expires_on) for code in codes)


def check_last_day(survey: Survey, day: date, now: datetime) -> None:
    """Raises Closed for a survey that is over, Invalid for a day outside today … its end."""
    require_taking(survey, now)
    if not local_date(now) <= day <= survey.ends_on:
        message = f"Chọn ngày từ hôm nay đến {survey.ends_on:%d/%m/%Y} (ngày cuối của khảo sát)."
        raise Invalid(message, [Problem(message, "expires_on")])


def slip_points(
    session: Session, survey: Survey, unit_ids: Collection[int] | None
) -> tuple[CollectionPoint, ...]:
    """The places that take sheets (of the units in ``unit_ids``, or all), by unit and label."""
    found = collection_points(session, survey.id, unit_ids=unit_ids)
    return tuple(point for point in found if point.is_active)


def recall_slips(
    session: Session, survey: Survey, codes: Sequence[str], unit_ids: Collection[int] | None
) -> tuple[MadeSlip, ...]:
    """The slips behind codes that somebody still holds, in their order.

    Raises NotFound when one of them is no code of this survey or lies outside the units.
    """
    if not 1 <= len(codes) <= MOST_SLIPS:
        raise Invalid(f"Mỗi lần in từ 1 đến {MOST_SLIPS} phiếu mời.")
    hashes = [hash_token(code) for code in codes]
    found = links_of_survey(session, survey.id, hashes)
    slips = []
    for code, token_hash in zip(codes, hashes, strict=True):
        link = found.get(token_hash)
        point = link.collection_point if link else None
        if link is None or point is None or _is_outside(point, unit_ids):
            raise NotFound("Không có mã dùng một lần này trong phạm vi của ông/bà.")
        slips.append(MadeSlip(code, point, link.expires_on))
    return tuple(slips)


def slips_pdf(
    slips: Sequence[MadeSlip], *, site: str, notes: Sequence[tuple[str, str]] = ()
) -> bytes:
    """The slips to be cut apart; ``notes``: dossier and label of each, nothing = without.

    ``site``: the address phones reach us by.
    """
    survey = slips[0].point.survey
    words = notes or [("", "")] * len(slips)
    drawn = [
        Slip(
            agency=agency_of(slip.point.unit),
            place=slip.point.label,
            code=slip.code,
            address=f"{site}/s/{slip.code}",
            expires_on=slip.expires_on,
            dossier=dossier,
            label=label,
        )
        for slip, (dossier, label) in zip(slips, words, strict=True)
    ]
    return render_slips(drawn, title=f"Phiếu mời: {survey.title}", **_look(survey))


def posters_pdf(points: Sequence[CollectionPoint], *, site: str) -> bytes:
    """Posters with the open links of some places of one survey. Raises NotFound for none."""
    if not points:
        raise NotFound("Cuộc khảo sát chưa có điểm thu thập nào.")
    survey = points[0].survey
    drawn = [
        Poster(
            agency=agency_of(point.unit),
            place=f"{point.unit.name} · {point.label}",
            code=point.token,
            address=f"{site}/s/{point.token}",
            starts_on=survey.starts_on,
            ends_on=survey.ends_on,
        )
        for point in points
    ]
    return render_posters(drawn, title=f"Áp phích: {survey.title}", **_look(survey))


def _look(survey: Survey) -> dict[str, bool]:
    """What all papers of a survey show. The fonts of papers have the letters of Vietnamese and
    English; other languages of a questionnaire stand on the page, not on paper."""
    languages = languages_of(survey)
    return {"is_demo": survey.is_demo, "has_english": "en" in languages}


def _is_outside(point: CollectionPoint, unit_ids: Collection[int] | None) -> bool:
    return unit_ids is not None and point.unit_id not in unit_ids
