"""Frames: every problem of a list at once, and a fingerprint that sees every change."""

from dataclasses import replace
from datetime import date

import pytest

from survey_app.errors import Invalid
from survey_app.sampling.frame import FrameRow, make_frame

DAY = date(2026, 1, 31)
ROWS = [FrameRow(" H01 ", "Xã B", 5), FrameRow("H02", "Phường A", 2), FrameRow("H03", "Xã B", 1)]


def test_a_good_list():
    frame = make_frame(ROWS, as_of=DAY)
    assert len(frame) == 3
    assert [row.identifier for row in frame.rows] == ["H01", "H02", "H03"]
    assert frame.strata == ("Xã B", "Phường A", "Xã B")
    assert frame.sizes == (5, 2, 1)
    assert frame.stratum_counts == {"Phường A": 1, "Xã B": 2}


def test_the_fingerprint_sees_every_change():
    original = make_frame(ROWS, as_of=DAY).fingerprint
    assert make_frame(list(ROWS), as_of=DAY).fingerprint == original
    changed = [
        make_frame(ROWS, as_of=date(2026, 2, 1)),
        make_frame(ROWS[::-1], as_of=DAY),
        make_frame(ROWS[:2], as_of=DAY),
        make_frame([replace(ROWS[0], size=6), *ROWS[1:]], as_of=DAY),
        make_frame([replace(ROWS[0], stratum="Xã C"), *ROWS[1:]], as_of=DAY),
        make_frame(
            [FrameRow("H01", "Xã B", 5), FrameRow("H0", "2Phường A", 2), ROWS[2]], as_of=DAY
        ),
    ]
    assert len({original, *(frame.fingerprint for frame in changed)}) == len(changed) + 1


def test_every_problem_with_its_line():
    rows = [
        FrameRow("H01", "Xã B", line=2),
        FrameRow("", "Xã B", line=3),
        FrameRow(" H01", "", line=4),
        FrameRow("H04", "Xã B", 0, line=5),
        FrameRow("H05", "Xã B", float("nan"), line=6),
        FrameRow("H01", "Xã B", line=7),
    ]
    with pytest.raises(Invalid, match="6 chỗ cần sửa") as caught:
        make_frame(rows, as_of=DAY)
    assert [str(problem) for problem in caught.value.problems] == [
        "dòng 3: thiếu mã.",
        "dòng 4, H01: mã đã có ở dòng 2.",
        "dòng 4, H01: thiếu tầng, trong khi các dòng khác có tầng.",
        "dòng 5, H04: quy mô phải là một số dương.",
        "dòng 6, H05: quy mô phải là một số dương.",
        "dòng 7, H01: mã đã có ở dòng 2.",
    ]


def test_an_empty_list():
    with pytest.raises(Invalid, match="không có dòng nào"):
        make_frame([], as_of=DAY)
