"""Administrators' pages: who may come in, questionnaires, surveys, posters and slips."""

import re
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from survey_app.storage.models import (
    AdministrativeUnit,
    CollectionPoint,
    OneTimeLink,
    QuestionnaireVersion,
    Survey,
    SurveyUnit,
)
from survey_app.web.access import ACCESS, Access
from tests.factories import QUESTIONNAIRES, make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, csrf_token, plain, post, sign_in

SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
BROKEN = SOURCE.replace("kind: text", "kind: essay").replace("roll_up: ", "roll_up: my_")
EXAMPLES = {"IdConverter": 1, "UUIDConverter": "0190b5f0-0000-7000-8000-000000000000"}


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root)
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, root)


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


@pytest.fixture
def survey(database: Database) -> str:
    """A draft survey of the two communes, one collection point; gives its code."""
    with database.transaction() as session:
        units = session.scalars(
            select(AdministrativeUnit)
            .where(AdministrativeUnit.parent_id.is_not(None))
            .order_by(AdministrativeUnit.code)
        ).all()
        made = make_survey(session, dict.fromkeys(units, 100), is_open=False)
        make_point(session, made, units[0])
        return made.code


def count(database: Database, table: type) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def unit_id(database: Database, code: str) -> int:
    with database.session() as session:
        return session.scalars(
            select(AdministrativeUnit.id).where(AdministrativeUnit.code == code)
        ).one()


# ── who may come in ───────────────────────────────────────────────────────────────────────────


def test_an_officer_is_refused_at_every_door_of_the_administrators(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "canbo")
    token = csrf_token(client, "/account")
    rules = [r for r in app.url_map.iter_rules() if ACCESS[r.endpoint] is Access.ADMINISTRATOR]
    assert len(rules) > 15
    for rule in rules:
        names = {name: type(rule._converters[name]).__name__ for name in rule.arguments}
        values = {name: EXAMPLES.get(kind, "x") for name, kind in names.items()}
        _, path = rule.build(values) or ("", "")
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = client.open(path, method=method, data={"csrf_token": token})
            assert answer.status_code == 403, f"{method} {path}"


def test_forged_forms_change_nothing(admin: FlaskClient, survey: str, database: Database) -> None:
    for address in (
        f"/admin/surveys/{survey}/status",
        f"/admin/surveys/{survey}/points",
        f"/admin/surveys/{survey}/points/1/slips",
        "/admin/create-account",
        "/admin/accounts/2/active",
        "/admin/questionnaires/publish",
        "/admin/load-province",
    ):
        assert admin.post(address, data={"wish": "open"}).status_code == 400, address
    assert actions(database) == ["sign_in"]


# ── questionnaires ────────────────────────────────────────────────────────────────────────────


def check(client: FlaskClient, **fields: object) -> tuple[int, str]:
    answer = post(client, "/admin/questionnaires/check", **{"wish": "check"} | fields)
    return answer.status_code, answer.text


def test_a_broken_document_shows_every_mistake_and_stays_in_the_box(
    admin: FlaskClient, database: Database
) -> None:
    status, page = check(admin, source=BROKEN)
    lines = [n for n, line in enumerate(BROKEN.splitlines(), 1) if "essay" in line or "my_" in line]
    assert status == 422
    assert len(lines) == 2
    for number in lines:
        assert f"Dòng {number}" in page
    assert "kind: essay" in page.split("<textarea")[0], "the line itself is shown"
    box = unescape(page.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0])
    assert box.replace("\r\n", "\n").strip() == BROKEN.strip()
    assert count(database, QuestionnaireVersion) == 0


def test_a_file_can_be_given_instead(admin: FlaskClient) -> None:
    status, page = check(admin, file=(BytesIO(SOURCE.encode()), "one-stop.yaml"))
    assert status == 200
    assert "Công bố" in page
    status, page = check(admin, file=(BytesIO("tiêu đề: é".encode("latin-1", "replace")), "x.yaml"))
    assert status == 422


def test_a_file_that_is_no_text_is_refused_with_a_sentence(admin: FlaskClient) -> None:
    status, page = check(admin, file=(BytesIO(b"code: \xff\xfe"), "x.yaml"))
    assert status == 422
    assert "UTF-8" in page


def test_nothing_given_is_a_mistake(admin: FlaskClient) -> None:
    assert check(admin, source="  ")[0] == 422


def test_the_preview_tells_what_is_asked_and_how_it_is_scored(admin: FlaskClient) -> None:
    _, page = check(admin, source=SOURCE)
    text = " ".join(unescape(re.sub("<[^>]+>", " ", page)).split())
    assert "8 câu trong 3 phần" in text
    assert "1 yếu tố, 5 tiêu chí" in text
    assert "gộp mọi câu trả lời" in text


def test_the_preview_can_go_back_to_the_text(admin: FlaskClient) -> None:
    status, page = check(admin, source=SOURCE, wish="edit")
    assert status == 200
    assert "one-stop-rating" in page.split("<textarea")[1]


def test_the_same_document_twice_is_one_version(admin: FlaskClient, database: Database) -> None:
    for line_end in ("\n", "\r\n"):  # as browsers send it
        source = SOURCE.replace("\n", line_end)
        answer = post(admin, "/admin/questionnaires/publish", source=source)
        assert answer.location == "/admin/questionnaires/1"
    assert "đã được công bố là one-stop-rating@1" in plain(admin.get(answer.location))
    assert count(database, QuestionnaireVersion) == 1
    assert actions(database).count("questionnaire.publish") == 1


def test_an_unknown_wish_is_refused(admin: FlaskClient) -> None:
    assert check(admin, source=SOURCE, wish="publish")[0] == 422


def test_a_broken_document_cannot_be_published(admin: FlaskClient, database: Database) -> None:
    assert post(admin, "/admin/questionnaires/publish", source=BROKEN).status_code == 422
    assert count(database, QuestionnaireVersion) == 0


def test_the_version_page_and_the_source_as_it_was_written(
    admin: FlaskClient, database: Database
) -> None:
    post(admin, "/admin/questionnaires/publish", source=SOURCE)
    with database.session() as session:
        version = session.scalars(select(QuestionnaireVersion)).one()
    assert version.fingerprint in admin.get("/admin/questionnaires/1").text
    got = admin.get("/admin/questionnaires/1/source")
    assert got.text.strip() == SOURCE.strip()
    assert got.headers["Content-Disposition"] == "attachment; filename=one-stop-rating-1.yaml"


# ── surveys ───────────────────────────────────────────────────────────────────────────────────


def survey_fields(**changes: object) -> dict[str, object]:
    return {
        "code": "2026-q4",
        "title": "Khảo sát quý IV",
        "version_id": "1",
        "starts_on": "2026-10-01",
        "ends_on": "2026-12-31",
    } | changes


def test_a_survey_is_made_of_the_ticked_units(admin: FlaskClient, database: Database) -> None:
    post(admin, "/admin/questionnaires/publish", source=SOURCE)
    first, second = unit_id(database, "H01.01"), unit_id(database, "H01.02")
    fields = survey_fields(unit=[str(first), "99999"], **{f"population-{second}": "1.240"})
    assert post(admin, "/admin/create-survey", **fields).location == "/admin/surveys/2026-q4"
    with database.session() as session:
        rows = session.scalars(select(SurveyUnit).order_by(SurveyUnit.unit_id)).all()
        assert {row.unit_id: row.population for row in rows} == {first: None, second: 1240}


def test_ticking_whole_branches_and_searching_keep_what_was_typed(
    admin: FlaskClient, database: Database
) -> None:
    post(admin, "/admin/questionnaires/publish", source=SOURCE)
    root, first = unit_id(database, "H01"), unit_id(database, "H01.01")
    answer = post(admin, "/admin/create-survey", **survey_fields(show="all"))
    assert answer.status_code == 200
    assert 'value="Khảo sát quý IV"' in answer.text
    assert answer.text.count(" checked") == 3
    branch = post(admin, "/admin/create-survey", **survey_fields(show=f"branch-{root}"))
    assert branch.text.count(" checked") == 3
    some = survey_fields(unit=[str(root), str(first)], **{f"population-{first}": "12"})
    left = post(admin, "/admin/create-survey", **some, show=f"leave-{root}")
    assert (left.text.count(" checked"), 'value="12"' in left.text) == (0, False)
    # A search hides, and what it hides is left as it is.
    found = post(admin, "/admin/create-survey", **some, show="none", find="binh minh")
    assert found.text.count(" checked") == 1
    assert found.text.count('<div class="tree-row"') == 3
    assert len(re.findall(r'<div class="tree-row"[^>]* hidden>', found.text)) == 2
    assert count(database, Survey) == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "quý 4"}, "Mã chỉ gồm chữ không dấu"),
        ({"title": ""}, "Nhập tên cuộc khảo sát."),
        ({"starts_on": ""}, "Nhập ngày bắt đầu."),
        ({"starts_on": "hôm nay"}, "Nhập ngày có đủ ngày, tháng, năm."),
        ({"starts_on": "2027-01-01"}, "Ngày kết thúc phải từ ngày bắt đầu"),
        ({"version_id": "77"}, "Hãy chọn một trong các mục có sẵn."),
        ({"unit": []}, "Chọn ít nhất một đơn vị"),
        ({"population-2": "nhiều"}, "Phường Bình Minh: số hồ sơ phải là số nguyên dương"),
    ],
)
def test_mistakes_in_a_survey_are_told_and_nothing_is_lost(
    admin: FlaskClient, database: Database, changes: dict[str, object], message: str
) -> None:
    post(admin, "/admin/questionnaires/publish", source=SOURCE)
    fields = survey_fields(unit=[str(unit_id(database, "H01.01"))]) | changes
    answer = post(admin, "/admin/create-survey", **fields)
    assert answer.status_code == 422
    assert message in plain(answer) and "units:" not in plain(answer)
    if "code" not in changes:
        assert 'value="2026-q4"' in answer.text
    assert count(database, Survey) == 0


def test_a_code_that_is_taken_is_told(admin: FlaskClient, survey: str, database: Database) -> None:
    fields = survey_fields(code=survey, unit=[str(unit_id(database, "H01.01"))])
    answer = post(admin, "/admin/create-survey", **fields)
    assert answer.status_code == 422
    assert f"Đã có cuộc khảo sát mang mã “{survey}”" in answer.text


def test_without_a_questionnaire_there_is_no_survey(admin: FlaskClient) -> None:
    answer = admin.get("/admin/create-survey")
    assert answer.status_code == 422
    assert "công bố một bộ câu hỏi trước" in answer.text


def test_a_survey_is_opened_and_closed(admin: FlaskClient, survey: str, database: Database) -> None:
    address = f"/admin/surveys/{survey}"
    assert "Chưa mở" in admin.get(address).text
    post(admin, f"{address}/opening", accepts="y")
    page = admin.get(address).text
    assert "Đang nhận phiếu" in page
    assert "Xác nhận đóng cuộc khảo sát" in page.split('<details class="confirm">')[1]
    post(admin, f"{address}/status", wish="closed")
    assert "Đã đóng" in admin.get(address).text
    assert post(admin, f"{address}/status", wish="draft").status_code == 422
    assert actions(database)[-2:] == ["survey.open", "survey.closed"]


def test_dossiers_are_changed_all_or_none(
    admin: FlaskClient, survey: str, database: Database
) -> None:
    first, second = unit_id(database, "H01.01"), unit_id(database, "H01.02")
    address = f"/admin/surveys/{survey}/population"
    bad = {f"population-{first}": "250", f"population-{second}": "-1"}
    refused = post(admin, address, **bad)
    assert refused.status_code == 422
    assert "Xã Hòa Thuận: số hồ sơ phải là số nguyên dương" in plain(refused)
    assert 'value="250"' in refused.text, "what was typed stays"
    good = {f"population-{first}": "2.500", f"population-{second}": ""}
    assert post(admin, address, **good).status_code == 302
    with database.session() as session:
        rows = session.scalars(select(SurveyUnit).order_by(SurveyUnit.unit_id)).all()
        assert {row.unit_id: row.population for row in rows} == {first: 2500, second: None}
    assert actions(database).count("survey.population") == 2
    stale = post(admin, address, **good | {f"population-{second}": "9"}, revision="1")
    assert stale.status_code == 422
    assert "vừa được người khác thay đổi" in plain(stale)


# ── collection points, posters, slips ─────────────────────────────────────────────────────────


def test_a_point_is_added_for_one_unit_or_for_all_without(
    admin: FlaskClient, survey: str, database: Database
) -> None:
    address = f"/admin/surveys/{survey}/points"
    post(admin, address, unit_id="0", label="Quầy chung", mode="kiosk")
    with database.session() as session:
        points = session.scalars(select(CollectionPoint).order_by(CollectionPoint.id)).all()
        assert [point.unit_id for point in points[1:]] == [unit_id(database, "H01.02")]
    post(admin, address, unit_id=str(unit_id(database, "H01.01")), label="Quầy 2", mode="phone")
    assert count(database, CollectionPoint) == 3
    wrong = post(admin, address, unit_id="1", label="", mode="fax")
    assert wrong.status_code == 422
    assert "Nhập tên điểm thu thập." in wrong.text


def test_a_poster_shows_the_open_code(admin: FlaskClient, survey: str, database: Database) -> None:
    with database.session() as session:
        token = session.scalars(select(CollectionPoint.token)).one()
    page = admin.get(f"/admin/surveys/{survey}/points/1/poster")
    text = plain(page)
    assert f"{token[:4]} {token[4:]}" in text
    assert "Ủy ban nhân dân phường Bình Minh" in text
    assert "Please rate the service" in text
    assert page.text.count('class="qr"') == 1
    assert admin.get(f"/admin/surveys/{survey}/posters").text.count('class="qr"') == 1
    assert admin.get(f"/admin/surveys/{survey}/points/99/poster").status_code == 404


def slip_codes(page: str) -> list[str]:
    return [
        code.replace(" ", "") for code in re.findall(r'class="slip-code token">([A-Z0-9 ]+)<', page)
    ]


def test_slips_are_shown_once_and_open_the_questionnaire(
    app: Flask, admin: FlaskClient, survey: str, database: Database
) -> None:
    post(admin, f"/admin/surveys/{survey}/opening", accepts="y")
    address = f"/admin/surveys/{survey}/points/1/slips"
    page = post(admin, address, count="3", expires_on="2026-12-31")
    codes = slip_codes(page.text)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert len(set(codes)) == 3
    assert "không xem lại được nữa" in page.text
    assert count(database, OneTimeLink) == 3
    citizen = app.test_client()
    assert {citizen.get(f"/s/{code}").status_code for code in codes} == {200}
    later = [admin.get(address).text, admin.get(f"/admin/surveys/{survey}").text]
    later.append(admin.get("/admin/audit").text)
    assert not any(code in page for code in codes for page in later)
    assert "0/3" in plain(admin.get(f"/admin/surveys/{survey}"))


@pytest.mark.parametrize(
    ("count_", "expires_on"),
    [("0", "2026-12-31"), ("301", "2026-12-31"), ("x", "2026-12-31"), ("5", "2027-01-01")],
)
def test_slips_out_of_bounds_are_refused(
    admin: FlaskClient, survey: str, database: Database, count_: str, expires_on: str
) -> None:
    address = f"/admin/surveys/{survey}/points/1/slips"
    assert post(admin, address, count=count_, expires_on=expires_on).status_code == 422
    assert count(database, OneTimeLink) == 0
