"""Two administrators at one draft: merged field by field, asked where both changed the same, and
nothing that was typed is lost."""

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.operations.privacy.erasure import erase_expired
from survey_app.operations.questionnaires import attempts, drafts
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.questionnaire.editing.document import Document
from survey_app.questionnaire.editing.parts import find_question
from survey_app.storage.database import Database
from survey_app.storage.models import QuestionnaireDraftAttempt
from tests.factories import NOW, QUESTIONNAIRES, make_account
from tests.integration.office import actions, plain, post, sign_in

SOURCE = (QUESTIONNAIRES / "sipas-counter.yaml").read_text(encoding="utf-8")
DRAFT = "/admin/drafts/1"
SIGNAGE, REASON = "question/access.signage", "question/visit.trips_reason"
TEXT = r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>'
SELECT = r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>'
Fields = dict[str, list[str]]


@pytest.fixture(autouse=True)
def office(database: Database, client: FlaskClient) -> None:
    with database.transaction() as session:
        make_account(session)
        make_account(session, "dong.nghiep")
        version = publish_questionnaire(session, SOURCE, now=NOW).version
        drafts.draft_from_version(session, version, now=NOW, account=None)
    sign_in(client)


@pytest.fixture
def other(app: Flask) -> FlaskClient:
    """The browser of a colleague."""
    client = app.test_client()
    sign_in(client, "dong.nghiep")
    return client


def document(database: Database) -> Document:
    with database.session() as session:
        return drafts.find_draft(session, 1).document


def question(database: Database, code: str) -> Document:
    return find_question(document(database), code)[1]


def opened(client: FlaskClient, part: str) -> Fields:
    """The fields of a part's form, as a browser would send them."""
    page = client.get(f"{DRAFT}/{part}").text
    form = page[page.index('id="item-form"') :]
    form = form[: form.index("</form>")]
    found: Fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = {key: unescape(value) for key, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        is_box = attributes.get("type") in ("checkbox", "radio")
        if "name" in attributes and (not is_box or re.search(r"\schecked", tag)):
            found.setdefault(attributes["name"], []).append(attributes.get("value", ""))
    for name, text in re.findall(TEXT, form, re.S):
        found[name] = [unescape(text)]
    for name, options in re.findall(SELECT, form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        chosen = chosen or re.search(r'value="([^"]*)"', options)
        found[name] = [chosen[1]] if chosen else []
    return found


def send(
    client: FlaskClient, part: str, form: Mapping[str, object], wish: str = "save", **typed: object
) -> TestResponse:
    fields = {key: held for key, held in form.items() if key not in ("csrf_token", "wish")}
    return post(client, f"{DRAFT}/{part}", **{**fields, **typed, "wish": wish})


def decide(client: FlaskClient, address: str, wish: str = "save", **sides: str) -> TestResponse:
    found = re.search(r'name="revision" value="(\d+)"', client.get(address).text)
    assert found
    return post(client, address, revision=found[1], wish=wish, **sides)


def kept(database: Database) -> int:
    with database.session() as session:
        return session.query(QuestionnaireDraftAttempt).count()


def test_what_each_changed_in_one_question_is_saved_without_asking(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), **{"text-en": "Theirs", "hint-vi": "Gợi ý của họ"})
    answer = send(client, SIGNAGE, form, **{"text-vi": "Của tôi"})
    assert answer.status_code == 303
    told = plain(client.get(answer.location))
    assert "người khác đã sửa: Câu chữ (tiếng Anh), Gợi ý dưới câu hỏi (tiếng Việt)" in told
    now = question(database, "access.signage")
    assert (now["text"]["vi"], now["text"]["en"]) == ("Của tôi", "Theirs")
    assert now["hint"]["vi"] == "Gợi ý của họ"
    assert kept(database) == 0


def test_what_both_changed_is_asked_and_kept_until_it_is_decided(
    app: Flask, client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, SIGNAGE)
    send(
        other,
        SIGNAGE,
        opened(other, SIGNAGE),
        **{"text-vi": "Biển báo dễ thấy", "text-en": "Signs"},
    )
    mine = {"text-vi": "Biển hiệu rõ ràng", "text-zh": "标志"}
    answer = send(client, SIGNAGE, form, **mine)
    address = answer.location
    assert send(client, SIGNAGE, form, **mine).location == address  # sent twice, kept once
    page = plain(client.get(address))
    assert "Cần ông/bà chọn (1)" in page  # one field only
    assert "Câu chữ (tiếng Trung" in page  # only mine: told, not asked
    post(client, "/sign-out")
    again = app.test_client()  # signed in again, elsewhere
    sign_in(again)
    assert address in again.get(f"{DRAFT}/scoring").text
    assert "nội dung của ông/bà chưa lưu" in plain(again.get("/admin/drafts"))
    assert other.get(address).status_code == 404  # nobody else's to read
    assert address not in other.get(f"{DRAFT}/scoring").text
    refused = decide(again, address)
    assert refused.status_code == 422
    assert "Chọn một trong các cách" in plain(refused)
    assert question(database, "access.signage")["text"]["vi"] == "Biển báo dễ thấy"
    words = {"side/text-vi": "anew", "words/text-vi": "Biển hiệu dễ thấy, rõ ràng"}
    assert decide(again, address, **words).status_code == 303
    text = question(database, "access.signage")["text"]
    assert (text["vi"], text["en"]) == ("Biển hiệu dễ thấy, rõ ràng", "Signs")
    assert text["zh"] == "标志"
    assert kept(database) == 0
    assert actions(database)[-2:] == ["draft.edit", "draft.decide"]
    assert again.get(address).status_code == 404


@pytest.mark.parametrize(("side", "text"), [("mine", "Của tôi"), ("saved", "Của họ")])
def test_either_side_can_be_taken(
    client: FlaskClient, other: FlaskClient, database: Database, side: str, text: str
) -> None:
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), **{"text-vi": "Của họ", "role": "overall"})
    address = send(client, SIGNAGE, form, **{"text-vi": "Của tôi", "role": "context"}).location
    page = plain(client.get(address))
    assert "Ông/bà vừa nhập" in page
    assert "context" not in page  # in words, as the form says it
    later = {"side/text-vi": side, "words/text-vi": "Chưa xong"}
    decide(client, address, "later", **later)
    assert "Chưa xong" in client.get(address).text  # half decided is kept as well
    assert kept(database) == 1
    decide(client, address, **{"side/text-vi": side, "side/role": "mine"})
    now = question(database, "access.signage")
    assert (now["text"]["vi"], now["role"]) == (text, "context")


def test_a_choice_beside_words_written_anew_is_asked_again(
    client: FlaskClient, other: FlaskClient
) -> None:
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), **{"text-vi": "Của họ"})
    address = send(client, SIGNAGE, form, **{"text-vi": "Của tôi"}).location
    sides = {"side/text-vi": "mine", "words/text-vi": "Một câu thứ ba"}
    answer = decide(client, address, **sides)
    assert answer.status_code == 422
    assert "Một câu thứ ba" in answer.text


def test_what_is_saved_while_somebody_decides_is_asked_once_more(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), **{"text-vi": "Của họ", "text-en": "Theirs"})
    typed = {"text-vi": "Của tôi", "text-en": "Mine"}
    address = send(client, SIGNAGE, form, **typed).location
    seen = re.search(r'name="revision" value="(\d+)"', client.get(address).text)
    assert seen
    send(other, SIGNAGE, opened(other, SIGNAGE), **{"text-vi": "Của họ, lần hai"})
    sides = {"side/text-vi": "mine", "side/text-en": "mine"}
    answer = post(client, address, revision=seen[1], wish="save", **sides)
    assert answer.status_code == 422
    assert "lần hai" in plain(answer)
    assert len(re.findall(r'value="mine"[^>]* checked', answer.text)) == 1  # the other one stands
    assert question(database, "access.signage")["text"]["en"] == "Theirs"


def test_rows_are_known_by_their_codes_whatever_their_order(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, REASON)
    send(other, REASON, opened(other, REASON), "row-up:other")
    send(other, REASON, opened(other, REASON), **{"options-0-label-en": "Theirs"})
    send(client, REASON, form, **{"options-3-label-vi": "Vắng người giải quyết"})
    labels = {
        one["code"]: one["label"] for one in question(database, "visit.trips_reason")["options"]
    }
    assert [*labels][-2:] == ["other", "nobody-there"]
    assert labels["nobody-there"]["vi"] == "Vắng người giải quyết"
    assert labels["unclear-guidance"]["en"] == "Theirs"


def test_a_row_that_one_edits_and_the_other_deletes_can_come_back(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, REASON)
    send(other, REASON, opened(other, REASON), "row-remove:late-result")
    address = send(client, REASON, form, **{"options-2-label-vi": "Trả kết quả muộn"}).location
    assert "người khác đã xóa" in plain(client.get(address))
    decide(client, address, **{"side/options:late-result": "mine"})
    options = question(database, "visit.trips_reason")["options"]
    assert options[2]["code"] == "late-result"  # where it stood
    assert options[2]["label"]["vi"] == "Trả kết quả muộn"
    assert options[2]["label"]["en"] == "The result was late"


def test_a_row_that_is_added_where_another_was_deleted_is_not_that_one(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, REASON)
    send(other, REASON, opened(other, REASON), "row-remove:other")
    send(other, REASON, opened(other, REASON), "add-row")
    address = send(client, REASON, form, **{"options-4-label-en": "Something else"}).location
    assert "“Lý do khác”: ông/bà vừa sửa, người khác đã xóa" in plain(client.get(address))
    decide(client, address, **{"side/options:other": "mine"})
    options = question(database, "visit.trips_reason")["options"]
    assert (options[4]["label"]["en"], "label" in options[5]) == ("Something else", False)


def test_a_row_that_both_delete_takes_no_other_along(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, REASON)
    send(other, REASON, opened(other, REASON), "row-remove:other")
    send(other, REASON, opened(other, REASON), "add-row")
    told = plain(client.get(send(client, REASON, form, "row-remove:other").location))
    assert "đã được người khác xóa" in told
    options = question(database, "visit.trips_reason")["options"]
    assert (len(options), kept(database)) == (5, 0)


def test_a_row_under_another_code_is_still_the_same(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, REASON)
    for code in ("khac", "ly-do-khac"):
        send(other, REASON, opened(other, REASON), **{"options-4-code": code})
    send(client, REASON, form, **{"options-4-label-en": "Something else"})
    last = question(database, "visit.trips_reason")["options"][-1]
    assert (last["code"], last["label"]["en"]) == ("ly-do-khac", "Something else")


def test_deleting_what_somebody_else_has_edited_is_asked(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    for part, wish in (
        (REASON, "row-remove:other"),
        (REASON, "remove"),
        ("section/visit", "remove"),
    ):
        form = opened(client, part)
        now = opened(other, REASON)
        text = now["options-4-label-vi"][0] + " nữa"
        send(other, REASON, now, **{"options-4-label-vi": text})
        address = send(client, part, form, wish).location
        page = plain(client.get(address))
        assert "Ông/bà vẫn muốn" in page
        decide(client, address, **{"side/wish": "saved"})
        labels = [one["label"]["vi"] for one in question(database, "visit.trips_reason")["options"]]
        assert labels[4] == text  # still there
    form = opened(client, REASON)
    send(other, REASON, opened(other, REASON), **{"text-vi": "Vì sao?"})
    address = send(client, REASON, form, "remove").location
    decide(client, address, **{"side/wish": "mine"})
    assert "visit.trips_reason" not in str(document(database)["sections"])


def test_moving_what_somebody_else_has_moved_is_asked(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), "down")
    before = document(database)
    address = send(client, SIGNAGE, form, "down", **{"text-vi": "Chữ của tôi"}).location
    assert "đổi thứ tự" in plain(client.get(address))
    decide(client, address, **{"side/wish": "saved"})
    codes = [[q["code"] for q in s["questions"]] for s in document(database)["sections"]]
    assert codes == [[q["code"] for q in s["questions"]] for s in before["sections"]]
    assert question(database, "access.signage")["text"]["vi"] == "Chữ của tôi"


def test_a_dragged_question_lands_behind_the_same_neighbour(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    seen = opened(client, "general")["revision"]
    first, second, third = (q["code"] for q in document(database)["sections"][0]["questions"][:3])
    send(other, f"question/{third}", opened(other, f"question/{third}"), "duplicate")
    send(other, f"question/{first}", opened(other, f"question/{first}"), "remove")
    wish = f"place-question:{third}:access:1"  # behind the first, which is gone: to the front
    assert send(client, "general", {"revision": seen}, wish).status_code == 303
    codes = [q["code"] for q in document(database)["sections"][0]["questions"]]
    assert codes[:3] == [third, second, f"{third}_2"]
    no_number = f"place-question:{third}:access:²"
    assert send(client, "general", {"revision": seen}, no_number).status_code < 500


def test_a_question_that_somebody_else_deleted_can_come_back_as_typed(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), "remove")
    address = send(client, SIGNAGE, form, **{"text-vi": "Chữ vừa gõ"}).location
    assert "Chữ vừa gõ" in plain(client.get(address))
    decide(client, address, **{"side/part": "mine"})
    first = document(database)["sections"][0]["questions"][0]
    assert (first["code"], first["text"]["vi"]) == ("access.signage", "Chữ vừa gõ")
    assert first["text"]["en"]
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), "remove")
    address = send(client, SIGNAGE, form, **{"text-vi": "Chữ khác"}).location
    decide(client, address, **{"side/part": "saved"})
    assert actions(database)[-1] == "draft.drop"
    assert kept(database) == 0


def test_a_question_under_another_code_is_still_the_same(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), code="access.signs")
    assert send(client, SIGNAGE, form, **{"text-vi": "Của tôi"}).status_code == 303
    assert question(database, "access.signs")["text"]["vi"] == "Của tôi"


def test_after_an_undo_forms_still_know_what_they_were_made_from(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    send(other, SIGNAGE, opened(other, SIGNAGE), **{"text-vi": "Lần một"})
    now = opened(other, SIGNAGE)["revision"]
    post(other, f"{DRAFT}/undo", wish="undo", revision=now)
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), **{"text-en": "Theirs"})
    assert "attempts" not in send(client, SIGNAGE, form, **{"text-vi": "Của tôi"}).location
    assert question(database, "access.signage")["text"]["en"] == "Theirs"


def test_undoing_what_was_not_on_the_page_is_asked_first(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    seen = opened(client, "general")["revision"]
    send(other, SIGNAGE, opened(other, SIGNAGE), **{"text-vi": "Của họ"})
    answer = post(client, f"{DRAFT}/undo", wish="undo", revision=seen)
    assert answer.status_code == 409
    assert "Đã lưu câu hỏi" in plain(answer)  # what would be undone
    assert question(database, "access.signage")["text"]["vi"] == "Của họ"


def test_two_who_translate_the_same_text_decide_about_that_alone(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    page, name = "translation/en", "question:access.signage/text"
    form = opened(client, page)
    send(other, page, opened(other, page), **{name: "Theirs", "section:access/title": "Reach"})
    hint = "question:visit.trips_reason/text"
    address = send(client, page, form, **{name: "Mine", hint: "Why so often?"}).location
    assert "Cần ông/bà chọn (1)" in plain(client.get(address))
    decide(client, address, **{f"side/{name}": "mine"})
    now = document(database)
    assert find_question(now, "access.signage")[1]["text"]["en"] == "Mine"
    assert find_question(now, "visit.trips_reason")[1]["text"]["en"] == "Why so often?"
    assert now["sections"][0]["title"]["en"] == "Reach"


@pytest.mark.parametrize("end", ["drop", "discard", "expire"])
def test_what_is_kept_goes_by_a_word_with_its_draft_and_in_time(
    client: FlaskClient, other: FlaskClient, database: Database, end: str
) -> None:
    form = opened(client, SIGNAGE)
    send(other, SIGNAGE, opened(other, SIGNAGE), **{"text-vi": "Của họ"})
    address = send(client, SIGNAGE, form, **{"text-vi": "Của tôi"}).location
    assert kept(database) == 1
    if end == "drop":
        post(client, f"{address}/drop")
    elif end == "discard":
        post(client, f"{DRAFT}/discard")
    else:
        with database.transaction() as session:
            row = session.query(QuestionnaireDraftAttempt).one()
            late = row.kept_at + attempts.KEPT_FOR + timedelta(seconds=1)
            erase_expired(session, account_days=90, now=late)
    assert kept(database) == 0


@pytest.mark.parametrize("revision", ["9" * 10, "9" * 30, "-5"])
def test_a_revision_that_no_draft_has_is_asked_about(
    client: FlaskClient, database: Database, revision: str
) -> None:
    typed = {"revision": revision, "text-vi": "Của tôi"}
    address = send(client, SIGNAGE, opened(client, SIGNAGE), **typed).location
    assert "Của tôi" in plain(client.get(address))
    assert post(client, f"{DRAFT}/undo", wish="undo", revision=revision).status_code == 409


def test_translations_into_a_language_that_is_gone_are_kept(
    client: FlaskClient, other: FlaskClient, database: Database
) -> None:
    page, name = "translation/en", "question:access.signage/text"
    form = opened(client, page)
    send(other, SIGNAGE, opened(other, SIGNAGE), "remove")
    address = send(client, page, form, **{name: "Signs for all"}).location
    assert "dễ thấy, dễ tìm – Câu 1 Signs for all" in plain(client.get(address))  # not its code
    hint = "question:visit.trips_reason/text"
    form = opened(client, page)
    send(other, "general", opened(other, "general"), "language-remove:en")
    address = send(client, page, form, **{hint: "Why so often?"}).location
    assert "Why so often?" in plain(client.get(address))
    assert decide(client, address).status_code == 409
    assert "en" not in question(database, "visit.trips_reason")["text"]


@pytest.mark.parametrize("end", ["publish", "discard"])
def test_what_is_sent_to_a_draft_that_is_gone_stands_on_the_page_that_says_so(
    client: FlaskClient, other: FlaskClient, database: Database, end: str
) -> None:
    part, page = opened(client, SIGNAGE), opened(client, "translation/en")
    if end == "discard":
        post(other, f"{DRAFT}/discard")
    else:
        with database.transaction() as session:
            drafts.find_draft(session, 1).published_version_id = 1
    name = "question:access.signage/text"
    for place, form, field in ((SIGNAGE, part, "text-vi"), ("translation/en", page, name)):
        answer = send(client, place, form, **{field: "Chữ của tôi"})
        assert answer.status_code in (404, 409)
        assert "Chữ của tôi" in plain(answer)
