"""The typed results of every estimator: Interval, Estimate and why a figure may be missing."""

from dataclasses import dataclass
from enum import StrEnum


class IntervalMethod(StrEnum):
    HYPERGEOMETRIC = "hypergeometric"
    WILSON = "wilson"
    LOGIT_T = "logit-t"
    BOUNDARY = "boundary"  # exact one-sided bound where an index is 0 or 1 in the sample
    CENSUS = "census"  # everybody answered: nothing left to estimate
    KORN_GRAUBARD = "korn-graubard"  # Clopper-Pearson at the effective sample size, at most n
    BETA = "beta"  # the same without the bound n, as R's survey::svyciprop
    CLOPPER_PEARSON = "clopper-pearson"
    JEFFREYS = "jeffreys"
    AGRESTI_COULL = "agresti-coull"
    LOGIT = "logit"  # LOGIT_T under the name analysis plans use
    MEAN = "mean"  # value ± t SE
    NEWCOMBE = "newcombe"  # difference of two independent proportions
    MOVER = "mover"  # difference from the intervals of two independent estimates
    BOOTSTRAP = "bootstrap"  # percentiles of replicates


class Reason(StrEnum):
    """Why a figure is not given."""

    TOO_FEW = "too_few"  # fewer answers than the minimum base
    NO_ANSWER = "no_answer"  # nobody answered
    SUPPRESSED = "suppressed"  # hidden to protect a small group
    ONE_ANSWER = "one_answer"  # one answer has no standard error
    TOO_FEW_CLUSTERS = "too_few_clusters"  # no degree of freedom: clusters do not outnumber strata
    LONELY_CLUSTERS = "lonely_clusters"  # every stratum has one cluster: nothing to average
    CENSUS = "census"  # everybody was asked: SE 0, no interval
    NO_SPREAD = "no_spread"  # what is missing is not defined where nobody differs


@dataclass(frozen=True)
class Interval:
    """A confidence interval; ``low`` and ``high`` are proportions in 0..1."""

    low: float
    high: float
    method: IntervalMethod
    confidence: float = 0.95


@dataclass(frozen=True)
class Estimate:
    """An estimated proportion or index.

    ``value``, ``standard_error`` and the interval are proportions in 0..1, never percent.
    ``n`` counts the respondents it rests on. What is undefined is None, and ``reason`` says why.
    ``is_census``: the whole population answered, so the standard error is exactly 0 and there is
    no interval; a page says "toàn bộ" where the interval would stand.
    """

    value: float | None
    n: int
    standard_error: float | None = None
    df: float | None = None
    interval: Interval | None = None
    reason: Reason | None = None
    is_census: bool = False

    @classmethod
    def missing(cls, reason: Reason, n: int = 0) -> "Estimate":
        return cls(value=None, n=n, reason=reason)
