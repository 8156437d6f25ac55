"""The plan file of ``hailong analyse``: YAML in, a Plan or every mistake out."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from survey_app.errors import Invalid, Problem
from survey_app.estimation.plan import Comparison, Plan

DESIGN_COLUMNS = ("weight", "strata", "clusters")
KEYS = {
    *("factors", "answers", *DESIGN_COLUMNS, "population", "replacement", "lonely_psu"),
    *("where", "domains", "compare", "item", "intervals", "confidence"),
}
CHOICES = {
    "lonely_psu": ("adjust", "average", "certainty"),
    "item": ("top2", "mean"),
}
INTERVALS = (
    *("default", "logit", "wilson", "clopper-pearson", "beta", "mean"),
    *("korn-graubard", "jeffreys", "agresti-coull", "hypergeometric"),
)

Tree = Mapping[str, Any]


def read_plan(text: str) -> Plan:
    """The plan written in ``text`` (YAML 1.2). Raises Invalid with every mistake."""
    tree = _load(text)
    problems = [Problem(message, where) for where, message in _mistakes(tree)]
    if problems:
        raise Invalid(f"Kế hoạch phân tích có {len(problems)} chỗ cần sửa.", problems)
    answers, population = tree.get("answers") or {}, tree.get("population") or {}
    return Plan(
        factors={str(code): tuple(columns) for code, columns in tree["factors"].items()},
        satisfied=tuple(answers.get("satisfied", (4, 5))),
        maximum=answers.get("maximum", 5),
        not_applicable=tuple(answers.get("not_applicable", (0,))),
        weight=tree.get("weight"),
        strata=tree.get("strata"),
        clusters=tree.get("clusters"),
        population_clusters=population.get("clusters"),
        population_members=population.get("members"),
        replacement=tree.get("replacement", False),
        lonely_psu=tree.get("lonely_psu", "adjust"),
        where=tree.get("where") or {},
        domains=tuple(tree.get("domains") or ()),
        compare=_comparison(tree.get("compare")),
        item=tree.get("item", "top2"),
        intervals=tuple(tree.get("intervals") or ("default",)),
        confidence=float(tree.get("confidence", 0.95)),
    )


def _load(text: str) -> Tree:
    try:
        tree = YAML(typ="safe", pure=True).load(io.StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        message = "Kế hoạch phân tích không đúng cú pháp YAML."
        raise Invalid(message, [Problem(str(error.problem), line=line)]) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise Invalid("Kế hoạch phân tích không đúng cú pháp YAML.") from error
    if not isinstance(tree, dict):
        raise Invalid("Kế hoạch phân tích phải gồm các cặp “khóa: giá trị”.")
    return tree


def _comparison(tree: Tree | None) -> Comparison | None:
    if not tree:
        return None
    return Comparison(
        tree["column"], tree["from"], tree["to"], same_clusters=tree.get("same_clusters", False)
    )


def _mistakes(tree: Tree) -> Iterator[tuple[str, str]]:
    for key in tree:
        if key not in KEYS:
            yield str(key), "Không có khóa này trong kế hoạch phân tích."
    yield from _factor_mistakes(tree.get("factors"))
    yield from _answer_mistakes(tree.get("answers"))
    for key in DESIGN_COLUMNS:
        if not isinstance(tree.get(key, ""), str | None):
            yield key, "Ghi tên một cột."
    yield from _population_mistakes(tree.get("population"))
    yield from _choice_mistakes(tree)
    yield from _condition_mistakes(tree)
    yield from _comparison_mistakes(tree.get("compare"))


def _factor_mistakes(factors: object) -> Iterator[tuple[str, str]]:
    if not isinstance(factors, dict) or not factors:
        yield "factors", "Liệt kê các yếu tố và cột câu hỏi, ví dụ F1: [q1, q2]."
        return
    seen: set[str] = set()
    for code, columns in factors.items():
        where = f"factors.{code}"
        if not isinstance(columns, list) or not columns:
            yield where, "Ghi một danh sách cột, ví dụ [q1, q2]."
            continue
        for column in columns:
            if not isinstance(column, str):
                yield where, f"“{column}” phải là tên cột (đặt trong dấu nháy nếu là số)."
            elif column in seen:
                yield where, f"Cột “{column}” có hơn một lần."
            else:
                seen.add(column)


def _answer_mistakes(answers: object) -> Iterator[tuple[str, str]]:
    if answers is None:
        return
    if not isinstance(answers, dict):
        yield "answers", "Ghi satisfied, maximum, not_applicable."
        return
    for key, value in answers.items():
        if key == "maximum":
            if not _is_number(value) or value <= 0:
                yield "answers.maximum", "Ghi mức cao nhất của thang đo, ví dụ 5."
        elif key in {"satisfied", "not_applicable"}:
            if not isinstance(value, list) or not all(map(_is_number, value)):
                yield f"answers.{key}", "Ghi một danh sách số, ví dụ [4, 5]."
        else:
            yield f"answers.{key}", "Không có khóa này."


def _population_mistakes(population: object) -> Iterator[tuple[str, str]]:
    if population is None:
        return
    if not isinstance(population, dict):
        yield "population", "Ghi clusters và (hoặc) members, mỗi mục là tên một cột."
        return
    for key, value in population.items():
        if key not in {"clusters", "members"} or not isinstance(value, str):
            yield f"population.{key}", "Chỉ có clusters và members, mỗi mục là tên một cột."


def _choice_mistakes(tree: Tree) -> Iterator[tuple[str, str]]:
    for key, allowed in CHOICES.items():
        if tree.get(key, allowed[0]) not in allowed:
            yield key, f"Chọn một trong: {', '.join(allowed)}."
    if not isinstance(tree.get("replacement", False), bool):
        yield "replacement", "Ghi true hoặc false."
    confidence = tree.get("confidence", 0.95)
    if not _is_number(confidence) or not 0 < confidence < 1:
        yield "confidence", "Ghi một số giữa 0 và 1, ví dụ 0.95."
    intervals = tree.get("intervals")
    if intervals is not None and not isinstance(intervals, list):
        yield "intervals", "Ghi một danh sách."
    for name in intervals if isinstance(intervals, list) else ():
        if name not in INTERVALS:
            yield "intervals", f"Không có khoảng “{name}”; có: {', '.join(INTERVALS)}."


def _condition_mistakes(tree: Tree) -> Iterator[tuple[str, str]]:
    if not isinstance(tree.get("where") or {}, dict):
        yield "where", "Ghi các cặp “cột: giá trị”."
    domains = tree.get("domains")
    if domains is not None and not isinstance(domains, list):
        yield "domains", "Ghi một danh sách, mỗi mục là {cột: giá trị}."
        return
    for place, domain in enumerate(domains or (), 1):
        if not isinstance(domain, dict) or not domain:
            yield f"domains[{place}]", "Ghi {cột: giá trị}."


def _comparison_mistakes(compare: object) -> Iterator[tuple[str, str]]:
    if compare is None:
        return
    if not isinstance(compare, dict):
        yield "compare", "Ghi column, from, to và (nếu cần) same_clusters."
        return
    for key in ("column", "from", "to"):
        if key not in compare:
            yield f"compare.{key}", "Thiếu khóa này."
    for key in compare:
        if key not in {"column", "from", "to", "same_clusters"}:
            yield f"compare.{key}", "Không có khóa này."
    if not isinstance(compare.get("same_clusters", False), bool):
        yield "compare.same_clusters", "Ghi true hoặc false."


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
