"""Versions: what goes on, what breaks, and why."""

from pathlib import Path

import pytest

from survey_app.questionnaire.comparability import Break, compare_versions
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.parsing import parse_questionnaire

SOURCE = (Path(__file__).parents[3] / "questionnaires" / "one-stop-rating.yaml").read_text("utf-8")
CODE, FACTOR = "service.attitude", "service"


def version(*edits: tuple[str, str]) -> Questionnaire:
    text = SOURCE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_questionnaire(text)


def test_the_same_questionnaire_goes_on_everywhere():
    for later in (version(), SAME):
        found = compare_versions(SAME, later)
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
    found = compare_versions(SAME, later)
    assert found.criteria[code] is why
    assert found.factors[FACTOR] is Break.CRITERIA
    assert found.index is Break.CRITERIA


def test_one_changed_wording_leaves_the_others_alone():
    later = version(("vi: Thái độ của công chức,", "vi: Cách công chức tiếp ông/bà,"))
    found = compare_versions(SAME, later)
    assert [code for code, why in found.criteria.items() if why] == [CODE]


def test_offering_not_applicable_is_another_audience():
    text = "        not_applicable: true\n        text: { vi: Thái độ của công chức,"
    later = version((text, "        text: { vi: Thái độ của công chức,"))
    assert compare_versions(SAME, later).criteria[CODE] is Break.AUDIENCE


@pytest.mark.parametrize(
    "edit", [("item: top2", "item: mean"), ("roll_up: pooled", "roll_up: criteria_mean")]
)
def test_another_method_breaks_the_index_only_where_it_counts(edit):
    found = compare_versions(SAME, version(edit))
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
    found = compare_versions(SAME, version(edit))
    assert not any([*found.criteria.values(), *found.factors.values(), found.index])


def test_a_dropped_criterion_breaks_the_factor():
    start = SOURCE.index("      - code: service.attitude")
    stop = SOURCE.index("      - code:", start + 10)
    later = version((SOURCE[start:stop], ""))
    found = compare_versions(SAME, later)
    assert CODE not in found.criteria
    assert not any(found.criteria.values())
    assert (found.factors[FACTOR], found.index) == (Break.CRITERIA, Break.CRITERIA)
