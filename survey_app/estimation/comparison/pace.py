"""Pace: which counts are behind where they should be by now, by more than chance."""

from collections.abc import Sequence

from survey_app.estimation.comparison.comparisons import binomial_tail, holm

LEVEL = 0.05
#: At least so much of what was due must be missing before anybody is called late on the way.
MARGIN = 0.2


def find_late(counts: Sequence[int], required: Sequence[int], share: float) -> tuple[bool, ...]:
    """Which units are late when ``share`` of the period (0..1) is over.

    ``counts``: sheets received; ``required``: sheets needed by the end of the period, above 0.

    A unit that will just get its m sheets by the end, each arriving at a time of its own, anywhere
    in the period alike, has Bin(m, s) of them when the share s is over. So the p-value is exact::

        p_i = P( Bin(m_i, s) <= y_i )

    adjusted by Holm for all units of the list. A unit is late at an adjusted p of 5 % at most, if
    it also has less than 80 % of the m_i s that were due: with many sheets every small difference
    would be "significant". When the period is over (s = 1) whoever has fewer than m_i is late.

    Assumptions: sheets come one by one, independently, at the same rate throughout; groups that
    answer together and quiet weeks make counts vary more. 5 % is the chance that one look at the
    list calls any unit late that is not; looking every day gives more of them.
    Raises ValueError for a share outside 0..1, counts below 0, required not above 0.

    References: Clopper & Pearson (1934), Biometrika 26, 404-413 (the exact binomial tail; R:
    ``binom.test(y, m, s, alternative = "less")``); Holm (1979).

    >>> find_late([20, 40, 55], [100, 100, 100], 0.5)
    (True, False, False)
    """
    if not 0 <= share <= 1:
        raise ValueError("the share of a period lies in 0..1")
    if any(count < 0 for count in counts) or any(needed <= 0 for needed in required):
        raise ValueError("counts are not negative, and something is required")
    pairs = list(zip(counts, required, strict=True))
    tails = [binomial_tail(count, needed, share) for count, needed in pairs]
    adjusted = holm(tails)
    return tuple(
        p_value is not None
        and p_value <= LEVEL
        and (share == 1 or count < (1 - MARGIN) * needed * share)
        for (count, needed), p_value in zip(pairs, adjusted, strict=True)
    )
