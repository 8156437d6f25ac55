"""The codebook on paper: the numbers of a scale in few words."""

import pytest

from survey_app.reporting.records.codebook import number_range


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([1, 2, 3, 4, 5], "1 đến 5"), ([5, 4, 2, 1], "1, 2, 4, 5"), ([3], "3"), ([0, 1], "0 đến 1")],
)
def test_a_gap_is_told(numbers: list[int], words: str) -> None:
    assert number_range(numbers) == words
