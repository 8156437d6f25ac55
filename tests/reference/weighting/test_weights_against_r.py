"""Calibrated weights and their standard errors against R's package survey (see the R script)."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from survey_app.estimation.weighting import Margin, post_stratify, rake

FOLDER = Path(__file__).parent
NUMBERS = json.loads((FOLDER / "numbers.json").read_text(encoding="utf-8"))
with (FOLDER / "sample.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def column(name):
    return np.array([float(row[name]) for row in ROWS])


WEIGHTS, ANSWERED, SATISFIED = column("weight"), column("answered"), column("satisfied")
CLUSTER = column("cluster").astype(int)
STRATUM = np.array([row["stratum"] for row in ROWS])


def margin(name):
    return Margin([row[name] for row in ROWS], NUMBERS["margins"][name])


MARGINS = {name: margin(name) for name in ("sex", "age", "stratum")}


def clustered_variance(u):
    """Σ_h n_h/(n_h - 1) Σ_c (T_hc - mean T_h)²."""
    totals: dict[str, dict[int, float]] = {}
    for value, stratum, cluster in zip(u, STRATUM, CLUSTER, strict=True):
        inside = totals.setdefault(stratum, {})
        inside[cluster] = inside.get(cluster, 0.0) + value
    spread = [np.array(list(inside.values())) for inside in totals.values()]
    return sum(len(t) / (len(t) - 1) * ((t - t.mean()) ** 2).sum() for t in spread)


def simple_variance(u):
    return len(u) / (len(u) - 1) * float(((u - u.mean()) ** 2).sum())


@pytest.mark.parametrize(
    ("name", "calibrate", "variance_of_total"),
    [
        ("post_stratified", lambda: post_stratify(WEIGHTS, MARGINS["age"]), clustered_variance),
        ("post_stratified_simple", lambda: post_stratify(WEIGHTS, MARGINS["sex"]), simple_variance),
        ("raked", lambda: rake(WEIGHTS, MARGINS), clustered_variance),
        ("raked_simple", lambda: rake(WEIGHTS, MARGINS), simple_variance),
    ],
)
def test_weights_and_standard_errors(name, calibrate, variance_of_total):
    expected, found = NUMBERS[name], calibrate()
    w = found.weights
    np.testing.assert_allclose(w, expected["weights"], rtol=1e-9)
    answers = float(w @ ANSWERED)
    ratio = float(w @ SATISFIED) / answers
    assert ratio == pytest.approx(expected["ratio"], rel=1e-9)
    assert w @ SATISFIED == pytest.approx(expected["total"], rel=1e-9)
    z = (SATISFIED - ratio * ANSWERED) / answers
    se = math.sqrt(found.variance(z, variance_of_total))
    assert se == pytest.approx(expected["ratio_se"], rel=1e-9)
    se_total = math.sqrt(found.variance(SATISFIED, variance_of_total))
    assert se_total == pytest.approx(expected["total_se"], rel=1e-9)


def test_raking_as_r_rakes():
    np.testing.assert_allclose(rake(WEIGHTS, MARGINS).weights, NUMBERS["rake_weights"], rtol=1e-8)


def test_unadjusted_numbers_are_of_the_same_design():
    """Guards the variance written here: without calibration it must be R's, too."""
    ratio = float(WEIGHTS @ SATISFIED / (WEIGHTS @ ANSWERED))
    u = WEIGHTS * (SATISFIED - ratio * ANSWERED) / (WEIGHTS @ ANSWERED)
    se = math.sqrt(clustered_variance(u))
    assert se == pytest.approx(NUMBERS["unadjusted"]["ratio_se"], rel=1e-12)
