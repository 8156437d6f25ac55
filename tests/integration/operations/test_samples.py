"""Samples: targets and progress, draws that nothing changes, lists that are checked again."""

import json
from io import BytesIO

import numpy as np
import openpyxl
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, NotFound
from survey_app.operations.fieldwork import surveys as fieldwork
from survey_app.operations.fieldwork.dossier_list import read_dossiers
from survey_app.operations.fieldwork.surveyed_units import find_survey_unit
from survey_app.operations.figures import targets
from survey_app.operations.reports.documents import Format
from survey_app.operations.samples.drawn_list import describe_draw, render_draw
from survey_app.operations.samples.draws import (
    SEEDS_MADE,
    Verification,
    count_identifiers,
    draws_of_unit,
    erase_identifiers,
    find_draw_by_id,
    make_draw,
    verify_draw,
)
from survey_app.operations.samples.planning import (
    Allocation,
    SampleMethod,
    SampleWish,
    plan_draw,
)
from survey_app.reporting.fieldwork.drawn_list import DrawnTarget, size_words
from survey_app.sampling.selection import select_pps, select_simple, select_stratified
from survey_app.storage.database import Database
from survey_app.storage.models import (
    AdministrativeUnit,
    AuditEntry,
    SampledDossier,
    SampleDraw,
    Survey,
    SurveyStatus,
)
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit, recorded
from tests.integration.operations.drawing import CHANGES, DAY, REPLACEMENTS, draw, listed


@pytest.fixture
def unit(session: Session) -> AdministrativeUnit:
    return make_unit(session)


@pytest.fixture
def survey(session: Session, unit: AdministrativeUnit) -> Survey:
    survey = make_survey(session, {unit: None})
    targets.set_target(survey, margin=0.05, response_rate=0.8)
    return survey


def identifiers(session: Session, made: SampleDraw) -> list[str | None]:
    return [dossier.identifier for dossier in describe_draw(session, made).dossiers]


# ── drawing ───────────────────────────────────────────────────────────────────────────────────


def test_a_draw_takes_as_many_as_the_target_needs(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    frame = listed(2000, fields=False)
    made = draw(session, survey, unit, frame, seed=7)
    assert (made.number, made.population, made.n) == (1, 2000, 404)  # 323 answers / 0.8
    assert (made.margin, made.response_rate, made.allocation) == (0.05, 0.8, "none")
    expected = select_simple(2000, 404, seed=7)
    assert identifiers(session, made) == [f"HS-{index:04d}" for index in expected.indices]
    described = describe_draw(session, made)
    assert described.target == DrawnTarget(0.05, 0.95, 0.8, required=323, issued=404, ministry=334)
    assert {dossier.probability for dossier in described.dossiers} == {404 / 2000}


def test_strata_share_the_sample_and_are_kept_with_their_numbers(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    frame = listed(600)
    made = draw(session, survey, unit, frame, n=60, seed=3)
    strata = describe_draw(session, made).strata
    found = {stratum.name: (stratum.population, stratum.n) for stratum in strata}
    assert found == {"Hộ tịch": (300, 30), "Đất đai": (200, 20), "Xây dựng": (100, 10)}
    expected = select_stratified(frame.strata, {name: n for name, (_, n) in found.items()}, seed=3)
    assert identifiers(session, made) == [f"HS-{index:04d}" for index in expected.indices]
    equal = plan_draw(survey, frame, SampleWish(n=60, allocation=Allocation.EQUAL))
    assert [stratum.n for stratum in equal.strata] == [20, 20, 20]
    assert not equal.has_equal_chances
    plain = plan_draw(survey, frame, SampleWish(n=60, allocation=Allocation.NONE))
    assert plain.strata == ()


def test_sizes_give_unequal_chances(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    frame = listed(70, fields=False, sizes=True)
    made = draw(session, survey, unit, frame, n=10, seed=5, method=SampleMethod.PPS)
    expected = select_pps(frame.sizes, 10, seed=5)
    stored = describe_draw(session, made).dossiers
    assert [dossier.probability for dossier in stored] == expected.probabilities.tolist()


@pytest.mark.parametrize("method", list(SampleMethod))
@pytest.mark.parametrize("fields", [True, False])
def test_the_same_list_and_the_stored_seed_give_the_same_draw(
    session: Session,
    survey: Survey,
    unit: AdministrativeUnit,
    method: SampleMethod,
    fields: bool,
) -> None:
    frame = listed(120, fields=fields, sizes=True)
    made = draw(session, survey, unit, frame, n=30, method=method)
    again = listed(120, fields=fields, sizes=True)
    assert verify_draw(session, made, again) == Verification(True, True, 120)
    shorter = listed(119, fields=fields, sizes=True)
    assert verify_draw(session, made, shorter) == Verification(False, False, 119)


def test_another_order_is_another_list(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    rows = ["Mã hồ sơ", *(f"HS-{number}" for number in range(50))]
    frame = read_dossiers("\n".join(rows).encode(), "a.csv", as_of=DAY)
    made = draw(session, survey, unit, frame, n=5)
    turned = read_dossiers("\n".join([rows[0], *rows[:0:-1]]).encode(), "a.csv", as_of=DAY)
    assert not verify_draw(session, made, turned).is_same_list


def test_a_seed_is_made_when_none_is_given(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    first = draw(session, survey, unit, listed(100), n=10)
    second = draw(session, survey, unit, listed(100), n=10, reason="Danh sách thiếu một lĩnh vực")
    assert 0 <= first.seed < SEEDS_MADE
    assert first.seed != second.seed
    assert identifiers(session, first) != identifiers(session, second)


def test_a_unit_is_drawn_again_only_with_a_reason_and_the_first_draw_stays(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    first = draw(session, survey, unit, listed(100), n=10, reason="chưa cần lý do")
    assert first.reason == ""
    with pytest.raises(Invalid) as refusal:
        draw(session, survey, unit, listed(100), n=10, reason="  ")
    assert [problem.where for problem in refusal.value.problems] == ["reason"]
    second = draw(session, survey, unit, listed(110), n=10, reason="Bổ sung hồ sơ tháng 6")
    found = draws_of_unit(session, survey, unit.id)
    assert [each.number for each in found] == [2, 1]
    assert found[0].reason == second.reason == "Bổ sung hồ sơ tháng 6"
    assert len(identifiers(session, first)) == 10


def test_the_list_gives_the_number_of_dossiers_only_when_asked_and_not_known(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    def population() -> int | None:
        return find_survey_unit(session, survey, unit.id).population

    draw(session, survey, unit, listed(100), n=10)
    assert population() is None
    for count, expected in ((100, 100), (110, 100)):
        plan = plan_draw(survey, listed(count), SampleWish(n=10, reason="lại"))
        make_draw(session, survey, unit.id, plan, now=NOW, sets_population=True)
        assert population() == expected


def test_a_draw_is_on_record(session: Session, survey: Survey, unit: AdministrativeUnit) -> None:
    account = make_account(session)
    plan = plan_draw(survey, listed(100), SampleWish(n=10, seed=4))
    made = make_draw(session, survey, unit.id, plan, now=NOW, account=account)
    (entry,) = recorded(session)
    assert (entry.account_id, entry.subject) == (account.id, "KS-2026 H01.01")
    assert "10/100" in entry.detail
    assert describe_draw(session, made).drawn_by == "Người thử"


@pytest.mark.parametrize(
    ("wish", "places"),
    [
        ({"n": 101}, ["n"]),
        ({"n": 0}, ["n"]),
        ({"method": SampleMethod.PPS, "n": 5}, ["method"]),
        ({"seed": 10**15, "n": 500}, ["n", "seed"]),
        ({"margin": 0.9, "response_rate": 0.001}, ["margin", "response_rate"]),
        ({"n": 5, "reason": "a" * 501}, ["reason"]),
    ],
)
def test_every_mistake_of_a_wish_is_told(
    survey: Survey, wish: dict[str, object], places: list[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        plan_draw(survey, listed(100, fields=False), SampleWish(**wish))  # type: ignore[arg-type]
    assert [problem.where for problem in refusal.value.problems] == places


def test_more_strata_than_dossiers_to_draw_are_refused(survey: Survey) -> None:
    with pytest.raises(Invalid, match="ít nhất 3"):
        plan_draw(survey, listed(100), SampleWish(n=2))


def test_without_a_target_a_number_is_needed(survey: Survey) -> None:
    targets.set_target(survey, margin=None, response_rate=None)
    with pytest.raises(Invalid):
        plan_draw(survey, listed(100), SampleWish())
    assert plan_draw(survey, listed(100), SampleWish(margin=0.1)).n == 50


def test_a_unit_outside_and_a_closed_survey_have_no_draws(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    other = make_unit(session, "H01.02", "Xã Khác", "commune")
    with pytest.raises(NotFound):
        draw(session, survey, other, listed(100), n=10)
    fieldwork.close_survey(survey)
    with pytest.raises(Conflict):
        draw(session, survey, unit, listed(100), n=10)


def test_a_draw_can_be_repeated_by_the_words_of_its_workbook(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    frame = listed(600)
    made = draw(session, survey, unit, frame, n=60, seed=987654321)
    chosen = set()
    for name, n in (("Đất đai", 20), ("Hộ tịch", 30), ("Xây dựng", 10)):
        own = [row.identifier for row in frame.rows if row.stratum == name]
        high, low = np.random.SeedSequence([made.seed, *name.encode()]).generate_state(2)
        own_seed = int(high) * 2**32 + int(low)
        numbers = np.random.Generator(np.random.PCG64(own_seed)).random(len(own))
        chosen |= {own[place] for place in np.argsort(numbers)[:n]}
    assert set(identifiers(session, made)) == chosen


# ── frozen ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [SurveyStatus.OPEN, SurveyStatus.CLOSED])
@pytest.mark.parametrize("change", [*CHANGES, *REPLACEMENTS])
def test_nothing_changes_a_draw(database: Database, change: str, status: SurveyStatus) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        draw(session, survey, unit, listed(100), n=10)
        survey.status = status
    with pytest.raises(DatabaseError, match="a draw"), database.transaction() as session:
        session.execute(text(change))


def test_identifiers_go_only_when_the_survey_is_closed(database: Database) -> None:
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit])
        made = draw(session, survey, unit, listed(100), n=10)
    blank = text("UPDATE sampled_dossier SET identifier = NULL")
    with pytest.raises(DatabaseError, match="never changes"), database.transaction() as session:
        session.execute(blank)
    with database.transaction() as session:
        survey = fieldwork.find_survey(session, "KS-2026")
        with pytest.raises(Conflict):
            erase_identifiers(session, survey, now=NOW)
        fieldwork.close_survey(survey)
        session.flush()
        assert count_identifiers(session, survey) == 10
        assert erase_identifiers(session, survey, now=NOW) == 10
        assert count_identifiers(session, survey) == 0
    with database.transaction() as session:
        made = find_draw_by_id(session, made.id)
        assert identifiers(session, made) == [None] * 10
        assert verify_draw(session, made, listed(100)).is_same_draw is None
        assert workbook(session, made)["Hồ sơ được chọn"]["B5"].value == "(đã xóa)"
        actions = session.scalars(select(AuditEntry.action)).all()
        assert "sample.erase" in actions


def test_only_the_drawn_rows_are_kept(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    draw(session, survey, unit, listed(100), n=10)
    assert len(session.scalars(select(SampledDossier)).all()) == 10


# ── targets and progress ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("margin", "rate", "places"),
    [
        (0.004, None, ["margin"]),
        (0.31, 0.005, ["margin", "response_rate"]),
        (0.05, 1.01, ["response_rate"]),
    ],
)
def test_a_target_that_is_a_slip_of_the_pen_is_refused(
    survey: Survey, margin: float, rate: float | None, places: list[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        targets.set_target(survey, margin=margin, response_rate=rate)
    assert [problem.where for problem in refusal.value.problems] == places
    assert survey.target_margin == 0.05


def test_the_limits_of_a_target_are_named(survey: Survey) -> None:
    with pytest.raises(Invalid) as refusal:
        targets.set_target(survey, margin=1, response_rate=2)
    sentences = [problem.message for problem in refusal.value.problems]
    assert sentences == [
        "Sai số mong muốn phải từ 0,5% đến 30%.",
        "Tỷ lệ thu về dự kiến phải từ 1% đến 100%.",
    ]


def test_progress_counts_what_is_missing(session: Session) -> None:
    few, full = make_unit(session), make_unit(session, "H01.02", "Xã Hòa Thuận", "commune")
    wrong = make_unit(session, "H01.03", "Xã Tân Lập", "commune")
    survey = make_survey(session, {few: 60, full: 5, wrong: 2})
    for unit, count in ((few, 31), (full, 5), (wrong, 3)):
        point = make_point(session, survey, unit)
        for _ in range(count):
            answer(session, point.token, {"access.signage": "4"})
    assert all(line.figures is None for line in targets.progress_of(session, survey))
    targets.set_target(survey, margin=0.075, response_rate=0.8)
    lines = {line.unit.id: line for line in targets.progress_of(session, survey)}
    figures = lines[few.id].figures
    assert figures is not None
    assert (figures.valid, figures.required, figures.missing, figures.to_issue) == (31, 45, 14, 18)
    assert figures.margin == pytest.approx(0.123, abs=0.001)
    done = lines[full.id].figures
    assert done is not None
    assert done.is_complete
    assert done.margin == 0
    # More sheets than dossiers: the number on record is taken for unknown.
    assert lines[wrong.id].population is None
    assert [line.unit.id for line in targets.progress_of(session, survey, {few.id})] == [few.id]


# ── the workbook ──────────────────────────────────────────────────────────────────────────────


def test_the_workbook_holds_the_dossiers_and_how_they_were_drawn(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    made = draw(session, survey, unit, listed(600), n=60, seed=3)
    book = workbook(session, made)
    assert book.sheetnames == ["Tổng hợp", "Hồ sơ được chọn", "Các tầng", "Phương pháp"]
    assert book["Hồ sơ được chọn"]["A1"].value == "Hồ sơ được chọn: Phường Mẫu"
    rows = list(book["Hồ sơ được chọn"].iter_rows(min_row=4, values_only=True))
    assert rows[0][1] == "Mã hồ sơ"
    assert [row[1] for row in rows[1:]] == identifiers(session, made)
    assert {(row[3], row[4]) for row in rows[1:]} == {(0.1, 10)}
    strata = list(book["Các tầng"].iter_rows(min_row=5, values_only=True))
    assert strata == [("Đất đai", 200, 20), ("Hộ tịch", 300, 30), ("Xây dựng", 100, 10)]
    facts = facts_of(book)
    assert facts["Hạt giống"] == "3"
    assert facts["Mã kiểm tra của danh sách"] == listed(600).fingerprint
    assert facts["Số hồ sơ trong danh sách (N)"] == "600"
    assert facts["Cách tính n"] == "Số lượng do người chọn mẫu ấn định."


def test_the_workbook_names_both_formulas(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    made = draw(session, survey, unit, listed(2000, fields=False))
    book = workbook(session, made)
    words = facts_of(book)["Cách tính n"]
    assert "Sai số ±5%, độ tin cậy 95%" in words
    assert "cần 323 phiếu hợp lệ" in words
    assert "Tỷ lệ thu về dự kiến 80%: phát 404 phiếu" in words
    assert "334 phiếu" in words
    numbers = dict(book["Tổng hợp"].iter_rows(min_row=5, max_col=2, values_only=True))
    assert numbers["Phiếu hợp lệ cần có"] == 323
    assert numbers["Phiếu cần phát"] == numbers["Số hồ sơ được chọn (n)"] == 404


def test_a_draw_of_a_demo_survey_is_marked(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    survey.is_demo = True
    book = workbook(session, draw(session, survey, unit, listed(100), n=10))
    assert all(sheet["A1"].value.startswith("DỮ LIỆU MINH HỌA") for sheet in book.worksheets)


def test_a_draw_is_data_as_well(session: Session, survey: Survey, unit: AdministrativeUnit) -> None:
    made = draw(session, survey, unit, listed(600), n=60, seed=3)
    document = render_draw(describe_draw(session, made), Format.JSON)
    assert document.filename == "DanhSachChonMau_KS2026_H0101_1.json"
    data = json.loads(document.data)
    rows = [row["cells"] for row in data["tables"]["dossiers"]["rows"]]
    assert [row["identifier"] for row in rows] == identifiers(session, made)
    assert {(row["probability"], row["weight"]) for row in rows} == {(0.1, 10)}
    assert {"name": "Hạt giống", "value": "3"} in data["method"]


def test_a_draw_is_described_as_it_was_made(
    session: Session,
    survey: Survey,
    unit: AdministrativeUnit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever later versions of the product may reckon with."""
    made = draw(session, survey, unit, listed(2000, fields=False))
    before = size_words(describe_draw(session, made))
    for module in ("planning", "draws"):
        monkeypatch.setattr(f"survey_app.operations.samples.{module}.CONFIDENCE", 0.9)
    monkeypatch.setattr("survey_app.sampling.size.ministry_size", lambda *_, **__: 1)
    assert size_words(describe_draw(session, made)) == before
    again = draw(session, survey, unit, listed(2000, fields=False), reason="Thử lại")
    assert "độ tin cậy 90%" in size_words(describe_draw(session, again))
    assert again.required < 323 < made.n


@pytest.mark.parametrize("column", ["confidence", "required", "issued", "ministry"])
def test_a_target_is_kept_whole_or_not_at_all(
    session: Session, survey: Survey, unit: AdministrativeUnit, column: str
) -> None:
    made = draw(session, survey, unit, listed(100), n=10)
    assert describe_draw(session, made).target is None
    values = {c.name: getattr(made, c.name) for c in SampleDraw.__table__.columns}
    half = values | {"id": None, "number": 2, "reason": "lại", column: 1}
    with pytest.raises(DatabaseError, match="target_whole"):
        session.execute(insert(SampleDraw).values(**half))


def workbook(session: Session, made: SampleDraw) -> openpyxl.Workbook:
    """The draw as it is taken along."""
    document = render_draw(describe_draw(session, made))
    assert document.filename == "DanhSachChonMau_KS2026_H0101_1.xlsx"
    return openpyxl.load_workbook(BytesIO(document.data))


def facts_of(book: openpyxl.Workbook) -> dict[str, str]:
    return dict(book["Phương pháp"].iter_rows(min_row=4, max_col=2, values_only=True))
