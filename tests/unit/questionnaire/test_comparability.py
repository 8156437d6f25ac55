"""Versions: what goes on, what breaks, and why."""

from pathlib import Path

import pytest
from hypothesis import given

from survey_app.questionnaire.comparability import (
    Break,
    Bridge,
    Comparability,
    Edition,
    compare_editions,
)
from survey_app.questionnaire.declarations import Declaration, Verdict
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.parsing import parse_questionnaire
from tests.unit.questionnaire.strategies import patiently, questionnaires

SOURCE = (Path(__file__).parents[3] / "questionnaires" / "one-stop-rating.yaml").read_text("utf-8")
CODE, FACTOR = "service.attitude", "service"


def version(*edits: tuple[str, str]) -> Questionnaire:
    text = SOURCE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_questionnaire(text)


def compared(earlier: Questionnaire, later: Questionnaire) -> Comparability:
    """What goes on from one version to the next where nothing was declared."""
    return compare_editions((Edition(1, earlier), Edition(2, later)))


def test_the_same_questionnaire_goes_on_everywhere():
    for later in (version(), SAME):
        found = compared(SAME, later)
        assert set(found.criteria) == {q.code for _, q in SAME.criteria}
        assert not any(found.criteria.values())
        assert not any(found.factors.values())
        assert found.index is None


SAME = version()
THREE_LEVELS = (
    '      - { code: "5", label: { vi: Rất hài lòng, en: Very satisfied } }\n',
    "",
)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (("vi: Thái độ của công chức,", "vi: Cách công chức tiếp ông/bà,"), Break.WORDING),
        (('satisfied: ["4", "5"]', 'satisfied: ["5"]'), Break.SCALE),
        (("vi: Bình thường,", "vi: Tạm được,"), Break.SCALE),
        (("code: service.attitude", "code: service.manners"), Break.ADDED),
    ],
)
def test_a_changed_criterion_breaks_itself_its_factor_and_the_index(edit, why):
    later = version(edit)
    code = "service.manners" if why is Break.ADDED else CODE
    found = compared(SAME, later)
    assert found.criteria[code] is why
    assert found.factors[FACTOR] is Break.CRITERIA
    assert found.index is Break.CRITERIA


def test_one_changed_wording_leaves_the_others_alone():
    later = version(("vi: Thái độ của công chức,", "vi: Cách công chức tiếp ông/bà,"))
    found = compared(SAME, later)
    assert [code for code, why in found.criteria.items() if why] == [CODE]


def test_offering_not_applicable_is_another_audience():
    text = "        not_applicable: true\n        text: { vi: Thái độ của công chức,"
    later = version((text, "        text: { vi: Thái độ của công chức,"))
    assert compared(SAME, later).criteria[CODE] is Break.AUDIENCE


@pytest.mark.parametrize(
    "edit", [("item: top2", "item: mean"), ("roll_up: pooled", "roll_up: criteria_mean")]
)
def test_another_method_breaks_the_index_only_where_it_counts(edit):
    found = compared(SAME, version(edit))
    assert found.index is Break.METHOD
    assert not any(found.criteria.values())
    assert found.factors[FACTOR] is (Break.METHOD if "item" in edit[0] else None)


@pytest.mark.parametrize(
    "edit",
    [
        ("vi: Thái độ của công chức,", 'vi: "thái độ của công chức.",'),
        ("en: Attitude of the officer", "en: How the officer behaved"),
        ('version: "2026.1"', 'version: "2027.1"'),
        ("vi: Trân trọng cảm ơn ông/bà đã đánh giá.", "vi: Xin cảm ơn ông/bà."),
        ("vi: Việc phục vụ hôm nay", "vi: Việc phục vụ lần này"),
    ],
)
def test_what_citizens_are_not_asked_breaks_nothing(edit):
    found = compared(SAME, version(edit))
    assert not any([*found.criteria.values(), *found.factors.values(), found.index])


def test_a_dropped_criterion_breaks_the_factor():
    start = SOURCE.index("      - code: service.attitude")
    stop = SOURCE.index("      - code:", start + 10)
    later = version((SOURCE[start:stop], ""))
    found = compared(SAME, later)
    assert CODE not in found.criteria
    assert not any(found.criteria.values())
    assert (found.factors[FACTOR], found.index) == (Break.CRITERIA, Break.CRITERIA)


# ── declared ──────────────────────────────────────────────────────────────────────────────────

REWORDED = ("vi: Thái độ của công chức,", "vi: Cách công chức tiếp ông/bà,")
AGAIN = ("vi: Thái độ của công chức,", "vi: Cách công chức đón tiếp người dân,")
WORDING, SCALE = f"question:{CODE}:wording", "scale:satisfaction:scale"
COMPARABLE = Declaration(Verdict.COMPARABLE, "cùng một ý")
BROKEN = Declaration(Verdict.BREAK)


def editions(*steps: tuple[Questionnaire, dict[str, Declaration]]) -> list[Edition]:
    return [Edition(number, *step) for number, step in enumerate(steps, start=1)]


def test_a_wording_declared_comparable_goes_on_and_is_told():
    found = compare_editions(editions((SAME, {}), (version(REWORDED), {WORDING: COMPARABLE})))
    assert not any([*found.criteria.values(), *found.factors.values(), found.index])
    assert found.bridges == (Bridge(CODE, Break.WORDING, "cùng một ý"),)


def test_the_same_from_the_later_back_to_the_earlier():
    path = editions((SAME, {}), (version(REWORDED), {WORDING: COMPARABLE}))
    assert compare_editions(path[::-1]).index is None


def test_declared_to_break_or_not_declared_breaks():
    for declared in ({}, {WORDING: BROKEN}, {SCALE: COMPARABLE}):
        found = compare_editions(editions((SAME, {}), (version(REWORDED), declared)))
        assert found.criteria[CODE] is Break.WORDING
        assert found.bridges == ()


def test_declarations_chain_over_several_versions_and_one_break_is_enough():
    for second, why in ((COMPARABLE, None), (BROKEN, Break.WORDING)):
        found = compare_editions(
            editions(
                (SAME, {}),
                (version(REWORDED), {WORDING: COMPARABLE}),
                (version(AGAIN), {WORDING: second}),
            )
        )
        assert found.criteria[CODE] is why


def test_what_was_changed_back_is_what_it_was():
    found = compare_editions(
        editions((SAME, {}), (version(REWORDED), {WORDING: BROKEN}), (version(), {}))
    )
    assert found.index is None


def test_levels_that_count_otherwise_cannot_be_declared_comparable():
    later = version(('satisfied: ["4", "5"]', 'satisfied: ["5"]'))
    found = compare_editions(editions((SAME, {}), (later, {SCALE: COMPARABLE})))
    assert set(found.criteria.values()) == {Break.SCALE}


def test_renamed_levels_can_be_declared_comparable():
    later = version(("vi: Bình thường,", "vi: Tạm được,"))
    found = compare_editions(editions((SAME, {}), (later, {SCALE: COMPARABLE})))
    assert not any(found.criteria.values())


def test_a_reworded_question_on_a_changed_scale_breaks_for_the_scale():
    """Its wording was declared comparable; the reason that is left is told."""
    later = version(REWORDED, ("vi: Bình thường,", "vi: Tạm được,"))
    declared = {WORDING: COMPARABLE, SCALE: BROKEN}
    assert compare_editions(editions((SAME, {}), (later, declared))).criteria[CODE] is Break.SCALE


def test_a_slip_of_the_pen_breaks_nothing_but_another_word_does():
    slip = version(("vi: Thái độ của công chức,", "vi: Thái độ của công chưc,"))
    assert compared(SAME, slip).index is None
    other = version(("vi: Thái độ của công chức,", "vi: Thải độ của công chức,"))
    assert compared(SAME, other).criteria[CODE] is Break.WORDING


def test_a_question_dropped_for_a_while_and_asked_again_in_the_same_words_goes_on():
    start = SOURCE.index("      - code: service.attitude")
    stop = SOURCE.index("      - code:", start + 10)
    without = version((SOURCE[start:stop], ""))
    assert compare_editions(editions((SAME, {}), (without, {}), (version(), {}))).index is None


@given(questionnaires(), questionnaires())
@patiently
def test_whether_a_question_goes_on_does_not_depend_on_which_version_came_first(one, other):
    path = editions((one, {}), (other, {}))
    there, back = compare_editions(path), compare_editions(path[::-1])
    for code in set(there.questions) & set(back.questions):
        assert (there.questions[code] is None) is (back.questions[code] is None)
    assert compare_editions([path[0]]).index is None
