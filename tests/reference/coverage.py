"""How often the default intervals hold the truth, by simulation. Not part of any test run.

Respondents answer 22 criteria, each satisfied where a + cluster + person + noise > 0; the four
variances make 1, so the true share is Φ(a) and the share of the cluster effect is the intraclass
correlation on that scale. With a finite population the truth is that population's own share.

``python -m tests.reference.coverage [--surveys N]`` prints the table of section 12 of
docs/methodology.md, in about a minute; ``--changes`` that of section 19, in half a minute.
"""

import argparse

import numpy as np
from scipy.special import ndtri
from scipy.stats import binom

from survey_app.estimation.comparison.change import measure_change
from survey_app.estimation.complex_sample.design_interval import table_intervals
from survey_app.estimation.complex_sample.items import Item
from survey_app.estimation.complex_sample.survey_design import make_design
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.complex_sample.table_results import Criteria
from survey_app.estimation.simple_sample.index import estimate_index
from survey_app.estimation.simple_sample.proportion import estimate_proportion

QUESTIONS = 22
NAMES = [f"q{k}" for k in range(QUESTIONS)]
#: Variances of cluster and person effects; the rest of 1 is noise of each answer.
CLUSTER, PERSON = 0.08, 0.42
#: n respondents: clusters times respondents in each.
CLUSTERS = {10: (5, 2), 45: (9, 5), 100: (10, 10)}
#: Scores and answers by code: 0 not satisfied, 1 satisfied.
LEVELS = (np.array([0.0, 1.0]), np.array([1.0, 1.0]))
SHARES = (0.80, 0.95, 0.99)
#: True values of the two periods whose change is measured, and how many answer in each.
PERIODS = ((0.81, 0.81), (0.94, 0.94), (0.99, 0.99), (0.81, 0.94), (0.94, 0.99))
ANSWERS = ((10, 10), (45, 45), (100, 100), (10, 100))


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


def measure_index_changes(sizes, shares, surveys):
    """Coverage of the change of the index, how often it is called significant, mean width: in
    percent. Two independent simple samples of unlimited populations, as reports compare them."""
    rng = np.random.default_rng([*sizes, *(int(share * 1000) for share in shares)])
    truth, factor_of = shares[1] - shares[0], [0] * QUESTIONS
    found = np.zeros((3, surveys))
    for survey in range(surveys):
        periods = [
            estimate_index(
                population(rng, share, n, 1), factor_of=factor_of, roll_up="criteria_mean"
            )
            for n, share in zip(sizes, shares, strict=True)
        ]
        change = measure_change(*periods)
        found[:, survey] = (
            change.low <= truth <= change.high,
            change.p_value <= 0.05,
            change.high - change.low,
        )
    return found.mean(axis=1) * 100


def changes_of_shares(sizes):
    """The change between every two counts that two samples can give: interval, significant or
    not. Shape (3, n1 + 1, n2 + 1)."""
    first, second = ([estimate_proportion(x, n) for x in range(n + 1)] for n in sizes)
    found = np.zeros((3, len(first), len(second)))
    for place in np.ndindex(found.shape[1:]):
        change = measure_change(first[place[0]], second[place[1]])
        found[:, *place] = change.low, change.high, change.p_value <= 0.05
    return found


def measure_share_changes(found, sizes, shares):
    """As :func:`measure_index_changes`, of one share: exact, by adding up probabilities."""
    parts = [binom.pmf(np.arange(n + 1), n, share) for n, share in zip(sizes, shares, strict=True)]
    low, high, significant = found
    truth = shares[1] - shares[0]
    inside = (low <= truth + 1e-12) & (truth - 1e-12 <= high)
    chance = np.outer(*parts)
    return [100 * float((chance * what).sum()) for what in (inside, significant, high - low)]


def print_changes(surveys):
    heads = [f"{100 * a:.0f} % → {100 * b:.0f} %" for a, b in PERIODS]
    print("| figure | n | " + " | ".join(heads) + " |")
    print("|---|---|" + "---|" * len(PERIODS))
    for kind in ("share", "index"):
        for sizes in ANSWERS:
            counts = changes_of_shares(sizes) if kind == "share" else None
            cells = []
            for shares in PERIODS:
                if kind == "share":
                    figures = measure_share_changes(counts, sizes, shares)
                else:
                    figures = measure_index_changes(sizes, shares, surveys)
                cells.append("{:.1f}; {:.1f} ({:.1f})".format(*figures))
            print(f"| {kind} | {sizes[0]}, {sizes[1]} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--surveys", type=int, default=700)
    parser.add_argument("--changes", action="store_true", help="changes between two periods")
    options = parser.parse_args()
    if options.changes:
        print_changes(options.surveys)
        return
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
