"""The pages on which a questionnaire is published: its edits, the verdicts, the second person."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey_app.operations.access.rights import AccountRole
from survey_app.operations.questionnaires import lifecycle
from survey_app.operations.questionnaires.drafts import draft_from_version, draft_source
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.questionnaire.declarations import Declaration, Verdict, load_declarations
from survey_app.storage.database import Database
from survey_app.storage.models import (
    Account,
    PublicationProposal,
    QuestionnaireDraft,
    QuestionnaireVersion,
    Survey,
)
from tests.factories import NOW, QUESTIONNAIRES, make_account, make_unit
from tests.integration.office import actions, plain, post, sign_in

SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
CODE = "service.attitude"
WORDING, SCALE = f"question:{CODE}:wording", "scale:satisfaction:scale"
LATER = SOURCE.replace("vi: Thái độ của công chức,", "vi: Cách công chức tiếp ông/bà,").replace(
    "vi: Bình thường,", "vi: Tạm được,"
)
VERDICTS = {
    f"verdict:{WORDING}": "comparable",
    f"verdict:{SCALE}": "comparable",
    f"reason:{SCALE}": "Hai chữ cùng chỉ mức giữa",
}


@pytest.fixture(autouse=True)
def first(database: Database) -> int:
    """A published version and two administrators; gives the version's id."""
    with database.transaction() as session:
        make_account(session)
        make_account(session, "thutruong")
        version = publish_questionnaire(session, SOURCE, now=NOW).version
        return version.id


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


@pytest.fixture
def second(app: Flask) -> FlaskClient:
    """The browser of the other administrator."""
    client = app.test_client()
    sign_in(client, "thutruong")
    return client


@pytest.fixture
def needs_review(database: Database) -> None:
    with database.transaction() as session:
        lifecycle.set_review(session, True)


def check(client: FlaskClient, source: str = LATER) -> TestResponse:
    return post(client, "/admin/questionnaires/check", source=source, wish="check")


def publish(client: FlaskClient, source: str = LATER, **fields: object) -> TestResponse:
    return post(client, "/admin/questionnaires/publish", source=source, **fields)


def versions(database: Database) -> list[QuestionnaireVersion]:
    with database.session() as session:
        found = session.scalars(select(QuestionnaireVersion).order_by(QuestionnaireVersion.number))
        return list(found)


def living(database: Database) -> PublicationProposal:
    with database.session() as session:
        return session.scalars(select(PublicationProposal)).one()


# ── edits and verdicts ────────────────────────────────────────────────────────────────────────


def test_the_preview_shows_every_edit_word_by_word(admin: FlaskClient) -> None:
    page = check(admin)
    assert "Cần ông/bà xác nhận (2)" in plain(page)
    assert '<del><span class="visually-hidden">[bỏ: </span>Bình thường' in page.text
    assert '<ins><span class="visually-hidden">[thêm: </span>Tạm được' in page.text
    assert "chỉ số hài lòng chung" in plain(page)


def test_edits_are_told_in_the_words_of_the_questionnaire(admin: FlaskClient) -> None:
    """No code of a question, of an answer, of a scale or of a language stands for its words."""
    source = LATER.replace('is: ["1", "2", "3"]', 'is: ["1", "2"]')
    source = source.replace("roll_up: pooled", "roll_up: weighted\n  weights: { service: 2.5 }")
    page = plain(check(admin, source))
    assert re.search(
        r"“Rất không hài lòng” hoặc “Không hài lòng” \[bỏ: hoặc “Bình thường” ?\]", page
    )
    assert "Việc phục vụ hôm nay: 2,5" in page
    assert "Thang trả lời “5 mức: Rất không hài lòng – Rất hài lòng”" in page


def test_advice_stands_beside_the_edits(admin: FlaskClient) -> None:
    source = LATER.replace("vi: Thời gian chờ đến lượt,", "vi: Thời gian chờ và chỗ ngồi chờ,")
    page = check(admin, source)
    assert "Lời khuyên trước khi công bố" in plain(page)
    assert '<span class="soft">Thời gian chờ và chỗ ngồi chờ</span>' in page.text  # by its words


def test_nothing_is_published_without_every_verdict(admin: FlaskClient, database: Database) -> None:
    answer = publish(admin, **{f"verdict:{WORDING}": "break", f"reason:{SCALE}": "đang nghĩ"})
    assert answer.status_code == 422
    assert "Chọn “So sánh được” hoặc “Ngắt chuỗi”." in plain(answer)
    assert "đang nghĩ" in answer.text  # what was typed is still there
    assert 'value="break" required checked' in answer.text
    assert len(versions(database)) == 1


def test_a_scale_is_comparable_only_with_a_reason(admin: FlaskClient, database: Database) -> None:
    answer = publish(admin, **VERDICTS | {f"reason:{SCALE}": "  "})
    assert answer.status_code == 422
    assert "Nêu lý do vì sao hai kỳ vẫn so sánh được." in plain(answer)
    assert len(versions(database)) == 1


def test_verdicts_are_kept_with_the_version_and_shown(
    admin: FlaskClient, database: Database
) -> None:
    assert publish(admin, base="1", **VERDICTS).status_code == 302
    last = versions(database)[-1]
    assert load_declarations(last.declared) == {
        WORDING: Declaration(Verdict.COMPARABLE),
        SCALE: Declaration(Verdict.COMPARABLE, "Hai chữ cùng chỉ mức giữa"),
    }
    page = plain(admin.get(f"/admin/questionnaires/{last.id}/changes"))
    assert "So sánh được (lý do: Hai chữ cùng chỉ mức giữa)" in page
    assert "questionnaire.publish" in actions(database)


def test_verdicts_on_other_edits_are_not_taken_for_those_shown(
    admin: FlaskClient, database: Database
) -> None:
    """Somebody publishes another version while the page is open."""
    with database.transaction() as session:
        publish_questionnaire(session, SOURCE.replace("Chờ đợi lâu", "Chờ quá lâu"), now=NOW)
    answer = publish(admin, base="1", **VERDICTS)
    assert answer.status_code == 422
    assert "Vừa có phiên bản one-stop-rating@2" in plain(answer)
    assert len(versions(database)) == 2


def checked(page: TestResponse) -> list[tuple[str, str]]:
    """The radio buttons that are chosen: name and value."""
    return re.findall(r'type="radio" name="([^"]*)" value="([^"]*)"[^>]* checked', page.text)


def test_one_verdict_is_set_for_many_edits_and_each_may_differ(
    admin: FlaskClient, database: Database
) -> None:
    waiting = "question:service.waiting_time:wording"
    source = LATER.replace("vi: Thời gian chờ đến lượt,", "vi: Thời gian chờ tới lượt,")
    page = check(admin, source)
    assert checked(page) == []  # nothing is chosen beforehand, for the group neither
    offered = re.findall(r"<option[^>]*>([^<]+) \((\d) thay đổi\)", page.text)
    assert offered == [("Tất cả", "3"), ("Đổi lời", "2")]

    answer = publish(admin, source, wish="joint", **{"joint-group": "kind:Đổi lời"})
    assert answer.status_code == 422
    assert "để đặt chung" in plain(answer)
    assert 'value="kind:Đổi lời" selected' in answer.text
    joint = {"joint-group": "all", "joint-verdict": "comparable", "joint-reason": "Góp ý của xã"}
    own = {f"verdict:{SCALE}": "break", f"reason:{SCALE}": "tự ghi"}
    wanted = {**joint, "joint-group": "kind:Đổi lời", "joint-reason": ""}
    answer = publish(admin, source, wish="joint", base="1", **wanted, **own)
    assert answer.status_code == 200
    assert "Đã đặt “So sánh được” cho 2 thay đổi (Đổi lời)." in plain(answer)
    words = [(f"verdict:{key}", "comparable") for key in (WORDING, waiting)]
    assert sorted(checked(answer)) == sorted([*words, (f"verdict:{SCALE}", "break")])
    answer = publish(admin, source, wish="joint", base="1", **joint, **own)
    assert len(checked(answer)) == 3
    assert answer.text.count("Góp ý của xã</textarea>") == 3
    assert len(versions(database)) == 1  # to set is not to publish

    verdicts = dict(checked(answer)) | {f"verdict:{waiting}": "break"}
    reasons = {f"reason:{SCALE}": "Góp ý của xã"}
    answer = publish(admin, source, base="1", **verdicts, **reasons, **joint)
    assert answer.status_code == 422 and len(versions(database)) == 1
    assert "Đã chọn đặt chung nhưng chưa đặt" in plain(answer)
    assert sorted(checked(answer)) == sorted([*verdicts.items(), ("joint-verdict", "comparable")])
    assert publish(admin, source, base="1", **verdicts, **reasons).status_code == 302
    assert load_declarations(versions(database)[-1].declared) == {
        WORDING: Declaration(Verdict.COMPARABLE),
        waiting: Declaration(Verdict.BREAK),
        SCALE: Declaration(Verdict.COMPARABLE, "Góp ý của xã"),
    }


def test_the_first_publication_asks_nothing(admin: FlaskClient, database: Database) -> None:
    source = SOURCE.replace("code: one-stop-rating", "code: mot-cua-moi")
    page = check(admin, source)
    assert "Cần ông/bà xác nhận" not in page.text
    assert "dat-chung" not in page.text
    assert publish(admin, source).status_code == 302
    assert load_declarations(versions(database)[-1].declared) == {}


def test_a_verdict_that_nobody_offers_counts_as_none(admin: FlaskClient) -> None:
    assert publish(admin, **VERDICTS | {f"verdict:{SCALE}": "maybe"}).status_code == 422


def test_a_hard_break_offers_no_choice(admin: FlaskClient, database: Database) -> None:
    source = SOURCE.replace('satisfied: ["4", "5"]', 'satisfied: ["5"]')
    page = check(admin, source)
    assert f"verdict:{SCALE}" not in page.text
    assert "không có lựa chọn khác" in plain(page)
    answer = publish(admin, source, **{f"verdict:{SCALE}": "comparable", f"reason:{SCALE}": "x"})
    assert answer.status_code == 302
    assert load_declarations(versions(database)[-1].declared) == {}


def test_the_same_document_asks_nothing(admin: FlaskClient, database: Database) -> None:
    assert "đã được công bố là one-stop-rating@1" in plain(check(admin, SOURCE))
    assert publish(admin, SOURCE).status_code == 302
    assert len(versions(database)) == 1


def test_a_draft_is_published_as_it_stands(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        version = session.scalars(select(QuestionnaireVersion)).one()
        account = session.scalars(select(Account)).first()
        draft = draft_from_version(session, version, now=NOW, account=account)
        draft_id, source = draft.id, draft_source(draft)
    page = admin.get(f"/admin/questionnaires/publish-draft/{draft_id}")
    assert page.status_code == 200
    assert f'name="draft" value="{draft_id}"' in page.text
    assert publish(admin, source, draft="9" * 30).status_code == 302  # no draft: only the document
    publish(admin, source, draft=draft_id)
    with database.session() as session:
        found = session.get(QuestionnaireDraft, draft_id)
        assert found
        assert found.published_version_id == version.id


# ── the second person ─────────────────────────────────────────────────────────────────────────


def test_the_rule_is_off_until_somebody_turns_it_on(admin: FlaskClient, database: Database) -> None:
    assert "Đang tắt" in plain(admin.get("/admin/questionnaires/proposals"))
    post(admin, "/admin/questionnaires/review-rule", wish="on")
    assert "Đang bật" in plain(admin.get("/admin/questionnaires/proposals"))
    post(admin, "/admin/questionnaires/review-rule", wish="on")
    assert actions(database).count("questionnaire.review_rule") == 1
    assert "cần người thứ hai duyệt từ không thành có" in plain(admin.get("/admin/audit"))


def test_nobody_is_offered_what_is_refused(app: Flask, database: Database, first: int) -> None:
    """A survey manager publishes but does not set the rule; an auditor only reads."""
    with database.transaction() as session:
        make_account(session, "quanly", AccountRole.SURVEY_MANAGER)
        make_account(session, "kiemtra", AccountRole.AUDITOR)
    manager, auditor = app.test_client(), app.test_client()
    sign_in(manager, "quanly")
    sign_in(auditor, "kiemtra")
    page = manager.get("/admin/questionnaires/proposals").text
    assert "review-rule" not in page
    assert post(manager, "/admin/questionnaires/review-rule", wish="on").status_code == 403
    assert "Đóng phiên bản" in plain(manager.get(f"/admin/questionnaires/{first}"))
    page = plain(auditor.get(f"/admin/questionnaires/{first}"))
    assert "Đang dùng được cho cuộc khảo sát mới" in page
    assert "Đóng phiên bản" not in page and "Soạn phiên bản mới" not in page
    assert "review-rule" not in auditor.get("/admin/questionnaires/proposals").text
    assert auditor.get(f"/admin/questionnaires/{first}/changes").status_code == 200


@pytest.mark.usefixtures("needs_review")
def test_a_second_person_approves_word_for_word(
    admin: FlaskClient, second: FlaskClient, database: Database
) -> None:
    assert publish(admin, **VERDICTS, note="Xin duyệt").status_code == 302
    assert len(versions(database)) == 1
    address = f"/admin/questionnaires/proposals/{living(database).id}"
    assert "Xin duyệt" in plain(second.get(address))
    # The author can neither approve nor publish what is not approved.
    for wish, status in (("approve", 422), ("return", 422), ("publish", 422)):
        assert post(admin, address, wish=wish, note="được").status_code == status
    assert len(versions(database)) == 1
    assert post(second, address, wish="approve").status_code == 302
    assert post(admin, address, wish="publish").status_code == 302
    assert len(versions(database)) == 2
    assert len(load_declarations(versions(database)[-1].declared)) == 2
    assert living(database).state == "published"


@pytest.mark.usefixtures("needs_review")
def test_what_is_returned_says_what_to_change(
    admin: FlaskClient, second: FlaskClient, database: Database
) -> None:
    publish(admin, **VERDICTS)
    address = f"/admin/questionnaires/proposals/{living(database).id}"
    assert post(second, address, wish="return", note=" ").status_code == 422
    assert post(second, address, wish="return", note="Mức giữa chưa rõ").status_code == 302
    assert "Mức giữa chưa rõ" in plain(admin.get(address))
    assert post(admin, address, wish="publish").status_code == 422
    assert publish(admin, **VERDICTS).status_code == 302  # it may be proposed again


@pytest.mark.usefixtures("needs_review")
def test_a_questionnaire_has_one_living_proposal(admin: FlaskClient, database: Database) -> None:
    publish(admin, **VERDICTS)
    answer = publish(admin, **VERDICTS)
    assert answer.status_code == 422
    assert "đang có một đề nghị chưa xong" in plain(answer)
    post(admin, f"/admin/questionnaires/proposals/{living(database).id}", wish="withdraw")
    assert publish(admin, **VERDICTS).status_code == 302


@pytest.mark.usefixtures("needs_review")
def test_an_approval_is_void_once_another_version_came_out(
    admin: FlaskClient, second: FlaskClient, database: Database
) -> None:
    publish(admin, **VERDICTS)
    address = f"/admin/questionnaires/proposals/{living(database).id}"
    post(second, address, wish="approve")
    with database.transaction() as session:
        publish_questionnaire(session, SOURCE.replace("Chờ đợi lâu", "Chờ quá lâu"), now=NOW)
    answer = post(admin, address, wish="publish")
    assert answer.status_code == 422
    assert "Đã có phiên bản khác" in plain(answer)
    assert len(versions(database)) == 2


# ── closed ────────────────────────────────────────────────────────────────────────────────────


def test_no_new_survey_is_made_by_a_closed_version(
    admin: FlaskClient, database: Database, first: int
) -> None:
    with database.transaction() as session:
        make_unit(session)
    address = f"/admin/questionnaires/{first}/close"
    assert post(admin, address, wish="close", reason=" ").status_code == 422
    for _ in "once", "again":
        assert post(admin, address, wish="close", reason="Đã có bản 2026").status_code == 302
    assert actions(database).count("questionnaire.close") == 1
    assert "Đã đóng" in plain(admin.get("/admin/questionnaires"))
    assert "Đã có bản 2026" in plain(admin.get(f"/admin/questionnaires/{first}"))
    fields = {
        "code": "KS-2026",
        "title": "Khảo sát",
        "version_id": first,
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "unit": "H01.01",
        "wish": "create",
    }
    assert post(admin, "/admin/create-survey", **fields).status_code == 422
    with database.session() as session:
        assert session.scalars(select(Survey)).all() == []
    assert post(admin, address, wish="reopen").status_code == 302
    assert "Đang dùng được" in plain(admin.get(f"/admin/questionnaires/{first}"))
