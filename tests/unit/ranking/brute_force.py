"""The recipe once more, in plain loops over pairs, sharing no code with the room."""

import math

import numpy as np


def se_of(covariance, j, k):
    return math.sqrt(covariance[j][j] + covariance[k][k] - 2 * covariance[j][k])


def t_of(estimates, covariance, j, k):
    return (estimates[j] - estimates[k]) / se_of(covariance, j, k)


def ordered_pairs(p):
    return [(j, k) for j in range(p) for k in range(p) if j != k]


def quantile(covariance, pairs, *, confidence=0.95, draws=100_000, seed=7):
    """Of the maximum over ordered pairs of (Z_j - Z_k)/se_jk, every pair computed."""
    random = np.random.default_rng(seed)
    centre = np.zeros(len(covariance))
    z = random.multivariate_normal(centre, covariance, draws, method="svd")
    columns = [(z[:, j] - z[:, k]) / se_of(covariance, j, k) for j, k in pairs]
    return float(np.quantile(np.max(columns, axis=0), confidence))


def stepdown_quantile(estimates, covariance):
    """c of the last round, and the ordered pairs rejected by then."""
    remaining = ordered_pairs(len(estimates))
    while True:
        c = quantile(covariance, remaining)
        rejected = {pair for pair in remaining if t_of(estimates, covariance, *pair) > c}
        if not rejected:
            return c
        remaining = [pair for pair in remaining if pair not in rejected]


def holm_rejections(estimates, covariance, alpha=0.05):
    """By p-values, not by critical values."""
    p = len(estimates)
    unordered = [(j, k) for j, k in ordered_pairs(p) if j < k]
    statistics = {pair: t_of(estimates, covariance, *pair) for pair in unordered}
    p_values = {pair: math.erfc(abs(t) / math.sqrt(2)) for pair, t in statistics.items()}
    rejected = set()
    for place, pair in enumerate(sorted(unordered, key=p_values.__getitem__)):
        if p_values[pair] >= alpha / (len(unordered) - place):
            break
        rejected.add(pair if statistics[pair] > 0 else pair[::-1])
    return rejected


def rejections(estimates, covariance, c):
    pairs = ordered_pairs(len(estimates))
    return {pair for pair in pairs if t_of(estimates, covariance, *pair) > c}


def sets_from(rejected, p):
    """rejected: ordered pairs (j, k) with j significantly above k."""
    return [
        (1 + sum(k == unit for _, k in rejected), p - sum(j == unit for j, _ in rejected))
        for unit in range(p)
    ]
