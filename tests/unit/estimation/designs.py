"""Random surveys of every kind of design, and plain row-by-row formulas to check against."""

import numpy as np
from hypothesis import strategies as st

from survey_app.estimation.complex_sample.items import AnswerRule, encode_item
from survey_app.estimation.complex_sample.survey_design import make_design
from survey_app.estimation.complex_sample.table_results import Criteria

FACTORS = {"F1": ["q1", "q2"], "F2": ["q3"], "F3": ["q4", "q5"]}
QUESTIONS = [name for names in FACTORS.values() for name in names]
FORMS = ("criteria_mean", "factor_mean", "weighted", "pooled", "comprehensive")
FACTOR_WEIGHTS = (1.0, 3.0, 0.5)


def make_survey(seed, kind, *, rows=60, lonely="adjust", gaps=0.25, zeros=0.05):
    """The columns of one survey: answers, and the arguments of make_design."""
    rng = np.random.default_rng(seed)
    strata = rng.integers(0, 3, rows)
    clusters = rng.integers(0, 5, rows)
    weights = rng.uniform(1, 9, rows) * (rng.random(rows) >= zeros)
    weights[0] = 1.0
    answers = rng.choice([1.0, 2, 3, 4, 4, 5, 5, 5], (len(QUESTIONS), rows))
    answers[rng.random(answers.shape) < gaps] = np.nan
    answers[:, 0] = 4.0
    design = {"lonely_psu": lonely}
    if kind != "simple":
        design |= {"weights": weights, "strata": strata}
    if kind in ("clusters", "one correction", "two stages"):
        design["clusters"] = clusters
    if kind in ("one correction", "two stages"):
        design["population_clusters"] = np.array([6, 9, 5])[strata]
    if kind == "two stages":
        design["population_members"] = 60 + 7 * clusters + strata
    if kind == "stratified, corrected":
        design["population_members"] = np.array([60, 90, 80])[strata]
    if kind == "simple, corrected":
        design = {"population_members": np.full(rows, 75), "lonely_psu": lonely}
    return answers, design


KINDS = (
    "simple",
    "simple, corrected",
    "stratified",
    "stratified, corrected",
    "clusters",
    "one correction",
    "two stages",
)


def build(answers, design, item="top2"):
    rule = AnswerRule(item=item)
    items = [encode_item(column, rule) for column in answers]
    criteria = Criteria(items, FACTORS, rule.is_share, FACTOR_WEIGHTS)
    return make_design(answers.shape[1], **design), criteria


def scores_of(answers, item):
    scores = answers / 5 if item == "mean" else (answers >= 4).astype(float)
    return np.where(np.isnan(answers), np.nan, scores)


def linearise_by_hand(answers, weights, inside, item):
    """Value and u_i of every column, straight from the definitions; no zeros in any sum."""
    scores = scores_of(answers, item)
    a = ~np.isnan(scores) * inside
    s = np.where(a > 0, scores, 0.0) * inside
    total = (weights * a).sum(axis=1)
    ratio = (weights * s).sum(axis=1) / total
    z = (s - ratio[:, None] * a) / total[:, None]
    of = np.repeat(np.arange(3), [2, 1, 2])
    columns = [(r, row) for r, row in zip(ratio, z, strict=True)]
    factors = [(ratio[of == f].mean(), z[of == f].mean(axis=0)) for f in range(3)]
    columns += factors
    columns.append((ratio.mean(), z.mean(axis=0)))
    for shares in (np.full(3, 1 / 3), np.array(FACTOR_WEIGHTS) / sum(FACTOR_WEIGHTS)):
        value = sum(c * factor[0] for c, factor in zip(shares, factors, strict=True))
        columns.append((value, sum(c * f[1] for c, f in zip(shares, factors, strict=True))))
    pooled = (weights * s).sum() / total.sum()
    columns.append((pooled, (s.sum(axis=0) - pooled * a.sum(axis=0)) / total.sum()))
    if item == "top2":
        any_answer = a.any(axis=0)
        full = any_answer & ~((a > 0) & (s == 0)).any(axis=0)
        share = (weights * full).sum() / (weights * any_answer).sum()
        row = (full - share * any_answer) / (weights * any_answer).sum()
        columns.append((share, row))
    values = np.array([value for value, _ in columns])
    return values, np.column_stack([weights * row for _, row in columns])


seeds = st.integers(0, 2**32 - 1)
kinds = st.sampled_from(KINDS)
