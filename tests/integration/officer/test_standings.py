"""Standings: like with like, no rank without its set, one result as page, Excel and JSON."""

import io
import json
import random
import re
from collections.abc import Mapping
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.figures.overview import overview
from survey_app.operations.reports.standings import (
    BLOCKS,
    MINIMUM_SHEETS,
    Simulation,
    compare_block,
    survey_standings,
)
from survey_app.ranking.rank_sets import rank_units, stabilised_standard_error
from survey_app.reporting.results.standings import (
    Block,
    BlockMethod,
    Standings,
    Verdict,
    group_sentences,
)
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit, AuditEntry, Survey
from survey_app.unit_import import KINDS
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit
from tests.integration.office import plain, sign_in

CRITERION = "access.signage"
PAGE = "/officer/surveys/KS-2026/standings"
DRAWS = 20_000
#: Name → (satisfied, sheets, dossiers); one criterion, so that the index is a share.
COMMUNES: Mapping[str, tuple[int, int, int | None]] = {
    "Xã Hòa Bình": (36, 40, 100),
    "Phường An Lạc": (40, 40, 200),
    "Xã Bình Minh": (20, 40, 400),
    "Phường Cửa Nam": (36, 40, 100),
    "Xã Đông Hải": (20, 29, 100),
    "Xã Ea Rơm": (4, 4, 100),
}
DEPARTMENTS: Mapping[str, tuple[int, int, int | None]] = {
    "Sở Nội vụ": (30, 40, None),
    "Sở Tư pháp": (38, 40, 100),
}


def kind_of(name: str) -> str:
    return {"Sở": "department", "Xã": "commune", "Phường": "ward"}[name.split()[0]]


def make_block(
    session: Session, units: Mapping[str, tuple[int, int, int | None]]
) -> tuple[Survey, dict[str, AdministrativeUnit]]:
    """A survey of these units under one province, with their sheets."""
    root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
    made = {
        name: make_unit(session, f"H01.{number:02}", name, kind_of(name), root)
        for number, name in enumerate(units, 1)
    }
    survey = make_survey(session, {made[name]: units[name][2] for name in units})
    for name, (satisfied, sheets, _) in units.items():
        point = make_point(session, survey, made[name])
        for number in range(sheets):
            answer(session, point.token, {CRITERION: "4" if number < satisfied else "2"})
    return survey, made


def standings_of(
    session: Session, units: Mapping[str, tuple[int, int, int | None]], block: str = "communes"
) -> Standings:
    survey, _ = make_block(session, units)
    return survey_standings(
        session, survey, None, block=block, scope="Tất cả", today=NOW.date(), draws=DRAWS
    )


def block_of(session: Session, units: Mapping[str, tuple[int, int, int | None]]) -> Block:
    return standings_of(session, units).blocks[0]


# ── comparing ─────────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_unit_has_one_block() -> None:
    kinds = [kind for _, members in BLOCKS.values() for kind in members]
    assert sorted(kinds) == sorted(KINDS)


def test_places_are_those_of_the_rank_sets(session: Session) -> None:
    found = block_of(session, COMMUNES)
    shares = [COMMUNES[place.name] for place in found.places]
    errors = [stabilised_standard_error(k, n) for k, n, _ in shares]
    assert [place.standard_error for place in found.places] == pytest.approx(errors, rel=1e-9)
    values = [k / n for k, n, _ in shares]
    expected = rank_units(values, standard_errors=errors, draws=DRAWS)
    assert [p.ranks.rank for p in found.places] == [e.rank for e in expected]
    assert [(p.ranks.low, p.ranks.high) for p in found.places] == [
        (e.low, e.high) for e in expected
    ]


def test_a_block_holds_like_units_only(session: Session) -> None:
    found = standings_of(session, {**COMMUNES, **DEPARTMENTS}, "all")
    assert [block.code for block in found.blocks] == ["departments", "communes"]
    assert {p.name for p in found.blocks[0].places} == set(DEPARTMENTS)
    assert all(place.ranks.high <= 2 for place in found.blocks[0].places)
    assert [code for code, _ in found.choices] == ["departments", "communes", "all"]


def test_the_order_of_units_changes_nothing(session: Session) -> None:
    survey, _ = make_block(session, COMMUNES)
    lines = list(overview(session, survey, None))
    simulation = Simulation(0.95, DRAWS, 7)
    expected = compare_block("communes", lines, simulation, MINIMUM_SHEETS)
    for seed in range(5):
        random.Random(seed).shuffle(lines)
        found = compare_block("communes", lines, simulation, MINIMUM_SHEETS)
        for place in found.places:
            same = next(p for p in expected.places if p.code == place.code)
            assert (place.ranks, place.verdict) == (same.ranks, same.verdict)
            assert place.p_value == pytest.approx(same.p_value, rel=1e-9)
        assert {frozenset(g) for g in found.groups} == {frozenset(g) for g in expected.groups}


def test_a_unit_in_which_everybody_agrees_does_not_beat_everybody(session: Session) -> None:
    best, second, *_ = block_of(session, COMMUNES).places
    assert (best.name, best.index.value, best.index.standard_error) == ("Phường An Lạc", 1.0, 0.0)
    assert best.standard_error > 0.02
    assert (best.ranks.low, best.ranks.high) == (1, 3)
    assert second.ranks.low == 1


def test_numbers_of_dossiers_decide_no_rank(session: Session) -> None:
    """Who serves better is no question about the dossiers of one year: a census is not certain."""
    units = {"Xã A": (36, 40, 40), "Xã B": (35, 40, 40), "Xã C": (20, 40, 400)}
    found = block_of(session, units)
    assert found.places[0].index.is_census  # what is described may be known completely
    expected = [stabilised_standard_error(k, 40) for k in (36, 35, 20)]
    assert [place.standard_error for place in found.places] == pytest.approx(expected)
    assert found.places[0].ranks.high == 2
    session.rollback()
    unknown = block_of(session, {name: (k, n, None) for name, (k, n, _) in units.items()})
    assert [p.ranks for p in unknown.places] == [p.ranks for p in found.places]


def test_ties_share_rank_and_set(session: Session) -> None:
    found = block_of(session, COMMUNES)
    first, second = (p for p in found.places if p.index.value == 0.9)
    assert first.ranks == second.ranks
    assert first.ranks.rank == 2
    # Equal units stand in the order of the alphabet.
    assert (first.name, second.name) == ("Phường Cửa Nam", "Xã Hòa Bình")


def test_groups_name_who_cannot_be_told_apart(session: Session) -> None:
    assert block_of(session, COMMUNES).groups == (
        ("Phường An Lạc", "Phường Cửa Nam", "Xã Hòa Bình"),
    )


def test_a_pair_parted_by_an_exact_neighbour_is_named_too(session: Session) -> None:
    # B, with many sheets, is told from A but not from C; vague C is told from nobody.
    units = {"Xã A": (118, 120, None), "Xã B": (360, 400, None), "Xã C": (35, 40, None)}
    found = block_of(session, units)
    assert (found.groups, found.pairs) == ((("Xã B", "Xã C"),), (("Xã A", "Xã C"),))
    said = [f"Chưa phân biệt được: {pair}." for pair in ("Xã B và Xã C", "Xã A và Xã C")]
    assert list(group_sentences(found)) == said


def test_one_unit_has_no_rank(session: Session) -> None:
    found = block_of(session, {"Xã A": (36, 40, 100), "Xã B": (20, 29, 100)})
    assert found.is_alone
    assert (found.places, found.groups, found.mean) == ((), (), None)
    assert [unit.name for unit in found.unranked] == ["Xã A", "Xã B"]


def test_few_sheets_give_no_rank_and_under_five_nothing(session: Session) -> None:
    found = block_of(session, COMMUNES)
    few, hidden = found.unranked
    assert (few.name, few.n, few.index.value) == ("Xã Đông Hải", 29, pytest.approx(20 / 29))
    assert (hidden.name, hidden.n, hidden.index.value) == ("Xã Ea Rơm", None, None)
    assert (hidden.index.interval, hidden.index.standard_error) == (None, None)
    assert found.sheets == 160  # the hidden number cannot be had by subtraction


def test_sheets_that_answer_no_criterion_do_not_count_for_a_rank(session: Session) -> None:
    survey, made = make_block(session, {"Xã A": (20, 29, None), "Xã B": (30, 40, None)})
    answer(session, make_point(session, survey, made["Xã A"]).token, {"comment": "Tốt"})
    found = survey_standings(
        session, survey, None, block="communes", scope="", today=NOW.date(), draws=DRAWS
    )
    assert found.blocks[0].is_alone
    assert found.blocks[0].unranked[0].n == 30


# ── the mean of the block ─────────────────────────────────────────────────────────────────────


def test_the_mean_counts_dossiers_where_all_are_known(session: Session) -> None:
    found = block_of(session, COMMUNES)
    assert found.mean is not None and found.mean.interval is not None
    assert found.mean_method is BlockMethod.DOSSIERS
    assert found.mean.value == pytest.approx((0.9 * 100 + 200 + 0.5 * 400 + 0.9 * 100) / 800)
    assert found.mean.interval.low < found.mean.value < found.mean.interval.high


@pytest.mark.parametrize("population", [None, 39])
def test_the_mean_is_plain_where_a_number_is_missing_or_wrong(
    session: Session, population: int | None
) -> None:
    units = {"Xã A": (36, 40, population), "Xã B": (20, 40, 400)}
    found = block_of(session, units)
    assert found.mean is not None
    assert (found.mean_method, found.mean.value) == (BlockMethod.PLAIN, pytest.approx(0.7))
    assert next(p for p in found.places if p.name == "Xã A").population is None


def test_verdicts_are_adjusted_and_have_both_directions(session: Session) -> None:
    verdicts = {p.name: p.verdict for p in block_of(session, COMMUNES).places}
    assert verdicts["Phường An Lạc"] is Verdict.ABOVE
    assert verdicts["Xã Bình Minh"] is Verdict.BELOW


def test_alike_units_are_not_called_different(session: Session) -> None:
    units = {f"Xã {letter}": (30 + place, 40, None) for place, letter in enumerate("ABCDE")}
    found = block_of(session, units)
    assert {place.verdict for place in found.places} == {Verdict.UNCLEAR}
    assert {(place.ranks.low, place.ranks.high) for place in found.places} == {(1, 5)}
    assert len(found.groups) == 1


def test_an_unknown_or_empty_block_is_not_found(session: Session) -> None:
    survey, _ = make_block(session, {"Xã A": (3, 5, None)})
    for block in ("departments", "nowhere"):
        with pytest.raises(NotFound):
            survey_standings(session, survey, None, block=block, scope="", today=NOW.date())


# ── pages and files ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def province(database: Database) -> None:
    """Communes and departments of a province; officers of the province and of one ward."""
    with database.transaction() as session:
        survey, made = make_block(session, {**COMMUNES, **DEPARTMENTS})
        survey.is_demo = True
        root = made["Sở Nội vụ"].parent
        make_account(session, "tinh", AccountRole.OFFICER, root)
        make_account(session, "phuong", AccountRole.OFFICER, made["Phường An Lạc"])
        make_account(session)


@pytest.fixture
def officer(province: None, client: FlaskClient) -> FlaskClient:
    """The officer of the province."""
    sign_in(client, "tinh")
    return client


def document_of(client: FlaskClient, block: str) -> Any:
    return json.loads(client.get(f"{PAGE}/table.json?block={block}").data)


def workbook_of(client: FlaskClient, block: str) -> openpyxl.Workbook:
    data = client.get(f"{PAGE}/table.xlsx?block={block}").data
    return openpyxl.load_workbook(io.BytesIO(data))


def test_the_survey_leads_to_its_standings(officer: FlaskClient) -> None:
    assert f'href="{PAGE}"' in officer.get("/officer/surveys/KS-2026").text


def test_the_page_says_rank_set_mean_and_verdict(officer: FlaskClient) -> None:
    text = plain(officer.get(f"{PAGE}?block=communes"))
    assert re.search(r"1 \(1–3\) Phường An Lạc 40 100,00% \S+ hạng 1–3 cao hơn \+\d", text)
    assert re.search(r"4 \(4\) Xã Bình Minh 40 50,00% \S+ hạng 4 thấp hơn −\d", text)
    assert "Chưa phân biệt được: Phường An Lạc, Phường Cửa Nam và Xã Hòa Bình." in text
    assert "Đơn vị được xếp hạng 4 trên 6 đơn vị của khối" in text
    assert "bình quân của 4 đơn vị được xếp hạng, trọng số là số hồ sơ trong kỳ" in text
    assert "Chưa đủ phiếu để xếp hạng" in text
    assert "Xã Ea Rơm dưới 5 chưa đủ phiếu" in text
    assert "Mogstad" in text and "200.000 lần" in text and "hạt giống 20240701" in text


def test_no_rank_stands_without_its_set(officer: FlaskClient) -> None:
    html = officer.get(f"{PAGE}?block=all").text
    cells = re.findall(r'data-label="Hạng \(khoảng\)">([^<]+)<', html)
    assert len(cells) == 6
    assert all(re.fullmatch(r"\d+ \(\d+(–\d+)?\)", cell) for cell in cells)
    drawn = re.findall(r'aria-label="(Hạng [^"]+)"', html)
    assert len(drawn) == 6
    assert all("khoảng hạng" in text for text in drawn)


def test_the_first_block_is_shown_unless_another_is_asked_for(officer: FlaskClient) -> None:
    assert "Sở Tư pháp" in officer.get(PAGE).text
    assert "Phường An Lạc" not in officer.get(PAGE).text
    assert officer.get(f"{PAGE}?block=offices").status_code == 404


def test_page_excel_and_json_agree(officer: FlaskClient) -> None:
    rows = document_of(officer, "communes")["tables"]["standings_communes"]["rows"]
    sheet = workbook_of(officer, "communes")["Xã, phường, đặc khu"]
    found = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    page = plain(officer.get(f"{PAGE}?block=communes"))
    assert len(rows) == len(found) == 4
    for row, line in zip(rows, found, strict=True):
        cells = row["cells"]
        names = ("rank", "rank_low", "rank_high", "unit", "n", "population", "index")
        assert line[:7] == tuple(cells[name] for name in names)
        interval = cells["interval"]
        assert line[7:9] == pytest.approx((interval["low"], interval["high"]), rel=1e-12)
        assert line[9] == pytest.approx(cells["standard_error"], rel=1e-12)
        assert line[-1] == cells["verdict"]
        low, high = cells["rank_low"], cells["rank_high"]
        span = str(low) if low == high else f"{low}–{high}"
        start = f"{cells['rank']} ({span}) {cells['unit']} {cells['n']} "
        index = f"{cells['index'] * 100:.2f}%".replace(".", ",")
        assert f"{start}{index}" in page
        assert f"hạng {span} {cells['verdict']}" in page


def test_the_mean_agrees_everywhere(officer: FlaskClient) -> None:
    value = document_of(officer, "communes")["key_figures"]["communes.mean"]["value"]
    headline = workbook_of(officer, "communes")["Tổng hợp"]
    values = {row[0]: row[1] for row in headline.iter_rows(values_only=True)}
    assert values["Xã, phường, đặc khu: bình quân khối"] == pytest.approx(value, rel=1e-12)
    text = plain(officer.get(f"{PAGE}?block=communes"))
    assert f"Bình quân khối {value * 100:.2f}%".replace(".", ",") in text


def test_files_give_nothing_of_units_under_five(officer: FlaskClient) -> None:
    tables = document_of(officer, "communes")["tables"]
    row = next(r for r in tables["unranked_communes"]["rows"] if r["cells"]["unit"] == "Xã Ea Rơm")
    assert row["cells"]["n"] == "dưới 5"
    assert row["cells"]["index"] == {"value": None, "reason": "too_few"}
    assert row["cells"]["interval"] is None


def test_files_hold_groups_method_and_the_mark_of_the_demo(officer: FlaskClient) -> None:
    document = document_of(officer, "all")
    group = document["tables"]["groups_communes"]["rows"][0]["cells"]
    assert group["units"] == "Phường An Lạc; Phường Cửa Nam; Xã Hòa Bình"
    assert document["demo"] is True
    assert any("hạt giống 20240701" in fact["value"] for fact in document["method"])
    book = workbook_of(officer, "all")
    assert {"Sở, ban, ngành", "Xã, phường, đặc khu", "Phương pháp"} <= set(book.sheetnames)
    assert "DỮ LIỆU MINH HỌA" in str(book.worksheets[0]["A1"].value)


def test_files_are_attachments_on_record(officer: FlaskClient, database: Database) -> None:
    got = officer.get(f"{PAGE}/table.xlsx?block=communes")
    assert "KhoangHang_KS2026_Communes.xlsx" in got.headers["Content-Disposition"]
    with database.session() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert entry is not None
        assert (entry.action, entry.subject) == ("report.export", "KS-2026 communes xlsx")


def test_other_forms_and_surveys_are_not_found(officer: FlaskClient) -> None:
    for address in (f"{PAGE}/table.pdf", f"{PAGE}/table.exe", "/officer/surveys/X/standings"):
        assert officer.get(address).status_code == 404


def test_an_officer_compares_only_units_in_charge(province: None, client: FlaskClient) -> None:
    sign_in(client, "phuong")
    text = plain(client.get(PAGE))
    assert "Phường An Lạc" in text
    assert "cần ít nhất hai đơn vị" in text
    assert "Xã Hòa Bình" not in text and "Bình quân khối" not in text
    assert client.get(f"{PAGE}?block=departments").status_code == 404
    assert client.get(f"{PAGE}/table.json?block=all").data.count(b'"H01.') == 1


def test_an_officer_without_a_surveyed_unit_learns_nothing_of_the_survey(
    province: None, client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        elsewhere = make_unit(session, "H02", "Tỉnh Khác", "province")
        make_account(session, "khac", AccountRole.OFFICER, elsewhere)
    sign_in(client, "khac")
    refused = client.get(PAGE)
    assert refused.status_code == 404
    assert "Khảo sát thử nghiệm" not in plain(refused)


def test_the_page_of_a_demo_says_so(officer: FlaskClient) -> None:
    assert "DỮ LIỆU MINH HỌA" in officer.get(PAGE).text
