"""What was typed while others saved the same part, and waits."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.attempts import MOST_KEPT, keep_attempt
from survey_app.storage.models import QuestionnaireDraftAttempt
from tests.factories import NOW, QUESTIONNAIRES, make_account


def test_many_that_wait_push_out_the_oldest_alone(session: Session) -> None:
    source = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
    mine = make_account(session)
    draft = drafts.draft_from_source(session, source, now=NOW, account=mine)
    places = [f"question:c{number}" for number in range(MOST_KEPT + 1)]
    how = {"revision": 1, "seen": None, "typed": [("a", "b")], "now": NOW, "account": mine}
    for place in places:
        keep_attempt(session, draft, place=place, **how)
    query = select(QuestionnaireDraftAttempt.place).order_by(QuestionnaireDraftAttempt.id)
    assert session.scalars(query).all() == places[1:]
