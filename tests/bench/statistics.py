"""How fast the whole table of estimates is, as a ratio to the bare counting it cannot do without.

Both in one run, on the same arrays: 22 questions in 5 factors, 200 units (each a stratum of 10
clusters), unequal weights. The bare arm is one weighted ``numpy.bincount`` for the answers and one
for the scores of each question over (unit, cluster). Ours gives every question, factor and index
of every unit with standard error, df, design effect and default interval.

``python -m tests.bench.statistics [--rows N ...] [--json FILE]``
"""

import argparse
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.design_interval import table_intervals
from survey_app.estimation.complex_sample.items import AnswerRule, encode_item
from survey_app.estimation.complex_sample.survey_design import SurveyDesign, make_design
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.complex_sample.table_results import Criteria, EstimateTable

UNITS, CLUSTERS = 200, 2_000
FACTORS = {"A": 4, "B": 5, "C": 4, "D": 5, "E": 4}
QUESTIONS = sum(FACTORS.values())
RUNS = 9

Answers = NDArray[np.float64]


def make_survey(rows: int) -> tuple[Answers, NDArray[np.int64], NDArray[np.float64]]:
    """Answers 0..5 (0 = not applicable), shape (questions, rows); clusters; weights."""
    rng = np.random.default_rng(7)
    cluster = rng.integers(0, CLUSTERS, rows)
    person = rng.normal(0, 0.7, rows) + rng.normal(0, 0.3, CLUSTERS)[cluster]
    answers = np.empty((QUESTIONS, rows))
    for k in range(QUESTIONS):
        answers[k] = np.clip(np.round(4.1 + person + rng.normal(0, 0.7, rows)), 1, 5)
        answers[k, rng.random(rows) < (0.4 if k >= 18 else 0.03)] = 0
    return answers, cluster, rng.uniform(5, 50, rows)


def bare_counting(
    satisfied: NDArray[np.bool_],
    answered: NDArray[np.bool_],
    cell: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> float:
    """The sums nobody can do without: shape (cells, questions), twice."""
    total = 0.0
    for s, a in zip(satisfied, answered, strict=True):
        total += float(np.bincount(cell, weights * s, CLUSTERS)[0])
        total += float(np.bincount(cell, weights * a, CLUSTERS)[0])
    return total


def whole_table(design: SurveyDesign, criteria: Criteria) -> EstimateTable:
    table = estimate_table(design, criteria, domain=design.strata, domains=UNITS)
    table_intervals(table)
    return table


def from_columns(
    answers: Answers, cluster: NDArray[np.int64], weights: NDArray[np.float64]
) -> EstimateTable:
    """Everything, beginning with columns of numbers as a file is read."""
    return whole_table(*prepare(answers, cluster, weights))


def prepare(
    answers: Answers, cluster: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[SurveyDesign, Criteria]:
    strata = cluster // (CLUSTERS // UNITS)
    design = make_design(len(cluster), weights=weights, strata=strata, clusters=cluster)
    names = [f"q{k}" for k in range(QUESTIONS)]
    factors, start = {}, 0
    for code, size in FACTORS.items():
        factors[code] = names[start : start + size]
        start += size
    rule = AnswerRule()
    return design, Criteria([encode_item(column, rule) for column in answers], factors)


def seconds(work: Callable[[], object]) -> float:
    """The shortest of some runs, the first left out: what the machine does undisturbed.

    Time of the processor, of all threads, so that other work on the machine does not count.
    """
    work()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def measure(rows: int) -> dict[str, float]:
    answers, cluster, weights = make_survey(rows)
    satisfied, answered = answers >= 4, answers > 0
    design, criteria = prepare(answers, cluster, weights)
    bare = seconds(lambda: bare_counting(satisfied, answered, cluster, weights))
    coded = seconds(lambda: whole_table(design, criteria))
    table = whole_table(design, criteria)
    intervals = seconds(lambda: table_intervals(table))
    everything = seconds(lambda: from_columns(answers, cluster, weights))
    memory = peak_bytes(lambda: from_columns(answers, cluster, weights))
    return {
        "rows": rows,
        "bare_seconds": bare,
        "table_seconds": coded,
        "of_which_intervals": intervals,
        "from_columns_seconds": everything,
        "table_ratio": coded / bare,
        "from_columns_ratio": everything / bare,
        "memory_ratio": memory / answers.nbytes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = []
    for rows in options.rows:
        result = measure(rows)
        found.append(result)
        print(
            f"{rows:>9,} rows: bare counting {result['bare_seconds'] * 1e3:7.1f} ms; "
            f"whole table x{result['table_ratio']:.1f} ({result['table_seconds'] * 1e3:.0f} ms, "
            f"intervals {result['of_which_intervals'] * 1e3:.0f} ms of it); "
            f"from raw columns x{result['from_columns_ratio']:.1f}; "
            f"extra memory x{result['memory_ratio']:.2f} of the answers"
        )
        sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
