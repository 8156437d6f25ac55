"""The editor of questionnaires without script: every action a form, nothing typed is lost."""

import io
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.operations.questionnaires import drafts
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.storage.database import Database
from tests.factories import NOW, QUESTIONNAIRES, make_account
from tests.integration.office import actions, plain, post, sign_in

SOURCE = (QUESTIONNAIRES / "sipas-counter.yaml").read_text(encoding="utf-8")
DRAFT = "/admin/drafts/1"


@pytest.fixture(autouse=True)
def office(database: Database, client: FlaskClient) -> None:
    with database.transaction() as session:
        make_account(session)
    sign_in(client)


@pytest.fixture
def draft(database: Database) -> None:
    with database.transaction() as session:
        drafts.create_draft(session, code="thu", title="Thử", now=NOW, account=None)


@pytest.fixture
def sipas(database: Database) -> None:
    """A draft of the shipped questionnaire, which is published as well."""
    with database.transaction() as session:
        version = publish_questionnaire(session, SOURCE, now=NOW).version
        drafts.draft_from_version(session, version, now=NOW, account=None)


def document(database: Database) -> dict[str, object]:
    with database.session() as session:
        return drafts.find_draft(session, 1).document


def revision(client: FlaskClient) -> str:
    found = re.search(r'name="revision" value="(\d+)"', client.get(f"{DRAFT}/general").text)
    assert found
    return found[1]


def act(client: FlaskClient, part: str, wish: str = "save", **fields: object) -> TestResponse:
    fields.setdefault("revision", revision(client))
    return post(client, f"{DRAFT}/{part}", wish=wish, **fields)


def add_parts(client: FlaskClient) -> None:
    """A factor with two criteria."""
    act(client, "general", "add-section", **{"new-section": "Tiếp cận", "new-section-factor": "1"})
    for text in ("Biển hiệu dễ thấy", "Đủ chỗ ngồi"):
        act(client, "section/tiep_can", "add-question", **{"new-question": text})


def test_a_draft_is_made_listed_and_discarded(client: FlaskClient, database: Database) -> None:
    answer = post(client, "/admin/create-draft", start="empty", title="Thử", code="thu")
    assert answer.location.endswith("/admin/drafts/1/general")
    assert "Thử" in plain(client.get("/admin/drafts"))
    post(client, f"{DRAFT}/discard")
    assert "Chưa có bản thảo nào" in plain(client.get("/admin/drafts"))
    assert actions(database)[-2:] == ["draft.create", "draft.discard"]


def test_a_new_house_begins_with_a_questionnaire_that_the_product_brings(
    client: FlaskClient, database: Database
) -> None:
    page = client.get("/admin/create-draft?supplied=1").text
    assert re.search(r'value="supplied" checked', page)
    assert "(33 câu hỏi)" in page
    answer = post(client, "/admin/create-draft", start="supplied", supplied="sipas-counter")
    assert answer.location.endswith("/admin/drafts/1/general")
    assert "Bản thảo đã đủ để công bố." in plain(client.get(f"{DRAFT}/checks"))
    assert actions(database)[-1:] == ["draft.create"]


def test_what_keeps_a_draft_from_being_made_is_told_in_its_field(client: FlaskClient) -> None:
    for fields, sentence in (
        ({"start": "empty", "title": "Tên đã gõ", "code": "Sai mã"}, "Mã chỉ gồm"),
        ({"start": "empty", "title": "", "code": "Sai mã"}, "Nhập tên bộ câu hỏi."),
        ({"start": "empty", "title": "", "code": "Sai mã"}, "Mã chỉ gồm"),
        ({"start": "version", "title": "Tên đã gõ"}, "Chọn phiên bản."),
        ({"start": "file", "title": "Tên đã gõ"}, "Chọn tệp."),
        ({"start": "supplied", "title": "Tên đã gõ"}, "Chọn bộ câu hỏi mẫu."),
    ):
        answer = post(client, "/admin/create-draft", **fields)
        assert answer.status_code == 422
        assert sentence in plain(answer)
        assert f'value="{fields["title"]}"' in answer.text


def test_every_part_of_the_shipped_questionnaire_can_be_opened(
    client: FlaskClient, sipas: None
) -> None:
    pages = ["general", "section/access", "question/access.signage", "scale/satisfaction"]
    for page in [*pages, "scoring", "checks", "library?q=bien"]:
        answer = client.get(f"{DRAFT}/{page}")
        assert answer.status_code == 200, page
        ids = re.findall(r'\bid="([^"]+)"', answer.text)
        assert len(ids) == len(set(ids)), page  # a label leads to one field
    assert client.get(f"{DRAFT}/question/nowhere").status_code == 404
    assert client.get(f"{DRAFT}/nonsense").status_code == 404
    assert client.get("/admin/drafts/7/general").status_code == 404


def test_the_source_of_a_draft_can_be_published(client: FlaskClient, sipas: None) -> None:
    source = client.get(f"{DRAFT}/source").text
    answer = post(client, "/admin/questionnaires/publish", source=source)
    assert answer.location.endswith("/admin/questionnaires/1")  # the very same version


def test_parts_are_added_changed_and_moved(
    client: FlaskClient, database: Database, draft: None
) -> None:
    add_parts(client)
    answer = act(client, "question/tiep_can.du_cho_ngoi", "up", **{"text-vi": "Đủ chỗ ngồi chờ"})
    assert answer.location.endswith("question/tiep_can.du_cho_ngoi#muc")
    texts = [q["text"]["vi"] for q in document(database)["sections"][0]["questions"]]
    assert texts == ["Đủ chỗ ngồi chờ", "Biển hiệu dễ thấy"]  # the words are saved with the move


def test_enter_in_the_field_of_a_new_question_adds_it(
    client: FlaskClient, database: Database, draft: None
) -> None:
    add_parts(client)
    act(client, "section/tiep_can", **{"new-question": "Một câu nữa"})
    assert len(document(database)["sections"][0]["questions"]) == 3


def test_a_blank_question_gets_its_code_from_its_first_words(
    client: FlaskClient, database: Database, draft: None
) -> None:
    add_parts(client)
    answer = act(client, "question/tiep_can.bien_hieu_de_thay", "add-question:blank")
    assert answer.location == f"{DRAFT}/question/tiep_can.cau#text-vi"
    act(client, "question/tiep_can.cau", "add-question:blank")
    answer = act(client, "question/tiep_can.cau_2", **{"text-vi": "Có chỗ gửi xe"})
    assert answer.location == f"{DRAFT}/question/tiep_can.co_cho_gui_xe#muc"
    act(client, "question/tiep_can.co_cho_gui_xe", **{"text-vi": "Bãi xe rộng"})  # no longer blank
    found = [q["code"] for q in document(database)["sections"][0]["questions"]]
    assert found == [
        "tiep_can.bien_hieu_de_thay",
        "tiep_can.cau",
        "tiep_can.co_cho_gui_xe",
        "tiep_can.du_cho_ngoi",
    ]


def test_after_a_row_is_removed_the_next_one_is_ready(client: FlaskClient, draft: None) -> None:
    for row, ready in (("3", 2), ("5", 2)):  # of five levels; then the last of four
        answer = act(client, "scale/satisfaction", f"row-remove:{row}")
        assert answer.location.endswith(f"#levels-{ready}-label-vi")


def test_a_refused_form_keeps_what_was_typed(client: FlaskClient, draft: None) -> None:
    add_parts(client)
    part = "question/tiep_can.du_cho_ngoi"
    answer = act(client, part, code="Mã sai", **{"text-vi": "Chữ vừa gõ"})
    assert answer.status_code == 422
    assert "Mã chỉ gồm" in plain(answer)
    assert "Chữ vừa gõ" in answer.text
    assert 'value="Mã sai"' in answer.text


def test_two_administrators_at_different_parts_do_not_disturb_one_another(
    client: FlaskClient, database: Database, draft: None
) -> None:
    add_parts(client)
    seen = revision(client)
    act(client, "question/tiep_can.du_cho_ngoi", **{"text-vi": "Của người thứ nhất"})
    answer = act(
        client,
        "question/tiep_can.bien_hieu_de_thay",
        revision=seen,
        **{"text-vi": "Của người thứ hai"},
    )
    assert answer.status_code == 303
    questions = document(database)["sections"][0]["questions"]
    assert [q["text"]["vi"] for q in questions] == ["Của người thứ hai", "Của người thứ nhất"]


def test_a_form_refused_after_somebody_else_has_saved_keeps_what_was_typed(
    client: FlaskClient, draft: None
) -> None:
    add_parts(client)
    seen = revision(client)
    act(client, "question/tiep_can.du_cho_ngoi", **{"text-vi": "Của người thứ nhất"})
    part = "question/tiep_can.bien_hieu_de_thay"
    answer = act(client, part, revision=seen, code="Mã sai", **{"text-vi": "Chữ vừa gõ"})
    assert answer.status_code == 422
    assert "Mã chỉ gồm" in plain(answer)
    assert "Chữ vừa gõ" in answer.text


def test_a_place_that_no_draft_has_is_refused(client: FlaskClient, draft: None) -> None:
    add_parts(client)
    for wish in ("place-section:tiep_can:", "condition-remove:"):
        answer = act(client, "question/tiep_can.du_cho_ngoi", wish + "9" * 5000)
        assert answer.status_code in {404, 422}


def test_undo_and_redo(client: FlaskClient, database: Database, draft: None) -> None:
    add_parts(client)
    for wish, count in (("undo", 1), ("redo", 2)):
        post(client, f"{DRAFT}/undo", wish=wish, revision=revision(client))
        assert len(document(database)["sections"][0]["questions"]) == count
    act(client, "question/tiep_can.du_cho_ngoi", "remove")
    post(client, f"{DRAFT}/undo", wish="undo", revision=revision(client))
    assert "Đã hoàn tác: xóa câu hỏi" in (page := plain(client.get(f"{DRAFT}/general")))
    assert "Có thể hoàn tác" not in page


def test_options_languages_and_conditions(
    client: FlaskClient, database: Database, draft: None
) -> None:
    add_parts(client)
    act(client, "general", "add-language", language="en")
    part = "question/tiep_can.du_cho_ngoi"
    act(client, part, "add-condition", condition="tiep_can.bien_hieu_de_thay")
    fields = {"flags": "1", "kind": "single", "role": "context", "condition-0-negated": "0"}
    act(client, part, **fields, **{"condition-0-is": ["1", "2"]})
    act(client, part, "add-row", **{"options-0-was": "1", "options-0-label-en": "Yes"})
    question = document(database)["sections"][0]["questions"][1]
    assert question["ask_when"] == [{"question": "tiep_can.bien_hieu_de_thay", "is": ["1", "2"]}]
    assert question["options"] == [
        {"code": "1", "label": {"en": "Yes"}},
        {"code": "2"},
        {"code": "3"},
    ]
    page = client.get(f"{DRAFT}/{part}").text
    assert "cần ít nhất" not in page


def test_a_question_from_the_library(client: FlaskClient, database: Database, sipas: None) -> None:
    page = client.get(f"{DRAFT}/library?q=bien%20hieu")
    assert "Biển hiệu, chỉ dẫn dễ thấy, dễ tìm" in plain(page)
    fields = {"section": "procedures", "version": "1", "question": "access.signage"}
    answer = post(client, f"{DRAFT}/library", **fields)
    assert answer.location.endswith("question/access.signage_2#muc")
    assert len(document(database)["sections"][1]["questions"]) == 6
    unheard_of = post(client, f"{DRAFT}/library", **{**fields, "version": "9" * 30})
    assert unheard_of.status_code == 404


def test_the_worked_example_shows_its_arithmetic(client: FlaskClient, sipas: None) -> None:
    text = plain(client.get(f"{DRAFT}/scoring"))
    assert "2 : 3 = 66,7%" in text
    assert "tổng 45 : 62 câu trả lời = 72,58%" in text
    weights = {"weight-access": "2,5", "weight-procedures": "1"}
    rest = dict.fromkeys(["weight-officers", "weight-results", "weight-feedback"], "0,5")
    fields = {"version": "2", "item": "mean", "roll_up": "weighted", **weights, **rest}
    assert act(client, "scoring", **fields).status_code == 303
    text = plain(client.get(f"{DRAFT}/scoring"))
    assert "2,5 : 5 = 50%" in text
    rows = re.findall(r"([\d,]+)% × ([\d,]+)% = ([\d,]+)%", text)
    factors = [[float(number.replace(",", ".")) for number in row] for row in rows]
    assert [share for _, share, _ in factors] == [50, 20, 10, 10, 10]
    assert all(abs(score * share / 100 - part) < 0.02 for score, share, part in factors)
    index = float(re.findall(r"100% ?([\d,]+)%", text)[-1].replace(",", "."))
    assert abs(sum(part for *_, part in factors) - index) < 0.03


def test_rules_that_nobody_knows_leave_the_page_there(client: FlaskClient, sipas: None) -> None:
    for fields in ({"item": "mean", "roll_up": "x"}, {"item": "x", "roll_up": "pooled"}):
        assert act(client, "scoring", version="2", **fields).status_code < 500
        assert client.get(f"{DRAFT}/scoring").status_code == 200


@pytest.mark.parametrize("line", ["scales: x", "scales: {a: {levels: [{code: []}]}}"])
def test_a_file_of_another_shape_is_told(client: FlaskClient, line: str) -> None:
    file = (io.BytesIO(f"format: 1\ncode: a\n{line}\n".encode()), "a.yaml")
    answer = post(client, "/admin/create-draft", start="file", title="Thử", code="thu", file=file)
    assert answer.status_code == 422


def test_the_script_gets_the_editor_alone(client: FlaskClient, draft: None) -> None:
    answer = client.get(f"{DRAFT}/general", headers={"X-Requested-With": "editor"})
    assert answer.headers["X-Editor-Address"] == f"{DRAFT}/general"
    assert "<html" not in answer.text
    assert 'id="editor"' in answer.text


def test_an_officer_may_not_edit(client: FlaskClient, draft: None) -> None:
    post(client, "/sign-out")
    assert client.get(f"{DRAFT}/general").status_code == 302


# Trying out


def test_a_draft_is_tried_out_in_frames_of_this_site(client: FlaskClient, sipas: None) -> None:
    page = client.get(f"{DRAFT}/preview")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    for screen in ("phone", "kiosk"):
        answer = client.get(f"{DRAFT}/preview/{screen}?lang=en")
        assert "Signs and directions are easy to see and follow" in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "frame-ancestors 'none'" not in policy
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    other = client.get(f"{DRAFT}/general")
    assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]


def test_answers_tried_out_are_checked_and_never_stored(
    client: FlaskClient, database: Database, sipas: None
) -> None:
    address = f"{DRAFT}/preview/phone"
    wrong = post(client, address, page=address, **{"access.signage": "9"})
    assert wrong.status_code == 422
    good = post(client, address, page=address, **{"access.signage": "4", "comment": "Tốt"})
    assert "Phiếu thử hợp lệ" in plain(good)
    assert "Hài lòng" in plain(good)
    with database.engine.connect() as connection:
        for table in ("survey_response", "free_text"):
            assert not connection.exec_driver_sql(f"SELECT * FROM {table}").all()
    empty = post(client, address, page=address)
    assert "ít nhất một câu" in plain(empty)


def test_an_unfinished_draft_is_shown_as_far_as_it_goes(client: FlaskClient, draft: None) -> None:
    assert "chưa có câu hỏi nào" in plain(client.get(f"{DRAFT}/preview"))
    assert client.get(f"{DRAFT}/preview/phone").status_code == 422
    add_parts(client)
    act(client, "question/tiep_can.du_cho_ngoi", **{"text-vi": ""})
    act(client, "section/tiep_can", "add-question", **{"new-question": "Chưa có thang"})
    act(client, "question/tiep_can.chua_co_thang", flags="1", kind="single", role="context")
    page = plain(client.get(f"{DRAFT}/preview/phone"))
    assert "(chưa có câu chữ)" in page
    assert "(chưa có nhãn)" in page


def test_a_published_version_leads_to_a_draft_of_its_successor(
    client: FlaskClient, sipas: None
) -> None:
    assert "/admin/create-draft?version=1" in client.get("/admin/questionnaires/1").text
    page = client.get("/admin/create-draft?version=1").text
    assert re.search(r'value="version" checked', page)
    assert re.search(r'<option selected value="1">', page)


def test_a_published_draft_leads_to_its_version(
    client: FlaskClient, database: Database, sipas: None
) -> None:
    with database.transaction() as session:
        draft = drafts.find_draft(session, 1)
        drafts.mark_published(session, draft, draft.base_version)
    assert client.get(f"{DRAFT}/general").location == "/admin/questionnaires/1"
    assert post(client, f"{DRAFT}/general", revision="1").status_code == 409


def test_who_takes_a_draft_out_is_on_record(
    client: FlaskClient, database: Database, sipas: None
) -> None:
    client.get(f"{DRAFT}/source")
    assert actions(database)[-1] == "draft.source"
