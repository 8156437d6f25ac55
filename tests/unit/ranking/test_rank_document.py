"""The league table as a document, groups that cannot be told apart, and refusals with names."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.errors import Invalid
from survey_app.ranking.compare import (
    Comparison,
    RankMethod,
    indistinguishable_groups,
    indistinguishable_pairs,
)
from survey_app.ranking.document import rank_report, to_document
from survey_app.ranking.pairs import make_units

NAMES = ["Phường A", "Xã B", "Xã C", "Xã D"]
ESTIMATES = [0.94, 0.93, 0.85, 0.60]
ERRORS = [0.02, 0.03, 0.02, 0.02]


def report(**changes):
    given_values = {"estimates": ESTIMATES, "standard_errors": ERRORS, "draws": 5000}
    return rank_report(NAMES, **(given_values | changes))


class TestDocument:
    def test_is_json_with_every_set(self):
        document = json.loads(json.dumps(to_document(report(seed=4))))
        first = document["units"][0]
        assert first["unit"] == "Phường A"
        assert (first["estimate"], first["standard_error"], first["rank"]) == (0.94, 0.02, 1)
        for method in ("simultaneous", "marginal", "stepdown", "holm", "bonferroni"):
            assert [unit[method] for unit in document["units"]][3] == [4, 4]
            values = np.atleast_1d(document["critical_values"][method])
            assert ((values > 1.9) & (values < 2.7)).all()
            assert document["methods"][method] == method
        assert (document["confidence"], document["draws"], document["seed"]) == (0.95, 5000, 4)
        assert document["indistinguishable"][0][:2] == ["Phường A", "Xã B"]
        assert document["warnings"] == []

    def test_the_same_seed_gives_the_same_document(self):
        assert to_document(report()) == to_document(report())

    def test_an_error_of_zero_is_pointed_out(self):
        (warning,) = report(standard_errors=[0.02, 0, 0.02, 0.02]).warnings
        assert warning.startswith("Xã B: sai số chuẩn bằng 0")

    def test_no_unit_at_all(self):
        document = to_document(rank_report([], [], standard_errors=[]))
        assert (document["units"], document["indistinguishable"]) == ([], [])


class TestRefusals:
    def test_every_problem_is_listed_with_its_unit(self):
        with pytest.raises(Invalid) as caught:
            rank_report(
                ["Xã A", " ", "Xã A", "Xã D"],
                [0.9, 0.8, 0.7, float("nan")],
                standard_errors=[0.1, -0.1, 0.1, float("inf")],
            )
        assert [str(problem) for problem in caught.value.problems] == [
            "đơn vị thứ 2: thiếu tên hoặc mã đơn vị.",
            "đơn vị thứ 2: sai số chuẩn (standard_error) phải là một số không âm.",
            "Xã A: trùng với đơn vị thứ 1 trong danh sách.",
            "Xã D: kết quả (estimate) phải là một số.",
            "Xã D: sai số chuẩn (standard_error) phải là một số không âm.",
        ]

    def test_lengths(self):
        with pytest.raises(ValueError, match="same length"):
            rank_report(["A"], [0.9, 0.8], standard_errors=[0.1, 0.1])
        with pytest.raises(ValueError, match="each unit"):
            rank_report(["A", "B"], [0.9, 0.8], standard_errors=[0.1])


class TestIndistinguishable:
    @given(
        st.lists(st.integers(0, 30), min_size=1, max_size=9),
        st.lists(st.sampled_from([0.5, 2.0, 6.0]), min_size=9, max_size=9),
    )
    def test_groups_are_the_longest_runs(self, estimates, errors):
        p = len(estimates)
        units = make_units(estimates, standard_errors=errors[:p])
        compared = Comparison(units, RankMethod.BONFERRONI, np.full(p, 2.5))
        order = np.argsort(-units.estimates, kind="stable").tolist()
        alike = set(indistinguishable_pairs(compared))

        def is_group(run):
            return all((min(j, k), max(j, k)) in alike for j in run for k in run if j != k)

        runs = [order[a:b] for a in range(p) for b in range(a + 2, p + 1) if is_group(order[a:b])]
        longest = [r for r in runs if not any(set(r) < set(other) for other in runs)]
        assert [list(group) for group in indistinguishable_groups(compared)] == longest

    def test_pairs(self):
        units = make_units([0.9, 0.5, 0.88], standard_errors=[0.02, 0.02, 0.02])
        compared = Comparison(units, RankMethod.BONFERRONI, np.full(3, 2.4))
        assert indistinguishable_pairs(compared) == ((0, 2),)
