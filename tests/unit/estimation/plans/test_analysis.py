"""Evaluating a plan: the document, rows and domains, comparisons, and refusals."""

import json
import subprocess
import sys

import numpy as np
import pytest

from survey_app.estimation.plans.analysis import analyse
from survey_app.estimation.plans.plan import Comparison, Plan, describe_condition, fits

NAN = float("nan")
FACTORS = {"F1": ["q1", "q2"], "F2": ["q3"]}
KEYS = {"estimate", "standard_error", "df", "n", "excluded", "deff", "interval", "intervals"}


def columns(rows=80, seed=5):
    rng = np.random.default_rng(seed)
    answers = {name: rng.choice([1.0, 3, 4, 5, 5, 5, 0, NAN], rows) for name in ("q1", "q2", "q3")}
    return answers | {
        "sex": rng.choice(["F", "M"], rows),
        "age_group": rng.choice(["18-34", "65+"], rows),
        "year": np.repeat([2025.0, 2026.0], rows // 2),
        "stratum": rng.choice(["Đô thị", "Nông thôn"], rows),
        "commune": rng.integers(1, 6, rows),
        "weight": rng.uniform(1, 5, rows),
        "N": np.full(rows, 400.0),
    }


CLUSTERED = {"weight": "weight", "strata": "stratum", "clusters": "commune"}


def test_the_document_is_json_of_the_promised_form():
    plan = Plan(
        factors=FACTORS,
        **CLUSTERED,
        where={"year": 2026},
        domains=[{"sex": "F"}, {"sex": "M"}, {"age_group": "65+"}],
        compare=Comparison("year", 2025, 2026, same_clusters=True),
        intervals=("default", "logit", "wilson", "clopper-pearson", "beta", "mean"),
    )
    document = analyse(plan, columns()).to_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert set(document) == {"design", "estimates", "domains", "compare"}
    assert {"n", "strata", "clusters", "df"} <= set(document["design"])
    assert list(document["domains"]) == ["sex=F", "sex=M", "age_group=65+"]
    assert document["compare"]["questions"]["q1"]["reason"] == "method_undefined"
    for part in (document["estimates"], *document["domains"].values(), document["compare"]):
        assert list(part["questions"]) == ["q1", "q2", "q3"]
        assert list(part["factors"]) == ["F1", "F2"]
        assert list(part["overall"]) == ["criteria_mean", "factor_mean", "pooled"]
    figure = document["estimates"]["questions"]["q1"]
    assert set(figure) == KEYS
    assert set(figure["interval"]) == {"method", "low", "high"}
    assert figure["interval"]["method"] == "korn-graubard"
    assert list(figure["intervals"]) == list(plan.intervals)
    assert figure["intervals"]["default"] == [
        figure["interval"]["low"],
        figure["interval"]["high"],
    ]
    assert set(document["compare"]["questions"]["q1"]) == KEYS | {"p_value", "reason"}
    assert document["compare"]["overall"]["pooled"]["interval"]["method"] == "mean"


def test_the_default_follows_the_design():
    data = columns()
    figures = {
        "wilson": analyse(Plan(FACTORS), data),
        "hypergeometric": analyse(Plan(FACTORS, population_members="N"), data),
        "korn-graubard": analyse(Plan(FACTORS, strata="stratum"), data),
    }
    for method, found in figures.items():
        assert found.estimates.questions["q1"].method == method
        assert found.estimates.overall["pooled"].method == "logit"
    mean = analyse(Plan(FACTORS, item="mean"), data).estimates.questions["q1"]
    assert mean.method == "logit"


def test_what_is_undefined_is_null_with_a_reason():
    data = {"q1": np.array([5.0, 5, 5, 4]), "q2": np.full(4, NAN), "q3": np.array([NAN, 5, NAN, 0])}
    plan = Plan(FACTORS, intervals=("default", "logit", "beta", "mean"))
    document = analyse(plan, data).to_document()["estimates"]["questions"]
    assert document["q1"]["reason"] == "no_spread"
    assert document["q1"]["intervals"]["logit"] is None
    assert document["q1"]["interval"]["low"] > 0
    assert document["q2"]["reason"] == "no_answer"
    assert document["q2"]["estimate"] is None
    assert document["q2"]["excluded"] == 4
    assert document["q3"]["reason"] == "one_answer"
    assert document["q3"]["standard_error"] is None


def test_where_chooses_rows_and_domains_keep_clusters():
    data = columns()
    only = {name: values[data["year"] == 2026] for name, values in data.items()}
    plan = Plan(FACTORS, **CLUSTERED, domains=[{"sex": "F"}])
    found = analyse(plan, only)
    chosen = Plan(FACTORS, **CLUSTERED, domains=[{"sex": "F"}], where={"year": "2026"})
    assert analyse(chosen, data).to_document() == found.to_document()
    women = {name: values[only["sex"] == "F"] for name, values in only.items()}
    women["commune"] = women["commune"] + 0.0
    assert found.domains["sex=F"].questions["q1"].n == sum(np.isin(women["q1"], [1, 2, 3, 4, 5]))


def test_domains_that_overlap():
    data = columns()
    many = Plan(FACTORS, domains=[{"sex": "F"}, {"sex": "F", "age_group": "65+"}, {"sex": "M"}])
    found = analyse(many, data)
    assert list(found.domains) == ["sex=F", "sex=F,age_group=65+", "sex=M"]
    for domain in many.domains:
        alone = analyse(Plan(FACTORS, domains=[domain]), data)
        name = describe_condition(domain)
        assert alone.domains[name].to_document() == found.domains[name].to_document()


def test_the_same_clusters_lend_a_difference_their_covariance():
    rng = np.random.default_rng(2)
    commune = np.tile(np.repeat(np.arange(30), 8), 2)
    level = 4 + rng.normal(0, 1, 30)[commune] + rng.normal(0, 0.6, len(commune))
    data = {
        "q1": np.clip(np.round(level), 1, 5),
        "commune": commune,
        "year": np.repeat([2025, 2026], 240),
    }
    figures = {}
    for same in (True, False):
        compare = Comparison("year", "2025", "2026", same_clusters=same)
        plan = Plan({"F1": ["q1"]}, clusters="commune", where={"year": 2026}, compare=compare)
        figures[same] = analyse(plan, data).compare.questions["q1"]
    assert figures[True].estimate == figures[False].estimate
    assert figures[True].standard_error < 0.6 * figures[False].standard_error
    assert (figures[True].df, figures[False].df) == (29, 58)
    assert figures[True].n == 480


def test_a_wave_keeps_the_weights_its_own_populations_give():
    data = {
        "q1": np.array([5.0, 5, 1, 1, 5, 1, 1]),
        "stratum": np.array([1, 1, 2, 2, 1, 2, 2]),
        "N": np.array([10.0, 10, 90, 90, 10, 90, 90]),
        "year": np.array([2025] * 4 + [2026] * 3),
    }
    plan = Plan(
        {"F1": ["q1"]},
        strata="stratum",
        population_members="N",
        where={"year": 2026},
        compare=Comparison("year", 2025, 2026),
    )
    found = analyse(plan, data)
    assert found.estimates.questions["q1"].estimate == pytest.approx(0.1)
    assert found.compare.questions["q1"].estimate == pytest.approx(0.0)


def test_waves_may_have_other_populations_unless_they_correct_the_comparison():
    data = columns() | {"N_h": np.repeat([9.0, 11.0], 40), "M": np.repeat([90.0, 95.0], 40)}
    counts = {"population_clusters": "N_h", "population_members": "M", "where": {"year": 2026}}
    compare = Comparison("year", 2025, 2026, same_clusters=True)
    found = analyse(Plan(FACTORS, **CLUSTERED, **counts, compare=compare), data)
    assert found.compare.questions["q1"].standard_error > 0
    corrected = Comparison("year", 2025, 2026, same_clusters=True, corrected=True)
    with pytest.raises(ValueError, match="two counts within one stratum"):
        analyse(Plan(FACTORS, **CLUSTERED, **counts, compare=corrected), data)
    data["N_h"], counts["population_members"] = np.full(80, 9.0), None
    less = analyse(Plan(FACTORS, **CLUSTERED, **counts, compare=corrected), data)
    ours, plain = less.compare.questions["q1"], found.compare.questions["q1"]
    assert ours.standard_error < plain.standard_error


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"weight": "pw"}, "no column 'pw'"),
        ({"where": {"year": 1999}}, "no row has year=1999"),
        ({"compare": Comparison("year", 1999, 2026)}, "no row has year=1999"),
        ({"factors": {"F1": []}}, "names no question"),
        ({"satisfied": [4], "maximum": 4}, "q1: the answer 5 is neither"),
        ({"intervals": ["wald"]}, "unknown interval 'wald'"),
        ({"confidence": 95}, "confidence 95"),
        ({"strata": "short"}, "'short' has 2 rows"),
    ],
)
def test_what_cannot_be_is_refused(plan, message):
    data = columns() | {"short": np.array([1, 2])}
    with pytest.raises(ValueError, match=message):
        analyse(Plan(**({"factors": FACTORS} | plan)), data)


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="no rows"):
        analyse(Plan({"F1": ["q1"]}), {"q1": np.array([])})


def test_conditions_compare_numbers_as_numbers_and_texts_as_texts():
    table = {
        "year": np.array([2025, 2026]),
        "code": np.array(["01", "1"]),
        "mixed": np.array([2026.0, "2026"], dtype=object),
    }
    assert fits(table, {"year": [2025, "2026"]}, 2).tolist() == [True, True]
    assert fits(table, {"year": "soon"}, 2).tolist() == [False, False]
    assert fits(table, {"code": 1}, 2).tolist() == [False, True]
    assert fits(table, {"mixed": 2026}, 2).tolist() == [True, True]


def test_importing_the_analysis_does_not_import_scipy():
    code = "import sys, survey_app.estimation.plans.analysis; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
