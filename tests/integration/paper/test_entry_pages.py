"""Keying forms one by one, as a plain form: read by the keys, refused in place, stored once."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.operations.fieldwork.surveys import close_survey, find_survey
from survey_app.operations.questionnaires.publishing import load_codebook
from survey_app.questionnaire.answers import decode
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry, CollectionPoint, FreeText, SurveyResponse
from tests.integration.office import actions, plain, post, sign_in

PAPER = "/admin/surveys/KS-2026/paper"


@pytest.fixture
def entry(points: dict[str, CollectionPoint]) -> str:
    """The page on which forms of the ward are keyed."""
    return f"{PAPER}/entry/{points['H01.01'].id}"


def key(client: FlaskClient, entry: str, number: str, **typed: str) -> TestResponse:
    """Save a form; questions are named with __ for the dot."""
    fields = {f"q-{name.replace('__', '.')}": text for name, text in typed.items()}
    return post(client, entry, _number=number, **fields)


def sheets(database: Database) -> list[dict[str, object]]:
    with database.session() as session:
        codebook = load_codebook(find_survey(session, "KS-2026").version)
        rows = session.scalars(select(SurveyResponse).order_by(SurveyResponse.response_key))
        return [dict(decode(codebook, row.answers)) for row in rows]


def value(page: TestResponse, name: str) -> str:
    """What a field of the page holds."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page.text)
    assert found, name
    return unescape(found[1])


def test_a_form_is_typed_by_the_keys_printed_on_it(
    client: FlaskClient, database: Database, entry: str
) -> None:
    sign_in(client, "phuong")
    saved = key(
        client,
        entry,
        "0012",
        access__signage="5",
        access__equipment="0",
        visit__trips="4",
        visit__trips_reason="2",
        needs__improvements="13",
        comment="Tốt",
    )
    assert saved.location == entry
    assert sheets(database) == [
        {
            "access.signage": "5",
            "access.equipment": "na",
            "visit.trips": "4-or-more",
            "visit.trips_reason": "more-documents",
            "needs.improvements": ("information", "faster"),
        }
    ]
    with database.session() as session:
        assert session.scalars(select(FreeText.text)).all() == ["Tốt"]
        assert session.scalars(select(SurveyResponse.mode)).all() == ["paper"]
    page = client.get(entry)
    assert "Đã lưu phiếu số 12" in plain(page)
    assert "Lượt này đã nhập 1 phiếu; gần nhất: 12." in plain(page)
    assert value(page, "_number") == "0013"
    assert "Đã lưu" not in plain(client.get(entry))


def test_who_sits_down_to_key_is_on_record_once_and_no_form_is(
    client: FlaskClient, database: Database, entry: str
) -> None:
    sign_in(client, "phuong")
    for number in ("4711", "4712"):
        client.get(entry)
        key(client, entry, number, access__signage="5")
    assert actions(database) == ["sign_in", "paper.key"]
    with database.session() as session:
        assert "471" not in str(session.scalars(select(AuditEntry.detail)).all())


def test_the_same_form_again_is_the_same_sheet_and_other_answers_are_refused(
    client: FlaskClient, database: Database, entry: str
) -> None:
    sign_in(client, "phuong")
    key(client, entry, "7", access__signage="5")
    assert key(client, entry, "0007", access__signage="5").status_code == 302
    page = plain(client.get(entry))
    assert "Phiếu số 7 đã được nhập trước đây, giống hệt; không tính thêm." in page
    assert "Lượt này đã nhập 1 phiếu" in page
    refused = key(client, entry, "7", access__signage="4", comment="Chữ “đã gõ”")
    assert refused.status_code == 422
    assert "Phiếu số 7 của điểm này đã được nhập với câu trả lời khác" in plain(refused)
    assert value(refused, "_number") == "7"
    assert value(refused, "q-access.signage") == "4"
    assert "Chữ “đã gõ”</textarea>" in refused.text
    assert sheets(database) == [{"access.signage": "5"}]


def test_mistakes_are_told_at_the_field_and_everything_stays_as_typed(
    client: FlaskClient, database: Database, entry: str
) -> None:
    sign_in(client, "phuong")
    refused = key(
        client,
        entry,
        "số 5",
        access__signage="8",
        visit__trips="1",
        needs__improvements="1 2 3 4",
        comment="<b>",
    )
    assert refused.status_code == 422
    text = plain(refused)
    assert "“số 5” không phải là số phiếu; hãy gõ như in trên phiếu: 0012." in text
    assert "Không hiểu “8”; hãy gõ 1, 2, 3, 4, 5 hoặc 0." in text
    assert "đã chọn 4 phương án" in text
    assert 'href="#q-access.signage"' in refused.text
    for name, typed in (("_number", "số 5"), ("q-access.signage", "8"), ("q-visit.trips", "1")):
        assert value(refused, name) == typed
    assert "&lt;b&gt;</textarea>" in refused.text
    assert sheets(database) == []
    assert "Chưa ghi số phiếu." in plain(key(client, entry, " ", access__signage="5"))
    assert "chưa có câu trả lời nào" in plain(key(client, entry, "5"))


def test_answers_the_rules_do_not_ask_for_are_told_and_left_out_knowingly(
    client: FlaskClient, database: Database, entry: str
) -> None:
    sign_in(client, "phuong")
    typed = {"access__signage": "5", "visit__trips": "1", "visit__trips_reason": "2"}
    refused = key(client, entry, "3", **typed)
    assert refused.status_code == 422
    assert "câu này không được hỏi" in plain(refused)
    assert 'name="_unasked"' in refused.text
    fields = {f"q-{name.replace('__', '.')}": text for name, text in typed.items()}
    assert post(client, entry, _number="3", _unasked="1", **fields).status_code == 302
    assert sheets(database) == [{"access.signage": "5", "visit.trips": "1"}]


def test_an_officer_keys_for_the_own_units_only(
    client: FlaskClient, database: Database, points: dict[str, CollectionPoint]
) -> None:
    sign_in(client, "phuong")
    other = f"{PAPER}/entry/{points['H01.02'].id}"
    assert client.get(other).status_code == 404
    assert key(client, other, "1", access__signage="5").status_code == 404
    assert client.get(f"{PAPER}/entry/9999").status_code == 404
    assert client.get("/admin/surveys/XX/paper/entry/1").status_code == 404
    assert sheets(database) == []
    own = f"{PAPER}/entry/{points['H01.01'].id}"
    assert f'href="{own}"' in client.get(PAPER).text


def test_nothing_is_keyed_without_token_or_after_the_survey_is_closed(
    client: FlaskClient, database: Database, entry: str
) -> None:
    sign_in(client, "phuong")
    fields = {"_number": "1", "q-access.signage": "5"}
    assert client.post(entry, data=fields).status_code == 400
    with database.transaction() as session:
        close_survey(find_survey(session, "KS-2026"))
    assert "Cuộc khảo sát đã đóng" in plain(client.get(entry))
    refused = key(client, entry, "1", access__signage="5")
    assert refused.status_code == 410
    assert "không nhập thêm phiếu giấy được" in plain(refused)
    assert value(refused, "q-access.signage") == "5"
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(SurveyResponse)) == 0
