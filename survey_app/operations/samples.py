"""Samples: draws from lists of dossiers, kept for good, and checked again."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, NotFound, Problem
from survey_app.operations.fieldwork.dossier_list import has_sizes
from survey_app.operations.fieldwork.surveyed_units import find_survey_unit, set_population
from survey_app.operations.figures.targets import mistakes_in_target
from survey_app.operations.organisation.accounts import Account
from survey_app.operations.organisation.audit import record
from survey_app.operations.reports.documents import Document, Format, render_document
from survey_app.reporting.fieldwork.drawn_list import (
    DrawnDossier,
    DrawnList,
    DrawnStratum,
    DrawnTarget,
    compose_drawn_list,
)
from survey_app.sampling.allocation import allocate
from survey_app.sampling.frame import Frame
from survey_app.sampling.selection import (
    Selection,
    select_pps,
    select_simple,
    select_stratified,
    select_systematic,
)
from survey_app.sampling.size import CONFIDENCE, SampleSize, required_size
from survey_app.storage.models import SampledDossier, Survey, SurveyStatus
from survey_app.storage.models import SampleDraw as SampleDraw
from survey_app.storage.models import SampleMethod as SampleMethod
from survey_app.storage.queries import samples as queries
from survey_app.text import clean_line, sort_key

#: Seeds are told by telephone and typed again; Excel shows fifteen digits and no more.
SEEDS_MADE, LARGEST_SEED = 10**9, 10**15 - 1
#: Without at least one dossier of every stratum, part of the list would have no chance at all.
FEWEST_OF_A_STRATUM = 1
LONGEST_REASON = 500


class Allocation(StrEnum):
    """How a sample is divided among the strata of a list."""

    NONE = "none"
    PROPORTIONAL = "proportional"
    EQUAL = "equal"


@dataclass(frozen=True)
class SampleWish:
    """What is asked of a draw; n None = as many as the target needs, seed None = make one."""

    method: SampleMethod = SampleMethod.SIMPLE
    allocation: Allocation = Allocation.PROPORTIONAL
    n: int | None = None
    margin: float | None = None
    response_rate: float | None = None
    seed: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class SamplePlan:
    """A draw that could be made: checked, reckoned, nothing chosen yet.

    ``size``: what the target needs, None where n was given by hand; ``margin`` and
    ``response_rate`` are that target's, proportions. ``strata`` is empty without stratification.
    """

    frame: Frame
    method: SampleMethod
    allocation: Allocation
    n: int
    strata: tuple[DrawnStratum, ...]
    size: SampleSize | None
    margin: float | None
    response_rate: float | None
    seed: int | None
    reason: str

    @property
    def has_equal_chances(self) -> bool:
        """Whether every dossier of the list has the same chance but for rounding: only then do
        anonymous sheets, which carry no weight, stand for the list as they are."""
        return self.method != SampleMethod.PPS and self.allocation != Allocation.EQUAL


@dataclass(frozen=True)
class Verification:
    """Whether a list is the one a draw was made from, and whether its seed chooses the same.

    ``is_same_draw`` is None where it cannot be told any more: the identifiers were erased.
    ``listed``: dossiers in the list that was shown now.
    """

    is_same_list: bool
    is_same_draw: bool | None
    listed: int


# ── draws ─────────────────────────────────────────────────────────────────────────────────────


def plan_draw(survey: Survey, frame: Frame, wish: SampleWish) -> SamplePlan:
    """What a draw from ``frame`` will be: n from the wish, else from its margin, else from the
    survey's target. Raises Invalid with every mistake, named after the fields of the wish."""
    margin = wish.margin if wish.margin is not None else survey.target_margin
    rate = wish.response_rate if wish.response_rate is not None else survey.response_rate
    problems = [
        *_bad_wish(frame, wish, margin),
        *mistakes_in_target(wish.margin, wish.response_rate),
    ]
    if problems:
        raise Invalid("Chưa chọn được mẫu.", problems)
    size = None
    if wish.n is None and margin is not None:
        size = required_size(
            margin, population=len(frame), response_rate=rate, confidence=CONFIDENCE
        )
    n = wish.n or (size.issued if size else 0)
    strata = _strata(frame, n, wish.allocation)
    return SamplePlan(
        frame=frame,
        method=wish.method,
        allocation=wish.allocation if strata else Allocation.NONE,
        n=n,
        strata=strata,
        size=size,
        margin=margin if size else None,
        response_rate=rate if size else None,
        seed=wish.seed,
        reason=clean_line(wish.reason),
    )


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


def describe_draw(session: Session, draw: SampleDraw) -> DrawnList:
    """The draw with its dossiers, as its workbook and its page show it."""
    return DrawnList(
        draw_id=draw.id,
        survey_code=draw.survey.code,
        survey_title=draw.survey.title,
        unit_code=draw.unit.code,
        unit_name=draw.unit.name,
        number=draw.number,
        as_of=draw.as_of,
        drawn_at=draw.drawn_at,
        drawn_by=draw.account.display_name if draw.account else "",
        reason=draw.reason,
        population=draw.population,
        n=draw.n,
        method=draw.method,
        allocation=draw.allocation,
        strata=_strata_of(draw),
        seed=draw.seed,
        fingerprint=draw.fingerprint,
        target=_target_of(draw),
        is_demo=draw.survey.is_demo,
        dossiers=_stored(session, draw),
    )


def render_draw(described: DrawnList, form: Format = Format.XLSX) -> Document:
    """The draw as a file."""
    return render_document(compose_drawn_list(described), form)


def verify_draw(session: Session, draw: SampleDraw, frame: Frame) -> Verification:
    """Whether ``frame`` (read with the draw's own day) is the list that was drawn from, and
    whether the stored seed chooses the same dossiers from it."""
    if frame.fingerprint != draw.fingerprint:
        return Verification(is_same_list=False, is_same_draw=False, listed=len(frame))
    stored = _stored(session, draw)
    if any(dossier.identifier is None for dossier in stored):
        return Verification(is_same_list=True, is_same_draw=None, listed=len(frame))
    return Verification(True, stored == _chosen(frame, draw), len(frame))


# ── identifiers ───────────────────────────────────────────────────────────────────────────────


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


# ── within ────────────────────────────────────────────────────────────────────────────────────


def _bad_wish(frame: Frame, wish: SampleWish, margin: float | None) -> list[Problem]:
    problems = []
    if wish.n is not None and not 1 <= wish.n <= len(frame):
        problems.append(Problem(f"Danh sách có {len(frame)} hồ sơ, không chọn được {wish.n}.", "n"))
    if wish.n is None and margin is None:
        message = "Ghi số hồ sơ cần chọn, hoặc đặt mục tiêu sai số cho cuộc khảo sát trước."
        problems.append(Problem(message, "n"))
    if wish.method == SampleMethod.PPS and not has_sizes(frame):
        message = "Danh sách không có cột quy mô (hoặc mọi hồ sơ có quy mô như nhau)."
        problems.append(Problem(message, "method"))
    if wish.seed is not None and not 0 <= wish.seed <= LARGEST_SEED:
        problems.append(Problem("Hạt giống là số nguyên không âm, tối đa 15 chữ số.", "seed"))
    if len(wish.reason) > LONGEST_REASON:
        problems.append(Problem(f"Lý do dài quá {LONGEST_REASON} ký tự.", "reason"))
    return problems


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


def _target_of(draw: SampleDraw) -> DrawnTarget | None:
    """What n was reckoned from when the draw was made; None where it was given."""
    numbers = (draw.margin, draw.confidence, draw.required, draw.issued, draw.ministry)
    match numbers:
        case (float(margin), float(confidence), int(required), int(issued), int(ministry)):
            return DrawnTarget(margin, confidence, draw.response_rate, required, issued, ministry)
    return None


def _strata(frame: Frame, n: int, allocation: Allocation) -> tuple[DrawnStratum, ...]:
    """n divided among the strata of the list; nothing where there are none or none are wanted."""
    counts = frame.stratum_counts
    if allocation is Allocation.NONE or set(counts) == {""}:
        return ()
    names = sorted(counts, key=sort_key)
    sizes = [counts[name] for name in names]
    shares = allocate(n, sizes, method=allocation, minimum=FEWEST_OF_A_STRATUM)
    return tuple(map(DrawnStratum, names, sizes, shares))


def _strata_of(draw: SampleDraw) -> tuple[DrawnStratum, ...]:
    return tuple(DrawnStratum(*entry) for entry in json.loads(draw.strata))


def _stored(session: Session, draw: SampleDraw) -> tuple[DrawnDossier, ...]:
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
    strata = _strata_of(draw)
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
