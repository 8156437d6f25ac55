"""Flags on arrival: stored beside the answers, never instead of them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from survey_app.errors import Invalid
from survey_app.integrity.flags import Flag
from survey_app.integrity.recent import MOST_OF_A_DEVICE, MOST_OF_A_LINK
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import Sheet
from survey_app.operations.questionnaires.publishing import load_codebook, publish_questionnaire
from survey_app.questionnaire.answers import decode
from survey_app.storage.database import Database
from survey_app.storage.models import Mode, Survey, SurveyResponse
from tests.factories import NOW, QUESTIONNAIRES, answer, make_point, make_survey, make_unit

PRAISE = "Cán bộ hướng dẫn rất tận tình, giải thích dễ hiểu."
EVENING = datetime(2026, 6, 15, 13, 0, tzinfo=UTC)  # 20:00 in Viet Nam


@pytest.fixture
def token(database: Database) -> str:
    """The open link of a point; its survey asks the second version of a questionnaire."""
    with database.transaction() as session:
        source = (QUESTIONNAIRES / "sipas-counter.yaml").read_text(encoding="utf-8")
        publish_questionnaire(session, source, now=NOW)
        changed = source.replace("Khảo sát", "Cuộc khảo sát", 1)
        assert changed != source
        unit = make_unit(session)
        survey = make_survey(session, [unit], source=changed)
        assert survey.version.number == 2
        return make_point(session, survey, unit).token


@pytest.fixture
def intake(database: Database) -> Intake:
    return Intake(database)


def sheet(token: str, number: int = 3, **fields: object) -> Sheet:
    answers = {"access.signage": str(number % 5 + 1), "comment": f"Ý kiến số {number}"}
    return Sheet(**{"response_id": uuid4(), "token": token, "answers": answers, **fields})  # type: ignore[arg-type]


def flags(database: Database) -> list[Flag]:
    """The flags of all stored sheets, the fewest first."""
    with database.session() as session:
        return sorted(Flag(number) for number in session.scalars(select(SurveyResponse.flags)))


def criteria(database: Database) -> dict[str, object]:
    """Twelve criteria answered alike."""
    with database.session() as session:
        codebook = load_codebook(session.scalars(select(Survey)).one().version)
    codes = [c.code for c in codebook.columns if c.position in codebook.criteria]
    return dict.fromkeys(codes[:12], "5")


def test_a_sheet_like_most_has_no_flag(database: Database, intake: Intake, token: str) -> None:
    intake.submit(sheet(token, seconds=120), now=NOW)
    intake.submit(sheet(token), now=EVENING)  # a telephone, at home
    assert flags(database) == [Flag(0), Flag(0)]


def test_haste_and_one_level_throughout(database: Database, intake: Intake, token: str) -> None:
    answers = criteria(database)
    intake.submit(sheet(token, answers=answers, seconds=20), now=NOW)
    intake.submit(sheet(token, answers=answers | {"comment": "A"}, seconds=40), now=NOW)
    intake.submit(sheet(token, answers=answers | {"comment": "B"}, seconds=90), now=NOW)
    assert flags(database) == [
        Flag.STRAIGHT_LINE,
        Flag.TOO_FAST | Flag.STRAIGHT_LINE,
        Flag.IDENTICAL,  # the third: with time taken, one level throughout is no reason
    ]


def test_a_kiosk_answers_in_office_hours(database: Database, intake: Intake, token: str) -> None:
    intake.submit(sheet(token, mode=Mode.KIOSK), now=EVENING)
    intake.submit(sheet(token, mode=Mode.KIOSK), now=NOW)
    waited = sheet(token, mode=Mode.KIOSK, answered_at=NOW)  # sent when the network was back
    intake.submit(waited, now=EVENING + timedelta(days=1))
    assert flags(database) == [Flag(0), Flag(0), Flag.OUT_OF_HOURS]


def test_keyed_paper_is_not_judged_by_the_time_of_keying(database: Database, token: str) -> None:
    with database.transaction() as session:
        for _ in range(MOST_OF_A_LINK + 2):
            answer(session, token, {"access.signage": "5"}, at=EVENING, is_keyed=True)
    assert set(flags(database)) == {Flag(0)}


def test_an_earlier_version_is_stored_and_flagged(
    database: Database, intake: Intake, token: str
) -> None:
    earlier = sheet(token, version="sipas-counter@1")
    first = intake.submit(earlier, now=NOW)
    assert intake.submit(earlier, now=NOW).code == first.code
    assert flags(database) == [Flag.OLD_VERSION]


@pytest.mark.parametrize("version", ["sipas-counter@3", "sipas-counter@0", "other@1", "x"])
def test_an_unknown_version_is_refused(intake: Intake, token: str, version: str) -> None:
    with pytest.raises(Invalid) as caught:
        intake.submit(sheet(token, version=version), now=NOW)
    assert [problem.where for problem in caught.value.problems] == ["version"]


def test_answers_an_earlier_version_had_are_refused(intake: Intake, token: str) -> None:
    gone = sheet(token, version="sipas-counter@1", answers={"access.former": "5"})
    with pytest.raises(Invalid) as caught:
        intake.submit(gone, now=NOW)
    assert [problem.where for problem in caught.value.problems] == ["access.former"]


def test_a_burst_flags_its_whole_hour(database: Database, intake: Intake, token: str) -> None:
    before = NOW - timedelta(hours=1)
    intake.submit(sheet(token, mode=Mode.KIOSK), now=before)
    for number in range(MOST_OF_A_DEVICE):
        intake.submit(sheet(token, number, mode=Mode.KIOSK), now=NOW)
    assert set(flags(database)) == {Flag(0)}
    intake.submit(sheet(token, 77, mode=Mode.KIOSK), now=NOW)
    intake.submit(sheet(token, 78, mode=Mode.KIOSK), now=NOW + timedelta(minutes=25))
    # Which of them came before the one too many cannot be read from the flags.
    assert flags(database) == [Flag(0)] + [Flag.BURST] * (MOST_OF_A_DEVICE + 2)


def test_a_comment_written_twice(database: Database, intake: Intake, token: str) -> None:
    for level in "45":
        answers = {"access.signage": level, "comment": PRAISE}
        intake.submit(sheet(token, answers=answers), now=NOW)
    assert flags(database) == [Flag(0), Flag.REPEATED_COMMENT]


def test_flags_do_not_touch_the_answers(database: Database, intake: Intake, token: str) -> None:
    answers = criteria(database)
    for number in range(MOST_OF_A_DEVICE + 3):
        odd = {"mode": Mode.KIOSK, "seconds": 1, "version": "sipas-counter@1"}
        intake.submit(sheet(token, number, answers=answers, **odd), now=EVENING)
    with database.session() as session:
        codebook = load_codebook(session.scalars(select(Survey)).one().version)
        rows = session.scalars(select(SurveyResponse)).all()
        assert len(rows) == MOST_OF_A_DEVICE + 3
        assert all(decode(codebook, row.answers) == answers for row in rows)
        expected = Flag.TOO_FAST | Flag.STRAIGHT_LINE | Flag.BURST | Flag.OUT_OF_HOURS
        assert all(row.flags & expected == expected for row in rows)
        assert sum(bool(row.flags & Flag.IDENTICAL) for row in rows) == MOST_OF_A_DEVICE + 1
