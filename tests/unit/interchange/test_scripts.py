"""Scripts for SPSS, Stata and R: read by a tokenizer of each language, by PSPP and by R itself."""

import csv
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from survey_app.interchange.scripts import r_script, spss, stata
from survey_app.interchange.variables import Variable, variables_of
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.parsing import parse_questionnaire
from tests.unit.interchange.test_variables import shipped
from tests.unit.questionnaire.strategies import patiently, questionnaires

#: Texts that end a string, begin a macro or a comment, or break a line.
NASTY = """
format: 1
code: thu
title: Thử
languages: [vi]
scales:
  s:
    levels:
      - {code: "1", label: 'It''s "kém"'}
      - {code: "2", label: "Tốt `x' $y \\\\ 100%"}
    satisfied: ["2"]
    not_applicable: "Không \\n rõ"
scoring: {version: "1", item: top2, roll_up: pooled}
sections:
  - code: phan
    title: Phần
    questions:
      - {code: with, kind: scale, role: overall, scale: s, not_applicable: true,
         text: "Ông/bà nói \\"'tốt'\\" hay `kém'? /* $1 */ // \\\\"}
      - {code: dai, kind: number, role: context, text: "LONG"}
"""


def nasty() -> Questionnaire:
    return parse_questionnaire(NASTY.replace("LONG", "Câu rất dài ệ' " * 60))


# ── SPSS ──────────────────────────────────────────────────────────────────────────────────────

SPSS_TOKEN = re.compile(
    r"\s+|'(?:[^'\r\n]|'')*'|\"(?:[^\"\r\n]|\"\")*\"|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[/=+(),.]"
)


def spss_commands(data: bytes) -> Iterator[list[str]]:
    """The commands of a syntax file as tokens; every character must belong to one."""
    assert data.startswith(b"\xef\xbb\xbf")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert all(len(line.encode()) < 250 for line in lines)
    text = "\n".join(line for line in lines if not line.startswith("*"))
    command: list[str] = []
    place = 0
    while place < len(text):
        match = SPSS_TOKEN.match(text, place)
        assert match, text[place : place + 60]
        place = match.end()
        token = match.group().strip()
        if token == "." and re.match(r"\s|$", text[place:]):
            yield command
            command = []
        elif token:
            command.append(token)
    assert command == []


def spss_text(tokens: list[str]) -> str:
    assert tokens[1::2] == ["+"] * (len(tokens) // 2)
    return "".join(token[1:-1].replace("''", "'") for token in tokens[::2])


def check_spss(variables: tuple[Variable, ...]) -> dict[str, str]:
    """Labels by variable, after all that SPSS asks for has been looked at."""
    labels: dict[str, str] = {}
    declared: list[str] = []
    for command in spss_commands(spss(variables, "data.csv")):
        if command[:2] == ["GET", "DATA"]:
            declared = command[command.index("VARIABLES") + 2 :: 3]
        elif command[:2] == ["VARIABLE", "LABELS"]:
            labels[command[2]] = spss_text(command[3:])
            assert len(labels[command[2]].encode()) <= 255
        elif command[:2] == ["VALUE", "LABELS"]:
            texts = [t[1:-1].replace("''", "'") for t in command[3:] if t.startswith("'")]
            assert all(len(text.encode()) <= 120 for text in texts)
    assert set(labels) == {variable.name for variable in variables}
    assert len(declared) >= len(variables)
    return labels


def test_spss_reads_texts_that_would_break_out() -> None:
    labels = check_spss(variables_of(nasty()))
    assert labels["with_"] == "Ông/bà nói \"'tốt'\" hay `kém'? /* $1 */ // \\"
    assert labels["dai"].startswith("Câu rất dài ệ' Câu")
    assert labels["dai"].endswith("…")


@patiently
@given(questionnaires())
def test_spss_of_any_questionnaire(questionnaire: Questionnaire) -> None:
    check_spss(variables_of(questionnaire))


def test_spss_takes_no_missing_number_for_an_answer() -> None:
    commands = list(spss_commands(spss(variables_of(shipped("sipas-counter.yaml")), "data.csv")))
    missing = [c for c in commands if c[:2] == ["MISSING", "VALUES"]]
    assert {tuple(c[3:]) for c in missing} == {("(", "-9", "THRU", "-6", ")")}
    assert ["GET", "DATA"] in [c[:2] for c in commands]


def run_pspp(folder: Path, variables: tuple[Variable, ...], rows: list[list[str]]) -> list[str]:
    """What PSPP, which reads the language of SPSS, makes of the rows: a line a sheet, and the
    labels behind; a warning of its fails the test."""
    if shutil.which("pspp") is None:
        pytest.skip("no PSPP on this machine")
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[v.name for v in variables], *rows])
    script = spss(variables, "data.csv").decode("utf-8-sig")
    names = " ".join(v.name for v in variables)
    script += f"LIST VARIABLES={names}.\r\nDISPLAY DICTIONARY.\r\n"
    (folder / "read.sps").write_text(script, encoding="utf-8", newline="")
    options = ["-O", "format=csv", "-O", "separator=|", "-o", "told.csv"]
    done = subprocess.run(
        ["pspp", "--syntax-encoding=UTF-8", *options, "read.sps"],
        cwd=folder, capture_output=True, text=True, timeout=120,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    told = (folder / "told.csv").read_text(encoding="utf-8")
    assert done.returncode == 0, told
    assert "warning:" not in told and "error:" not in told, told
    return told.splitlines()


def test_pspp_reads_numbers_labels_and_missing_values(tmp_path: Path) -> None:
    variables = variables_of(nasty())
    about = ["H01", "Phường Mẫu, “A”", "100", "202601", "1", "0"]
    told = run_pspp(tmp_path, variables, [[*about, "1", "7"], [*about, "-8", "-9"]])
    assert told[2:4] == [
        'H01,"Phường Mẫu, “A”",100,202601,1,0,1,7',
        'H01,"Phường Mẫu, “A”",100,202601,1,0,-8,-9',
    ]
    label = '"Ông/bà nói ""\'tốt\'"" hay `kém\'? /* $1 */ // \\"'
    assert f"with_,7,{label},Scale,Input,8,Right,F8.0,F8.0,-9 THRU -6" in told
    place = told.index(f"{label},-9[a],Không trả lời")
    assert told[place + 1 : place + 4] == [
        ",-8[a],Không rõ",
        ',1,"It\'s ""kém"""',
        ",2,Tốt `x' $y \\ 100%",
    ]


def test_pspp_takes_the_script_of_our_long_questionnaire(tmp_path: Path) -> None:
    variables = variables_of(shipped("sipas-counter.yaml"))
    row = ["H01" if v.is_text else "1" for v in variables]
    assert ",".join(row) in run_pspp(tmp_path, variables, [row])


# ── Stata ─────────────────────────────────────────────────────────────────────────────────────


def stata_text(line: str) -> str:
    """The one compound string of a line, as Stata reads it: nothing in it may end it, begin a
    comment, or be taken for a macro."""
    match = re.search('`"(.*)"\'', line)
    assert match
    inner = match.group(1)
    assert "`" not in inner
    assert "\"'" not in inner
    assert re.search(r"/\*|\*/|\s//|^//", inner) is None
    assert "$" not in re.sub(r"\\[\\$]", "", inner)
    return re.sub(r"\\([\\$])", r"\1", inner)


def check_stata(variables: tuple[Variable, ...]) -> list[str]:
    lines = stata(variables, "data.csv").decode().split("\r\n")
    texts = [line for line in lines if line.startswith(("label variable", "label define"))]
    for line in texts:
        text = stata_text(line)
        if line.startswith("label variable"):
            assert len(text) <= 80
    return lines


def test_stata_reads_texts_that_would_break_out() -> None:
    lines = check_stata(variables_of(nasty()))
    labels = [stata_text(line) for line in lines if line.startswith("label variable with_ ")]
    assert labels == ["Ông/bà nói ”'tốt'\" hay ‘kém'? / * $1 * / / / \\"]
    assert 'label define with_ 1 `"It\'s "kém""\', add' in lines
    assert "mvdecode with_, mv(-8=.b \\ -9=.a)" in lines
    assert "label define with_ 2 `\"Tốt ‘x' \\$y \\\\ 100%\"', add" in lines
    assert 'label define with_ .b `"Không rõ"\', add' in lines


@patiently
@given(questionnaires())
def test_stata_of_any_questionnaire(questionnaire: Questionnaire) -> None:
    check_stata(variables_of(questionnaire))


# ── R ─────────────────────────────────────────────────────────────────────────────────────────


def run_r(
    folder: Path, variables: tuple[Variable, ...], rows: list[list[str]], ask: str
) -> list[str]:
    """What R says after it has read the rows with our script, a line each."""
    if shutil.which("Rscript") is None:
        pytest.skip("no R on this machine")
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[v.name for v in variables], *rows])
    script = r_script(variables, "data.csv").decode() + f"\nwriteLines(c({ask}))\n"
    (folder / "read.R").write_text(script, encoding="utf-8")
    command = 'options(warn = 2); source("read.R", encoding = "UTF-8")'
    done = subprocess.run(
        ["Rscript", "-e", command], cwd=folder, capture_output=True, text=True, timeout=120,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_r_reads_numbers_labels_and_why_they_are_missing(tmp_path: Path) -> None:
    variables = variables_of(nasty())
    about = ["H01", "Phường Mẫu, “A”", "100", "202601", "1", "0"]
    rows = [[*about, "1", "7"], [*about, "2", "0"], [*about, "-8", "-9"], [*about, "-9", "-7"]]
    found = run_r(
        tmp_path,
        variables,
        rows,
        "sum(phieu$with_, na.rm = TRUE), sum(is.na(phieu$dai)), as.character(vi_sao$with_[3:4]), "
        "as.character(phieu_nhan$with_[2]), attr(phieu$with_, 'label'), phieu$unit_name[1], "
        "nlevels(phieu_nhan$mode)",
    )
    assert found == [
        *("3", "2"),
        *("Không rõ", "Không trả lời", "Tốt `x' $y \\ 100%"),
        "Ông/bà nói \"'tốt'\" hay `kém'? /* $1 */ // \\",
        *("Phường Mẫu, “A”", "5"),
    ]
