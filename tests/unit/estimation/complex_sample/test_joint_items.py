"""Questions joined into one column: nothing is lost, and limits hold."""

import numpy as np
import pytest

from survey_app.estimation.complex_sample.items import AnswerRule, encode_item
from survey_app.estimation.complex_sample.joint_items import join_items
from survey_app.estimation.complex_sample.survey_design import make_design
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.complex_sample.table_results import Criteria


def make_items(rows, rule):
    rng = np.random.default_rng(11)
    answers = rng.integers(0, 6, (7, rows)).astype(float)
    answers[2, rng.random(rows) < 0.3] = np.nan
    return [encode_item(column, rule) for column in answers]


@pytest.mark.parametrize("most", [0, 9, 40, 100, 10_000])
@pytest.mark.parametrize("item", ["top2", "mean"])
def test_every_question_can_be_read_from_its_block(item, most):
    items = make_items(500, AnswerRule(item=item))
    factor_of = [0, 0, 0, 0, 1, 2, 2]
    blocks = join_items(items, factor_of, most)
    assert [k for block in blocks for k in range(7)[block.questions]] == list(range(7))
    for block in blocks:
        inside = items[block.questions]
        assert len(inside) == 1 or block.levels <= min(most, 256)
        assert len(set(factor_of[block.questions])) == 1
        by_level = np.concatenate([one.scores for one in inside])
        if block.composition is not None:
            assert by_level @ block.composition == pytest.approx(block.scores.sum(axis=1))
        for k, one in enumerate(inside):
            assert (block.scores[block.codes, k] == one.scores[one.codes]).all()
            assert (block.answered[block.codes, k] == one.answered[one.codes]).all()


def test_a_table_of_many_rows_is_that_of_the_same_rows_in_many_domains():
    """Few domains join the questions, many do not: the sums are the same."""
    items = make_items(3_000, AnswerRule())
    criteria = Criteria(items, {"F1": ["a", "b", "c", "d"], "F2": ["e"], "F3": ["f", "g"]})
    design = make_design(3_000, weights=np.random.default_rng(2).uniform(1, 9, 3_000))
    domain = np.arange(3_000) % 2
    joined = estimate_table(design, criteria, domain=domain, domains=2)
    apart = estimate_table(design, criteria, domain=domain * 999, domains=1_000)
    for name in ("value", "standard_error", "df", "n", "deff", "excluded"):
        expected = getattr(apart, name)[[0, 999]]
        assert getattr(joined, name) == pytest.approx(expected, rel=1e-12, nan_ok=True)
