"""Every figure of every kind of design against R's package survey (numbers made beforehand)."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from survey_app.estimation.plans.analysis import analyse
from survey_app.estimation.plans.plan import Comparison, Plan

FOLDER = Path(__file__).with_name("data")
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
NUMBERS = {case["name"]: case for case in json.loads((FOLDER / "numbers.json").read_text("utf-8"))}
RELATIVE = 1e-9
#: Columns that are texts even where they look like numbers.
TEXTS = ("sex", "age_group", "stratum", "district", "stype")


def read_columns(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    columns = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    return {
        name: np.array(cells)
        if name in TEXTS
        else np.array([float(cell) if cell else np.nan for cell in cells])
        for name, cells in columns.items()
    }


def make_plan(document):
    """The plan as its file says it."""
    plan = dict(document)
    answers, population = plan.pop("answers", {}), plan.pop("population", {})
    compare = plan.pop("compare", None)
    if compare:
        compare = dict(compare)
        plan["compare"] = Comparison(from_=compare.pop("from"), **compare)
    return Plan(
        **plan,
        **answers,
        population_clusters=population.get("clusters"),
        population_members=population.get("members"),
    )


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case["name"])
def case(request):
    plan = make_plan(request.param["plan"])
    found = analyse(plan, read_columns(request.param["file"])).to_document()
    return found, NUMBERS[request.param["name"]]


def agrees(ours, theirs, what):
    if theirs is None or theirs == {}:
        return
    assert ours is not None, what
    assert ours == pytest.approx(theirs, rel=RELATIVE, abs=1e-14), what


def compare_figures(ours, theirs, what):
    for name in ("estimate", "df", "n", "standard_error", "deff"):
        if theirs.get("df", 1) < 1 and name in ("standard_error", "deff"):
            assert ours[name] is None
            continue
        if theirs.get("standard_error") == 0 and name == "deff":
            continue
        agrees(ours[name], theirs.get(name), f"{what} {name}")
    if not theirs.get("standard_error") or theirs["estimate"] in (0, 1) or theirs["df"] < 1:
        return
    for method, bounds in theirs.get("intervals", {}).items():
        agrees(ours["intervals"][method], bounds, f"{what} {method}")


def compare_all(ours, theirs, what):
    for part in ("questions", "factors", "overall"):
        for name, figure in theirs[part].items():
            compare_figures(ours[part][name], figure, f"{what} {part} {name}")


def test_estimates(case):
    ours, theirs = case
    compare_all(ours["estimates"], theirs["estimates"], "all")


def test_domains(case):
    ours, theirs = case
    for name, figures in theirs.get("domains", {}).items():
        compare_all(ours["domains"][name], figures, name)


def test_differences(case):
    ours, theirs = case
    for name, figure in theirs.get("compare", {}).items():
        found = next(part[name] for part in ours["compare"].values() if name in part)
        for number in ("estimate", "standard_error", "df", "p_value"):
            agrees(found[number], figure[number], f"{name} {number}")


def test_all_kinds_of_designs_are_there():
    assert set(NUMBERS) == {case["name"] for case in CASES}
    assert len(CASES) >= 30
