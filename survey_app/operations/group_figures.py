"""Groups of respondents: the index of each, and whether it differs from that of all others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.change import measure_change
from survey_app.estimation.comparisons import holm
from survey_app.estimation.disclosure import MINIMUM_BASE, hide_small_cells, withhold
from survey_app.estimation.estimate import Estimate, Reason
from survey_app.operations.unit_sample import CONFIDENCE, Scores, UnitSample
from survey_app.questionnaire.definition import LocalText, QuestionKind, Role
from survey_app.reporting.figures import GroupFigures, PartitionFigures

Rows = NDArray[np.bool_]

MODE = LocalText({"vi": "Hình thức trả lời"})


def measure_groups(sample: UnitSample) -> tuple[PartitionFigures, ...]:
    """The index by mode of collection and by each demographic question with one answer.

    A group is as hidden here as in the count of its question; whoever adds up the others finds
    several people, never one group. No finite population: how many dossiers a group has is not
    known. Partitions of which nothing can be shown, or with one group only, are left out.
    """
    scores = sample.scores(sample.questionnaire.scoring.item)
    unlimited = replace(sample, population=None)
    found = [
        PartitionFigures(code, label, tuple(_groups(unlimited, scores, parts)))
        for code, label, parts in _partitions(sample)
    ]
    return _adjusted([p for p in found if sum(g.index.value is not None for g in p.groups) > 1])


def _adjusted(partitions: Sequence[PartitionFigures]) -> tuple[PartitionFigures, ...]:
    """With p-values adjusted for every group of every partition: they are read as one table."""
    groups = [group for partition in partitions for group in partition.groups]
    p_values = iter(holm([g.difference.p_value if g.difference else None for g in groups]))
    return tuple(
        replace(
            partition,
            groups=tuple(replace(group, p_value=next(p_values)) for group in partition.groups),
        )
        for partition in partitions
    )


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
    shown = hide_small_cells(counts)
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
    if others.sum() >= MINIMUM_BASE:
        rest = withhold(sample.index(scores[others], roll_up))
        if index.interval is not None and rest.interval is not None:
            difference = measure_change(rest, index, confidence=CONFIDENCE)
    return GroupFigures(code, label, int(rows.sum()), index, difference)
