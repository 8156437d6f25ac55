"""One verdict for many edits at once; each of them stays to be seen, and to be set otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import request

from survey_app.errors import HaiLongError, Invalid, Problem
from survey_app.questionnaire.declarations import Declaration, Declarations, Verdict
from survey_app.reporting.records.edit_wording import VERDICTS, EditedMatter
from survey_app.text import clean_line

WISH = "joint"
GROUP, VERDICT, REASON = "joint-group", "joint-verdict", "joint-reason"


@dataclass(frozen=True)
class Group:
    """Edits that can be given one verdict: ``name`` in the form, what they have in common in
    words, and their keys."""

    name: str
    words: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Joint:
    """What was declared of a whole group, and how it is told."""

    declared: Declarations
    said: str


def groups_of(edits: Iterable[EditedMatter]) -> tuple[Group, ...]:
    """All that wait for a verdict; those of one class; those of one question or scale. Only groups
    of two and more, each set of edits once."""
    waiting = [edit for edit in edits if edit.matter.is_open]
    found = [Group("all", "Tất cả", tuple(edit.key for edit in waiting))]
    found += _grouped(waiting, "kind", {edit.key: edit.kind for edit in waiting})
    found += _grouped(waiting, "subject", {edit.key: edit.subject for edit in waiting})
    once = {group.keys: group for group in reversed(found) if len(group.keys) > 1}
    return tuple(group for group in found if once.get(group.keys) is group)


def _grouped(edits: Sequence[EditedMatter], what: str, words: Mapping[str, str]) -> list[Group]:
    """One group for each different word, in the order of the page."""
    return [
        Group(f"{what}:{said}", said, tuple(edit.key for edit in edits if words[edit.key] == said))
        for said in dict.fromkeys(words[edit.key] for edit in edits)
    ]


def read_joint(groups: Iterable[Group], given: Mapping[str, str]) -> Joint:
    """The verdict on the chosen group. ``given``: the reasons written so far, by key, which stay
    where no common one was written. Raises Invalid for what was not chosen."""
    group = next((g for g in groups if g.name == request.form.get(GROUP)), None)
    verdict = request.form.get(VERDICT, "")
    problems = []
    if group is None:
        problems.append(Problem("Chọn các thay đổi được đặt chung.", GROUP))
    if verdict not in set(Verdict):
        problems.append(Problem("Chọn “So sánh được” hoặc “Ngắt chuỗi” để đặt chung.", VERDICT))
    if group is None or problems:
        raise Invalid("Chưa đặt chung được.", problems)
    reason = clean_line(request.form.get(REASON, ""))
    chosen = Verdict(verdict)
    declared = {key: Declaration(chosen, reason or given.get(key, "")) for key in group.keys}
    said = f"Đã đặt “{VERDICTS[chosen]}” cho {len(group.keys)} thay đổi ({group.words})."
    return Joint(declared, said)


def require_none_waits() -> None:
    """Raises Invalid where a verdict on a group was chosen and never set: who publishes so believes
    it is, and no verdict is changed afterwards."""
    if request.form.get(GROUP) and request.form.get(VERDICT):
        message = "Bấm “Đặt cho cả nhóm”, hoặc chọn lại “– chọn –” nếu không đặt chung nữa."
        raise Invalid("Đã chọn đặt chung nhưng chưa đặt.", [Problem(message, GROUP)])


def mistakes_to_show(refusal: HaiLongError | None) -> tuple[Problem, ...]:
    """What was not chosen for a group, each leading to its field."""
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    return tuple(problem for problem in problems if problem.where in (GROUP, VERDICT))
