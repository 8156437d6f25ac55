"""How many answers are needed, what a number of answers is worth, and how far a unit has come."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: n_eff/n of the overall index against one question, at an index of about 81 %. Its criteria move
#: together but not in step: the index needs a fifth to a third of the answers, here 1/3.4.
INDEX_GAIN = 3.4
#: How sure the interval of the result is to hold the true share, unless said otherwise.
CONFIDENCE = 0.95
#: Rounding up must not see 53.0000000001.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class SampleSize:
    """A required number of answers, and of sheets to issue so that they come back.

    n: valid answers needed. issued: n / response rate, never more than the population. unlimited:
    Cochran's n0, before the finite population correction. ministry: the older formula beside it
    (:func:`ministry_size`), None without a population. is_reachable: whether, at the response rate,
    the population is large enough to give n answers.
    """

    n: int
    issued: int
    unlimited: float
    ministry: int | None = None
    is_reachable: bool = True


@dataclass(frozen=True)
class Progress:
    """Where a unit stands against its target.

    valid: answers so far; required: n of the target; missing: answers still needed, to_issue:
    sheets to issue for them; share: valid/required, at most 1; margin: half-width reached so far,
    None before the first answer.
    """

    valid: int
    required: int
    missing: int
    to_issue: int
    share: float
    margin: float | None

    @property
    def is_complete(self) -> bool:
        return self.missing == 0


def required_size(
    margin: float,
    *,
    population: int | None = None,
    share: float = 0.5,
    design_effect: float = 1.0,
    response_rate: float | None = None,
    confidence: float = CONFIDENCE,
) -> SampleSize:
    """The answers needed to estimate one share to ± ``margin`` (Cochran's formula).

    ``n0 = deff z² p(1-p)/e²`` and ``n = n0/(1 + (n0 - 1)/N)``, rounded up, at most N; sheets to
    issue = n / response rate, rounded up, at most N.

    margin: e, a proportion (0.05 is ± 5 points). share: the p expected; 0.5 is the safe choice.
    response_rate: share of issued sheets expected to come back, None = all of them.
    design_effect: above 1 for clusters; 1/:data:`INDEX_GAIN` when planning for the overall index.

    Assumptions: simple random sampling, or a design whose effect is known; the normal
    approximation, which plans well but is not used for the interval of the result.
    Raises ValueError for a margin, share, response rate or confidence outside 0..1, a design
    effect that is not positive, and a population below 1.

    Reference: Cochran (1977), *Sampling Techniques*, §4.4; Kish (1965), §8.2 (design effect).

    >>> [required_size(margin, population=60).n for margin in (0.05, 0.075, 0.10)]
    [53, 45, 38]
    >>> required_size(0.05, population=2000, response_rate=0.8)
    SampleSize(n=323, issued=404, unlimited=384.14588206941244, ministry=334, is_reachable=True)
    """
    _check_proportion("margin", margin)
    rate = _checked_rate(response_rate)
    _check_population(population)
    unlimited = _unit_variance(share, design_effect, confidence) / margin**2
    if population is None:
        n = max(1, _round_up(unlimited))
        return SampleSize(n, _round_up(n / rate), unlimited)
    corrected = unlimited / (1 + (unlimited - 1) / population)
    n = min(max(1, _round_up(corrected)), population)
    wanted = _round_up(n / rate)
    return SampleSize(
        n,
        min(wanted, population),
        unlimited,
        ministry_size(population, margin=margin),
        wanted <= population,
    )


def ministry_size(population: int, *, margin: float = 0.05) -> int:
    """The formula of the Ministry of Home Affairs' guidance of 2013: n = N/(1 + N e²), rounded up.

    Known as Yamane's or Slovin's formula. It is Cochran's with p = 0.5 and z = 2 instead of 1.96
    (and N - 1 taken as N), so it asks for slightly more; it knows neither design effect nor
    response rate. Shown beside :func:`required_size` for those who must follow the guidance.

    Raises ValueError as :func:`required_size`.

    Reference: Yamane (1967), *Statistics, An Introductory Analysis*, 2nd ed., p. 886.

    >>> ministry_size(60), ministry_size(2000)
    (53, 334)
    """
    _check_proportion("margin", margin)
    _check_population(population)
    return min(_round_up(population / (1 + population * margin**2)), population)


def expected_margin(
    n: int,
    *,
    population: int | None = None,
    share: float = 0.5,
    design_effect: float = 1.0,
    confidence: float = CONFIDENCE,
) -> float:
    """The half-width that n answers give: :func:`required_size` solved for the margin.

    ``e = z √(deff p(1-p)/n · (N - n)/(N - 1))``; 0 in a census.

    A figure for planning: near 0 and 1 the interval of the result is not symmetrical.
    Raises ValueError for n < 1, n above the population, and as :func:`required_size`.

    >>> round(expected_margin(45, population=60), 4), round(expected_margin(384), 4)
    (0.0737, 0.05)
    """
    if n < 1:
        raise ValueError("a margin needs at least one answer")
    _check_population(population)
    if population is not None and n > population:
        raise ValueError(f"population {population} is smaller than the sample {n}")
    left = 1.0
    if population is not None:
        left = (population - n) / (population - 1) if population > 1 else 0.0
    return math.sqrt(_unit_variance(share, design_effect, confidence) / n * left)


def progress_to(
    valid: int,
    required: int,
    *,
    population: int | None = None,
    share: float = 0.5,
    design_effect: float = 1.0,
    response_rate: float | None = None,
    confidence: float = CONFIDENCE,
) -> Progress:
    """How many more answers a unit needs to have ``required``; arguments: :func:`required_size`.

    Raises ValueError for a negative number of answers, a target below 1 and as
    :func:`expected_margin`: more answers than the population are a wrong population.

    >>> found = progress_to(31, 45, population=60, response_rate=0.8)
    >>> found.missing, found.to_issue, round(found.share, 2), round(found.margin, 3)
    (14, 18, 0.69, 0.123)
    """
    if valid < 0:
        raise ValueError("a number of answers cannot be negative")
    if required < 1:
        raise ValueError("a target is at least one answer")
    reached = None
    if valid:
        reached = expected_margin(
            valid,
            population=population,
            share=share,
            design_effect=design_effect,
            confidence=confidence,
        )
    missing = max(required - valid, 0)
    return Progress(
        valid,
        required,
        missing,
        _round_up(missing / _checked_rate(response_rate)),
        min(valid / required, 1.0),
        reached,
    )


def sheets_to_issue(
    required: int, *, population: int | None = None, response_rate: float | None = None
) -> int:
    """Sheets to issue so that ``required`` come back: required / response rate, rounded up, never
    more than the population. Raises ValueError as :func:`required_size`.

    >>> sheets_to_issue(323, population=2000, response_rate=0.8)
    404
    """
    wanted = _round_up(required / _checked_rate(response_rate))
    return wanted if population is None else min(wanted, population)


def joint_margin(margins: Sequence[float], populations: Sequence[int]) -> float:
    """The half-width of a share over all strata from those of each, weighted by population.

    ``e = sqrt(sum (N_h/N)^2 e_h^2)``. Assumptions: independent samples in the strata, and a result
    that is weighted by dossiers. Raises ValueError where the two differ in length, for no stratum
    and for a population below 1.

    Reference: Cochran (1977), §5.4.

    >>> round(joint_margin([0.05, 0.05], [1000, 1000]), 4)
    0.0354
    """
    if not margins or len(margins) != len(populations):
        raise ValueError("as many margins as populations are needed, and one at least")
    for population in populations:
        _check_population(population)
    whole = sum(populations)
    squares = (
        (population / whole * margin) ** 2
        for margin, population in zip(margins, populations, strict=True)
    )
    return math.sqrt(sum(squares))


def _unit_variance(share: float, design_effect: float, confidence: float) -> float:
    """deff z² p(1-p)."""
    from scipy.special import ndtri

    _check_proportion("share", share)
    _check_proportion("confidence", confidence)
    if not (design_effect > 0 and math.isfinite(design_effect)):
        raise ValueError(f"design effect {design_effect} is not positive")
    z = float(ndtri((1 + confidence) / 2))
    return design_effect * z * z * share * (1 - share)


def _check_proportion(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} {value} is not between 0 and 1")


def _checked_rate(response_rate: float | None) -> float:
    """The response rate, 1 where every sheet is expected back."""
    if response_rate is None:
        return 1.0
    if not 0 < response_rate <= 1:
        raise ValueError(f"response rate {response_rate} is not in 0..1")
    return response_rate


def _check_population(population: int | None) -> None:
    if population is not None and population < 1:
        raise ValueError("a population has at least one member")


def _round_up(value: float) -> int:
    return math.ceil(value - _ROUNDING * max(value, 1.0))
