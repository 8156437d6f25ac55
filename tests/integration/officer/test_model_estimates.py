"""Model estimates: beside the direct index, never of what is withheld, never official."""

import io
import json
import math
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.estimation.small_area import fay_herriot, smoothed_variances
from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.reports.model_estimates import (
    MINIMUM_UNITS,
    ModelEstimates,
    survey_model_estimates,
)
from survey_app.reporting.rendering.json_document import render_json
from survey_app.reporting.report import Facts, Paragraphs
from survey_app.reporting.results.model_estimates import LABEL, NoModel, compose_model_estimates
from survey_app.storage.database import Database
from tests.factories import NOW, make_account, make_unit
from tests.integration.office import actions, plain, sign_in
from tests.integration.officer.test_standings import make_block

PAGE = "/officer/surveys/KS-2026/model-estimates"
#: Name → (satisfied, sheets, dossiers); one criterion, so that the index is a share.
COMMUNES: Mapping[str, tuple[int, int, int | None]] = {
    "Xã Bình Minh": (6, 12, 100),
    "Xã Cửa Nam": (20, 20, None),
    "Xã Đông Hải": (9, 15, 80),
    "Xã Ea Rơm": (3, 4, 100),
    "Xã Hòa Bình": (36, 40, 100),
    "Xã Hòa Thuận": (22, 25, 400),
    "Xã Khánh Vĩnh": (7, 10, 10),
    "Xã Long Điền": (13, 18, None),
    "Xã Mỹ Sơn": (0, 0, 50),
    "Phường An Lạc": (5, 6, 200),
}
DEPARTMENTS: Mapping[str, tuple[int, int, int | None]] = {"Sở Nội vụ": (30, 40, None)}
FITTED = [name for name, (_, n, size) in COMMUNES.items() if n >= 5 and n != size]


def estimates_of(
    session: Session, units: Mapping[str, tuple[int, int, int | None]] = COMMUNES
) -> ModelEstimates:
    survey, _ = make_block(session, units)
    return survey_model_estimates(
        session, survey, None, block="communes", scope="Tất cả", today=NOW.date()
    )


def sentence_of(found: ModelEstimates) -> str:
    """Why there is no model, as the document says it in its text and in its method."""
    report = compose_model_estimates(found, dated=NOW.date())
    _, said = [block for block in report.blocks if isinstance(block, Paragraphs)]
    (facts,) = [block for block in report.blocks if isinstance(block, Facts)]
    assert dict(facts.pairs)["Tình trạng"] == said.texts[0]
    return said.texts[0]


def lines_of(found: ModelEstimates) -> dict[str, Any]:
    assert found.block is not None and found.block.why is None
    return {line.name: line for line in found.block.lines}


# ── the figures ───────────────────────────────────────────────────────────────────────────────


def test_the_estimates_are_those_of_the_model(session: Session) -> None:
    found = lines_of(estimates_of(session))
    shares = [COMMUNES[name] for name in FITTED]
    variances = smoothed_variances(
        [(1 - n / (N or math.inf)) * (k / n) * (1 - k / n) / (n - 1) for k, n, N in shares],
        [n for _, n, _ in shares],
        populations=[N or math.inf for _, _, N in shares],
    )
    fitted = fay_herriot([k / n for k, n, _ in shares], variances)
    for name, area in zip(FITTED, fitted.areas, strict=True):
        if COMMUNES[name][1] >= 30:
            assert name not in found
            continue
        line = found[name]
        assert line.model == pytest.approx(area.model, rel=1e-9)
        assert line.model_error == pytest.approx(area.model_error, rel=1e-9)
        assert line.gamma == pytest.approx(area.gamma, rel=1e-9)
        assert line.synthetic == pytest.approx(area.synthetic, rel=1e-9)
        assert line.low <= line.model <= line.high
        between = sorted((line.direct.value, line.synthetic))
        assert between[0] - 1e-12 <= line.model <= between[1] + 1e-12


def test_a_census_needs_no_model(session: Session) -> None:
    line = lines_of(estimates_of(session))["Xã Khánh Vĩnh"]
    assert line.direct.value == pytest.approx(0.7)
    assert (line.model, line.gamma) == (None, None)


@pytest.mark.parametrize("small", ["Xã Ea Rơm", "Xã Mỹ Sơn"])
def test_a_withheld_unit_gets_the_common_value_only(session: Session, small: str) -> None:
    found = lines_of(estimates_of(session))
    line = found[small]
    assert line.direct.value is None
    assert line.gamma == 0
    assert line.model == line.synthetic == found["Xã Bình Minh"].synthetic
    assert line.n == (0 if small == "Xã Mỹ Sơn" else None)


def document_with(path: Path, satisfied: int) -> Any:
    """The whole document, from a database of its own, where the unit under the minimum base has
    so many satisfied. Sheets lie in the database in an order of chance, which moves the last
    digits of a sum; nine are compared."""
    database = Database(f"sqlite:///{path}")
    with database.session(write=True) as session:
        found = estimates_of(session, {**COMMUNES, "Xã Ea Rơm": (satisfied, 4, 100)})
        document = render_json(compose_model_estimates(found, dated=NOW.date()))
    database.dispose()
    return json.loads(document, parse_float=lambda digits: round(float(digits), 9))


def test_nothing_depends_on_what_a_withheld_unit_says(migrated_file: Path, tmp_path: Path) -> None:
    """The strongest protection there is: other answers, the very same document."""
    documents = [
        document_with(Path(shutil.copy(migrated_file, tmp_path / f"{satisfied}.db")), satisfied)
        for satisfied in (0, 2, 4)
    ]
    assert documents[0]["tables"]["model_communes"]["rows"]
    assert documents[1:] == documents[:1] * 2


def test_too_few_units_is_one_sentence(session: Session) -> None:
    names = FITTED[: MINIMUM_UNITS - 1]
    found = estimates_of(session, {name: COMMUNES[name] for name in names})
    assert found.block is not None and found.block.lines == ()
    assert (found.block.why, found.block.able) == (NoModel.TOO_FEW_UNITS, MINIMUM_UNITS - 1)
    assert f"có {MINIMUM_UNITS - 1} đơn vị đủ phiếu" in sentence_of(found)
    assert f"cần ít nhất {MINIMUM_UNITS} đơn vị" in sentence_of(found)


def test_where_all_sheets_agree_there_is_no_model(session: Session) -> None:
    found = estimates_of(session, {f"Xã {letter}": (8, 8, None) for letter in "ABCDEFG"})
    assert found.block is not None and found.block.why is NoModel.NO_SPREAD
    assert "mọi phiếu đều cho cùng một kết quả" in sentence_of(found)


def test_where_nobody_has_few_sheets_there_is_no_need(session: Session) -> None:
    found = estimates_of(session, {f"Xã {letter}": (25, 30, None) for letter in "ABCDEFG"})
    assert found.block is not None and found.block.why is NoModel.NOBODY_NEEDS_IT
    assert "mọi đơn vị đều có từ 30 phiếu" in sentence_of(found)


def test_units_that_do_not_differ_are_said_to(session: Session) -> None:
    found = estimates_of(session, {f"Xã {letter}": (8, 10, None) for letter in "ABCDEFG"})
    assert {line.gamma for line in lines_of(found).values()} == {0.0}
    report = compose_model_estimates(found, dated=NOW.date())
    texts = [text for block in report.blocks for text in getattr(block, "texts", ())]
    assert any("chưa khác nhau hơn mức ngẫu nhiên" in text for text in texts)


def test_an_unknown_block_is_not_found(session: Session) -> None:
    survey, _ = make_block(session, {"Xã A": (3, 5, None)})
    for block in ("departments", "nowhere"):
        with pytest.raises(NotFound):
            survey_model_estimates(session, survey, None, block=block, scope="", today=NOW.date())


# ── pages and files ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def province(database: Database) -> None:
    """Communes and a department of a province; officers of the province and of one ward."""
    with database.transaction() as session:
        survey, made = make_block(session, {**COMMUNES, **DEPARTMENTS})
        survey.is_demo = True
        make_account(session, "tinh", AccountRole.OFFICER, made["Sở Nội vụ"].parent)
        make_account(session, "phuong", AccountRole.OFFICER, made["Phường An Lạc"])


@pytest.fixture
def officer(province: None, client: FlaskClient) -> FlaskClient:
    """The officer of the province."""
    sign_in(client, "tinh")
    return client


def test_the_survey_leads_to_the_page(officer: FlaskClient) -> None:
    assert f'href="{PAGE}"' in officer.get("/officer/surveys/KS-2026").text


def test_the_page_says_what_it_is(officer: FlaskClient) -> None:
    html = officer.get(f"{PAGE}?block=communes")
    text = plain(html)
    assert text.count(LABEL) >= 3
    assert "Trọng số của số liệu riêng" in text
    assert re.search(r"Xã Ea Rơm dưới 5 chưa đủ phiếu", text)
    assert "Xã Hòa Bình" not in text  # enough sheets of its own
    assert "không cần: điều tra toàn bộ" in text
    drawn = html.text.count('class="report-drawing" role="img"')
    assert drawn == 7 + 8  # two have no direct value, a census needs no model


def test_page_excel_and_json_agree(officer: FlaskClient) -> None:
    data = json.loads(officer.get(f"{PAGE}/table.json?block=communes").data)
    book = openpyxl.load_workbook(io.BytesIO(officer.get(f"{PAGE}/table.xlsx?block=communes").data))
    text = plain(officer.get(f"{PAGE}?block=communes"))
    sheets = ("Ước lượng mô hình", "Sai số và trọng số")
    places = {"n": 1, "direct": 2, "model": 5}, {"model": 1, "model_error": 2, "gamma": 5}
    codes = ("model_communes", "model_parts_communes")
    for code, tab, columns in zip(codes, sheets, places, strict=True):
        lines = {row[0]: row for row in book[tab].iter_rows(values_only=True)}
        rows = data["tables"][code]["rows"]
        assert len(rows) == 9
        for row in rows:
            for column, place in columns.items():
                value = row["cells"][column]
                if isinstance(value, float):
                    assert lines[row["cells"]["unit"]][place] == pytest.approx(value, rel=1e-12)
                if isinstance(value, float) and column != "gamma":
                    assert f"{value * 100:.2f}%".replace(".", ",") in text
    facts = {fact["name"]: fact["value"] for fact in data["method"]}
    assert facts["Giá trị sử dụng"] == LABEL
    assert "khoảng mô hình 95% là ước lượng ± 1,96 lần sai số" in facts["Sai số của mô hình"]


def test_there_is_no_paper_and_no_trace_in_reports(officer: FlaskClient) -> None:
    assert officer.get(f"{PAGE}/table.pdf").status_code == 404
    assert officer.get(f"{PAGE}/table.csv").status_code == 404
    unit = "/officer/surveys/KS-2026/units/H01.01/report.json"
    for page in (unit, "/officer/surveys/KS-2026/standings/table.json?block=communes"):
        assert "mô hình" not in officer.get(page).text


def test_taking_them_away_is_on_record(officer: FlaskClient, database: Database) -> None:
    assert officer.get(f"{PAGE}/table.xlsx?block=communes").status_code == 200
    assert actions(database)[-1] == "report.export"


def test_an_officer_borrows_from_the_own_scope_only(province: None, client: FlaskClient) -> None:
    sign_in(client, "phuong")
    text = plain(client.get(PAGE))
    assert "có 1 đơn vị đủ phiếu" in text
    assert "Xã" not in text.replace("Xã, phường, đặc khu", "")
    assert client.get(f"{PAGE}?block=departments").status_code == 404
    assert client.get(f"{PAGE}/table.json?block=departments").status_code == 404


def test_a_survey_without_units_in_scope(database: Database, client: FlaskClient) -> None:
    with database.transaction() as session:
        make_block(session, DEPARTMENTS)
        make_account(session, "xaxa", AccountRole.OFFICER, make_unit(session, "H02", "Xã Xa"))
    sign_in(client, "xaxa")
    assert client.get(PAGE).status_code == 404
