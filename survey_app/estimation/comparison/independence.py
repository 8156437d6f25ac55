"""Whether two questions go together: Pearson's chi-square test, with Cochran's rule."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

#: Cochran's rule: at most this share of expected counts under SMALL_EXPECTED, none under 1.
MOST_SMALL = 0.2
SMALL_EXPECTED = 5.0


@dataclass(frozen=True)
class IndependenceTest:
    """Pearson's test of one table of ``n`` people.

    p_value: in 0..1. cramers_v: strength of the association, 0..1. small_cells: expected counts
    under 5, of ``cells``; smallest_expected: the least of them.
    """

    statistic: float
    df: int
    p_value: float
    cramers_v: float
    n: int
    cells: int
    small_cells: int
    smallest_expected: float

    @property
    def is_reliable(self) -> bool:
        """Whether the chi-square distribution may be trusted (Cochran's rule)."""
        return self.smallest_expected >= 1 and self.small_cells <= MOST_SMALL * self.cells


def pearson_test(counts: ArrayLike) -> IndependenceTest | None:
    """Pearson's chi-square test of a cross table; None where there is nothing to compare.

        E_ij = R_i C_j / n,   X² = Σ (n_ij - E_ij)²/E_ij,   df = (r - 1)(c - 1)
        V = √( X² / (n · min(r - 1, c - 1)) )

    counts: shape (rows, columns), whole numbers. Rows and columns of nobody are left out; fewer
    than two of either leave nothing to compare. No finite population correction: whether groups
    differ is a question beyond this period's dossiers. No correction for continuity.

    Assumptions: each person in one cell, sheets independent; expected counts as Cochran's rule
    wants them (``is_reliable``).
    Raises ValueError for negative counts and for counts without two dimensions.

    References: Pearson (1900), Phil. Mag. 50, 157-175; Cochran (1954), Biometrics 10, 417-451
    (small expected counts); Cramér (1946), *Mathematical Methods of Statistics*, §21.9.

    >>> found = pearson_test([[20, 30, 0], [30, 20, 0]])
    >>> found.statistic, found.df, round(found.p_value, 4), found.cramers_v
    (4.0, 1, 0.0455, 0.2)
    """
    from scipy.special import chdtrc

    n = np.asarray(counts, dtype=np.float64)
    if n.ndim != 2 or (n < 0).any():
        raise ValueError("a cross table has rows and columns of counts")
    n = n[n.sum(axis=1) > 0]
    n = n[:, n.sum(axis=0) > 0]
    if min(n.shape) < 2:
        return None
    total = float(n.sum())
    expected = np.outer(n.sum(axis=1), n.sum(axis=0)) / total
    statistic = float(((n - expected) ** 2 / expected).sum())
    df = (n.shape[0] - 1) * (n.shape[1] - 1)
    return IndependenceTest(
        statistic=statistic,
        df=df,
        p_value=float(chdtrc(df, statistic)),
        cramers_v=float(np.sqrt(statistic / (total * (min(n.shape) - 1)))),
        n=round(total),
        cells=n.size,
        small_cells=int((expected < SMALL_EXPECTED).sum()),
        smallest_expected=float(expected.min()),
    )
