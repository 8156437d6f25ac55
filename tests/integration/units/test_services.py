"""Public services and counts of dossiers: files with a trial, the API, the dossiers of a survey."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey_app.errors import Invalid
from survey_app.operations.access.api_keys import KeyScope, create_api_key
from survey_app.operations.organisation.dossier_counts import (
    parse_month,
    populations_from_counts,
    read_counts,
)
from survey_app.operations.organisation.dossier_counts import (
    template_workbook as counts_template,
)
from survey_app.operations.organisation.services import (
    SERVICE_CODE,
    page_services,
    template_workbook,
)
from survey_app.operations.organisation.units import find_unit
from survey_app.storage.database import Database
from survey_app.storage.models import DossierCount, PublicService, Survey
from tests.factories import NOW, make_account, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in

SERVICES = """Mã thủ tục,Tên thủ tục,Lĩnh vực,Cấp thực hiện
1.001193,Đăng ký khai sinh,Hộ tịch,Cấp xã
2.000815,Chứng thực bản sao,Chứng thực,
1.011442.000.00.00.H38,Cấp giấy phép xây dựng,Xây dựng,Cấp tỉnh
"""
COUNTS = """Tháng,Mã đơn vị tiếp nhận,Mã đơn vị giải quyết,Mã thủ tục,Số hồ sơ
03/2026,H01.01,H01.02,1.001193,120
04/2026,H01.01,,1.001193,80
2025-12,H01.01,,1.001193,999
"""


@pytest.fixture(autouse=True)
def province(database: Database) -> Iterator[None]:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        units = [make_unit(session, f"H01.0{k}", f"Xã {k}", "commune", root) for k in (1, 2)]
        make_unit(session, "H02", "Tỉnh Khác", "province")
        make_survey(session, dict.fromkeys(units), code="KS")
        make_account(session)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


def send(client: FlaskClient, what: str, text: str, wish: str = "import") -> tuple[int, str]:
    sent = {"content": b64encode(text.encode()).decode(), "filename": "a.csv", "wish": wish}
    answer = post(client, f"/admin/import-{what}", **sent)
    return answer.status_code, plain(answer)


def rows(database: Database, table: type[PublicService | DossierCount]) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_services_are_tried_imported_and_found_without_marks(
    admin: FlaskClient, database: Database
) -> None:
    checked = post(
        admin,
        "/admin/import-services",
        file=(BytesIO(SERVICES.encode()), "a.csv"),
        wish="check",
    )
    assert "Sẽ thêm mới 3 thủ tục" in plain(checked) and rows(database, PublicService) == 0
    assert send(admin, "services", SERVICES)[0] == 302
    assert rows(database, PublicService) == 3
    assert "Giữ nguyên 3 thủ tục" in send(admin, "services", SERVICES, "check")[1]
    found = plain(admin.get("/admin/services?q=khai+sinh"))
    assert "Đăng ký khai sinh" in found and "Chứng thực bản sao" not in found
    assert "Đăng ký khai sinh" in plain(admin.get("/admin/services?q=ho+tich"))
    assert "Cấp giấy phép xây dựng" in plain(admin.get("/admin/services?q=1.011442"))
    assert "Cấp xã" in plain(admin.get("/admin/services/1.001193"))
    assert admin.get("/admin/services/9.999999").status_code == 404
    assert actions(database)[-1] == "services.import"
    with database.session() as session:
        first = page_services(session)
        assert [s.field for s in first.entries] == ["Chứng thực", "Hộ tịch", "Xây dựng"]


def test_a_file_with_mistakes_changes_nothing(admin: FlaskClient, database: Database) -> None:
    wrong = SERVICES.replace("2.000815", "2.815").replace("Cấp tỉnh", "Huyện")
    status, text = send(admin, "services", wrong)
    assert status == 422 and "dòng 3, cột A" in text and "“Huyện”" in text
    assert rows(database, PublicService) == 0


@pytest.mark.parametrize(
    ("code", "is_right"),
    [
        ("1.001612", True),
        ("2.000815.000.00.00.H55.02", True),
        ("1.011442.000.00.00.H38", True),
        ("0.001612", False),
        ("1.00161", False),
        ("1.001612.H38", False),
    ],
)
def test_codes_of_services(code: str, is_right: bool) -> None:
    assert bool(SERVICE_CODE.fullmatch(code)) is is_right


def test_months() -> None:
    assert parse_month("6/2026") == parse_month("2026-06") == date(2026, 6, 1)
    assert parse_month("2026-06-15") == date(2026, 6, 1)
    assert parse_month("13/2026") is None and parse_month("2026") is None


def test_counts_are_stored_once_and_fill_the_dossiers_of_a_survey(
    admin: FlaskClient, database: Database
) -> None:
    send(admin, "services", SERVICES)
    assert send(admin, "dossier-counts", COUNTS)[0] == 302
    assert (
        "Sẽ sửa 1 dòng" in send(admin, "dossier-counts", COUNTS.replace("120", "121"), "check")[1]
    )
    assert "Giữ nguyên 3 dòng" in send(admin, "dossier-counts", COUNTS, "check")[1]
    assert rows(database, DossierCount) == 3
    with database.session() as session:
        survey = session.scalars(select(Survey)).one()  # all of 2026
        one, two = (find_unit(session, f"H01.0{k}").id for k in (1, 2))
        received = populations_from_counts(session, survey, by_receiving=True)
        resolved = populations_from_counts(session, survey, by_receiving=False)
        assert received == {one: 120 + 80}
        assert resolved == {one: 80, two: 120}
    page = admin.get("/admin/surveys/KS?counts=receiving")
    assert 'value="200"' in page.text and "chưa lưu" in plain(page)
    assert 'value="200"' not in admin.get("/admin/surveys/KS").text
    assert "03/2026 120" in plain(admin.get("/admin/services/1.001193"))


def test_counts_with_mistakes_change_nothing(admin: FlaskClient, database: Database) -> None:
    send(admin, "services", SERVICES)
    wrong = COUNTS.replace("H01.02", "H09").replace("2025-12", "04/2026") + "x,H01,,1.001193,-3\n"
    status, text = send(admin, "dossier-counts", wrong)
    assert status == 422 and "dòng 5, cột A" in text and "dòng 5, cột E" in text
    status, text = send(admin, "dossier-counts", wrong.rsplit("\n", 2)[0] + "\n")
    assert status == 422 and "“H09”" in text and "cùng tháng" in text
    assert rows(database, DossierCount) == 0


def test_templates_can_be_had_and_read(admin: FlaskClient) -> None:
    for name in ("services", "dossier-counts"):
        assert admin.get(f"/admin/{name}-template.xlsx").data.startswith(b"PK")
    assert len(read_counts(counts_template(), "mau.xlsx")) == 1
    assert template_workbook().startswith(b"PK")
    with pytest.raises(Invalid):
        read_counts(b"a,b\n1,2\n", "a.csv")


def key(database: Database, scope: KeyScope = KeyScope.DOSSIER_COUNTS) -> dict[str, str]:
    with database.transaction() as session:
        text, _ = create_api_key(
            session,
            label="Một cửa",
            scopes=[scope],
            unit_id=find_unit(session, "H01").id,
            expires_on=NOW.date() + timedelta(days=30),
            now=NOW,
        )
    return {"Authorization": f"Bearer {text}"}


def item(**changes: object) -> dict[str, object]:
    usual = {"month": "2026-05", "receiving_unit": "H01.01", "service": "1.001193", "dossiers": 5}
    return {**usual, **changes}


def test_other_software_sends_counts_again_and_again(
    admin: FlaskClient, database: Database
) -> None:
    send(admin, "services", SERVICES)
    header = key(database)
    body = {"counts": [item(), item(resolving_unit="H01.02", dossiers=7)]}
    for expected in ({"created": 2, "changed": 0, "unchanged": 0}, {"created": 0, "unchanged": 2}):
        got = admin.put("/api/v1/dossier-counts", json=body, headers=header)
        assert got.status_code == 200 and got.json is not None
        assert expected.items() <= got.json.items()
    body["counts"][0]["dossiers"] = 6
    got = admin.put("/api/v1/dossier-counts", json=body, headers=header)
    assert got.json == {"created": 0, "changed": 1, "unchanged": 1}
    assert actions(database)[-1] == "dossier_counts.by_key"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (item(receiving_unit="H02"), "counts[0].receiving_unit"),
        (item(resolving_unit="H02"), "counts[0].resolving_unit"),
        (item(service="9.999999"), "counts[0].service"),
        (item(month="5"), "counts[0].month"),
        (item(dossiers=True), "counts[0].dossiers"),
        (item(dossiers=-1), "counts[0].dossiers"),
        (item(service=5), "counts[0].service"),
        (item(receiving_unit="\ud800"), "counts[0].receiving_unit"),
        (item(resolving_unit="\x00"), "counts[0].resolving_unit"),
        ({"month": "2026-05"}, "counts[0]"),
        (item(more=1), "counts[0]"),
        ("x", "counts[0]"),
    ],
)
def test_what_other_software_sends_wrong_is_told_by_field(
    admin: FlaskClient, database: Database, wrong: object, field: str
) -> None:
    send(admin, "services", SERVICES)
    got = admin.put("/api/v1/dossier-counts", json={"counts": [wrong]}, headers=key(database))
    assert got.status_code == 422 and got.json is not None
    assert field in [problem["field"] for problem in got.json["problems"]]
    assert rows(database, DossierCount) == 0


def test_only_keys_with_the_scope_may_send(admin: FlaskClient, database: Database) -> None:
    body = {"counts": [item()]}
    assert admin.put("/api/v1/dossier-counts", json=body).status_code == 401
    other = key(database, KeyScope.INVITATIONS)
    assert admin.put("/api/v1/dossier-counts", json=body, headers=other).status_code == 403
    assert admin.put("/api/v1/dossier-counts", json={}, headers=key(database)).status_code == 422
