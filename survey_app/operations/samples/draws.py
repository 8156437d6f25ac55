"""Draws from lists of dossiers: made, kept for good, found, checked again, without identifiers."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, NotFound, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import record
from survey_app.operations.fieldwork.surveyed_units import find_survey_unit, set_population
from survey_app.operations.samples.planning import SamplePlan
from survey_app.reporting.fieldwork.drawn_list import (
    DrawnDossier,
    DrawnStratum,
)
from survey_app.sampling.frame import Frame
from survey_app.sampling.selection import (
    Selection,
    select_pps,
    select_simple,
    select_stratified,
    select_systematic,
)
from survey_app.sampling.size import CONFIDENCE
from survey_app.storage.models import SampledDossier, SampleMethod, Survey, SurveyStatus
from survey_app.storage.models import SampleDraw as SampleDraw
from survey_app.storage.queries import samples as queries

#: Seeds are told by telephone and typed again; Excel shows fifteen digits and no more.
SEEDS_MADE = 10**9


@dataclass(frozen=True)
class Verification:
    """Whether a list is the one a draw was made from, and whether its seed chooses the same.

    ``is_same_draw`` is None where it cannot be told any more: the identifiers were erased.
    ``listed``: dossiers in the list that was shown now.
    """

    is_same_list: bool
    is_same_draw: bool | None
    listed: int


def make_draw(
    session: Session,
    survey: Survey,
    unit_id: int,
    plan: SamplePlan,
    *,
    now: datetime,
    account: Account | None = None,
    sets_population: bool = False,
) -> SampleDraw:
    """Draw, and keep the draw for good. ``account`` None: drawn from the command line.

    sets_population: note the length of the list as the unit's dossiers in the period, if they
    are not known. Raises NotFound when the survey does not cover the unit, Conflict when somebody
    else draws for it at the same moment, and as :func:`check_draw`.
    """
    member = find_survey_unit(session, survey, unit_id)
    number = check_draw(session, survey, unit_id, plan)
    draw = _row(survey, unit_id, number, plan)
    draw.drawn_at, draw.drawn_by = now, account.id if account else None
    _store(session, draw, plan.frame)
    if sets_population and member.population is None:
        set_population(session, survey, unit_id, draw.population)
    detail = f"lần {number}: {draw.n}/{draw.population}, hạt giống {draw.seed}"
    subject = f"{survey.code} {member.unit.code}"
    record(session, "sample.draw", now=now, account=account, subject=subject, detail=detail)
    return draw


def check_draw(session: Session, survey: Survey, unit_id: int, plan: SamplePlan) -> int:
    """The number that a draw made now will have in its unit.

    Raises Conflict when the survey is closed, Invalid when the unit has a draw already and the
    plan gives no reason for another.
    """
    if survey.status == SurveyStatus.CLOSED:
        raise Conflict("Cuộc khảo sát đã đóng; không chọn mẫu được nữa.")
    number = queries.latest_number(session, survey.id, unit_id) + 1
    if number > 1 and not plan.reason:
        message = "Đơn vị này đã có danh sách được chọn; hãy ghi lý do chọn lại."
        raise Invalid("Chưa chọn được mẫu.", [Problem(message, "reason")])
    return number


def draws_of_unit(session: Session, survey: Survey, unit_id: int) -> Sequence[SampleDraw]:
    """The draws of a unit, the one in force first."""
    return queries.draws_of(session, survey.id, unit_ids=[unit_id])


def find_draw(session: Session, survey: Survey, unit_id: int, number: int) -> SampleDraw:
    """Raises NotFound."""
    draw = queries.draw_by_number(session, survey.id, unit_id, number)
    if draw is None:
        raise NotFound("Không có lần chọn mẫu này.")
    return draw


def find_draw_by_id(session: Session, draw_id: int) -> SampleDraw:
    """Raises NotFound."""
    draw = queries.draw_by_id(session, draw_id)
    if draw is None:
        raise NotFound(f"Không có lần chọn mẫu nào mang mã {draw_id}.")
    return draw


def verify_draw(session: Session, draw: SampleDraw, frame: Frame) -> Verification:
    """Whether ``frame`` (read with the draw's own day) is the list that was drawn from, and
    whether the stored seed chooses the same dossiers from it."""
    if frame.fingerprint != draw.fingerprint:
        return Verification(is_same_list=False, is_same_draw=False, listed=len(frame))
    stored = stored_dossiers(session, draw)
    if any(dossier.identifier is None for dossier in stored):
        return Verification(is_same_list=True, is_same_draw=None, listed=len(frame))
    return Verification(True, stored == _chosen(frame, draw), len(frame))


def count_identifiers(session: Session, survey: Survey) -> int:
    """How many drawn dossiers of a survey still have their identifier."""
    return queries.count_identifiers(session, survey.id)


def erase_identifiers(
    session: Session, survey: Survey, *, now: datetime, account: Account | None = None
) -> int:
    """Blank the identifiers of a closed survey's draws for good; returns how many there were.

    Everything else of the draws stays. Raises Conflict when the survey is not closed.
    """
    if survey.status != SurveyStatus.CLOSED:
        raise Conflict("Chỉ xóa được mã hồ sơ khi cuộc khảo sát đã đóng.")
    count = queries.count_identifiers(session, survey.id)
    queries.erase_identifiers(session, survey.id)
    detail = f"{count} mã hồ sơ"
    record(session, "sample.erase", now=now, account=account, subject=survey.code, detail=detail)
    return count


def _row(survey: Survey, unit_id: int, number: int, plan: SamplePlan) -> SampleDraw:
    """The row of a draw to be made, with a seed; nothing of it changes once it is stored."""
    counts = [(stratum.name, stratum.population, stratum.n) for stratum in plan.strata]
    size = plan.size
    return SampleDraw(
        survey_id=survey.id,
        unit_id=unit_id,
        number=number,
        as_of=plan.frame.as_of,
        fingerprint=plan.frame.fingerprint,
        population=len(plan.frame),
        n=plan.n,
        strata=json.dumps(counts, ensure_ascii=False),
        method=plan.method,
        allocation=plan.allocation,
        seed=secrets.randbelow(SEEDS_MADE) if plan.seed is None else plan.seed,
        margin=plan.margin,
        confidence=CONFIDENCE if size else None,
        response_rate=plan.response_rate,
        required=size.n if size else None,
        issued=size.issued if size else None,
        ministry=size.ministry if size else None,
        reason=plan.reason if number > 1 else "",
    )


def _store(session: Session, draw: SampleDraw, frame: Frame) -> None:
    """Keep a draw and the dossiers it chooses; raises Conflict when its number is taken."""
    if not queries.insert_draw(session, draw):
        raise Conflict(
            "Một người khác vừa chọn mẫu cho đơn vị này cùng lúc, nên chưa chọn gì thêm; xin xem "
            "danh sách vừa được chọn trước khi chọn lại."
        )
    session.add_all(
        SampledDossier(
            draw_id=draw.id,
            number=dossier.number,
            identifier=dossier.identifier,
            stratum=dossier.stratum,
            inclusion_probability=dossier.probability,
        )
        for dossier in _chosen(frame, draw)
    )
    session.flush()


def strata_of(draw: SampleDraw) -> tuple[DrawnStratum, ...]:
    """The strata that a draw was divided among."""
    return tuple(DrawnStratum(*entry) for entry in json.loads(draw.strata))


def stored_dossiers(session: Session, draw: SampleDraw) -> tuple[DrawnDossier, ...]:
    """The dossiers that were drawn, in the order of the list."""
    return tuple(
        DrawnDossier(row.number, row.identifier, row.stratum, row.inclusion_probability)
        for row in queries.sampled_dossiers(session, draw.id)
    )


def _chosen(frame: Frame, draw: SampleDraw) -> tuple[DrawnDossier, ...]:
    """The dossiers that the draw's method, numbers and seed choose from a list."""
    selection = _select(frame, draw)
    pairs = zip(selection.indices, selection.probabilities, strict=True)
    return tuple(
        DrawnDossier(number, row.identifier, row.stratum, float(probability))
        for number, (index, probability) in enumerate(pairs, 1)
        for row in [frame.rows[index]]
    )


def _select(frame: Frame, draw: SampleDraw) -> Selection:
    strata = strata_of(draw)
    if strata:
        return select_stratified(
            frame.strata,
            {stratum.name: stratum.n for stratum in strata},
            seed=draw.seed,
            method=draw.method,
            sizes=frame.sizes,
        )
    if draw.method == SampleMethod.PPS:
        return select_pps(frame.sizes, draw.n, seed=draw.seed)
    if draw.method == SampleMethod.SYSTEMATIC:
        return select_systematic(len(frame), draw.n, seed=draw.seed)
    return select_simple(len(frame), draw.n, seed=draw.seed)
