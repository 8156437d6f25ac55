"""How often the default intervals hold the truth, by simulation. Not part of any test run.

Respondents answer 22 criteria, each satisfied where a + cluster + person + noise > 0; the four
variances make 1, so the true share is Φ(a) and the share of the cluster effect is the intraclass
correlation on that scale. With a finite population the truth is that population's own share.

``python -m tests.reference.coverage [--surveys N]`` prints the table of docs/methodology.md, in
about a minute.
"""

import argparse

import numpy as np
from scipy.special import ndtri

from survey_app.estimation.design_interval import table_intervals
from survey_app.estimation.items import Item
from survey_app.estimation.survey_design import make_design
from survey_app.estimation.table import estimate_table
from survey_app.estimation.table_results import Criteria

QUESTIONS = 22
NAMES = [f"q{k}" for k in range(QUESTIONS)]
#: Variances of cluster and person effects; the rest of 1 is noise of each answer.
CLUSTER, PERSON = 0.08, 0.42
#: n respondents: clusters times respondents in each.
CLUSTERS = {10: (5, 2), 45: (9, 5), 100: (10, 10)}
#: Scores and answers by code: 0 not satisfied, 1 satisfied.
LEVELS = (np.array([0.0, 1.0]), np.array([1.0, 1.0]))
SHARES = (0.80, 0.95, 0.99)


def population(rng, share, clusters, members):
    """Who is satisfied with what: shape (clusters * members, questions)."""
    size = clusters * members
    effect = np.repeat(rng.normal(0, CLUSTER**0.5, clusters), members)
    person = effect + rng.normal(0, PERSON**0.5, size)
    noise = rng.normal(0, (1 - CLUSTER - PERSON) ** 0.5, (size, QUESTIONS))
    return ndtri(share) + person[:, None] + noise > 0


def one_survey(rng, kind, n, share):
    """The satisfied of the sample, the design's columns, and the truth of every criterion."""
    clusters, members = CLUSTERS[n]
    truth = np.full(QUESTIONS, share)
    if kind == "simple":
        return population(rng, share, n, 1), {}, truth
    if kind == "simple, N known":
        everybody = population(rng, share, round(n / 0.6), 1)
        counts = {"population_members": np.full(n, len(everybody))}
        chosen = everybody[rng.choice(len(everybody), n, replace=False)]
        return chosen, counts, everybody.mean(axis=0)
    label = np.repeat(np.arange(clusters), members)
    if kind == "clusters":
        return population(rng, share, clusters, members), {"clusters": label}, truth
    everybody = population(rng, share, 2 * clusters, 3 * members)
    blocks = everybody.reshape(2 * clusters, 3 * members, QUESTIONS)
    drawn = rng.choice(len(blocks), clusters, replace=False)
    rows = np.concatenate([blocks[c][rng.permutation(3 * members)[:members]] for c in drawn])
    columns = {
        "clusters": label,
        "population_clusters": np.full(n, 2 * clusters),
        "population_members": np.full(n, 3 * members),
    }
    return rows, columns, everybody.mean(axis=0)


def measure(kind, n, share, surveys):
    """Coverage and mean width, in percent: of shares (all criteria), of the index."""
    rng = np.random.default_rng([n, int(share * 1000), len(kind)])
    held, width = np.zeros((2, surveys)), np.zeros((2, surveys))
    for survey in range(surveys):
        satisfied, columns, truth = one_survey(rng, kind, n, share)
        ones = np.array([1.0, 1.0])
        items = [
            Item(column.astype(np.uint8), np.array([0.0, 1.0]), ones) for column in satisfied.T
        ]
        table = estimate_table(
            make_design(n, **columns), Criteria(items, {"F": NAMES}), forms=("criteria_mean",)
        )
        found = table_intervals(table)
        low, high = found.low[0], found.high[0]
        reach = high - low
        inside = (low[:-2] <= truth + 1e-12) & (truth - 1e-12 <= high[:-2])
        held[:, survey] = inside.mean(), low[-1] <= truth.mean() <= high[-1]
        width[:, survey] = reach[:-2].mean(), reach[-1]
    return held.mean(axis=1) * 100, width.mean(axis=1) * 100


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--surveys", type=int, default=700)
    options = parser.parse_args()
    print("| design | n | " + " | ".join(f"{share:.0%}" for share in SHARES) + " |")
    print("|---|---|" + "---|" * len(SHARES))
    for kind in ("simple", "simple, N known", "clusters", "clusters, two stages"):
        for n in CLUSTERS:
            cells = []
            for share in SHARES:
                held, width = measure(kind, n, share, options.surveys)
                cells.append(f"{held[0]:.1f} ({width[0]:.1f}); {held[1]:.1f} ({width[1]:.1f})")
            print(f"| {kind} | {n} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
