"""Questionnaires as XLSForm: pyxform takes them, they mean the same, and they come back equal."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import pyxform.validators.odk_validate
from hypothesis import given
from pyxform.xls2xform import convert

from survey_app.interchange.xlsform.reading import read_xlsform
from survey_app.interchange.xlsform.writing import to_xlsform
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.questionnaire.routing import Answer, asked
from tests.factories import QUESTIONNAIRES
from tests.unit.interchange.xlsform.forms import binds, converted
from tests.unit.questionnaire.strategies import answered, patiently, questionnaires

SHIPPED = sorted(path.name for path in QUESTIONNAIRES.glob("*.yaml"))


def shipped(name: str) -> Questionnaire:
    return parse_questionnaire((QUESTIONNAIRES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SHIPPED)
def test_our_questionnaires_convert_without_a_warning_and_come_back_equal(name: str) -> None:
    questionnaire = shipped(name)
    data = to_xlsform(questionnaire, version="3")
    xform, warnings = converted(data)
    assert warnings == []
    assert {q.code for q in questionnaire.questions} <= set(binds(xform))
    reading = read_xlsform(data, "a.xlsx")
    assert reading.findings == ()
    assert reading.source is not None
    assert parse_questionnaire(reading.source) == questionnaire


def test_odk_validate_takes_our_questionnaires(tmp_path: Path) -> None:
    """The checker of ODK, with the engine that phones run, as pyxform brings it."""
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine")
    for name in SHIPPED:
        data = to_xlsform(shipped(name), version="3")
        xform = convert(data, warnings=[], validate=False, file_type=".xlsx").xform
        (tmp_path / f"{name}.xml").write_text(xform, encoding="utf-8")
    checker = Path(pyxform.validators.odk_validate.ODK_VALIDATE_PATH)
    done = subprocess.run(
        ["java", "-Djava.awt.headless=true", "-jar", checker, *sorted(tmp_path.iterdir())],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert (done.returncode, told.count("Xform is valid")) == (0, len(SHIPPED)), told


@pytest.mark.usefixtures("in_this_process")
@patiently
@given(questionnaires())
def test_any_questionnaire_converts_and_comes_back_equal(questionnaire: Questionnaire) -> None:
    data = to_xlsform(questionnaire, version="1")
    _, warnings = converted(data)
    assert warnings == []
    reading = read_xlsform(data, "a.xlsx")
    assert reading.findings == ()
    assert reading.source is not None
    assert parse_questionnaire(reading.source) == questionnaire


# ── the form that pyxform makes means what the questionnaire means ────────────────────────────


class Values(dict[str, str]):
    """What an XForm knows of the answers: texts, the choices of a list parted by spaces."""

    def __missing__(self, name: str) -> str:
        return ""


def holds(expression: str, values: Values, self_value: str = "") -> bool:
    """Evaluates the part of XPath that stands in a bind."""
    code = re.sub(r"\s*/data/(?:[\w.-]+/)*([\w.-]+)\s*", r" values['\1'] ", expression)
    code = re.sub(r"(?<=[(\s,])\.(?=[\s,)])|^\.(?=\s)", " itself ", code)
    code = re.sub(r"(?<![<>!])=", "==", code)
    code = code.replace("count-selected", "count").replace("string-length", "length")
    number = int(self_value) if re.fullmatch(r"-?\d+", self_value) else self_value
    names = {
        "values": values,
        "itself": number,
        "selected": lambda text, code: code in str(text).split(),
        "count": lambda text: len(str(text).split()),
        "length": lambda _: len(self_value),
        "__builtins__": {},
    }
    return bool(eval(code.strip(), names))


def as_text(answer: Answer) -> str:
    return answer if isinstance(answer, str) else " ".join(answer)


@patiently
@given(answered())
def test_relevance_asks_exactly_the_questions_that_the_skip_rules_ask(
    case: tuple[Questionnaire, Mapping[str, Answer]],
) -> None:
    questionnaire, answers = case
    found = binds(converted(to_xlsform(questionnaire, version="1"))[0])
    expected = {question.code for question in asked(questionnaire, answers)}
    values = Values({code: as_text(answer) for code, answer in answers.items()})
    relevant = {
        question.code
        for question in questionnaire.questions
        if holds(found[question.code].get("relevant", "1 = 1"), values)
    }
    assert relevant == expected


@pytest.mark.parametrize("code", ["meta", "data"])
def test_codes_that_converters_keep_for_themselves(code: str) -> None:
    source = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
    questionnaire = parse_questionnaire(source.replace("service.overall", code))
    data = to_xlsform(questionnaire, version="1")
    xform, warnings = converted(data)
    assert warnings == []
    assert f"{code}-question" in binds(xform)["improvement.reasons"]["relevant"]
    reading = read_xlsform(data, "a.xlsx")
    assert reading.findings == () and reading.source is not None
    assert parse_questionnaire(reading.source) == questionnaire


def only(question: str, **more: str) -> Questionnaire:
    scales = (
        'scales: {s: {levels: [{code: "1", label: Kém}, {code: "2", label: Tốt}], satisfied: ["2"],'
        " not_applicable: Không rõ}}"
    )
    source = f"""
format: 1
code: thu
title: Thử
languages: [vi]
{scales if "scale: s" in question else ""}
scoring: {{version: "1", item: top2, roll_up: pooled}}
sections:
  - code: phan
    title: Phần
    questions:
      - {{code: a, role: {more.get("role", "context")}, text: Câu hỏi, {question}}}
"""
    return parse_questionnaire(source)


OPTIONS = "options: [{code: x, label: X}, {code: y, label: Y}, {code: z, label: Z}]"


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("kind: number, minimum: 1, maximum: 9", ["1", "9"], ["0", "10"]),
        ("kind: number", ["0", "65000"], ["-1", "65001"]),
        ("kind: text, max_length: 5", ["abcde"], ["abcdef"]),
        ("kind: text", ["x" * 2000], ["x" * 2001]),
        (f"kind: multiple, max_choices: 2, {OPTIONS}", ["x y"], ["x y z"]),
        (
            f"kind: multiple, max_choices: 2, not_applicable: true, {OPTIONS}",
            ["x y", "na"],
            ["x y z", "x na"],
        ),
    ],
)
def test_constraints_accept_exactly_what_the_platform_accepts(
    question: str, right: list[str], wrong: list[str]
) -> None:
    found = binds(converted(to_xlsform(only(question), version="1"))[0])["a"]
    assert [holds(found["constraint"], Values(), value) for value in right] == [True] * len(right)
    assert [holds(found["constraint"], Values(), value) for value in wrong] == [False] * len(wrong)


def test_required_but_for_a_number_that_may_not_apply() -> None:
    def required(question: str) -> bool:
        found = binds(converted(to_xlsform(only(question), version="1"))[0])["a"]
        return found.get("required") == "true()"

    assert required("kind: number, required: true")
    assert required("kind: text, required: true")
    assert not required("kind: number, required: true, not_applicable: true")


def test_levels_in_a_line_only_where_no_answer_lies_off_it() -> None:
    def appearance(question: str) -> list[str | None]:
        xform, _ = converted(to_xlsform(only(question), version="1"))
        selects = xform.iter("{http://www.w3.org/2002/xforms}select1")
        return [select.get("appearance") for select in selects]

    assert appearance("kind: scale, scale: s") == ["likert"]
    assert appearance("kind: scale, scale: s, not_applicable: true") == [None]


def test_every_language_and_the_default() -> None:
    xform, _ = converted(to_xlsform(shipped("sipas-counter.yaml"), version="1"))
    translations = list(xform.iter("{http://www.w3.org/2002/xforms}translation"))
    assert [t.attrib["lang"] for t in translations] == [
        "Tiếng Việt (vi)",
        "English (en)",
        "中文 (zh)",
    ]
    assert [t.get("default") for t in translations] == ["true()", None, None]


def test_a_text_that_looks_like_a_reference_is_none() -> None:
    questionnaire = only("kind: text, hint: 'Ghi như ${ten}'")
    data = to_xlsform(questionnaire, version="1")
    assert converted(data)[1] == []
    reading = read_xlsform(data, "a.xlsx")
    assert reading.source is not None
    assert str(parse_questionnaire(reading.source)["a"].hint) == "Ghi như ${ten}"


def test_the_version_is_that_of_the_platform() -> None:
    xform, _ = converted(to_xlsform(only("kind: text"), version="17"))
    root = next(iter(xform.iter("{http://www.w3.org/2002/xforms}instance")))[0]
    assert (root.attrib["id"], root.attrib["version"]) == ("thu", "17")
