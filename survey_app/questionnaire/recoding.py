"""Rows laid out by one version of a questionnaire, laid out as another version would."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from survey_app.questionnaire.codebook import NOT_APPLICABLE_BYTE, SKIPPED, Codebook, Column
from survey_app.questionnaire.definition import QuestionKind

Bytes = NDArray[np.uint8]


def recode(source: Codebook, target: Codebook, codes: Collection[str], answers: Bytes) -> Bytes:
    """``answers`` (sheets × bytes of ``source``) as rows of ``target``, answer by answer code.

    ``codes``: the questions that are taken over; every other question of ``target`` is as if it had
    been skipped. Raises ValueError for a question that the two versions cannot share: of another
    kind, or with an answer that ``target`` does not know.
    """
    if answers.shape[1] != source.width:
        raise ValueError(f"a row has {source.width} bytes, not {answers.shape[1]}")
    found = np.full((len(answers), target.width), SKIPPED, dtype=np.uint8)
    for code, columns in target.by_question.items():
        if code in codes:
            former = source.by_question[code]
            if former[0].kind is not columns[0].kind or len(former) != len(columns):
                raise ValueError(f"{code} has other columns")
            for column, before in _pairs(columns, former):
                end, start = before.position + before.width, before.position
                block = answers[:, start:end]
                if column.kind in (QuestionKind.SCALE, QuestionKind.SINGLE):
                    block = _numbers(before, column)[block]
                found[:, column.position : column.position + column.width] = block
    return found


def _pairs(columns: tuple[Column, ...], former: tuple[Column, ...]) -> list[tuple[Column, Column]]:
    by_code = {column.code: column for column in former}
    if set(by_code) != {column.code for column in columns}:
        raise ValueError(f"{columns[0].question.code} has other options")
    return [(column, by_code[column.code]) for column in columns]


def _numbers(before: Column, after: Column) -> Bytes:
    """For each stored byte of one version that of the other."""
    if set(before.numbers) != set(after.numbers):
        raise ValueError(f"{after.code} has other answers")
    table = np.full(256, SKIPPED, dtype=np.uint8)
    table[NOT_APPLICABLE_BYTE] = NOT_APPLICABLE_BYTE
    for code, number in before.numbers.items():
        table[number] = after.numbers[code]
    return table
