"""The page of what two people changed at once: both sides, and what is kept until it is decided."""

from collections.abc import Iterable
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Conflict, Invalid, Problem
from survey_app.operations.questionnaires import attempts, drafts
from survey_app.operations.questionnaires.attempts import Chosen, QuestionnaireDraftAttempt
from survey_app.operations.questionnaires.drafts import Outdated, QuestionnaireDraft
from survey_app.questionnaire.editing.document import Document
from survey_app.web.admin.editor.conflicts.cases import case_of, shown_matters
from survey_app.web.admin.editor.page import frame, is_asked_by_script, shown
from survey_app.web.guard import signed_in_account
from survey_app.web.identifiers import parse_id
from survey_app.web.transactions import current_session

Refusal = Invalid | Conflict | None


def attempt_page(
    draft: QuestionnaireDraft,
    attempt: QuestionnaireDraftAttempt,
    chosen: Chosen,
    *,
    refusal: Refusal = None,
) -> ResponseReturnValue:
    """Both sides of everything that both changed, with what has been chosen so far."""
    case = case_of(draft, attempt)
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    errors = {problem.where: problem.message for problem in problems}
    matters = shown_matters(case, chosen, errors)
    mine = signed_in_account()
    around = frame(draft, draft.document, case.place)
    context: dict[str, Any] = {
        "part": "conflict",
        "attempt": attempt,
        "case": case,
        "matters": matters,
        "problems": _summary(matters, refusal),
        "is_own": draft.editor is not None and draft.editor.id == mine.id,
        "kept_until": local_date(attempt.kept_at + attempts.KEPT_FOR),
        **around,
    }
    address = attempt_address(draft, attempt)
    return shown("admin/editor/conflict.html", context, address, "", "", refusal)


def answer_with_attempt(
    draft: QuestionnaireDraft, *, place: str, seen: Document | None, outdated: Outdated
) -> ResponseReturnValue:
    """Keep the form that was sent, and show it beside what others have saved: at once for the
    script, by a redirect for everybody else, so that reloading sends nothing again."""
    session = current_session()
    attempt = attempts.keep_attempt(
        session,
        draft,
        place=place,
        revision=request.form.get("revision", 0, type=parse_id),
        seen=seen,
        typed=list(request.form.items(multi=True)),
        now=now(),
        account=signed_in_account(),
    )
    session.commit()  # it is kept, though nothing of it is saved
    if not is_asked_by_script():
        return redirect(attempt_address(draft, attempt), 303)
    return attempt_page(draft, attempt, Chosen(), refusal=outdated)


def seen_by_form(draft: QuestionnaireDraft) -> Document | None:
    """The draft that the form was made from, None where nobody knows it any more."""
    revision = request.form.get("revision", 0, type=parse_id)
    return drafts.document_at_revision(current_session(), draft, revision)


def attempt_address(draft: QuestionnaireDraft, attempt: QuestionnaireDraftAttempt) -> str:
    return url_for("admin.attempt", draft_id=draft.id, attempt_id=attempt.id)


def _summary(matters: Iterable[Any], refusal: Refusal) -> list[Problem]:
    """Every mistake, with the field that it leads to."""
    if refusal is None or isinstance(refusal, Outdated):
        return []
    if not isinstance(refusal, Invalid) or not refusal.problems:
        return [Problem(str(refusal))]
    ids = {matter.name: (f"chon-{at}", matter.label) for at, matter in enumerate(matters, 1)}
    found = []
    for problem in refusal.problems:
        where, label = ids.get(problem.where, ("", ""))
        message = f"{label}: {problem.message}" if label else problem.message
        found.append(Problem(message, where))
    return found
