"""Sampling designs: how the respondents were drawn, and so how much a total would vary.

Every estimator of this room hands a design one linearised variable and gets one variance back.
A further design is a further class with the same attributes and the same ``variance_of_total``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class SimpleRandomSample:
    """n respondents drawn with equal probability, without replacement, from ``population``.

    ``population`` None: not known, or taken as unlimited; then there is no finite population
    correction. Raises ValueError when n < 1 or the population is smaller than the sample (the
    number of dossiers must then be wrong).

    >>> SimpleRandomSample(45, population=60).sampling_fraction
    0.75
    """

    n: int
    population: int | None = None

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError("a sample needs at least one respondent")
        if self.population is not None and self.population < self.n:
            raise ValueError(
                f"population {self.population} is smaller than the sample {self.n}: "
                "the number of dossiers cannot be right"
            )

    @property
    def is_census(self) -> bool:
        """Whether the whole population answered."""
        return self.population == self.n

    @property
    def sampling_fraction(self) -> float:
        """f = n / N; 0 when the population is not known."""
        return self.n / self.population if self.population else 0.0

    @property
    def df(self) -> float:
        """Degrees of freedom of the variance: n - 1."""
        return float(self.n - 1)

    def variance_of_total(self, u: ArrayLike, *, repeats: ArrayLike | None = None) -> float:
        """The estimated variance of ``Σ u_i``.

        ``V = (1 - n/N) · n/(n-1) · Σ (u_i - ū)²``; exactly 0 in a census.

        u: shape (n,), one linearised contribution per respondent, its weight included. With
        ``repeats``, shape (m,), u has one value for each group of ``repeats`` respondents who
        share it: a tally needs five values for any number of sheets.
        Raises ValueError when u is not one value per respondent, or when n = 1 in a larger
        population: one answer shows no spread.

        Reference: Särndal, Swensson, Wretman (1992), *Model Assisted Survey Sampling*, §5.5.

        >>> SimpleRandomSample(4, population=8).variance_of_total([0.1, -0.1, 0.1, -0.1])
        0.026666666666666672
        """
        values = np.asarray(u, dtype=np.float64)
        counts = np.ones_like(values) if repeats is None else np.asarray(repeats, dtype=np.float64)
        if values.shape != counts.shape or counts.sum() != self.n:
            raise ValueError(f"u must stand for exactly n = {self.n} respondents")
        if self.is_census:
            return 0.0
        if self.n == 1:
            raise ValueError("one respondent has no variance")
        deviations = values - counts @ values / self.n
        spread = float(counts @ deviations**2)
        return (1 - self.sampling_fraction) * self.n / (self.n - 1) * spread
