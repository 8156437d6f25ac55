"""The ways and languages of a survey: every door asks, and what was given out stays good."""

from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import Closed, Conflict, Invalid, Paused
from survey_app.operations.fieldwork.conduct import turn_survey
from survey_app.operations.fieldwork.devices import add_device, enrol
from survey_app.operations.fieldwork.links import find_link
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.fieldwork.ways import SHUT, Way, languages_of, set_offer, ways_of
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import Sheet, submit_sheet
from survey_app.operations.invitations.invitations import require_taking
from survey_app.operations.invitations.slips import make_slips
from survey_app.operations.paper.entry import key_form
from survey_app.operations.paper.forms import describe_form
from survey_app.operations.paper.template import paper_template
from survey_app.operations.paper.typed_form import TypedForm
from survey_app.storage.database import Database
from survey_app.storage.models import (
    Account,
    CollectionPoint,
    Mode,
    Survey,
    SurveyResponse,
    SurveyStatus,
)
from tests.factories import (
    NOW,
    make_account,
    make_one_time_link,
    make_point,
    make_survey,
    make_unit,
)
from tests.integration.office import plain

ANSWERS = {"service.overall": "4"}
LAST_DAY = date(2026, 12, 31)


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def point(session: Session) -> CollectionPoint:
    unit = make_unit(session)
    return make_point(session, make_survey(session, [unit], document="one-stop-rating.yaml"), unit)


def shut(session: Session, survey: Survey, *ways: Way) -> None:
    left = [way for way in Way if way not in ways]
    offered = languages_of(survey)
    set_offer(session, survey, ways=left, languages=offered, revision=survey.revision)


def sheet(token: str, **fields: object) -> Sheet:
    return Sheet(uuid4(), token, ANSWERS, **fields)  # type: ignore[arg-type]


def test_a_survey_of_which_nothing_was_said_has_every_way_and_language(
    session: Session, point: CollectionPoint
) -> None:
    survey = point.survey
    assert (survey.ways, survey.languages) == (None, None)
    assert ways_of(survey) == tuple(Way)
    assert languages_of(survey) == ("vi", "en", "zh")
    done = set_offer(session, survey, ways=["paper", "?"], languages=["zh", "km"], revision=1)
    assert (ways_of(survey), languages_of(survey)) == ((Way.PAPER,), ("vi", "zh"))
    assert done["from"] == {"ways": "kiosk link slip paper", "languages": "vi en zh"}
    with pytest.raises(Conflict):
        set_offer(session, survey, ways=["kiosk"], languages=[], revision=1)
    with pytest.raises(Invalid):
        set_offer(session, survey, ways=[], languages=[], revision=2)
    set_offer(session, survey, ways=list(Way), languages=["vi", "en", "zh"], revision=2)
    assert (survey.ways, survey.languages) == (None, None)


def clerk(session: Session) -> Account:
    """The same at every call."""
    return session.scalars(select(Account)).first() or make_account(session)


DOORS: dict[Way, tuple[Callable[[Session, CollectionPoint], object], ...]] = {
    Way.LINK: (lambda session, point: submit_sheet(session, sheet(point.token), now=NOW),),
    Way.SLIP: (
        lambda session, point: require_taking(point.survey, NOW),  # what other software asks
        lambda session, point: make_slips(
            session, point, 1, expires_on=LAST_DAY, account=clerk(session), now=NOW
        ),
    ),
    Way.PAPER: (
        lambda session, point: describe_form(point, site="https://ks.vn", first=1, copies=1),
        lambda session, point: paper_template(session, point.survey),
        lambda session, point: key_form(
            session,
            point.survey,
            point,
            TypedForm("1", {"service.overall": "1"}),
            secret=b"",
            account=clerk(session),
            now=NOW,
        ),
    ),
}


@pytest.mark.parametrize("way", DOORS)
def test_a_way_that_is_shut_gives_out_nothing(
    session: Session, point: CollectionPoint, way: Way
) -> None:
    for door in DOORS[way]:
        door(session, point)
    shut(session, point.survey, way)
    for door in DOORS[way]:
        with pytest.raises(Closed) as refused:
            door(session, point)
        assert refused.value.message == SHUT[way]
    shut(session, point.survey, *(other for other in Way if other is not way))
    for door in DOORS[way][:1]:
        door(session, point)


def test_what_was_given_out_stays_good(session: Session, point: CollectionPoint) -> None:
    """A code that somebody holds, and what a kiosk took before it heard."""
    code = make_one_time_link(session, point)
    shut(session, point.survey, Way.KIOSK, Way.LINK, Way.SLIP)
    assert submit_sheet(session, sheet(code), now=NOW).is_new
    assert submit_sheet(session, sheet(point.token, mode=Mode.KIOSK), now=NOW).is_new
    assert find_link(session, code).one_time


def test_no_slips_are_made_in_a_pause(session: Session, point: CollectionPoint) -> None:
    turn_survey(session, point.survey, SurveyStatus.PAUSED, now=NOW, reason="mưa lũ")
    account = make_account(session)
    with pytest.raises(Paused, match="sau khi cuộc khảo sát tiếp tục"):
        make_slips(session, point, 1, expires_on=LAST_DAY, account=account, now=NOW)
    turn_survey(session, point.survey, SurveyStatus.OPEN, now=NOW)
    assert make_slips(session, point, 1, expires_on=LAST_DAY, account=account, now=NOW)


def test_a_citizen_reads_why_and_in_which_languages(
    client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit], document="one-stop-rating.yaml")
        token = make_point(session, survey, unit).token
        code = make_one_time_link(session, find_link(session, token).point)
    address, intake = f"/s/{token}", Intake(database)
    assert 'lang="en"' in client.get(f"{address}?lang=en").text
    before = intake.page_mark(token)
    change(database, ways=list(Way), languages=["zh"])
    assert intake.page_mark(token) != before  # a page that was kept is shown no more
    shown = client.get(f"{address}?lang=en").text
    assert "English" not in shown
    assert "中文" in shown
    assert '<html lang="vi"' in shown
    change(database, ways=["slip"], languages=[])
    refused = client.get(f"{address}?lang=zh")
    assert refused.status_code == 410
    assert "本次调查不通过公用代码接收问卷" in plain(refused)
    body = {"link": token, "answers": ANSWERS, "version": "one-stop-rating@1"}
    assert client.put(f"/api/v1/responses/{uuid4()}", json=body).status_code == 410
    assert client.get(f"/s/{code}").status_code == 200


def test_a_sheet_is_kept_in_the_language_in_which_it_was_read(
    client: FlaskClient, database: Database
) -> None:
    """The page was open in Chinese when that was taken off; what is unheard of nobody speaks."""
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit], document="one-stop-rating.yaml")
        token = make_point(session, survey, unit).token
    change(database, ways=["link"], languages=["en"])
    sent = {"_version": "one-stop-rating@1", "service.overall": "9"}
    shown = client.post(
        f"/s/{token}", data=sent | {"_language": "zh", "_response_id": str(uuid4())}
    )
    assert shown.status_code == 422
    assert 'name="_language" value="zh"' in shown.text
    for told in ("zh", "xx"):
        form = sent | ANSWERS | {"_language": told, "_response_id": str(uuid4())}
        stranger = client.application.test_client()
        assert stranger.post(f"/s/{token}", data=form).status_code == 303
    with database.session() as session:
        assert sorted(session.scalars(select(SurveyResponse.language))) == ["vi", "zh"]


def change(database: Database, **fields: list[str]) -> None:
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        set_offer(session, survey, revision=survey.revision, **fields)


def test_a_kiosk_rests_and_its_waiting_sheets_are_taken(
    client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit], document="one-stop-rating.yaml")
        point = make_point(session, survey, unit)
        _, code = add_device(session, point, label="Máy 1", pin="2580", now=NOW)
        _, key = enrol(session, code, now=NOW)
    client.set_cookie("hailong-kiosk", key, path="/k")
    assert '"isOpen": true' in unescape(client.get("/k").text)
    change(database, ways=["link"], languages=["en"])
    shell = unescape(client.get("/k").text)
    assert '"isOpen": false' in shell
    assert '"languages": ["vi", "en"]' in shell
    waited = {"id": str(uuid4()), "link": point.token, "version": "one-stop-rating@1"}
    waited |= {"language": "zh", "answers": ANSWERS, "answered_at": "2026-06-15T03:00:00Z"}
    told = client.post("/k/sheets", json=[waited], headers={"Origin": "http://localhost"})
    assert [result["status"] for result in told.get_json()["results"]] == ["stored"]
