"""hailong sample: draws kept in the database, lists checked, mistakes in one sentence."""

import os
from functools import partial
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from survey_app.operations.fieldwork.surveys import close_survey, find_survey
from survey_app.operations.figures.targets import set_target
from survey_app.storage.database import Database
from survey_app.storage.models import AuditEntry, SampleDraw, SurveyUnit
from tests.factories import make_survey, make_unit
from tests.program import Run, run_forked

PLACE = ("--survey", "KS-2026", "--unit", "H01.01")


@pytest.fixture
def run(tmp_path: Path, database: Database) -> Run:
    """``hailong`` on the database of the test, in its folder, with lists of dossiers there."""
    with database.transaction() as session:
        unit = make_unit(session)
        set_target(make_survey(session, {unit: None}), margin=0.05, response_rate=None)
    for name, count in (("list.csv", 500), ("other.csv", 499)):
        rows = (f"HS-{number};{'AB'[number % 2]}" for number in range(count))
        (tmp_path / name).write_text("\n".join(["Mã hồ sơ;Lĩnh vực", *rows]))
    (tmp_path / "bad.csv").write_text("Mã hồ sơ\nHS1\nHS1\n")
    environment = os.environ | {"DATABASE_URL": database.url, "HAILONG_ENV": "development"}
    return partial(run_forked, environment=environment, folder=tmp_path)


def draws(database: Database) -> list[SampleDraw]:
    with database.session() as session:
        return list(session.scalars(select(SampleDraw).order_by(SampleDraw.number)))


def test_a_draw_is_made_kept_and_checked(run: Run, tmp_path: Path, database: Database) -> None:
    done = run(
        *("sample", "draw", "list.csv", *PLACE, "--seed", 11, "--as-of", "2026-06-01"),
        *("--set-population", "--out", "out.xlsx"),
    )
    assert done.returncode == 0, done.stderr
    assert "đã chọn 218/500 hồ sơ" in done.stdout
    assert "Sai số ±5%" in done.stdout
    assert "Dự kiến mọi phiếu đều thu về: phát 218 phiếu." in done.stdout
    (made,) = draws(database)
    assert (made.seed, made.as_of.isoformat(), made.allocation) == (
        11,
        "2026-06-01",
        "proportional",
    )
    with database.session() as session:
        assert session.scalars(select(SurveyUnit.population)).all() == [500]
        assert "sample.draw" in session.scalars(select(AuditEntry.action)).all()
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book["Hồ sơ được chọn"].max_row == 4 + 218
    same = run("sample", "verify", "list.csv", "--draw", made.id)
    assert (same.returncode, same.stderr) == (0, "")
    assert "Danh sách khớp; hạt giống 11 chọn lại đúng 218 hồ sơ." in same.stdout
    other = run("sample", "verify", "other.csv", "--draw", made.id)
    assert other.returncode == 2
    assert other.stderr == ("Danh sách không khớp: tệp có 499 hồ sơ, danh sách đã dùng có 500.\n")


def test_the_same_seed_gives_the_same_file(run: Run, tmp_path: Path, database: Database) -> None:
    for name, more in (("a.xlsx", ()), ("b.xlsx", ("--reason", "Thử lại"))):
        done = run(
            *("sample", "draw", "list.csv", *PLACE, "--n", 20, "--allocation", "none"),
            *("--method", "systematic", "--seed", 5, "--out", name, *more),
        )
        assert done.returncode == 0, done.stderr
    for made in draws(database):
        assert (made.allocation, made.margin, made.required) == ("none", None, None)
    first, second = (
        [row[1] for row in openpyxl.load_workbook(tmp_path / name)["Hồ sơ được chọn"].values]
        for name in ("a.xlsx", "b.xlsx")
    )
    assert first == second


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bad.csv", *PLACE), "dòng 3"),
        (("list.csv", *PLACE, "--n", 501), "không chọn được 501"),
        (("list.csv", *PLACE, "--n", 5, "--margin", 0.1), "Chỉ ghi một trong hai"),
        (("list.csv", *PLACE, "--margin", 0.9), "từ 0,5% đến 30%"),
        (("list.csv", *PLACE, "--method", "pps"), "không có cột quy mô"),
        (("list.csv", "--survey", "X", "--unit", "H01.01"), "Không có cuộc khảo sát này."),
        (("list.csv", "--survey", "KS-2026", "--unit", "H9"), "Không có đơn vị mang mã “H9”."),
        (("missing.csv", *PLACE), "missing.csv"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_drawn(
    run: Run, tmp_path: Path, database: Database, arguments: tuple[object, ...], message: str
) -> None:
    done = run("sample", "draw", *arguments, "--out", "out.xlsx")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert draws(database) == []
    assert not (tmp_path / "out.xlsx").exists()


def test_without_a_file_there_is_no_draw(run: Run, database: Database) -> None:
    done = run("sample", "draw", "list.csv", *PLACE, "--out", "nowhere/out.xlsx")
    assert done.returncode == 2
    assert "Không đọc hoặc ghi được" in done.stderr
    assert draws(database) == []


def test_a_second_draw_needs_a_reason(run: Run) -> None:
    draw = ("sample", "draw", "list.csv", *PLACE, "--out", "out.xlsx")
    assert run(*draw).returncode == 0
    again = run(*draw)
    assert again.returncode == 2
    assert "hãy ghi lý do chọn lại" in again.stderr


def test_identifiers_are_erased_when_the_survey_is_closed(run: Run, database: Database) -> None:
    assert run("sample", "draw", "list.csv", *PLACE, "--out", "out.xlsx").returncode == 0
    early = run("sample", "erase", "--survey", "KS-2026")
    assert (early.returncode, early.stdout) == (2, "")
    with database.transaction() as session:
        close_survey(find_survey(session, "KS-2026"))
    assert "Đã xóa 218 mã hồ sơ." in run("sample", "erase", "--survey", "KS-2026").stdout
    assert run("sample", "verify", "list.csv", "--draw", 99).returncode == 2
    checked = run("sample", "verify", "list.csv", "--draw", draws(database)[0].id)
    assert checked.returncode == 0
    assert "mã hồ sơ được chọn đã xóa" in checked.stdout
