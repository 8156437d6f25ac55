"""Answer sheets: what is accepted, what is refused, in which words."""

import unicodedata
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.errors import Invalid
from survey_app.i18n import translate
from survey_app.questionnaire.answers import free_texts, validate_answers
from survey_app.questionnaire.definition import (
    Condition,
    ItemRule,
    LocalText,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
    RollUp,
    Scale,
    ScoringMethod,
    Section,
)
from survey_app.questionnaire.routing import Answer
from survey_app.questionnaire.sentences import SENTENCES, Say, in_vietnamese
from tests.unit.questionnaire.strategies import answered, json_values, patiently, questionnaires

TEXT = LocalText({"vi": "Câu hỏi"})


def some(*codes: str) -> tuple[Option, ...]:
    return tuple(Option(code, TEXT) for code in codes)


SCALE = Scale("s", some("1", "2", "3", "4", "5"), frozenset({"4", "5"}), TEXT)
LOW = Condition("overall", frozenset({"1", "2"}))


def build(*questions: Question) -> Questionnaire:
    scoring = ScoringMethod("1", ItemRule.TOP2, RollUp.POOLED)
    return Questionnaire("demo", TEXT, ("vi",), (Section("s", TEXT, questions),), scoring)


def ask(code: str, kind: QuestionKind, **own: Any) -> Question:
    return Question(code, kind, Role.CONTEXT, TEXT, **own)


QUESTIONNAIRE = build(
    ask("overall", QuestionKind.SCALE, scale=SCALE, required=True),
    ask("time", QuestionKind.SCALE, scale=SCALE, not_applicable=True),
    ask("sex", QuestionKind.SINGLE, options=some("m", "f")),
    ask("why", QuestionKind.MULTIPLE, options=some("a", "b", "c"), max_choices=2),
    ask("trips", QuestionKind.NUMBER, minimum=1, maximum=30),
    ask("comment", QuestionKind.TEXT, max_length=10),
    ask("more", QuestionKind.SINGLE, options=some("x", "y"), required=True, ask_when=(LOW,)),
)


def accepted(**raw: object) -> dict[str, Answer]:
    return dict(validate_answers(QUESTIONNAIRE, {"overall": "5", **raw}))


def refused(raw: dict[str, object], say: Say = in_vietnamese) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        validate_answers(QUESTIONNAIRE, raw, say)
    return [(problem.where, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("code", "given", "expected"),
    [
        ("time", "4", "4"),
        ("time", 4, "4"),
        ("time", " 4 ", "4"),
        ("time", "na", "na"),
        ("sex", "f", "f"),
        ("why", ["c", "a"], ("a", "c")),
        ("why", ("b",), ("b",)),
        ("why", "b", ("b",)),
        ("why", ["", "b", None], ("b",)),
        ("trips", 12, "12"),
        ("trips", "12", "12"),
        ("trips", " 007 ", "7"),
        ("comment", " Cảm ơn ", "Cảm ơn"),
        ("comment", unicodedata.normalize("NFD", "Đề nghị ưở"), "Đề nghị ưở"),
        ("comment", "a\r\nb\rc\x00\x07\ud800\td", "a\nb\nc d"),
        ("comment", "x" * 10, "x" * 10),
        ("comment", "<b>&</b>", "<b>&</b>"),
    ],
)
def test_accepted(code: str, given: object, expected: Answer) -> None:
    assert accepted(**{code: given})[code] == expected


@pytest.mark.parametrize("given", [None, "", "  \n", []])
@pytest.mark.parametrize("code", ["time", "sex", "why", "trips", "comment"])
def test_skipped(code: str, given: object) -> None:
    assert accepted(**{code: given}) == {"overall": "5"}


@pytest.mark.parametrize(
    ("code", "given", "key"),
    [
        *[
            (code, wrong, "form_choice")
            for code in ("time", "sex")
            for wrong in (True, False, 4.0, {"code": "4"}, ["4"], [["4"]], {})
        ],
        ("time", "6", "unknown_option"),
        ("time", "04", "unknown_option"),
        ("time", 0, "unknown_option"),
        pytest.param("time", 10**5000, "unknown_option", id="endless code"),
        ("time", "4\x00", "unknown_option"),
        ("sex", "na", "no_not_applicable"),
        ("sex", "F", "unknown_option"),
        ("why", {"a": True}, "form_multiple"),
        ("why", [["a"]], "form_multiple"),
        ("why", [True], "form_multiple"),
        ("why", [1.5], "form_multiple"),
        ("why", ["a", "d"], "unknown_option"),
        ("why", ["a", "a"], "repeated_option"),
        ("why", ["a", "b", "c"], "too_many"),
        ("why", "na", "no_not_applicable"),
        ("trips", 0, "too_small"),
        ("trips", "-3", "too_small"),
        ("trips", 31, "too_large"),
        pytest.param("trips", 10**5000, "too_large", id="endless number"),
        ("trips", "9" * 20, "too_large"),
        pytest.param("trips", "9" * 5000, "form_number", id="endless digits"),
        ("trips", True, "form_number"),
        ("trips", 2.0, "form_number"),
        ("trips", "2.0", "form_number"),
        ("trips", "hai", "form_number"),
        ("trips", "٢", "form_number"),
        ("trips", [2], "form_number"),
        ("trips", "na", "no_not_applicable"),
        ("comment", 5, "form_text"),
        ("comment", True, "form_text"),
        ("comment", ["a"], "form_text"),
        ("comment", {"a": 1}, "form_text"),
        ("comment", "x" * 13, "too_long"),
    ],
)
def test_refused(code: str, given: object, key: str) -> None:
    ((where, message),) = refused({"overall": "5", code: given})
    assert where == code
    assert message.startswith(SENTENCES[key].partition("{")[0])
    assert "{" not in message
    ((_, english),) = refused({"overall": "5", code: given}, partial(translate, language="en"))
    assert english.startswith(translate(SENTENCES[key], "en").partition("{")[0])
    assert english != message


def test_too_long_says_by_how_much() -> None:
    ((_, message),) = refused({"overall": 5, "comment": "ệ" * 13})
    assert "3 ký tự" in message
    assert "10" in message


def test_every_mistake_is_listed_at_once() -> None:
    found = refused(
        {"overall": "9", "time": True, "why": ["z"], "trips": "x", "comment": 1, "ghost": "1"}
    )
    assert [where for where, _ in found] == ["ghost", "overall", "time", "why", "trips", "comment"]


def test_unknown_questions_and_foreign_keys() -> None:
    assert [where for where, _ in refused({"overall": 5, "ghost": None})] == ["ghost"]
    assert [where for where, _ in refused({"overall": 5, 7: "x"})] == ["7"]  # type: ignore[dict-item]


def test_required_question_in_polite_words() -> None:
    assert refused({"time": "4"}) == [("overall", "Vui lòng chọn một mức độ hài lòng.")]
    ((_, chinese),) = refused({"time": "4"}, partial(translate, language="zh"))
    assert chinese == "请选择一个满意程度。"


def test_questions_not_asked_are_left_out_and_not_demanded() -> None:
    assert accepted(more="x") == {"overall": "5"}
    assert accepted(more={"wrong": 1}) == {"overall": "5"}
    assert accepted(overall="1", more="x") == {"overall": "1", "more": "x"}
    assert [where for where, _ in refused({"overall": "1"})] == ["more"]


def test_behind_an_unreadable_answer_mistakes_are_told_but_nothing_is_demanded() -> None:
    assert [where for where, _ in refused({"overall": "9"})] == ["overall"]
    assert [where for where, _ in refused({"overall": "9", "more": "z"})] == ["overall", "more"]


@pytest.mark.parametrize("raw", [{}, {"a": None, "b": "", "t": " "}, {"b": []}])
def test_an_empty_sheet_is_a_mistake(raw: dict[str, object]) -> None:
    questionnaire = build(
        ask("a", QuestionKind.SCALE, scale=SCALE),
        ask("b", QuestionKind.MULTIPLE, options=some("x", "y")),
        ask("t", QuestionKind.TEXT),
    )
    with pytest.raises(Invalid) as caught:
        validate_answers(questionnaire, raw)
    (problem,) = caught.value.problems
    assert problem.where == ""
    assert problem.message.startswith("Phiếu chưa có câu trả lời nào")


@pytest.mark.parametrize("raw", [None, [], "x", 5, [("overall", "5")]])
def test_a_sheet_must_be_a_mapping(raw: Any) -> None:
    with pytest.raises(Invalid, match="không đọc được"):
        validate_answers(QUESTIONNAIRE, raw)


def test_free_texts_stand_apart() -> None:
    assert free_texts(QUESTIONNAIRE, accepted(comment="Tốt", sex="f")) == {"comment": "Tốt"}


@patiently
@given(answered())
def test_valid_sheets_are_accepted_unchanged(
    case: tuple[Questionnaire, dict[str, Answer]],
) -> None:
    questionnaire, answers = case
    if answers:
        assert validate_answers(questionnaire, answers) == answers
    else:
        with pytest.raises(Invalid):
            validate_answers(questionnaire, answers)


@patiently
@given(questionnaires(), st.data())
def test_any_json_is_either_accepted_or_refused_with_sentences(
    questionnaire: Questionnaire, data: st.DataObject
) -> None:
    codes = [question.code for question in questionnaire.questions]
    raw = data.draw(st.dictionaries(st.sampled_from(codes) | st.text(max_size=3), json_values))
    try:
        answers = validate_answers(questionnaire, raw)
    except Invalid as error:
        assert error.problems
    else:
        assert validate_answers(questionnaire, answers) == answers


def test_an_invisible_text_is_a_skipped_question() -> None:
    document = build(ask("t", QuestionKind.TEXT), ask("n", QuestionKind.NUMBER))
    for unseen in ("\u200b\u200b", "\u00ad", " \ufeff\n"):
        assert validate_answers(document, {"t": unseen, "n": 3}) == {"n": "3"}
        with pytest.raises(Invalid):
            validate_answers(document, {"t": unseen})


def test_a_partial_sheet_needs_the_main_rating_alone() -> None:
    assert validate_answers(QUESTIONNAIRE, {"overall": "5"}, is_partial=True) == {"overall": "5"}
    # A question that only follows a bad rating is required, and was not reached.
    assert validate_answers(QUESTIONNAIRE, {"overall": "1"}, is_partial=True) == {"overall": "1"}
    with pytest.raises(Invalid) as caught:
        validate_answers(QUESTIONNAIRE, {"time": "4"}, is_partial=True)
    assert [problem.where for problem in caught.value.problems] == ["overall"]


def test_without_a_main_rating_nothing_is_partial() -> None:
    questionnaire = build(ask("t", QuestionKind.TEXT))
    with pytest.raises(Invalid) as caught:
        validate_answers(questionnaire, {"t": "x"}, is_partial=True)
    assert [problem.where for problem in caught.value.problems] == [""]


def test_not_applicable_is_no_rating() -> None:
    rating = ask("r", QuestionKind.SCALE, scale=SCALE, required=True, not_applicable=True)
    assert validate_answers(build(rating), {"r": "na"}) == {"r": "na"}
    with pytest.raises(Invalid):
        validate_answers(build(rating), {"r": "na"}, is_partial=True)


def test_the_main_rating() -> None:
    def scale(code: str, role: Role = Role.CONTEXT, *, required: bool = False) -> Question:
        return Question(code, QuestionKind.SCALE, role, TEXT, scale=SCALE, required=required)

    text, plain = ask("t", QuestionKind.TEXT, required=True), scale("plain", Role.CRITERION)
    must, overall = scale("must", required=True), scale("overall", Role.OVERALL)
    expected = [
        ((text, plain, must, overall), "overall"),
        ((text, plain, must), "must"),
        ((text, plain), "plain"),
        ((text,), None),
    ]
    for questions, code in expected:
        found = build(*questions).main_rating
        assert (found.code if found else None) == code
