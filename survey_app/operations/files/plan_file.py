"""The plan file of ``hailong analyse``: YAML in, a Plan or every mistake out."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent

from survey_app.errors import Invalid, Problem
from survey_app.estimation.plans.plan import Comparison, Plan, describe_condition
from survey_app.questionnaire.definition import ItemRule
from survey_app.text import clean_line

DESIGN_COLUMNS = ("weight", "strata", "clusters")
KEYS = {
    *("factors", "answers", *DESIGN_COLUMNS, "population", "replacement", "lonely_psu"),
    *("where", "domains", "compare", "item", "intervals", "confidence"),
}
CHOICES = {
    "lonely_psu": ("adjust", "average", "certainty"),
    "item": tuple(map(str, ItemRule)),
}
INTERVALS = (
    *("default", "logit", "wilson", "clopper-pearson", "beta", "mean"),
    *("korn-graubard", "jeffreys", "agresti-coull", "hypergeometric"),
)

#: Levels of a scale go no higher.
HIGHEST_LEVEL = 1_000
#: No code, year or level is larger; beyond it numbers are no longer exact.
DEEPEST = 100
LARGEST_NUMBER = 10**15
#: Values one condition may list for a column.
MOST_VALUES = 100
#: So much of what somebody wrote stands in a message.
_SHOWN = 60

Tree = Mapping[str, Any]


def read_plan(text: str) -> Plan:
    """The plan written in ``text`` (YAML 1.2). Raises Invalid with every mistake."""
    tree = _load(text)
    # What no plan can hold is looked for first: all that follows relies on plain values.
    mistakes = list(_strange_values(tree)) or list(_mistakes(tree))
    problems = [Problem(message, where) for where, message in mistakes]
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
        _check_signs(text)
        tree = YAML(typ="safe", pure=True).load(io.StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        message = "Kế hoạch phân tích không đúng cú pháp YAML."
        raise Invalid(message, [Problem(str(error.problem), line=line)]) from error
    except (YAMLError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise Invalid("Kế hoạch phân tích không đúng cú pháp YAML.") from error
    if not isinstance(tree, dict):
        raise Invalid("Kế hoạch phân tích phải gồm các cặp “khóa: giá trị”.")
    return tree


def _check_signs(text: str) -> None:
    """A few lines that refer to one another can stand for gigabytes; no plan needs that, nor
    values of a kind of their own. Reading brackets within brackets costs more with each."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(io.StringIO(text)):
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            line = event.start_mark.line + 1
            message = "Kế hoạch phân tích không được dùng các ký hiệu &, * và ! của YAML."
            raise Invalid(message, [Problem("Ghi lại đầy đủ nội dung ở chỗ này.", line=line)])
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise Invalid("Kế hoạch phân tích có quá nhiều ngoặc lồng trong nhau.")


def _comparison(tree: Tree | None) -> Comparison | None:
    if not tree:
        return None
    return Comparison(
        tree["column"], tree["from"], tree["to"], same_clusters=tree.get("same_clusters", False)
    )


def _strange_values(tree: Tree) -> Iterator[tuple[str, str]]:
    """Numbers without a sensible size, and kinds of values a plan never holds, wherever."""
    for key, part in tree.items():
        waiting = [key, part]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                waiting += [*value, *value.values()]
            elif isinstance(value, list | tuple):
                waiting += value
            elif not _is_plain(value):
                yield _shown(key), "Có giá trị không dùng được: số quá lớn hoặc lạ kiểu."


def _is_plain(value: object) -> bool:
    if isinstance(value, int | float):
        return abs(value) <= LARGEST_NUMBER  # neither infinite nor NaN
    return value is None or isinstance(value, str | date)


def _mistakes(tree: Tree) -> Iterator[tuple[str, str]]:
    for key in tree:
        if key not in KEYS:
            yield _shown(key), "Không có khóa này trong kế hoạch phân tích."
    yield from _factor_mistakes(tree.get("factors"))
    yield from _answer_mistakes(tree.get("answers"))
    for key in DESIGN_COLUMNS:
        if tree.get(key) is not None and not _is_column(tree[key]):
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
    codes = Counter(map(str, factors))
    for code, columns in factors.items():
        where = f"factors.{_shown(code)}"
        if not isinstance(code, str | int) or isinstance(code, bool) or code == "":
            yield where, "Mã yếu tố phải là chữ hoặc số."
        elif codes[str(code)] > 1:
            yield where, "Hai yếu tố có cùng một mã."
        if not isinstance(columns, list) or not columns:
            yield where, "Ghi một danh sách cột, ví dụ [q1, q2]."
            continue
        for column in columns:
            if not _is_column(column):
                yield where, f"“{_shown(column)}” phải là tên cột (đặt trong dấu nháy nếu là số)."
            elif column in seen:
                yield where, f"Cột “{_shown(column)}” có hơn một lần."
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
            if not _is_number(value) or not 0 < value <= HIGHEST_LEVEL:
                yield "answers.maximum", "Ghi mức cao nhất của thang đo, ví dụ 5."
        elif key in {"satisfied", "not_applicable"}:
            if not isinstance(value, list) or not all(map(_is_number, value)):
                yield f"answers.{key}", "Ghi một danh sách số, ví dụ [4, 5]."
        else:
            yield f"answers.{_shown(key)}", "Không có khóa này."


def _population_mistakes(population: object) -> Iterator[tuple[str, str]]:
    if population is None:
        return
    if not isinstance(population, dict):
        yield "population", "Ghi clusters và (hoặc) members, mỗi mục là tên một cột."
        return
    for key, value in population.items():
        if key not in ("clusters", "members") or not _is_column(value):
            yield f"population.{_shown(key)}", "Chỉ có clusters và members, mỗi mục là tên một cột."


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
    seen: list[str] = []
    for name in intervals if isinstance(intervals, list) else ():
        if name not in INTERVALS:
            yield "intervals", f"Không có khoảng “{_shown(name)}”; có: {', '.join(INTERVALS)}."
        elif name in seen:
            yield "intervals", f"Khoảng “{_shown(name)}” có hơn một lần."
        else:
            seen.append(name)


def _condition_mistakes(tree: Tree) -> Iterator[tuple[str, str]]:
    if not isinstance(tree.get("where") or {}, dict):
        yield "where", "Ghi các cặp “cột: giá trị”."
    else:
        yield from _pair_mistakes("where", tree.get("where") or {})
    domains = tree.get("domains")
    if domains is not None and not isinstance(domains, list):
        yield "domains", "Ghi một danh sách, mỗi mục là {cột: giá trị}."
        return
    seen: dict[str, int] = {}
    for place, domain in enumerate(domains or (), 1):
        where = f"domains[{place}]"
        if not isinstance(domain, dict) or not domain:
            yield where, "Ghi {cột: giá trị}."
        elif mistakes := list(_pair_mistakes(where, domain)):
            yield from mistakes
        elif (first := seen.setdefault(describe_condition(domain), place)) != place:
            yield where, f"Nhóm này trùng với nhóm thứ {first}."


def _pair_mistakes(where: str, condition: Mapping[object, object]) -> Iterator[tuple[str, str]]:
    """What is wrong in the pairs of a condition."""
    for column, value in condition.items():
        if not _is_column(column):
            yield where, f"“{_shown(column)}” phải là tên cột (đặt trong dấu nháy nếu là số)."
        elif not _is_wanted(value):
            yield f"{where}.{_shown(column)}", "Ghi một giá trị, hoặc một danh sách các giá trị."


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
        if key not in ("column", "from", "to", "same_clusters"):
            yield f"compare.{_shown(key)}", "Không có khóa này."
    yield from _compared_mistakes(compare)


def _compared_mistakes(compare: Tree) -> Iterator[tuple[str, str]]:
    if not _is_column(compare.get("column", "q1")):
        yield "compare.column", "Ghi tên một cột (đặt trong dấu nháy nếu là số)."
    for key in ("from", "to"):
        if not _is_wanted(compare.get(key, 1)):
            yield f"compare.{key}", "Ghi một giá trị, hoặc một danh sách các giá trị."
    if not isinstance(compare.get("same_clusters", False), bool):
        yield "compare.same_clusters", "Ghi true hoặc false."


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_column(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_wanted(value: object) -> bool:
    """Whether a condition may ask for this: a value, or a list of some."""
    values = value if isinstance(value, list) else [value]
    are_single = not any(item is None or isinstance(item, list | tuple | dict) for item in values)
    return are_single and 0 < len(values) <= MOST_VALUES


def _shown(value: object) -> str:
    """What somebody wrote, as short as a message needs it.

    >>> _shown("q1"), _shown(5), _shown([["a"], ["b"]])
    ('q1', '5', '…')
    """
    if isinstance(value, dict | list | tuple | set):
        return "…"
    text = clean_line(str(value)) if _is_plain(value) else "Giá trị này"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
