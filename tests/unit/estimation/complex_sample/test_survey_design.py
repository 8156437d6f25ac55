"""Designs: labels, nesting, weights from populations, and every refusal."""

import numpy as np
import pytest

from survey_app.estimation.complex_sample.survey_design import LonelyPsu, make_design
from survey_app.estimation.labels import compress, factorise, nest

NAN = float("nan")


def test_cluster_labels_used_again_in_another_stratum_are_other_clusters():
    design = make_design(6, strata=list("aaabbb"), clusters=[1, 1, 2, 1, 2, 2])
    assert design.clusters_count == 4
    assert design.sampled.tolist() == [2.0, 2.0]
    assert design.df == 2


def test_labels_may_be_texts_numbers_or_both():
    mixed = np.array(["Đô thị", 7, 7.0, "Đô thị"], dtype=object)
    assert factorise(mixed, "strata")[0].tolist() == [0, 1, 1, 0]
    assert factorise(np.array([2.5, -1.0, 2.5]), "strata")[0].tolist() == [1, 0, 1]
    assert factorise(np.array([10**15, -3, 10**15]), "strata")[0].tolist() == [1, 0, 1]
    assert compress(np.array([], dtype=np.int64))[1] == 0


def test_nesting_within_one_stratum_changes_nothing():
    codes, outer = nest(np.zeros(3, dtype=np.int64), np.array([0, 2, 1]), 1, 3)
    assert codes.tolist() == [0, 2, 1]
    assert outer.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "blank",
    [np.array([1.0, NAN]), np.array(["a", ""]), np.array(["a", None], dtype=object)],
    ids=["number", "text", "object"],
)
@pytest.mark.parametrize("what", ["strata", "clusters"])
def test_blank_labels_are_refused(what, blank):
    with pytest.raises(ValueError, match=f"{what}.*blank"):
        make_design(2, **{what: blank})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": [1, 2]}, "each of 3 rows"),
        ({"weights": [1, NAN, 1]}, "weights"),
        ({"weights": [1, -1, 1]}, "weights"),
        ({"weights": [0, 0, 0]}, "all weights are 0"),
        ({"strata": [1, 2]}, "strata"),
        ({"population_members": [9, 9, 8]}, "two counts within one stratum"),
        ({"population_members": [2, 2, 2]}, "smaller than the sample"),
        ({"population_members": [9, NAN, 9]}, "blank"),
        ({"population_members": [9, 9]}, "each row"),
        ({"clusters": [1, 1, 2], "population_clusters": [1, 1, 1]}, "smaller"),
        (
            {"clusters": [1, 1, 2], "population_clusters": [4] * 3, "population_members": [1] * 3},
            "each cluster: 1 is smaller than the sample of 2",
        ),
        ({"lonely_psu": "ignore"}, "ignore"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        make_design(3, **options)


def test_an_empty_design_is_refused():
    with pytest.raises(ValueError, match="at least one row"):
        make_design(0)


def test_populations_give_the_weights():
    stratified = make_design(3, strata=["a", "a", "b"], population_members=[10, 10, 7])
    assert stratified.weights.tolist() == [5.0, 5.0, 7.0]
    two_stages = make_design(
        3, clusters=[1, 1, 2], population_clusters=[8] * 3, population_members=[6, 6, 5]
    )
    assert two_stages.weights.tolist() == [12.0, 12.0, 20.0]
    by_hand = make_design(3, population_members=[30] * 3, weights=[1, 2, 3])
    assert by_hand.weights.tolist() == [1.0, 2.0, 3.0]


def test_with_replacement_nothing_is_corrected_but_the_weights_stay():
    design = make_design(3, population_members=[30] * 3, replacement=True)
    assert design.fraction.tolist() == [0.0]
    assert design.weights.tolist() == [10.0] * 3
    assert design.simple_population is None


def test_members_without_clusters_of_the_population_correct_nothing():
    design = make_design(3, clusters=[1, 1, 2], population_members=[6, 6, 5])
    assert design.second_stage is None
    assert design.fraction.tolist() == [0.0]


def test_rows_without_weight_are_sampled_but_do_not_count():
    design = make_design(5, clusters=[1, 1, 2, 3, 3], weights=[1, 0, 0, 2, 1])
    assert design.n == 3
    assert design.sampled.tolist() == [3.0]
    assert design.members_sampled.tolist() == [2.0, 1.0, 2.0]
    assert design.df == 1


def test_a_cluster_of_one_row_adds_nothing_at_the_second_stage():
    design = make_design(
        3, clusters=[1, 1, 2], population_clusters=[4] * 3, population_members=[6, 6, 5]
    )
    assert design.second_stage == pytest.approx([2 / 4 * (1 - 2 / 6) * 2, 0.0])


def test_equal_weights_make_a_simple_sample():
    assert make_design(3, weights=[2.5] * 3).is_simple
    assert make_design(3, population_members=[9] * 3).simple_population == 9
    assert not make_design(3, weights=[1, 2, 1]).is_simple
    assert not make_design(3, strata=[1, 1, 2]).is_simple
    assert not make_design(3, clusters=[1, 2, 3]).is_simple


def test_the_default_for_lonely_clusters_is_cautious():
    assert make_design(1).lonely_psu is LonelyPsu.ADJUST
