"""The archive of a closed survey: what is in it, what is withheld, and what can never be."""

import csv
import io
import shutil
import subprocess
import zipfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import Conflict, TooMany
from survey_app.interchange.variables import Missing
from survey_app.operations.fieldwork.surveys import close_survey, open_survey
from survey_app.operations.reports.dataset import DataSet, collect, note_release, write_archive
from survey_app.storage.models import AdministrativeUnit, Review, Survey, SurveyResponse
from survey_app.storage.queries.surveys import survey_units
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit

TODAY = date(2026, 12, 31)
NAMES = [
    *("DOC-TRUOC.txt", "data.csv", "data_labels.csv", "codebook.xlsx", "ddi.xml"),
    *("read.sps", "read.do", "read.R"),
]
Sheets = list[dict[str, object]]


def conduct(session: Session, sheets: Sheets, *, few: Sheets | None = None) -> Survey:
    """A closed survey of one unit with these sheets, and one with few."""
    units: list[AdministrativeUnit] = [make_unit(session), make_unit(session, "H01.02", "Xã Nhỏ")]
    survey = make_survey(session, {units[0]: 100, units[1]: None}, document="one-stop-rating.yaml")
    for unit, given in zip(units, (sheets, few or []), strict=True):
        token = make_point(session, survey, unit).token
        for answers in given:
            answer(session, token, answers)
    session.flush()
    close_survey(survey)
    return survey


def archive(session: Session, found: DataSet) -> dict[str, bytes]:
    out = io.BytesIO()
    write_archive(session, found, out, today=TODAY)
    with zipfile.ZipFile(out) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rows(files: dict[str, bytes], name: str = "data.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"))))


def rated(level: str, field: str = "land", **more: object) -> dict[str, object]:
    return {"service.overall": level, "visit.field": field, **more}


def test_one_row_a_sheet_with_numbers_and_with_words(session: Session) -> None:
    late = {"improvement.reasons": ["late", "fees"], "comment": "Bà Hoa ở quầy 3"}
    high = rated("4", **{"service.attitude": "na"})
    sheets = [rated("2", **late), *[rated("5") for _ in range(4)], high]
    files = archive(session, collect(session, conduct(session, sheets), None))
    assert list(files) == NAMES
    found = rows(files)
    assert Counter(row["service_overall"] for row in found) == {"2": 1, "4": 1, "5": 4}
    low = next(row for row in found if row["service_overall"] == "2")
    assert (low["unit"], low["unit_name"]) == ("H01.01", "Phường Mẫu")
    assert low["unit_population"] == "100"
    assert (low["month"], low["mode"], low["visit_field"]) == ("202606", "2", "2")
    assert (low["improvement_reasons_late"], low["improvement_reasons_waiting"]) == ("1", "0")
    assert low["service_guidance"] == str(Missing.NO_ANSWER.value)
    four = next(row for row in found if row["service_overall"] == "4")
    assert four["service_attitude"] == str(Missing.NOT_APPLICABLE.value)
    assert four["improvement_reasons_late"] == str(Missing.NOT_ASKED.value)
    words = rows(files, "data_labels.csv")
    heading = next(name for name in words[0] if name.startswith("service_overall: Nhìn chung"))
    assert {row[heading] for row in words} == {"Hài lòng", "Không hài lòng", "Rất hài lòng"}
    assert not any("Bà Hoa".encode() in data for data in files.values())


def test_no_name_acts_as_a_formula(session: Session) -> None:
    survey = conduct(session, [rated("5") for _ in range(5)])
    (unit,) = (u.unit for u in collect(session, survey, None).units)
    for name, shown in (("=1+1", "'=1+1"), ("Xã A;+1", "Xã A;'+1"), ("＝1", "'＝1")):
        unit.name = name
        files = archive(session, collect(session, survey, None))
        assert {row["unit_name"] for row in rows(files)} == {shown}


def test_the_same_sheets_give_the_same_bytes(session: Session) -> None:
    survey = conduct(session, [rated(str(1 + n % 5)) for n in range(10)])
    first, second = (archive(session, collect(session, survey, None)) for _ in range(2))
    assert first["data.csv"] == second["data.csv"]
    assert first["ddi.xml"] == second["ddi.xml"]


def test_what_few_share_is_withheld_and_opinions_never(session: Session) -> None:
    sheets = [rated("5") for _ in range(9)] + [rated("1", "education"), rated("3", "business")]
    found = rows(archive(session, collect(session, conduct(session, sheets), None)))
    assert Counter(row["visit_field"] for row in found) == {"-7": 11}  # 9 and 2: the 9 would tell
    assert {row["service_overall"] for row in found} == {"1", "3", "5"}
    shared = Counter((row["visit_field"], row["month"], row["mode"]) for row in found)
    assert min(shared.values()) >= 5


def test_small_units_are_left_out_and_not_counted(session: Session) -> None:
    survey = conduct(session, [rated("5")] * 6, few=[rated("1")] * 4)
    found = collect(session, survey, None)
    assert [unit.unit.code for unit in found.units] == ["H01.01"]
    files = archive(session, found)
    assert {row["unit"] for row in rows(files)} == {"H01.01"}
    readme = files["DOC-TRUOC.txt"].decode("utf-8-sig")
    assert "Đơn vị có dưới 5 phiếu không có trong tệp." in readme
    assert "6 phiếu của 1 đơn vị" in readme


def test_only_the_units_in_charge(session: Session) -> None:
    survey = conduct(session, [rated("5")] * 6, few=[rated("1")] * 6)
    both = collect(session, survey, None)
    one = collect(session, survey, [both.units[1].unit.id])
    assert [unit.unit.code for unit in one.units] == ["H01.02"]


def test_a_second_file_does_not_lay_bare_the_few_that_came_between(session: Session) -> None:
    survey = conduct(session, [rated("5")] * 6, few=[rated("1")] * 6)
    first = collect(session, survey, None)
    note_release(session, first, today=TODAY)
    assert collect(session, survey, None).n == 12, "the same again is the same"
    late(session, survey, first.units[0].unit, 4)
    second = collect(session, survey, None)
    assert [unit.unit.code for unit in second.units] == ["H01.02"]
    assert "dùng tệp đã lấy trước đây" in archive(session, second)["DOC-TRUOC.txt"].decode()
    with pytest.raises(Conflict, match="thấy từng phiếu"):
        collect(session, survey, [first.units[0].unit.id])
    note_release(session, second, today=TODAY)
    late(session, survey, first.units[0].unit, 1)
    third = collect(session, survey, None)
    assert [len(unit.numbers) for unit in third.units] == [11, 6], "five new ones are a group"
    assert not third.held


def exclude(session: Session, survey: Survey, *, first: int, later: int = 0) -> None:
    """Somebody excludes so many of the twelve first sheets, and of those of :func:`late`."""
    unit_id = survey_units(session, survey.id)[0].unit_id
    review = Review(
        survey_id=survey.id,
        unit_id=unit_id,
        verdict="excluded",
        reason="trùng nhau",
        flags=1,
        sheets=first + later,
        account_id=make_account(session, f"nguoi{first}.{later}").id,
        decided_at=NOW,
    )
    session.add(review)
    session.flush()
    found = session.scalars(select(SurveyResponse).where(SurveyResponse.unit_id == unit_id)).all()
    [(usual, _)] = Counter(sheet.answers for sheet in found).most_common(1)
    waiting = [sheet for sheet in found if sheet.review_id is None]
    olds = [sheet for sheet in waiting if sheet.answers == usual]
    news = [sheet for sheet in waiting if sheet.answers != usual]
    for sheet in olds[:first] + news[:later]:
        sheet.review_id, sheet.flags = review.id, 1
    session.flush()


def test_no_two_of_three_files_differ_by_a_few(session: Session) -> None:
    """Five come, five go, and they are not the same five: the totals tell nothing of that."""
    survey = conduct(session, [rated("5")] * 12)
    note_release(session, collect(session, survey, None), today=TODAY)
    late(session, survey, survey_units(session, survey.id)[0].unit, 5)
    note_release(session, collect(session, survey, None), today=TODAY)
    exclude(session, survey, first=2, later=3)
    with pytest.raises(Conflict, match="thấy từng phiếu"):
        collect(session, survey, None)
    exclude(session, survey, first=4, later=2)
    again = collect(session, survey, None)
    assert again.n == 6, "by now five of the late ones and six of the first are out"
    note_release(session, again, today=TODAY)
    assert collect(session, survey, None).n == 6


def test_what_changes_while_the_file_is_made_does_not_leave(session: Session) -> None:
    survey = conduct(session, [rated("5")] * 12)
    found = collect(session, survey, None)
    exclude(session, survey, first=5)
    with pytest.raises(Conflict, match="vừa thay đổi"):
        note_release(session, found, today=TODAY)


def late(session: Session, survey: Survey, unit: AdministrativeUnit, count: int) -> None:
    """Reopened for some sheets, and closed again."""
    open_survey(survey)
    token = make_point(session, survey, unit).token
    for _ in range(count):
        answer(session, token, rated("3"))
    close_survey(survey)


def test_an_open_survey_gives_nothing(session: Session) -> None:
    survey = conduct(session, [rated("5")] * 6)
    survey.status = "open"
    with pytest.raises(Conflict, match="chưa đóng"):
        collect(session, survey, None)


def test_too_few_and_too_many(session: Session) -> None:
    survey = conduct(session, [rated("5")] * 4)
    with pytest.raises(Conflict, match="đủ 5 phiếu"):
        collect(session, survey, None)
    with pytest.raises(TooMany, match="hailong dataset"):
        collect(session, other_survey(session), None, most=5)


def other_survey(session: Session) -> Survey:
    unit = make_unit(session, "H01.09", "Phường Khác")
    survey = make_survey(session, [unit], code="KS-2", document="one-stop-rating.yaml")
    token = make_point(session, survey, unit).token
    for _ in range(6):
        answer(session, token, rated("5"), at=datetime(2026, 6, 30, 18, tzinfo=UTC))
    close_survey(survey)
    return survey


def test_the_month_is_that_of_viet_nam(session: Session) -> None:
    found = rows(archive(session, collect(session, other_survey(session), None)))
    assert {row["month"] for row in found} == {"202607"}


def test_numbers_of_two_bytes_and_conditions_on_many_answers(session: Session) -> None:
    source = """
format: 1
code: thu
title: Thử
languages: [vi]
scoring: {version: "1", item: top2, roll_up: pooled}
sections:
  - code: a
    title: A
    questions:
      - {code: ways, kind: multiple, role: need, text: Cách?, not_applicable: true,
         options: [{code: web, label: Mạng}, {code: desk, label: Quầy}]}
      - {code: minutes, kind: number, role: need, text: Phút?, not_applicable: true,
         ask_when: [{question: ways, is: [desk]}]}
      - {code: why, kind: single, role: need, text: Sao?,
         options: [{code: "0", label: Không}, {code: "7", label: Bảy}],
         ask_when: [{question: ways, is_not: [desk, na]}]}
"""
    unit = make_unit(session)
    survey = make_survey(session, [unit], source=source)
    token = make_point(session, survey, unit).token
    given: Sheets = [
        {"ways": ["desk"], "minutes": "300"},
        {"ways": ["desk", "web"], "minutes": "na"},
        {"ways": ["desk"]},
        {"ways": ["web"], "why": "7"},
        {"ways": "na"},
        {"ways": ["web"]},
    ]
    for answers in given:
        answer(session, token, answers)
    close_survey(survey)
    found = rows(archive(session, collect(session, survey, None)))
    told = sorted((r["ways_web"], r["ways_desk"], r["minutes"], r["why"]) for r in found)
    assert told == sorted(
        [
            ("0", "1", "300", "-6"),
            ("1", "1", "-8", "-6"),
            ("0", "1", "-9", "-6"),
            ("1", "0", "-6", "7"),
            ("-8", "-8", "-6", "-6"),
            ("1", "0", "-6", "-9"),
        ]
    )


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R on this machine")
def test_r_reads_the_archive(session: Session, tmp_path: Path) -> None:
    sheets = [rated(str(1 + n % 5), "land" if n < 12 else "social") for n in range(20)]
    files = archive(session, collect(session, conduct(session, sheets), None))
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    ask = "cat(nrow(phieu), sum(phieu$service_overall), as.character(phieu_nhan$mode[1]))"
    command = f'options(warn = 2); source("read.R", encoding = "UTF-8"); {ask}'
    done = subprocess.run(
        ["Rscript", "-e", command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "20 60 Điện thoại"
