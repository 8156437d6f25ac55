"""Sample sizes against figures worked out by hand, and margins as their exact inverse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.sampling.size import (
    Progress,
    expected_margin,
    ministry_size,
    progress_to,
    required_size,
)

Z2 = 3.841458820694124  # 1.959964²


def progress(
    valid: int, margin: float, *, population: int | None = None, response_rate: float | None = None
) -> Progress:
    """How far ``valid`` answers are on the way to ± ``margin``."""
    required = required_size(margin, population=population, response_rate=response_rate).n
    return progress_to(valid, required, population=population, response_rate=response_rate)


class TestRequiredSize:
    @pytest.mark.parametrize(
        ("margin", "population", "n"),
        # N = 60: 384.146/(1 + 383.146/60) = 52.01; 170.73/(1 + 169.73/60) = 44.59; 37.17.
        [(0.05, 60, 53), (0.075, 60, 45), (0.10, 60, 38), (0.05, None, 385), (0.05, 1, 1)],
    )
    def test_worked_by_hand(self, margin, population, n):
        assert required_size(margin, population=population).n == n

    def test_issued_sheets(self):
        found = required_size(0.075, population=1000, response_rate=0.6)
        assert (found.n, found.issued, found.is_reachable) == (146, 244, True)
        small = required_size(0.05, population=60, response_rate=0.6)
        assert (small.n, small.issued, small.is_reachable) == (53, 60, False)

    def test_without_a_response_rate_every_sheet_comes_back(self):
        assert required_size(0.05, population=60).issued == 53
        assert required_size(0.05, response_rate=None) == required_size(0.05, response_rate=1)
        found = progress(20, 0.075, population=60, response_rate=None)
        assert found.to_issue == found.missing == 25

    def test_design_effect_and_share(self):
        plain = required_size(0.05)
        assert plain.unlimited == pytest.approx(Z2 * 0.25 / 0.0025)
        clustered = required_size(0.05, design_effect=2.5)
        assert clustered.unlimited == pytest.approx(2.5 * plain.unlimited)
        assert required_size(0.05, share=0.85).n == 196  # 384.146 · 0.51 = 195.9

    @given(
        st.floats(0.005, 0.3),
        st.integers(1, 100_000),
        st.floats(0.05, 0.95),
        st.floats(0.3, 4),
    )
    def test_laws(self, margin, population, share, design_effect):
        plan = {"share": share, "design_effect": design_effect}
        found = required_size(margin, population=population, response_rate=0.7, **plan)
        unlimited = required_size(margin, **plan)
        assert 1 <= found.n <= min(population, unlimited.n)
        assert found.n <= found.issued <= population
        if found.n < population:
            reached = expected_margin(found.n, population=population, **plan)
            assert reached <= margin * (1 + 1e-6)
        if found.n > 1:
            before = expected_margin(found.n - 1, population=population, **plan)
            assert before > margin * (1 - 1e-6)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"margin": 0}, "margin"),
            ({"margin": 5}, "margin"),
            ({"population": 0}, "population"),
            ({"share": 1.0}, "share"),
            ({"design_effect": 0}, "design effect"),
            ({"response_rate": 0}, "response rate"),
            ({"response_rate": 1.2}, "response rate"),
            ({"confidence": 95}, "confidence"),
        ],
    )
    def test_refusals(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            required_size(**({"margin": 0.05} | arguments))


class TestMinistry:
    @pytest.mark.parametrize(("population", "n"), [(60, 53), (400, 200), (2000, 334), (1, 1)])
    def test_worked_by_hand(self, population, n):
        assert ministry_size(population) == n
        assert required_size(0.05, population=population).ministry == n

    @given(st.integers(1, 10**7), st.floats(0.01, 0.2))
    def test_asks_for_slightly_more_than_cochran(self, population, margin):
        cochran = required_size(margin, population=population).n
        assert cochran <= ministry_size(population, margin=margin) + 1
        assert ministry_size(population, margin=margin) <= 1.05 * cochran + 1


class TestExpectedMargin:
    def test_a_census_has_none(self):
        assert expected_margin(60, population=60) == 0
        assert expected_margin(1, population=1) == 0

    @pytest.mark.parametrize("arguments", [{"n": 0}, {"n": 61, "population": 60}])
    def test_refusals(self, arguments):
        with pytest.raises(ValueError, match=r"at least one|smaller"):
            expected_margin(**arguments)


class TestProgress:
    def test_half_way(self):
        found = progress(20, 0.075, population=60, response_rate=0.5)
        assert (found.required, found.missing, found.to_issue) == (45, 25, 50)
        assert found.share == pytest.approx(20 / 45)
        assert found.margin == pytest.approx(expected_margin(20, population=60))
        assert not found.is_complete

    def test_nothing_yet_and_more_than_enough(self):
        start = progress(0, 0.075, population=60)
        assert (start.missing, start.share, start.margin) == (45, 0, None)
        done = progress(50, 0.075, population=60)
        assert (done.missing, done.to_issue, done.share, done.is_complete) == (0, 0, 1, True)
        assert done.margin < 0.075

    def test_refusals(self):
        with pytest.raises(ValueError, match="negative"):
            progress(-1, 0.05)
        with pytest.raises(ValueError, match="smaller"):
            progress(61, 0.05, population=60)
