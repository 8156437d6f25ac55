"""Hypothesis strategies: random valid questionnaires, answers, and raw JSON."""

import unicodedata
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
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
from survey_app.questionnaire.routing import Answer, is_asked

CHOICES = (QuestionKind.SCALE, QuestionKind.SINGLE, QuestionKind.MULTIPLE)
LANGUAGES = ("en", "rad", "hmn")

#: Settings for properties over whole questionnaires: slow machines are no failure.
patiently = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: What tempts a YAML reader or writer to change a text.
TRICKY = ["no", "012", "1.0", "~", "null", "- a", "a: b", "a #b", "'", '"', "{x}", "[", "*x", "&x"]

_words = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t:#-'\"{}[],&*!|>%@`\\ ắệđ"),
    min_size=1,
    max_size=40,
)


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def is_seen(text: str) -> bool:
    """Whether somebody would see that there is a text: a lone zero-width character is none."""
    return any(not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in text)


words = st.one_of(st.sampled_from(TRICKY), _words.map(_clean).filter(bool))
codes = st.from_regex(r"[a-z][a-z0-9_]{0,4}(\.[a-z0-9_]{1,4}){0,2}", fullmatch=True)
option_codes = st.one_of(
    st.sampled_from(["1", "012", "no", "yes", "1.0", "null", "true", "0x1f", "1e5"]),
    st.from_regex(r"[a-z0-9][a-z0-9._-]{0,6}", fullmatch=True),
).filter(lambda code: code != NOT_APPLICABLE)


def texts(languages: tuple[str, ...]) -> st.SearchStrategy[LocalText]:
    others = {language: words for language in languages if language != "vi"}
    return st.fixed_dictionaries({"vi": words}, optional=others).map(LocalText)


@st.composite
def options(draw: st.DrawFn, languages: tuple[str, ...], low: int, high: int) -> tuple[Option, ...]:
    found = draw(st.lists(option_codes, min_size=low, max_size=high, unique=True))
    return tuple(Option(code, draw(texts(languages))) for code in found)


@st.composite
def scales(draw: st.DrawFn, code: str, languages: tuple[str, ...]) -> Scale:
    levels = draw(options(languages, 2, 11))
    satisfied = draw(st.sets(st.sampled_from([level.code for level in levels]), min_size=1))
    return Scale(code, levels, frozenset(satisfied), draw(texts(languages)))


@st.composite
def conditions(draw: st.DrawFn, earlier: list[Question]) -> tuple[Condition, ...]:
    targets = [question for question in earlier if question.kind in CHOICES]
    if not targets or not draw(st.booleans()):
        return ()
    found = []
    for target in draw(st.lists(st.sampled_from(targets), min_size=1, max_size=2)):
        known = [option.code for option in target.choices]
        known += [NOT_APPLICABLE] if target.not_applicable else []
        chosen = draw(st.sets(st.sampled_from(known), min_size=1))
        found.append(Condition(target.code, frozenset(chosen), draw(st.booleans())))
    return tuple(found)


@st.composite
def questions(
    draw: st.DrawFn,
    code: str,
    role: Role,
    known: list[Scale],
    languages: tuple[str, ...],
    earlier: list[Question],
) -> Question:
    kind = draw(st.sampled_from(QuestionKind))
    if role in (Role.CRITERION, Role.OVERALL):
        kind = QuestionKind.SCALE
    if role is Role.COMMENT:
        kind = QuestionKind.TEXT
    own: dict[str, Any] = {}
    if kind is QuestionKind.SCALE:
        own["scale"] = draw(st.sampled_from(known))
    elif kind in CHOICES:
        own["options"] = draw(options(languages, 2, 6))
        if kind is QuestionKind.MULTIPLE:
            own["max_choices"] = draw(st.none() | st.integers(1, len(own["options"])))
    elif kind is QuestionKind.NUMBER:
        low, high = sorted(draw(st.tuples(st.integers(0, 65_000), st.integers(0, 65_000))))
        own["minimum"] = draw(st.sampled_from([low, None]))
        own["maximum"] = draw(st.sampled_from([high, None]))
    else:
        own["max_length"] = draw(st.none() | st.integers(1, 10_000))
    if kind is not QuestionKind.TEXT:
        own["not_applicable"] = draw(st.booleans())
    return Question(
        code=code,
        kind=kind,
        role=role,
        text=draw(texts(languages)),
        hint=draw(st.none() | texts(languages)),
        required=draw(st.booleans()),
        ask_when=draw(conditions(earlier)),
        **own,
    )


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    others = draw(st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=2))
    languages = tuple(draw(st.permutations(["vi", *others])))
    scale_codes = draw(st.lists(codes, min_size=1, max_size=2, unique=True))
    known = [draw(scales(code, languages)) for code in scale_codes]
    free = draw(st.lists(codes, min_size=6, max_size=10, unique=True))
    earlier: list[Question] = []
    sections = []
    for section_code in draw(st.lists(codes, min_size=1, max_size=3, unique=True)):
        is_factor = draw(st.booleans())
        inside = []
        for place in range(draw(st.integers(1, 2))):
            roles = [role for role in Role if is_factor or role is not Role.CRITERION]
            role = Role.CRITERION if is_factor and place == 0 else draw(st.sampled_from(roles))
            question = draw(questions(free.pop(), role, known, languages, earlier))
            earlier.append(question)
            inside.append(question)
        sections.append(
            Section(
                section_code,
                draw(texts(languages)),
                tuple(inside),
                is_factor,
                draw(st.none() | texts(languages)),
            )
        )
    return Questionnaire(
        code=draw(st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)),
        title=draw(texts(languages)),
        languages=languages,
        sections=tuple(sections),
        scoring=draw(scorings([section.code for section in sections if section.is_factor])),
        introduction=draw(st.none() | texts(languages)),
        thanks=draw(st.none() | texts(languages)),
    )


@st.composite
def scorings(draw: st.DrawFn, factors: list[str]) -> ScoringMethod:
    roll_up = draw(st.sampled_from(RollUp))
    weights: dict[str, float] = {}
    if roll_up is RollUp.WEIGHTED:
        weights = {code: draw(st.floats(1e-6, 1e6)) for code in factors}
    return ScoringMethod(draw(words), draw(st.sampled_from(ItemRule)), roll_up, weights)


def answers_to(question: Question) -> st.SearchStrategy[Answer]:
    """A valid answer to ``question``."""
    known = [option.code for option in question.choices]
    found: st.SearchStrategy[Answer]
    if question.kind is QuestionKind.TEXT:
        most = min(question.max_length or 2_000, 30)
        found = words.map(lambda text: text.replace("\t", " ")[:most].strip()).filter(is_seen)
    elif question.kind is QuestionKind.NUMBER:
        low = question.minimum or 0
        high = 65_000 if question.maximum is None else question.maximum
        found = st.integers(low, high).map(str)
    elif question.kind is QuestionKind.MULTIPLE:
        chosen = st.sets(st.sampled_from(known), min_size=1, max_size=question.max_choices)
        found = chosen.map(lambda picked: tuple(code for code in known if code in picked))
    else:
        found = st.sampled_from(known)
    return found | st.just(NOT_APPLICABLE) if question.not_applicable else found


@st.composite
def answer_sheets(draw: st.DrawFn, questionnaire: Questionnaire) -> dict[str, Answer]:
    """Valid answers to questions that are asked, perhaps none; required ones are answered."""
    sheet: dict[str, Answer] = {}
    for question in questionnaire.questions:
        if is_asked(question, sheet) and (question.required or draw(st.booleans())):
            sheet[question.code] = draw(answers_to(question))
    return sheet


@st.composite
def answered(draw: st.DrawFn) -> tuple[Questionnaire, dict[str, Answer]]:
    questionnaire = draw(questionnaires())
    return questionnaire, draw(answer_sheets(questionnaire))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | option_codes,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
