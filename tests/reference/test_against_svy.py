"""A second opinion on generated surveys: the package svy, where it is right.

svy is no dependency of the house: without it these tests are skipped. ``pip install svy`` in a
development environment brings them to life. Not asked: indices (svy knows no covariance between
questions), Wilson (its degrees of freedom are corrected twice), the average of lonely clusters
with finite populations.
"""

import numpy as np
import pytest

from survey_app.estimation.plans.analysis import analyse
from survey_app.estimation.plans.plan import Plan

svy = pytest.importorskip("svy")
polars = pytest.importorskip("polars")

RELATIVE = 1e-9
DESIGNS = {
    "weights": ({}, {"weight": "weight"}),
    "strata": ({"stratum": "stratum"}, {"weight": "weight", "strata": "stratum"}),
    "clusters": (
        {"stratum": "stratum", "psu": "commune"},
        {"weight": "weight", "strata": "stratum", "clusters": "commune"},
    ),
    "clusters of finitely many": (
        {"stratum": "stratum", "psu": "commune", "pop_size": "N_h"},
        {
            "weight": "weight",
            "strata": "stratum",
            "clusters": "commune",
            "population_clusters": "N_h",
        },
    ),
    "two stages": (
        {
            "stratum": "stratum",
            "psu": "commune",
            "ssu": "person",
            "pop_size": svy.PopSize(psu="N_h", ssu="M_hi"),
        },
        {
            "weight": "weight",
            "strata": "stratum",
            "clusters": "commune",
            "population_clusters": "N_h",
            "population_members": "M_hi",
        },
    ),
}


def generated(seed):
    """A survey of 4 strata, 3 to 9 communes each, people of uneven weight; blanks and 0s."""
    random = np.random.default_rng(seed)
    columns = {name: [] for name in ("stratum", "commune", "N_h", "M_hi", "weight", "q1", "q2")}
    for h in range(4):
        communes = int(random.integers(3, 10))
        for c in range(communes):
            people = int(random.integers(4, 15))
            members, opinion = people + int(random.integers(1, 200)), random.normal(0, 0.7)
            for _ in range(people):
                levels = np.clip(np.round(random.normal(3.6 + opinion, 1.0, 2)), 1, 5)
                levels[random.random(2) < 0.1] = 0
                columns["stratum"].append(f"S{h}")
                columns["commune"].append(f"S{h}C{c}")
                columns["N_h"].append(float(communes * 3))
                columns["M_hi"].append(float(members))
                columns["weight"].append(float(random.uniform(0.5, 9)))
                columns["q1"].append(float(levels[0]))
                columns["q2"].append(float(levels[1]) if random.random() > 0.05 else np.nan)
    return {name: np.array(values) for name, values in columns.items()}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", DESIGNS)
def test_shares_and_their_intervals(kind, seed):
    theirs, ours = DESIGNS[kind]
    columns = generated(seed)
    methods = ("logit", "korn-graubard")
    plan = Plan(factors={"F1": ("q1", "q2")}, intervals=methods, **ours)
    found = analyse(plan, columns).estimates.questions
    frame = polars.DataFrame(columns).with_row_index("person")
    for question in ("q1", "q2"):
        answered = frame[question].is_not_nan() & (frame[question] > 0)
        asked = frame.with_columns(
            s=((frame[question] >= 4) & answered).cast(polars.Float64),
            a=answered.cast(polars.Int64),
        )
        sample = svy.Sample(asked, svy.Design(wgt="weight", **theirs))
        figure = found[question]
        ratio = sample.estimation.ratio(y="s", x="a").estimates[0]
        assert (figure.estimate, figure.standard_error) == pytest.approx(
            (ratio.est, ratio.se), rel=RELATIVE
        )
        for method in methods:
            shares = sample.estimation.prop("s", where=svy.col("a") == 1, ci_method=method)
            share = next(e for e in shares.estimates if e.y_level == 1)
            # df of those who answered, as in R; svy's own ratio counts everybody.
            assert figure.df == share.df
            assert figure.intervals[method] == pytest.approx((share.lci, share.uci), rel=1e-7)
