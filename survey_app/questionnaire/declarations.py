"""Declarations: what the publisher of a version says about each edit, to be frozen with it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from survey_app.errors import Invalid, Problem
from survey_app.questionnaire.changes import find_changes
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.edits import (
    DECLARABLE,
    Change,
    ChangeKind,
    Touched,
    figures_touched,
)

#: Edits that may be called comparable without a word: two wordings stand side by side, and every
#: reader can judge them. All others need a reason that somebody signs for.
NEEDS_NO_REASON = frozenset({ChangeKind.WORDING})
LONGEST_REASON = 500


class Verdict(StrEnum):
    """Whether a series goes on over an edit."""

    COMPARABLE = "comparable"
    BREAK = "break"


@dataclass(frozen=True)
class Declaration:
    """The verdict on the edits of one class on one subject, with its reason ("" = none given)."""

    verdict: Verdict
    reason: str = ""


Declarations = Mapping[str, Declaration]


@dataclass(frozen=True)
class Matter:
    """Edits that share a key, with the figures they bear on. ``is_open``: somebody must declare
    whether the series goes on; else it goes on by itself, or breaks by itself."""

    key: str
    changes: tuple[Change, ...]
    touched: Touched
    is_open: bool

    @property
    def first(self) -> Change:
        return self.changes[0]

    @property
    def goes_on(self) -> bool:
        """Whether the series goes on whatever anybody says."""
        return all(change.is_trivial for change in self.changes)

    @property
    def needs_reason(self) -> bool:
        """Whether "comparable" takes a reason."""
        return self.first.kind not in NEEDS_NO_REASON


def find_matters(earlier: Questionnaire, later: Questionnaire) -> tuple[Matter, ...]:
    """All edits by key, in order, each with what must be declared about it."""
    by_key: dict[str, list[Change]] = {}
    for change in find_changes(earlier, later):
        by_key.setdefault(change.key, []).append(change)
    return tuple(_matter(key, found, earlier, later) for key, found in by_key.items())


def _matter(
    key: str, changes: list[Change], earlier: Questionnaire, later: Questionnaire
) -> Matter:
    parts = [figures_touched(change, earlier, later) for change in changes]
    touched = Touched(
        criteria=_joined(part.criteria for part in parts),
        factors=_joined(part.factors for part in parts),
        index=any(part.index for part in parts),
        tables=_joined(part.tables for part in parts),
    )
    bears = bool(touched.criteria or touched.tables)
    is_free = not any(change.is_fixed for change in changes)
    is_open = bears and is_free and changes[0].kind in DECLARABLE
    return Matter(key, tuple(changes), touched, is_open)


def _joined(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for part in parts for code in part))


def check_declarations(matters: Iterable[Matter], declared: Declarations) -> Declarations:
    """The declarations on the open matters alone.

    Raises Invalid with every matter that has none, and every "comparable" that lacks its reason;
    each problem's ``where`` is the key.
    """
    open_matters = [matter for matter in matters if matter.is_open]
    problems = [problem for matter in open_matters for problem in _mistakes(matter, declared)]
    if problems:
        raise Invalid("Còn thay đổi chưa được xác nhận là so sánh được hay ngắt chuỗi.", problems)
    return {matter.key: declared[matter.key] for matter in open_matters}


def _mistakes(matter: Matter, declared: Declarations) -> Iterator[Problem]:
    declaration = declared.get(matter.key)
    if declaration is None:
        yield Problem("Chọn “So sánh được” hoặc “Ngắt chuỗi”.", matter.key)
    elif len(declaration.reason) > LONGEST_REASON:
        yield Problem(f"Lý do dài nhất {LONGEST_REASON} ký tự.", matter.key)
    elif (
        declaration.verdict is Verdict.COMPARABLE and matter.needs_reason and not declaration.reason
    ):
        yield Problem("Nêu lý do vì sao hai kỳ vẫn so sánh được.", matter.key)


def dump_declarations(declared: Declarations) -> str:
    """The declarations as JSON, as they are kept with the version."""
    content = {
        key: {"verdict": found.verdict.value, "reason": found.reason}
        for key, found in sorted(declared.items())
    }
    return json.dumps(content, ensure_ascii=False)


def load_declarations(text: str) -> Declarations:
    """What :func:`dump_declarations` wrote."""
    return {
        key: Declaration(Verdict(found["verdict"]), found["reason"])
        for key, found in json.loads(text).items()
    }
