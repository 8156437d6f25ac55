"""Ranks of a file's units, and results that are kept: the same again, for their own account."""

import io
import json
import re

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from survey_app.operations.files.analysis import rank_document, rank_file
from survey_app.operations.files.kept_analyses import MOST_KEPT, PAGE_SIZE
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry, KeptAnalysis
from tests.integration.office import actions, plain, post, sign_in
from tests.integration.officer.file_forms import (
    FIELDS,
    PAGE,
    RANKS,
    analyse,
    fill_kept,
    lines,
    make_accounts,
    offered,
    rank,
)
from tests.integration.officer.messy import messy_csv


@pytest.fixture(autouse=True)
def officer(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make_accounts(session)
    sign_in(client, "canbo")


# ── ranks ─────────────────────────────────────────────────────────────────────────────────────


def test_ranks_with_their_sets(client: FlaskClient) -> None:
    page = rank(client)
    assert page.status_code == 200
    said = plain(page)
    assert "1 (1–2)" in said
    assert "3 (3)" in said
    assert "Chưa phân biệt được: Xã A và Xã B." in said
    assert page.text.count('role="img"') == 6
    document = json.loads(offered(client, page, "json").data)
    assert document == rank_document(rank_file(RANKS.encode(), "a.csv"))
    book = openpyxl.load_workbook(io.BytesIO(offered(client, page, "xlsx").data))
    rows = [row for row in book["Khoảng hạng"].iter_rows(values_only=True) if row[3] == "Xã C"]
    assert rows == [(3, 3, 3, "Xã C", 0.7, 0.02, 3, 3)]
    assert offered(client, page, "pdf").status_code == 404


def test_ranks_of_percents(client: FlaskClient) -> None:
    percents = RANKS.replace("0,90;0,01", "90;1").replace("0,89;0,02", "89;2")
    percents = percents.replace("0,70;0,02", "70;2")
    answer = rank(client, percents)
    assert (answer.status_code, "chọn “Phần trăm”" in plain(answer)) == (422, True)
    assert "90,00%" in plain(rank(client, percents, **{"ranks-scale": "percent"}))
    wrong = rank(client, RANKS, **{"ranks-scale": "percent"})
    assert (wrong.status_code, "chọn “Tỷ lệ”" in plain(wrong)) == (422, True)


def test_ranks_refused_cell_by_cell(client: FlaskClient) -> None:
    answer = rank(client, "unit,estimate,se\nA,x,0.1\nA,0.5,\n")
    assert answer.status_code == 422
    assert "dòng 2, cột B" in plain(answer)
    assert "dòng 3, cột C" in plain(answer)


# ── keeping ───────────────────────────────────────────────────────────────────────────────────


def kept(database: Database) -> list[KeptAnalysis]:
    with database.session() as session:
        return list(session.scalars(select(KeptAnalysis)))


def test_nothing_is_kept_unless_asked(client: FlaskClient, database: Database) -> None:
    page = analyse(client, messy_csv(), **FIELDS)
    offered(client, page, "pdf")
    rank(client)
    assert kept(database) == []
    assert actions(database)[-3:] == ["file.analyse", "report.export", "file.rank"]
    with database.session() as session:
        entries = session.scalars(select(AuditEntry)).all()
    assert not any("tep.csv" in entry.subject + entry.detail for entry in entries)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_kept_report_is_the_same_report(
    client: FlaskClient, database: Database, at_once: bool
) -> None:
    first = analyse(client, messy_csv(), **FIELDS)
    if at_once:
        answer = analyse(client, messy_csv(), **FIELDS, keep="y")
    else:
        answer = offered(client, first, "keep")
    assert answer.status_code == 302
    again = client.get(answer.location)
    tables = ("file_questions", "file_domains", "file_compare_questions", "file_design")
    assert [lines(again, name) for name in tables] == [lines(first, name) for name in tables]
    row = kept(database)[0]
    address = f"{PAGE}/kept/{row.id}/report"
    for ending in ("json", "yaml"):
        assert client.get(f"{address}.{ending}").data == offered(client, first, ending).data
    assert client.get(f"{address}.pdf").data.startswith(b"%PDF-")
    assert client.get(f"{address}.docx").status_code == 404
    assert "file.keep" in actions(database)
    assert row.title in plain(client.get(PAGE))


def test_ranks_are_kept_too(client: FlaskClient, database: Database) -> None:
    answer = rank(client, **{"ranks-keep": "y", "ranks-title": "Hạng các xã"})
    again = client.get(answer.location)
    assert "Hạng các xã" in plain(again)
    assert "Chưa phân biệt được: Xã A và Xã B." in plain(again)


def test_the_rows_are_not_kept(client: FlaskClient, database: Database) -> None:
    rows = "q1,Họ tên\n5,Nguyễn Thị Bí Mật\n4,Trần Văn Kín\n"
    analyse(client, rows, factors="A: q1", keep="y")
    with database.session() as session:
        stored = session.execute(text("SELECT * FROM kept_analysis")).one()
    assert "Bí Mật" not in str(stored)


def test_only_its_account_and_administrators_have_a_kept_report(
    client: FlaskClient, database: Database
) -> None:
    analyse(client, messy_csv(), **FIELDS, keep="y", title="Của cán bộ")
    address = f"{PAGE}/kept/{kept(database)[0].id}"
    other = client.application.test_client()
    sign_in(other, "nguoikhac")
    assert other.get(address).status_code == 404
    assert other.get(f"{address}/report.json").status_code == 404
    assert post(other, f"{address}/delete").status_code == 404
    assert "Của cán bộ" not in plain(other.get(PAGE))
    administrator = client.application.test_client()
    sign_in(administrator, "quantri")
    assert administrator.get(address).status_code == 200
    assert "Của cán bộ" not in plain(administrator.get(PAGE))
    assert "Của cán bộ" in plain(administrator.get(f"{PAGE}/kept"))
    assert post(administrator, f"{address}/delete").status_code == 302
    assert kept(database) == []
    assert actions(database)[-1] == "file.delete"


def count(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(KeptAnalysis)) or 0


@pytest.mark.parametrize("output", ["page", "json"])
def test_what_cannot_be_kept_is_shown_and_nothing_is_lost(
    client: FlaskClient, database: Database, output: str
) -> None:
    fill_kept(database, MOST_KEPT)
    page = analyse(client, messy_csv(), **FIELDS, keep="y", output=output)
    assert page.status_code == 200
    assert f"Ông/bà đã giữ {MOST_KEPT} báo cáo, nhiều nhất có thể" in plain(page)
    assert len(lines(page, "file_questions")) == 6
    assert count(database) == MOST_KEPT
    assert actions(database)[-1] == "file.analyse"
    assert "file.keep" not in actions(database)
    assert offered(client, page, "json").status_code == 200
    refused = offered(client, page, "keep")
    assert refused.status_code == 409
    assert "nhiều nhất có thể" in plain(refused)
    assert lines(refused, "file_questions") == lines(page, "file_questions")
    with database.transaction() as session:
        newest = select(func.max(KeptAnalysis.id)).scalar_subquery()
        session.execute(delete(KeptAnalysis).where(KeptAnalysis.id == newest))
    assert offered(client, refused, "keep").status_code == 302
    assert count(database) == MOST_KEPT
    assert rank(client, **{"ranks-keep": "y"}).status_code == 200


def test_the_limit_is_of_one_account(client: FlaskClient, database: Database) -> None:
    fill_kept(database, MOST_KEPT, "nguoikhac")
    assert rank(client, **{"ranks-keep": "y"}).status_code == 302


def test_administrators_page_through_what_all_accounts_keep(
    client: FlaskClient, database: Database
) -> None:
    fill_kept(database, PAGE_SIZE + 2)
    assert client.get(f"{PAGE}/kept").status_code == 403
    administrator = client.application.test_client()
    sign_in(administrator, "quantri")
    first = administrator.get(f"{PAGE}/kept")
    assert first.text.count("Xác nhận xóa") == PAGE_SIZE
    assert f"Báo cáo số {PAGE_SIZE + 1}." in first.text
    assert first.text.count('data-label="Người giữ"') == PAGE_SIZE
    older = re.search(r'href="([^"]+)">Cũ hơn', first.text)
    assert older
    last = administrator.get(older.group(1))
    assert last.text.count("Xác nhận xóa") == 2
    assert "Báo cáo số 1." in last.text
    assert "Báo cáo số 2." not in last.text
    assert "Cũ hơn" not in last.text
    assert administrator.get(f"{PAGE}/kept?before=abc").status_code == 200
    own = administrator.get(PAGE)
    assert "Chưa có báo cáo nào được giữ lại." in plain(own)
    assert f'href="{PAGE}/kept"' in own.text
    assert f'href="{PAGE}/kept"' not in client.get(PAGE).text


def test_a_result_is_good_for_its_own_account_only(client: FlaskClient, session: Session) -> None:
    page = analyse(client, messy_csv(), **FIELDS)
    other = client.application.test_client()
    sign_in(other, "nguoikhac")
    assert offered(other, page, "pdf").status_code == 422
    forged = post(client, f"{PAGE}/result", result="e30.abc", wish="keep")
    assert forged.status_code == 422
    assert "phân tích lại" in plain(forged)
