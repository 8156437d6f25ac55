"""Every edit between two questionnaires, with its class and the figures it bears on."""

from pathlib import Path

import pytest
from hypothesis import given

from survey_app.errors import Invalid
from survey_app.questionnaire.changes import find_changes
from survey_app.questionnaire.declarations import (
    Declaration,
    Verdict,
    check_declarations,
    dump_declarations,
    find_matters,
    load_declarations,
)
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.edits import ChangeKind, Touched
from survey_app.questionnaire.parsing import parse_questionnaire
from tests.unit.questionnaire.strategies import patiently, questionnaires

SOURCE = (Path(__file__).parents[3] / "questionnaires" / "one-stop-rating.yaml").read_text("utf-8")
CODE, FACTOR = "service.attitude", "service"
QUESTION = f"question:{CODE}"
ATTITUDE = "vi: Thái độ của công chức,"
LAST_LEVEL = next(line for line in SOURCE.splitlines(keepends=True) if 'code: "5"' in line)


def version(*edits: tuple[str, str]) -> Questionnaire:
    text = SOURCE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_questionnaire(text)


SAME = version()


def block(code: str) -> str:
    start = SOURCE.index(f"      - code: {code}\n")
    return SOURCE[start : SOURCE.index("      - code:", start + 10)]


@pytest.mark.parametrize(
    ("edit", "key", "is_open"),
    [
        ((ATTITUDE, "vi: Thai độ của công chưc,"), f"{QUESTION}:wording", True),
        ((ATTITUDE, "vi: thái độ của công chưc.,"), f"{QUESTION}:typo", False),
        ((ATTITUDE, "vi: Thái độ không tốt của công chức,"), f"{QUESTION}:wording", True),
        ((ATTITUDE, "vi: Nhà chờ sạch và đủ ghế,"), f"{QUESTION}:meaning", True),
        (("en: Attitude of the officer", "en: How the officer behaved"), None, False),
        (("vi: Bình thường,", "vi: Tạm được,"), "scale:satisfaction:scale", True),
        (('satisfied: ["4", "5"]', 'satisfied: ["5"]'), "scale:satisfaction:scale", False),
        ((LAST_LEVEL, ""), "scale:satisfaction:scale", False),
        (("item: top2", "item: mean"), "scoring::method", False),
        ((f"code: {CODE}", "code: service.manners"), f"{QUESTION}:removed", False),
        ((block(CODE), ""), f"{QUESTION}:removed", False),
        ((f"{block(CODE)}", block(CODE).replace("        not_applicable: true\n", "")),
         f"{QUESTION}:audience", True),
    ],
)  # fmt: skip
def test_the_class_of_an_edit(edit: tuple[str, str], key: str | None, is_open: bool) -> None:
    if edit[0] == LAST_LEVEL:
        edits = [edit, ('satisfied: ["4", "5"]', 'satisfied: ["4"]')]
    else:
        edits = [edit]
    matters = {matter.key: matter for matter in find_matters(SAME, version(*edits))}
    if key is None:
        assert [matter.first.kind for matter in matters.values()] == [ChangeKind.TRANSLATION]
    else:
        assert matters[key].is_open is is_open


def test_a_moved_question_alone_has_moved() -> None:
    moved = block(CODE)
    later = parse_questionnaire(
        SOURCE.replace(moved, "").replace(
            "      - code: service.overall\n", moved + "      - code: service.overall\n"
        )
    )
    found = find_changes(SAME, later)
    assert [(change.kind, change.code) for change in found] == [(ChangeKind.MOVED, CODE)]
    assert all(change.is_trivial for change in found)


def test_an_edit_tells_the_figures_it_bears_on() -> None:
    (wording,) = find_matters(SAME, version((ATTITUDE, "vi: Cách công chức tiếp ông/bà,")))
    assert wording.touched == Touched((CODE,), (FACTOR,), index=True)
    (scale,) = find_matters(SAME, version(("vi: Bình thường,", "vi: Tạm được,")))
    assert set(scale.touched.criteria) == {q.code for _, q in SAME.criteria}
    (typo,) = find_matters(SAME, version((ATTITUDE, "vi: Thái độ của công chức!,")))
    assert typo.touched == Touched()


def test_removing_and_adding_tell_their_factor() -> None:
    found = find_matters(SAME, version((f"code: {CODE}", "code: service.manners")))
    assert {m.first.kind: m.touched.criteria for m in found} == {
        ChangeKind.ADDED: ("service.manners",),
        ChangeKind.REMOVED: (CODE,),
    }
    assert all(matter.touched.factors == (FACTOR,) for matter in found)


@given(questionnaires())
@patiently
def test_nothing_is_found_between_equals(questionnaire: Questionnaire) -> None:
    assert find_changes(questionnaire, questionnaire) == ()


@given(questionnaires(), questionnaires())
@patiently
def test_whatever_differs_is_found(one: Questionnaire, other: Questionnaire) -> None:
    assert bool(find_changes(one, other)) is (one != other)
    find_matters(one, other)


# ── declarations ──────────────────────────────────────────────────────────────────────────────

LATER = version((ATTITUDE, "vi: Cách công chức tiếp ông/bà,"), ("vi: Bình thường,", "vi: Vừa,"))
MATTERS = find_matters(SAME, LATER)
WORDING, SCALE = f"{QUESTION}:wording", "scale:satisfaction:scale"
YES, NO = Declaration(Verdict.COMPARABLE), Declaration(Verdict.BREAK)


def test_every_open_edit_needs_a_verdict() -> None:
    with pytest.raises(Invalid) as caught:
        check_declarations(MATTERS, {})
    assert {problem.where for problem in caught.value.problems} == {WORDING, SCALE}


def test_a_scale_needs_a_reason_to_be_comparable_and_a_wording_does_not() -> None:
    with pytest.raises(Invalid) as caught:
        check_declarations(MATTERS, {WORDING: YES, SCALE: YES})
    assert [problem.where for problem in caught.value.problems] == [SCALE]
    kept = check_declarations(MATTERS, {WORDING: YES, SCALE: NO, "question:other:wording": YES})
    assert kept == {WORDING: YES, SCALE: NO}


def test_declarations_come_back_as_they_were_kept() -> None:
    declared = {WORDING: Declaration(Verdict.COMPARABLE, "cùng một ý"), SCALE: NO}
    assert load_declarations(dump_declarations(declared)) == declared
