"""Plan files of any kind: read, or every mistake said in a message of a sensible length."""

import pytest

from survey_app.errors import Invalid
from survey_app.operations.files.plan_file import read_plan

FACTORS = "factors: {F1: [q1, q2]}\n"


def refused(text: str) -> Invalid:
    with pytest.raises(Invalid) as refusal:
        read_plan(text)
    found = refusal.value
    said = [found.message, *map(str, found.problems)]
    assert sum(map(len, said)) < 2_000
    return found


def bomb(levels: int = 9) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "use",
    ["factors: {F1: *a8}", "intervals: *a8", "where: {q1: *a8}", "factors: {F1: [*a8]}"],
)
def test_references_within_a_plan_are_refused(use: str) -> None:
    found = refused(f"{bomb()}{use}\n")
    assert "không được dùng các ký hiệu &, *" in found.message
    assert found.problems[0].line == 1


@pytest.mark.parametrize(
    "text", [f"{FACTORS}where: {{q1: !!int ''}}", f"{FACTORS}where: {{q1: !!set {{a}}}}"]
)
def test_values_of_a_kind_of_their_own_are_refused(text: str) -> None:
    refused(text)


@pytest.mark.parametrize("text", ["[" * 5_000, "a: " + "[" * 400 + "]" * 400, "a: +_\n", "\x00"])
def test_what_is_no_plan_is_refused(text: str) -> None:
    refused(text)


@pytest.mark.parametrize(
    "line",
    [
        f"intervals: [{'x' * 50_000}]",
        f"intervals: [{'[a, ' * 50}b{']' * 50}]",
        f"where: {{q1: {'[a, ' * 50}b{']' * 50}}}",
        f"{'k' * 50_000}: 1",
    ],
)
def test_long_and_nested_values_are_cut(line: str) -> None:
    refused(f"{FACTORS}{line}\n")


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("where: {2025: 1}", "where"),
        ("where: {null: 2}", "where"),
        ("where: {[1, 2]: 2}", "where"),
        ("where: {q1: null}", "where.q1"),
        ("where: {q1: []}", "where.q1"),
        ("domains: [{2025: 1}]", "domains[1]"),
        ("domains: [{q1: 1}, {q1: '1'}]", "domains[2]"),
        ("compare: {column: 5, from: 1, to: 2}", "compare.column"),
        ("compare: {column: [q1], from: 1, to: 2}", "compare.column"),
        ("compare: {column: q1, from: {a: 1}, to: 2}", "compare.from"),
        ("weight: ''", "weight"),
        ("population: {members: 5}", "population.members"),
        ("population: {[a]: x}", "population.…"),
        (f"answers: {{maximum: {'9' * 400}}}", "answers"),
        (f"where: {{q1: 0x{'F' * 5000}}}", "where"),
        ("answers: {maximum: .inf}", "answers"),
        ("answers: {maximum: .nan}", "answers"),
        ("answers: {maximum: 5000}", "answers.maximum"),
        ("answers: {satisfied: [.inf]}", "answers"),
        ("confidence: .nan", "confidence"),
        ("intervals: [mean, mean]", "intervals"),
    ],
)
def test_each_mistake_is_said_at_its_place(line: str, where: str) -> None:
    assert [problem.where for problem in refused(f"{FACTORS}{line}\n").problems] == [where]


@pytest.mark.parametrize("codes", ["{1: [q1], '1': [q2]}", "{true: [q1]}", "{null: [q1]}"])
def test_no_factor_takes_the_place_of_another(codes: str) -> None:
    assert refused(f"factors: {codes}\n").problems


def test_numbers_may_name_factors_and_lists_groups() -> None:
    plan = read_plan(
        "factors: {1: [q1], 2: [q2]}\ndomains: [{năm: [2025, 2026]}, {năm: 2025}]\n"
        "compare: {column: năm, from: 2025, to: [2026, 2027]}\n"
    )
    assert plan.factors == {"1": ("q1",), "2": ("q2",)}
    assert len(plan.domains) == 2
