"""Groups of respondents: the index of each, and whether it differs from that of all others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.comparison.change import Change, measure_change
from survey_app.estimation.comparison.comparisons import holm
from survey_app.estimation.disclosure.small_groups import hide_small_cells, withhold
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.operations.figures.unit_sample import CONFIDENCE, Scores, UnitSample
from survey_app.questionnaire.definition import LocalText, QuestionKind, Role
from survey_app.reporting.figures.groups import GroupFigures, PartitionFigures

Rows = NDArray[np.bool_]

#: Groups of fewer respondents, or with fewer others beside them, are not tested.
FEWEST_TESTED = 20
#: Decimals of a proportion.
DIGITS = 4

MODE = LocalText({"vi": "Hình thức trả lời"})


def measure_groups(sample: UnitSample) -> tuple[PartitionFigures, ...]:
    """The index by mode of collection and by each demographic question with one answer.

    Whoever takes the groups shown off the whole finds nobody or at least the minimum base: those
    who did not answer count as a hidden group. Indices are given to four decimals, so that they
    are no fractions to be taken apart. No finite population: how many dossiers a group has is not
    known. Groups under :data:`FEWEST_TESTED` are shown, not tested. Partitions with fewer than two
    groups to show are left out. Where sheets of an earlier version stay out of the index there are
    none: beside the counts of all sheets they would tell of those that stay out.
    """
    if sample.index_part() is not sample:
        return ()
    scores = sample.scores(sample.questionnaire.scoring.item)
    unlimited = replace(sample, population=None)
    found = [
        PartitionFigures(code, label, tuple(_groups(unlimited, scores, parts)))
        for code, label, parts in _partitions(sample)
    ]
    return _adjusted([p for p in found if sum(g.index.value is not None for g in p.groups) > 1])


def _adjusted(partitions: Sequence[PartitionFigures]) -> tuple[PartitionFigures, ...]:
    """With p-values adjusted for every test of every partition: they are read as one table."""
    tests = [test for partition in partitions for test in _tests(partition)]
    p_values = holm([groups[0].difference.p_value for groups in tests if groups[0].difference])
    adjusted = {
        id(group): p_value
        for groups, p_value in zip(tests, p_values, strict=True)
        for group in groups
    }
    return tuple(
        replace(
            partition,
            groups=tuple(replace(g, p_value=adjusted.get(id(g))) for g in partition.groups),
        )
        for partition in partitions
    )


def _tests(partition: PartitionFigures) -> list[list[GroupFigures]]:
    """The groups of each test: one each, but both of two together, whose difference is the same."""
    tested = [group for group in partition.groups if group.difference]
    if len(partition.groups) == 2:
        return [tested] if tested else []
    return [[group] for group in tested]


def _partitions(
    sample: UnitSample,
) -> Iterator[tuple[str, LocalText, list[tuple[str, LocalText | None, Rows]]]]:
    """Code, label and groups of each partition; a group's label is None where its code says it."""
    modes = np.array(sample.modes)
    yield "mode", MODE, [(mode, None, modes == mode) for mode in sorted(set(sample.modes))]
    for question in sample.questionnaire.with_role(Role.DEMOGRAPHIC):
        if question.kind is QuestionKind.SINGLE:
            column = sample.column(question)
            groups = [
                (option.code, option.label, column == number)
                for number, option in enumerate(question.options, 1)
            ]
            yield question.code, question.text, [g for g in groups if g[2].any()]


def _groups(
    sample: UnitSample,
    scores: Scores,
    parts: Sequence[tuple[str, LocalText | None, Rows]],
) -> Iterator[GroupFigures]:
    counts = [int(rows.sum()) for _, _, rows in parts]
    # Those in no group are what is left when all groups are taken off the whole: they are hidden
    # in company like a small group.
    shown = hide_small_cells([*counts, sample.n - sum(counts)])[: len(counts)]
    everybody = np.any([rows for _, _, rows in parts], axis=0)
    for (code, label, rows), count in zip(parts, shown, strict=True):
        if count is None:
            yield GroupFigures(code, label, None, Estimate.missing(Reason.SUPPRESSED))
        else:
            yield _group(sample, scores, code, label, rows, everybody & ~rows)


def _group(
    sample: UnitSample,
    scores: Scores,
    code: str,
    label: LocalText | None,
    rows: Rows,
    others: Rows,
) -> GroupFigures:
    roll_up = sample.questionnaire.scoring.roll_up
    index = withhold(sample.index(scores[rows], roll_up))
    difference = None
    if min(rows.sum(), others.sum()) >= FEWEST_TESTED:
        rest = withhold(sample.index(scores[others], roll_up))
        if index.interval is not None and rest.interval is not None:
            difference = _rounded_change(measure_change(rest, index, confidence=CONFIDENCE))
    return GroupFigures(code, label, int(rows.sum()), _rounded(index), difference)


def _rounded(estimate: Estimate) -> Estimate:
    interval = estimate.interval
    if estimate.value is None or interval is None:
        return estimate
    bounds = replace(interval, low=round(interval.low, DIGITS), high=round(interval.high, DIGITS))
    return replace(
        estimate, value=round(estimate.value, DIGITS), standard_error=None, interval=bounds
    )


def _rounded_change(change: Change) -> Change:
    ends = (round(end, DIGITS) for end in (change.value, change.low, change.high))
    value, low, high = ends
    return replace(change, value=value, low=low, high=high)
