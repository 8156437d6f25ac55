"""The forms of the files' page: sent, and what their pages show read back."""

import io
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.files.results import SCHEMA
from survey_app.reporting import formats
from survey_app.storage.database import Database
from survey_app.storage.models import Account, KeptAnalysis
from tests.factories import NOW, make_account, make_unit
from tests.integration.office import post

PAGE = "/officer/files"
FIELDS = {
    "factors": "Tiếp cận: q1, q2\nThủ tục: q3-q4",
    "clusters": "Xã",
    "population_clusters": "N_h",
    "domains": "Giới tính",
    "compare_column": "Năm",
    "compare_from": "2025",
    "compare_to": "2026",
    "same_clusters": "y",
}
RANKS = "Đơn vị;Chỉ số;Sai số chuẩn\nXã A;0,90;0,01\nXã B;0,89;0,02\nXã C;0,70;0,02\n"


def make_accounts(session: Session) -> None:
    """Two officers of two wards, and an administrator."""
    root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
    for number, name in enumerate(("canbo", "nguoikhac"), 1):
        ward = make_unit(session, f"H01.0{number}", f"Phường {name}", "ward", root)
        make_account(session, name, AccountRole.OFFICER, ward)
    make_account(session, "quantri", AccountRole.ADMINISTRATOR)


def analyse(
    client: FlaskClient, data: bytes | str, name: str = "tep.csv", **fields: object
) -> TestResponse:
    content = data.encode() if isinstance(data, str) else data
    sent = {"output": "page", "confidence": "95", "item": "top2", **fields}
    return post(client, PAGE, wish="analyse", file=(io.BytesIO(content), name), **sent)


def rank(client: FlaskClient, data: str = RANKS, **fields: object) -> TestResponse:
    sent = {"ranks-output": "page", "ranks-confidence": "95", "ranks-scale": "share", **fields}
    file = (io.BytesIO(data.encode()), "don vi.csv")
    return post(client, PAGE, wish="rank", **{"ranks-file": file}, **sent)


def offered(client: FlaskClient, page: TestResponse, wish: str) -> TestResponse:
    """One of the things the page of a result offers."""
    found = re.search(r'name="result" value="([^"]+)"', page.text)
    assert found
    return post(client, f"{PAGE}/result", result=found.group(1), wish=wish)


def fill_kept(database: Database, size: int, username: str = "canbo") -> None:
    """So many kept results of an account, without their figures."""
    with database.transaction() as session:
        owner = session.scalars(select(Account).where(Account.username == username)).one()
        rows = [
            {
                "account_id": owner.id,
                "schema": SCHEMA,
                "kind": "ranks",
                "title": f"Báo cáo số {number}.",
                "filename": "a.csv",
                "made_at": NOW,
                "plan": "",
                "reading": "{}",
                "document": "{}",
            }
            for number in range(size)
        ]
        session.execute(insert(KeptAnalysis), rows)


def lines(page: TestResponse, table: str) -> dict[str, list[str]]:
    """A table of the report: first cell → the others, as text."""
    body = re.search(rf'report-table-{table}">.*?<tbody>(.*?)</tbody>', page.text, re.S)
    assert body, table
    found = {}
    for row in re.findall(r"<tr.*?</tr>", body.group(1), re.S):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        first, *others = (
            " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells
        )
        found[first] = others
    return found


def shown(figure: Mapping[str, Any]) -> list[str]:
    """A figure of the document as a table of estimates shows it."""
    low, high = figure["interval"]["low"], figure["interval"]["high"]
    ends = f"{formats.percent_number(low, 1)}–{formats.percent(high, 1)}"
    effective = formats.format_number(figure["n"] / figure["deff"], 1)
    return [
        "",
        formats.percent(figure["estimate"]),
        ends,
        formats.percent(figure["standard_error"]),
        formats.format_number(figure["deff"], 2),
        effective,
        formats.count(figure["n"]),
        formats.count(figure["excluded"]),
    ]
