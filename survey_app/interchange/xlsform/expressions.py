"""The expressions of XLSForm (a part of XPath) that say the same as our skip rules and limits."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from survey_app.interchange.xlsform.vocabulary import question_name
from survey_app.questionnaire.definition import (
    NOT_APPLICABLE,
    Condition,
    Question,
    QuestionKind,
    Questionnaire,
)

_TOKEN = re.compile(
    r"""\s*(?:(?P<ref>\$\{\s*[^}\s]+\s*\})
    |(?P<text>'[^']*'|"[^"]*")
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<sign><=|>=|!=|=|<|>|\(|\)|,)
    |(?P<name>[a-zA-Z][a-zA-Z0-9_-]*)
    |(?P<self>\.))""",
    re.VERBOSE,
)
_MOST_CHARACTERS = 5_000  # of an expression; brackets are read by recursion
_DEEPEST = 40
_BOUND = re.compile(r"-?[0-9]{1,9}")


class NotExpressible(Exception):
    """The expression says what a skip rule or a limit cannot; the message is Vietnamese."""


# ── writing ───────────────────────────────────────────────────────────────────────────────────


def relevant(question: Question, questionnaire: Questionnaire) -> str:
    """The skip rule of a question, empty when it is always asked."""
    parts = [_condition(c, questionnaire[c.question]) for c in question.ask_when]
    return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)


def _condition(condition: Condition, asked: Question) -> str:
    reference = f"${{{question_name(asked.code)}}}"
    codes = [option.code for option in asked.choices if option.code in condition.options]
    codes += [NOT_APPLICABLE] if NOT_APPLICABLE in condition.options else []
    if asked.kind is QuestionKind.MULTIPLE:
        tests = [f"selected({reference}, '{code}')" for code in codes]
    else:
        tests = [f"{reference} = '{code}'" for code in codes]
    any_of = " or ".join(tests)
    return f"{reference} != '' and not({any_of})" if condition.negated else any_of


# ── reading: a tree of tests ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Test:
    """``question`` equals, or (``is_chosen``) has among its answers, ``value``."""

    question: str
    value: str
    is_chosen: bool
    negated: bool = False


@dataclass(frozen=True)
class _Joined:
    """All of the parts, or any of them."""

    parts: tuple["_Test | _Joined", ...]
    is_all: bool


_Tree = _Test | _Joined


def read_relevant(
    text: str, questions: Mapping[str, Question], always_answered: Collection[str]
) -> tuple[Condition, ...]:
    """The conditions that hold exactly when the expression does.

    ``questions``: what may be referred to (every earlier question), by its name in the form.
    ``always_answered``: names that are required and always asked; for all others "not a" differs
    from "answered, and not a". Raises NotExpressible.
    """
    parts = _flat(_Parser(text).read(), is_all=True)
    answered = {p.question for p in parts if isinstance(p, _Test) and _is_answered(p)}
    found: list[Condition] = []
    growing: dict[str, int] = {}  # name → place of the negated condition that goes on
    negated: set[str] = set()
    for part in parts:
        if isinstance(part, _Test) and _is_answered(part):
            growing.pop(part.question, None)  # the next "not" is a condition of its own
            continue
        condition = _read_part(part, questions, {*answered, *always_answered})
        name = _name_of(part)
        if condition.negated and name in growing:
            so_far = found[growing[name]]
            both = so_far.options | condition.options
            found[growing[name]] = replace(so_far, options=both)
            continue
        if condition.negated:
            growing[name] = len(found)
            negated.add(name)
        found.append(condition)
    for name in sorted(answered - negated):
        question = _known(name, questions)
        found.append(Condition(question.code, frozenset(_codes(question))))
    return tuple(found)


def _is_answered(test: _Test) -> bool:
    return test.value == "" and test.negated


def _name_of(part: _Tree) -> str:
    return part.question if isinstance(part, _Test) else _name_of(part.parts[0])


def _flat(tree: _Tree, *, is_all: bool) -> tuple[_Tree, ...]:
    if isinstance(tree, _Joined) and tree.is_all is is_all:
        return tuple(each for part in tree.parts for each in _flat(part, is_all=is_all))
    return (tree,)


def _read_part(
    part: _Tree, questions: Mapping[str, Question], answered: Collection[str]
) -> Condition:
    tests = _flat(part, is_all=False)
    if not all(isinstance(test, _Test) for test in tests):
        raise NotExpressible("điều kiện “và” nằm trong điều kiện “hoặc”")
    plain = [test for test in tests if isinstance(test, _Test)]
    names = {test.question for test in plain}
    if len(names) > 1:
        raise NotExpressible(
            f"điều kiện “hoặc” giữa các câu khác nhau ({', '.join(sorted(names))})"
        )
    if len({test.negated for test in plain}) > 1 or (len(plain) > 1 and plain[0].negated):
        raise NotExpressible("điều kiện “hoặc” có phần phủ định")
    question = _known(plain[0].question, questions)
    codes = frozenset(_code(test, question) for test in plain)
    name = plain[0].question
    if plain[0].negated and name not in answered:
        raise NotExpressible(
            f"điều kiện phủ định cũng đúng khi câu “{name}” chưa được trả lời; nền tảng chỉ xét "
            f"câu đã trả lời, nên phải ghi thêm “${{{name}}} != '' and”"
        )
    return Condition(question.code, codes, plain[0].negated)


def _known(name: str, questions: Mapping[str, Question]) -> Question:
    if name not in questions:
        raise NotExpressible(f"điều kiện dựa vào “{name}”, không phải một câu đã hỏi trước đó")
    question = questions[name]
    if not question.choices:
        raise NotExpressible(f"điều kiện dựa vào “{name}”, không phải câu có phương án để chọn")
    return question


def _codes(question: Question) -> list[str]:
    own = [option.code for option in question.choices]
    return [*own, NOT_APPLICABLE] if question.not_applicable else own


def _code(test: _Test, question: Question) -> str:
    if test.value == "":
        raise NotExpressible(f"điều kiện đòi câu “{test.question}” để trống")
    if question.kind is QuestionKind.MULTIPLE and not test.is_chosen:
        raise NotExpressible(
            f"so sánh “=” với câu chọn nhiều “{test.question}”; hãy dùng selected(${{…}}, '…')"
        )
    if test.value not in _codes(question):
        raise NotExpressible(f"câu “{test.question}” không có phương án “{test.value}”")
    return test.value


class _Parser:
    """Reads ``and``, ``or``, ``not()``, ``selected()``, ``=`` and ``!=``; nothing else."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._place = 0
        self._depth = 0

    def read(self) -> _Tree:
        tree = self._any(negated=False)
        if self._place < len(self._tokens):
            raise NotExpressible(f"không hiểu phần “{self._rest()}”")
        return tree

    def _rest(self) -> str:
        return " ".join(value for _, value in self._tokens[self._place :])[:60]

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def _take(self, value: str | None = None) -> tuple[str, str]:
        token = self._peek()
        if token[0] == "end" or (value is not None and token[1] != value):
            raise NotExpressible(f"không hiểu phần “{self._rest()}”")
        self._place += 1
        return token

    def _any(self, *, negated: bool) -> _Tree:
        return self._joined("or", negated=negated)

    def _joined(self, word: str, *, negated: bool) -> _Tree:
        """Parts joined by a word; a negation goes down to the parts and turns the word round."""
        parts: list[_Tree] = []
        while True:
            inner = self._joined("and", negated=negated) if word == "or" else self._one(negated)
            parts.append(inner)
            if self._peek() != ("name", word):
                break
            self._take()
        is_all = (word == "and") is not negated
        return parts[0] if len(parts) == 1 else _Joined(tuple(parts), is_all)

    def _one(self, negated: bool) -> _Tree:
        kind, value = self._peek()
        if value == "(" or (kind, value) == ("name", "not"):
            return self._bracketed(negated)
        if (kind, value) == ("name", "selected"):
            return self._selected(negated)
        return self._compared(negated)

    def _bracketed(self, negated: bool) -> _Tree:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotExpressible("quá nhiều dấu ngoặc lồng nhau")
        turned = self._peek()[1] == "not"
        if turned:
            self._take()
        self._take("(")
        inner = self._any(negated=negated is not turned)
        self._take(")")
        self._depth -= 1
        return inner

    def _selected(self, negated: bool) -> _Test:
        self._take()
        self._take("(")
        reference = self._value("ref")
        self._take(",")
        value = self._value("text", "number")
        self._take(")")
        return _Test(reference, value, True, negated)

    def _compared(self, negated: bool) -> _Test:
        first, left = self._take()
        _, sign = self._take()
        second, right = self._take()
        kinds = {first, second}
        if sign not in ("=", "!=") or "ref" not in kinds or not kinds & {"text", "number"}:
            raise NotExpressible(f"không hiểu phần “{left} {sign} {right}”")
        reference, value = (left, right) if first == "ref" else (right, left)
        return _Test(_bare(reference), _bare(value), False, negated is not (sign == "!="))

    def _value(self, *kinds: str) -> str:
        kind, value = self._take()
        if kind not in kinds:
            raise NotExpressible(f"không hiểu phần “{value}”")
        return _bare(value)


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """The kind and text of each token. Raises NotExpressible at what is none."""
    if len(text) > _MOST_CHARACTERS:
        raise NotExpressible("biểu thức quá dài")
    plain = text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}).strip()
    place = 0
    while place < len(plain):
        match = _TOKEN.match(plain, place)
        if match is None or match.lastgroup is None:
            raise NotExpressible(f"không hiểu phần “{plain[place : place + 60]}”")
        yield match.lastgroup, match.group(match.lastgroup)
        place = match.end()


def _bare(value: str) -> str:
    """A value without its quotes, a reference without its braces."""
    if value.startswith("$"):
        return value.strip("${} \t")
    return value[1:-1] if value[:1] in ("'", '"') else value


# ── limits ────────────────────────────────────────────────────────────────────────────────────

_LOWER = {">=": 0, ">": 1}
_UPPER = {"<=": 0, "<": -1}
#: "Does not apply" stands alone among the answers of a multiple choice.
ALONE = f"not(selected(., '{NOT_APPLICABLE}') and count-selected(.) > 1)"


@dataclass(frozen=True)
class Limits:
    """What a constraint says of the answer itself: bounds of a number, of a length or a count."""

    lowest: int | None = None
    highest: int | None = None


def bounds(subject: str, lowest: int | None, highest: int | None) -> str:
    """``subject`` between two whole numbers, either of which may be open.

    >>> bounds(".", 0, 120)
    '. >= 0 and . <= 120'
    """
    parts = [f"{subject} >= {lowest}"] if lowest is not None else []
    parts += [f"{subject} <= {highest}"] if highest is not None else []
    return " and ".join(parts)


def joined(parts: Iterable[str]) -> str:
    """Constraints that all hold."""
    return " and ".join(part for part in parts if part)


def read_bounds(text: str, subject: Sequence[str]) -> Limits:
    """The bounds in a constraint that compares nothing but ``subject``, given as its tokens, with
    whole numbers. Raises NotExpressible."""
    found = [value for _, value in tokens(text)]
    limits = Limits()
    for part in _and_parts(found):
        limits = _narrowed(limits, part, list(subject))
    return limits


def _and_parts(found: list[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for value in [*found, "and"]:
        if value == "and":
            yield _unwrapped(part)
            part = []
        else:
            part.append(value)


def _unwrapped(part: list[str]) -> list[str]:
    is_wrapped = len(part) > 2 and part[0] == "(" and part[-1] == ")"
    return part[1:-1] if is_wrapped else part


def _narrowed(limits: Limits, part: list[str], subject: list[str]) -> Limits:
    size = len(subject)
    sign, number = [*part[size:], "", ""][:2]
    is_plain = part[:size] == subject and len(part) == size + 2
    if not is_plain or not _BOUND.fullmatch(number) or sign not in {*_LOWER, *_UPPER}:
        raise NotExpressible(f"không hiểu phần “{' '.join(part)[:60]}”")
    value = int(number)
    if sign in _LOWER:
        value += _LOWER[sign]
        lowest = value if limits.lowest is None else max(value, limits.lowest)
        return Limits(lowest, limits.highest)
    value += _UPPER[sign]
    return Limits(limits.lowest, value if limits.highest is None else min(value, limits.highest))
