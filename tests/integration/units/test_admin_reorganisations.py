"""The pages that reorganise units: a form with a preview, a file, the timeline, taking back."""

import re
from base64 import b64encode
from datetime import date
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from survey_app.operations.organisation.units import create_unit, find_unit
from survey_app.reporting.records.audit_words import ACTIONS
from survey_app.storage.database import Database
from tests.factories import make_account, make_survey
from tests.integration.office import actions, plain, post, sign_in

MERGE = {
    "happened_on": "2025-07-01",
    "legal_basis": "Nghị quyết số 1662/NQ-UBTVQH15",
    "before": "A, B",
    "after": "n",
    "name": "Xã Mới",
}


@pytest.fixture(autouse=True)
def communes(database: Database) -> None:
    with database.transaction() as session:
        root = create_unit(
            session, code="H", name="Tỉnh Mẫu", kind="province", valid_from=date(2004, 1, 1)
        )
        for code, name in (("A", "Xã An"), ("B", "Xã Bình")):
            create_unit(
                session,
                code=code,
                name=name,
                kind="commune",
                valid_from=date(2004, 1, 1),
                parent_id=root.id,
            )
        make_survey(session, {find_unit(session, "A"): 100}, code="KS-A")
        make_account(session)


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


def test_a_merge_is_shown_before_it_is_done(admin: FlaskClient, database: Database) -> None:
    assert "Sáp nhập" in plain(admin.get("/admin/reorganise?unit=A"))
    assert "A</textarea>" in admin.get("/admin/reorganise/merge?unit=A").text
    preview = post(admin, "/admin/reorganise/merge", **{**MERGE, "wish": "check"})
    text = plain(preview)
    assert preview.status_code == 200 and "Xem trước: sáp nhập, chưa ghi gì" in text
    assert "Xã An (A); Xã Bình (B)" in text and "Khảo sát thử nghiệm (KS-A)" in text
    with database.session() as session:
        assert find_unit(session, "A").valid_to is None
    sent = dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', preview.text))
    sent.pop("csrf_token", None)
    done = post(admin, "/admin/reorganise/merge", **{**sent, "wish": "do"})
    assert done.location == "/admin/reorganisations"
    assert "Hợp nhất xã An và xã Bình thành xã Mới." in plain(admin.get(done.location))
    history = plain(admin.get("/admin/units/A"))
    assert "Hợp nhất xã An và xã Bình thành xã Mới." in history
    assert "Căn cứ: Nghị quyết số 1662/NQ-UBTVQH15" in history
    assert actions(database)[-1] == "units.reorganise"
    assert "units.reorganise" in ACTIONS


def test_what_is_needed_is_not_called_optional(admin: FlaskClient) -> None:
    optional = {
        "merge": ["Loại đơn vị", "Mã đơn vị cấp trên"],
        "split": ["Loại", "Loại"],
        "rename": [],
        "move": [],
        "abolish": [],
    }
    for kind, labels in optional.items():
        text = plain(admin.get(f"/admin/reorganise/{kind}"))
        assert text.count("(không bắt buộc)") == len(labels), kind
        for label in labels:
            assert f"{label} (không bắt buộc)" in text, kind


def test_nothing_typed_is_lost(admin: FlaskClient) -> None:
    wrong = {**MERGE, "before": "A, Z", "wish": "check"}
    refused = post(admin, "/admin/reorganise/merge", **wrong)
    assert refused.status_code == 422
    assert "Không có đơn vị mang mã “Z”." in plain(refused)
    assert "A, Z</textarea>" in refused.text and 'value="Xã Mới"' in refused.text
    again = post(admin, "/admin/reorganise/merge", **{**MERGE, "wish": "edit"})
    assert again.status_code == 200 and 'value="Xã Mới"' in again.text
    assert admin.get("/admin/reorganise/x").status_code == 404


def test_a_split_takes_as_many_units_as_needed(admin: FlaskClient, database: Database) -> None:
    fields = {
        "happened_on": "2025-07-01",
        "legal_basis": "NQ",
        "before": "A",
        "parts-0-code": "P",
        "parts-0-name": "Xã Phú",
        "parts-1-code": "Q",
        "parts-1-name": "Xã Quý",
    }
    more = post(admin, "/admin/reorganise/split", **{**fields, "wish": "more"})
    assert "parts-2-code" in more.text and 'value="Xã Quý"' in more.text
    one = {**fields, "parts-1-code": "", "parts-1-name": "", "wish": "check"}
    refused = post(admin, "/admin/reorganise/split", **one)
    assert refused.status_code == 422 and "ít nhất hai đơn vị" in plain(refused)
    post(admin, "/admin/reorganise/split", **{**fields, "wish": "do"})
    with database.session() as session:
        assert find_unit(session, "P").valid_from == date(2025, 7, 1)


def test_a_reorganisation_is_taken_back(admin: FlaskClient, database: Database) -> None:
    post(admin, "/admin/reorganise/merge", **{**MERGE, "wish": "do"})
    page = admin.get("/admin/reorganisations").text
    address = re.search(r'action="(/admin/reorganisations/\d+/undo)"', page)
    assert address
    assert post(admin, address[1]).location == "/admin/reorganisations"
    with database.session() as session:
        assert find_unit(session, "A").valid_to is None
    assert post(admin, address[1]).status_code == 404
    assert actions(database)[-1] == "units.undo"


def test_a_file_is_checked_and_then_done(admin: FlaskClient, database: Database) -> None:
    content = (
        "Hình thức,Ngày hiệu lực,Căn cứ,Mã cũ,Mã mới,Tên mới\n"
        "Sáp nhập,01/07/2025,NQ 1662,A,N,Xã Mới\nSáp nhập,01/07/2025,NQ 1662,B,N,\n"
    ).encode()
    checked = post(
        admin,
        "/admin/import-reorganisations",
        file=(BytesIO(content), "nq.csv"),
        wish="check",
    )
    assert "Hợp nhất xã An và xã Bình thành xã Mới." in plain(checked)
    with database.session() as session:
        assert find_unit(session, "A").valid_to is None
    sent = {"content": b64encode(content).decode(), "filename": "nq.csv", "wish": "import"}
    assert post(admin, "/admin/import-reorganisations", **sent).status_code == 302
    with database.session() as session:
        assert find_unit(session, "B").valid_to == date(2025, 7, 1)
    again = post(admin, "/admin/import-reorganisations", **sent)
    assert again.status_code == 422 and "dòng 2, cột D" in plain(again)


def test_the_template_can_be_had(admin: FlaskClient) -> None:
    got = admin.get("/admin/reorganisations-template.xlsx")
    assert got.status_code == 200 and got.data.startswith(b"PK")
