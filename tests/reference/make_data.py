"""Makes the generated data of the reference tests: small surveys of every kind of design.

``python -m tests.reference.make_data`` writes them again, always the same; then
``Rscript tests/reference/survey_numbers.R`` (R's package survey) computes the numbers beside them.
"""

import csv
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).with_name("data")
QUESTIONS = ["q1", "q2", "q3", "q4", "q5", "q6"]
#: Chance of "not applicable" or blank: the last factor applies to few.
MISSING = [0.02, 0.05, 0.0, 0.1, 0.45, 0.5]


def answers(rng, effect):
    """Six correlated answers 1..5; 0 = not applicable, blank = skipped."""
    person = effect + rng.normal(0, 0.8, len(effect))
    columns = []
    for k, missing in enumerate(MISSING):
        level = np.clip(np.round(3.9 + 0.15 * k + person + rng.normal(0, 0.7, len(person))), 1, 5)
        text = np.array([f"{value:.0f}" for value in level], dtype=object)
        gone = rng.random(len(person)) < missing
        text[gone] = np.where(rng.random(gone.sum()) < 0.6, "0", "")
        columns.append(text)
    return columns


def write(name, columns):
    with (FOLDER / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def household(rng, n):
    """Traits of respondents for domains."""
    return {
        "sex": rng.choice(["F", "M"], n),
        "age_group": rng.choice(["18-34", "35-64", "65+"], n, p=[0.4, 0.48, 0.12]),
    }


def simple(rng):
    """45 of 60 dossiers."""
    n = 45
    columns = dict(zip(QUESTIONS, answers(rng, np.zeros(n)), strict=True))
    write("simple.csv", household(rng, n) | columns | {"N": [60] * n})


def stratified(rng):
    """Four strata with texts as labels, one a census, unequal fractions."""
    sizes = {
        "Đô thị": (60, 400),
        "Nông thôn": (80, 2000),
        "Hải đảo": (12, 12),
        "vùng cao": (25, 90),
    }
    label = np.repeat(list(sizes), [n for n, _ in sizes.values()])
    total = np.repeat([big for _, big in sizes.values()], [n for n, _ in sizes.values()])
    weight = np.concatenate([[big / n] * n for n, big in sizes.values()])
    effect = np.repeat([0.2, -0.3, 0.5, 0.0], [n for n, _ in sizes.values()])
    columns = dict(zip(QUESTIONS, answers(rng, effect), strict=True))
    write(
        "stratified.csv",
        {"stratum": label, "N": total, "weight": [f"{w:.10g}" for w in weight]}
        | household(rng, len(label))
        | columns,
    )


def clustered(rng, name, strata, years=(2026,)):
    """Communes in districts, respondents in communes: two stages, cluster labels reused.

    strata: (sampled, population) of each. Some weights are 0. With two years the same communes
    are visited again.
    """
    rows = {key: [] for key in ("year", "district", "commune", "N_h", "M_hi", "weight")}
    effects = []
    for h, (sampled, population) in enumerate(strata):
        for c in range(sampled):
            members = int(rng.integers(30, 400))
            commune = rng.normal(0, 0.5)
            for year in years:
                m = int(rng.integers(4, 11))
                base = population / sampled * members / m
                for _ in range(m):
                    rows["year"].append(year)
                    rows["district"].append(f"D{h}")
                    rows["commune"].append(100 + c)
                    rows["N_h"].append(population)
                    rows["M_hi"].append(members)
                    factor = 0 if rng.random() < 0.04 else rng.uniform(0.6, 1.6)
                    rows["weight"].append(f"{base * factor:.8g}")
                    effects.append(commune + 0.15 * (year - years[0]))
    n = len(effects)
    columns = dict(zip(QUESTIONS, answers(rng, np.array(effects)), strict=True))
    write(name, rows | household(rng, n) | columns)


def main():
    FOLDER.mkdir(exist_ok=True)
    rng = np.random.default_rng(20261122)
    simple(rng)
    stratified(rng)
    clustered(rng, "clustered.csv", [(6, 20), (9, 41), (4, 4), (12, 90)])
    clustered(rng, "lonely.csv", [(5, 14), (1, 8), (1, 1), (4, 10), (7, 35)])
    clustered(rng, "two_years.csv", [(6, 20), (8, 60), (5, 9)], years=(2025, 2026))


if __name__ == "__main__":
    main()
