"""What a draw from a list of dossiers will be: how many, of which strata; nothing is chosen yet."""

from dataclasses import dataclass
from enum import StrEnum

from survey_app.errors import Invalid, Problem
from survey_app.operations.fieldwork.dossier_list import has_sizes
from survey_app.operations.figures.targets import mistakes_in_target
from survey_app.reporting.fieldwork.drawn_list import (
    DrawnStratum,
)
from survey_app.sampling.allocation import allocate
from survey_app.sampling.frame import Frame
from survey_app.sampling.size import CONFIDENCE, SampleSize, required_size
from survey_app.storage.models import SampleMethod as SampleMethod
from survey_app.storage.models import Survey
from survey_app.text import clean_line, sort_key

LARGEST_SEED = 10**15 - 1


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


def _strata(frame: Frame, n: int, allocation: Allocation) -> tuple[DrawnStratum, ...]:
    """n divided among the strata of the list; nothing where there are none or none are wanted."""
    counts = frame.stratum_counts
    if allocation is Allocation.NONE or set(counts) == {""}:
        return ()
    names = sorted(counts, key=sort_key)
    sizes = [counts[name] for name in names]
    shares = allocate(n, sizes, method=allocation, minimum=FEWEST_OF_A_STRATUM)
    return tuple(map(DrawnStratum, names, sizes, shares))
