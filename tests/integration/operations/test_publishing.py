"""A published version is frozen; the same document is the same version."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from survey_app.errors import Invalid
from survey_app.operations.questionnaires.publishing import (
    load_questionnaire,
    publish_questionnaire,
)
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.text import decode_utf8
from tests.factories import NOW, QUESTIONNAIRES

SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")


def test_the_same_document_is_the_same_version(session: Session) -> None:
    first = publish_questionnaire(session, SOURCE, now=NOW)
    again = publish_questionnaire(session, "# a comment more\n" + SOURCE, now=NOW)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.version is again.version
    assert first.version.name == "one-stop-rating@1"


def test_another_document_is_the_next_version(session: Session) -> None:
    publish_questionnaire(session, SOURCE, now=NOW)
    changed = SOURCE.replace("Chờ đợi lâu", "Phải chờ đợi lâu")
    assert publish_questionnaire(session, changed, now=NOW).version.number == 2


def test_what_is_loaded_is_what_was_published(session: Session) -> None:
    version = publish_questionnaire(session, SOURCE, now=NOW).version
    assert load_questionnaire(version) == parse_questionnaire(SOURCE)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE questionnaire_version SET title = 'x'",
        "UPDATE questionnaire_version SET declared = '{}'",
        "DELETE FROM questionnaire_version",
        "INSERT OR REPLACE INTO questionnaire_version SELECT * FROM questionnaire_version",
    ],
)
def test_nothing_can_change_a_published_version(session: Session, statement: str) -> None:
    publish_questionnaire(session, SOURCE, now=NOW)
    session.commit()
    with pytest.raises(DatabaseError, match="never changes"):
        session.execute(text(statement))


def test_a_file_in_another_encoding_gets_one_sentence() -> None:
    with pytest.raises(Invalid) as caught:
        decode_utf8(b"code: a\ntitle: \xff\xfe")
    assert caught.value.problems[0].line == 2
