"""What was declared about the edits of a questionnaire: read from the form beside them."""

from collections.abc import Iterable, Mapping

from flask import request

from survey_app.errors import HaiLongError, Invalid, Problem
from survey_app.questionnaire.declarations import Declaration, Declarations, Matter, Verdict
from survey_app.reporting.records.edit_wording import EditedMatter
from survey_app.text import clean_line

VERDICT, REASON = "verdict:", "reason:"


def read_declarations(matters: Iterable[Matter]) -> Declarations:
    """The verdicts that were chosen, by key; edits without one are left out."""
    found = {}
    for matter in matters:
        verdict = request.form.get(VERDICT + matter.key, "")
        if verdict in set(Verdict):
            found[matter.key] = Declaration(Verdict(verdict), read_reason(matter.key))
    return found


def read_reason(key: str) -> str:
    """The reason given for one verdict, or written before any was chosen."""
    return clean_line(request.form.get(REASON + key, ""))


def given_reasons(matters: Iterable[Matter]) -> Mapping[str, str]:
    """Every reason as it was written: nothing typed is lost."""
    return {matter.key: read_reason(matter.key) for matter in matters}


def mistakes_by_key(refusal: HaiLongError | None) -> Mapping[str, str]:
    """What is wrong with each declaration, by key."""
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    return {problem.where: problem.message for problem in problems}


def mistakes_to_show(
    edits: Iterable[EditedMatter], wrong: Mapping[str, str]
) -> tuple[Problem, ...]:
    """The mistakes in the order of the page, each leading to its edit there."""
    asked = (item for item in edits if item.matter.is_open)
    return tuple(
        Problem(f"{item.subject} ({item.kind.lower()}): {wrong[item.key]}", f"thay-doi-{place}")
        for place, item in enumerate(asked, start=1)
        if item.key in wrong
    )
