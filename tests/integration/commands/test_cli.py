"""The command line as people and scripts use it: in a process of its own."""

import json
import os
from pathlib import Path

import pytest

from survey_app.clock import local_date, now
from survey_app.operations.access.rights import AccountRole
from tests.program import Done, Run, run_forked, run_program

QUESTIONNAIRES = Path(__file__).parents[3] / "questionnaires"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A data directory of its own."""
    return {
        **{k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "SECRET_KEY"}},
        "HAILONG_DATA": str(tmp_path / "var"),
        "HAILONG_ENV": "development",
    }


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Run:
    """``hailong`` as it is installed."""

    def call(*arguments: object, **more: str) -> Done:
        return run_program(*arguments, environment=environment | more, folder=tmp_path)

    return call


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    """The same, loaded already."""

    def call(*arguments: object, **more: str) -> Done:
        return run_forked(*arguments, environment=environment | more, folder=tmp_path)

    return call


def test_the_main_line(run: Run, start: Run, tmp_path: Path) -> None:
    assert start("db", "upgrade").returncode == 0
    done = start("demo", "--units", 3, "--responses", 90, "--seed", 5, "--json")
    assert done.returncode == 0, done.stderr
    demo = json.loads(done.stdout)
    survey = demo["surveys"][0]
    assert survey["version"] == "sipas-counter@1"
    assert len(survey["units"]) == 3
    assert sum(unit["responses"] for unit in survey["units"]) == 90
    for unit in survey["units"]:
        assert len(set(unit["one_time_links"])) == 10
    assert len(demo["questionnaires"]["sipas-counter@1"]) == 33
    assert {s["role"] for s in demo["sign_ins"]} == set(AccountRole)
    assert len(demo["kiosk"]["code"]) == 8
    assert demo["kiosk"]["url"].endswith("/k")
    assert demo["kiosk"]["code"] in run("demo", "--sign-ins").stdout
    first, second = tmp_path / "a.pdf", tmp_path / "b.pdf"
    for call, out in ((start, first), (run, second)):
        code = survey["units"][0]["code"]
        done = call("report", "unit", code, "--survey", survey["code"], "--out", out)
        assert done.returncode == 0, done.stderr
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().startswith(b"%PDF")
    folder = tmp_path / "all"
    for call, jobs in ((start, 2), (run, 1)):  # the second run finds everything done
        done = call(
            *("report", "all", "--survey", survey["code"], "--format", "xlsx"),
            *("--out", folder, "--jobs", jobs),
        )
        assert done.returncode == 0, done.stderr
        assert len([path for path in folder.iterdir() if path.suffix == ".xlsx"]) == 3
    assert "0 vừa lập" in done.stdout
    other = demo["surveys"][1]["code"]
    done = run("report", "all", "--survey", other, "--format", "xlsx", "--out", folder)
    assert "3 vừa lập" in done.stdout  # another survey's files are not taken for its own
    assert len([path for path in folder.iterdir() if path.suffix == ".xlsx"]) == 6
    again = run("demo")
    assert "Đã có dữ liệu" in again.stderr
    assert "quantri" in again.stdout


def test_the_same_seed_gives_the_same_answers(run: Run, start: Run, tmp_path: Path) -> None:
    """In two interpreters, which hash with secrets of their own."""
    found = []
    for place, call in (("one", run), ("two", start)):
        own = {"HAILONG_DATA": str(tmp_path / place)}
        run("db", "upgrade", **own)
        call("demo", "--units", 2, "--responses", 60, "--seed", 9, **own)
        out = tmp_path / f"{place}.json"
        done = run(
            *("report", "unit", "H99.01", "--survey", f"SIPAS-{local_date(now()).year}"),
            *("--format", "json", "--out", out),
            **own,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(out.read_text())["tables"]["factors"])
    assert found[0] == found[1]


def test_check_lists_every_mistake_with_its_line(run: Run, tmp_path: Path) -> None:
    assert run("questionnaire", "check", QUESTIONNAIRES / "sipas-counter.yaml").returncode == 0
    broken = tmp_path / "broken.yaml"
    source = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
    broken.write_text(source.replace("kind: scale", "kind: skale").replace("item: top2", "item: x"))
    done = run("questionnaire", "check", broken)
    assert done.returncode == 1
    assert done.stderr.count("dòng ") >= 6
    assert "Traceback" not in done.stderr


def test_publishing_twice_is_one_version(run: Run) -> None:
    run("db", "upgrade")
    file = QUESTIONNAIRES / "sipas-counter.yaml"
    assert "đã công bố (" in run("questionnaire", "publish", file).stdout
    assert "từ trước" in run("questionnaire", "publish", file).stdout


def test_a_changed_document_lists_its_edits_and_asks_for_verdicts(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    run("questionnaire", "publish", QUESTIONNAIRES / "one-stop-rating.yaml")
    file = tmp_path / "changed.yaml"
    source = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
    source = source.replace("vi: Thái độ của công chức,", "vi: Cách công chức tiếp ông/bà,")
    file.write_text(source.replace("vi: Bình thường,", "vi: Tạm được,"), encoding="utf-8")
    asked = run("questionnaire", "publish", file)
    assert asked.returncode == 2
    assert "[-Thái độ của-] {+Cách+} công chức {+tiếp ông/bà+}" in asked.stdout
    assert "cần xác nhận: service.attitude" in asked.stdout
    assert "Chọn “So sánh được” hoặc “Ngắt chuỗi”." in asked.stderr
    wrong = run("questionnaire", "publish", file, "--comparable", "no.such", "--break-all")
    assert (wrong.returncode, "no.such" in wrong.stderr) == (2, True)
    scale = ("--comparable", "satisfaction", "--break", "service.attitude")
    assert "Nêu lý do" in run("questionnaire", "publish", file, *scale).stderr
    done = run("questionnaire", "publish", file, "--comparable", "service.attitude", "--break-all")
    assert "one-stop-rating@2: đã công bố (" in done.stdout, done.stderr
    assert "từ trước" in run("questionnaire", "publish", file).stdout


def test_bad_input_is_one_sentence_and_status_2(run: Run, start: Run, tmp_path: Path) -> None:
    before = start("units", "list")
    assert before.returncode == 2
    assert "hailong db upgrade" in before.stderr
    run("db", "upgrade")
    wrong = tmp_path / "sai.csv"
    wrong.write_text("tên,loại\nA,B\n")
    for arguments, more in (
        (("units", "import", wrong), {}),
        (("report", "unit", "X", "--survey", "KHONG", "--out", tmp_path / "x.pdf"), {}),
        (("units", "list"), {"HAILONG_ENV": "staging"}),
        (("units", "list"), {"HAILONG_ENV": "production"}),
        (("units", "list"), {"DATABASE_URL": "mysql://x"}),
        (("demo",), {"HAILONG_ENV": "production", "SECRET_KEY": "x" * 40}),
    ):
        done = run(*arguments, **more)
        assert done.returncode == 2, (arguments, done)
        assert done.stderr.strip()
        assert "Traceback" not in done.stderr


def test_units_are_listed_as_a_tree(run: Run) -> None:
    run("db", "upgrade")
    assert "Đã thêm" in run("units", "load-province", "68").stdout
    lines = run("units", "list").stdout.splitlines()
    assert any(line.startswith("68  Tỉnh Lâm Đồng") for line in lines)
    assert any(line.startswith("  ") for line in lines)


def test_a_backup_brings_everything_back(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    run("units", "load-province", "68")
    before = run("units", "list").stdout
    made = run("backup", "--keep", 2)
    assert made.returncode == 0, made.stderr
    copy = Path(made.stdout.split(": ", 1)[1].strip())
    database = tmp_path / "var" / "hailong.db"
    database.write_bytes(b"not a database")
    assert run("doctor").returncode == 1
    broken = tmp_path / "broken.db"
    broken.write_bytes(copy.read_bytes()[:5000])
    assert run("restore", broken, "--yes").returncode == 2
    assert run("restore", copy, "--yes").returncode == 0
    assert run("units", "list").stdout == before
    assert run("doctor").returncode == 0
    for name in ("hailong-1.db", "hailong-2.db", "hailong-3.db"):
        (copy.parent / name).write_bytes(b"")
    run("backup", "--keep", 2)
    assert len(list(copy.parent.glob("*.db"))) == 2


def test_a_form_of_another_program_and_back(run: Run, tmp_path: Path) -> None:
    source = QUESTIONNAIRES / "one-stop-rating.yaml"
    assert run("db", "upgrade").returncode == 0
    assert run("questionnaire", "publish", source).returncode == 0
    form, out = tmp_path / "phieu.xlsx", tmp_path / "phieu.yaml"
    name = "one-stop-rating@1"
    done = run("questionnaire", "export", name, "--format", "xlsform", "--out", form)
    assert done.returncode == 0, done.stderr
    done = run("questionnaire", "import-xlsform", form, "--out", out)
    assert done.returncode == 0, done.stderr
    done = run("questionnaire", "publish", out)
    assert "nội dung không đổi" in done.stdout  # the same questionnaire, so no new version
    done = run("questionnaire", "export", "one-stop-rating@2", "--format", "yaml", "--out", out)
    assert (done.returncode, "Không có phiên bản" in done.stderr) == (2, True)


def test_a_form_that_cannot_be_expressed_is_named_and_nothing_written(
    run: Run, tmp_path: Path
) -> None:
    form, out = tmp_path / "la.csv", tmp_path / "la.yaml"
    form.write_text("survey,,,\n,type,name,label\n,geopoint,where,Ở đâu?\n", encoding="utf-8")
    done = run("questionnaire", "import-xlsform", form, "--out", out)
    assert done.returncode == 1
    assert "dòng 3, cột B (type): [không nhập được] Câu hỏi vị trí địa lý" in done.stderr
    assert not out.exists()
