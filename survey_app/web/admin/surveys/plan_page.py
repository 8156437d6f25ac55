"""What the pages that plan a survey offer to choose from: versions, and units of the own branch."""

from collections.abc import Collection, Sequence
from datetime import date

from flask import request

from survey_app.clock import local_date, now
from survey_app.errors import Invalid
from survey_app.operations.organisation.unit_tree import Branch, unit_branches
from survey_app.operations.questionnaires.lifecycle import closed_versions
from survey_app.operations.questionnaires.publishing import QuestionnaireVersion, list_versions
from survey_app.web.admin.surveys.unit_choice import sent_ticks
from survey_app.web.guard import current_scope
from survey_app.web.transactions import current_session


def offered_versions(kept: int | None = None) -> Sequence[QuestionnaireVersion]:
    """The versions that a survey may use, and ``kept``, which it uses. Raises Invalid for none."""
    closed = closed_versions(current_session()) - {kept}
    versions = [v for v in list_versions(current_session()) if v.id not in closed]
    if not versions:
        raise Invalid("Chưa có bộ câu hỏi nào được công bố. Hãy công bố một bộ câu hỏi trước.")
    return versions


def offered_branches(
    first: date | None, last: date | None, kept: Collection[int] = ()
) -> tuple[Branch, ...]:
    """The own units that are there in a period (today, where it is not typed yet); those in
    ``kept``, and such as are ticked, whenever they were there: to be told of, not to vanish."""
    today = local_date(now())
    ticked = {int(text) for text in sent_ticks(request.form) if _is_id(text)}
    return unit_branches(
        current_session(),
        current_scope().unit_ids,
        first=first or last or today,
        last=last or first or today,
        kept={*kept, *ticked},
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
