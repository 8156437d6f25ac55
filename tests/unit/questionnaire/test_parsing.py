"""Broken documents: every mistake is found, once, on its line."""

import unicodedata
from textwrap import dedent

import pytest

from survey_app.errors import Invalid
from survey_app.questionnaire.parsing import parse_questionnaire

GOOD = dedent(
    """\
    format: 1
    code: demo
    title: Phiếu thử
    languages: [vi, en]
    scales:
      satisfaction:
        levels:
          - {code: 1, label: Không}
          - {code: 2, label: Có}
        satisfied: [2]
        not_applicable: Không rõ
    scoring: {version: "2026.1", item: top2, roll_up: pooled}
    sections:
      - code: service
        title: Phục vụ
        factor: true
        questions:
          - code: service.overall
            kind: scale
            role: criterion
            scale: satisfaction
            text: Chung
          - code: visit.trips
            kind: single
            role: context
            text: Mấy lần?
            options:
              - {code: no, label: Không}
              - {code: 012, label: Mười hai}
              - {code: 1.0, label: Một}
          - code: visit.reason
            kind: multiple
            role: context
            text: Vì sao?
            max_choices: 2
            options:
              - {code: a, label: A}
              - {code: b, label: B}
            ask_when:
              - {question: visit.trips, is_not: [no]}
          - code: visit.minutes
            kind: number
            role: context
            text: Bao nhiêu phút?
            minimum: 0
            maximum: 600
          - code: comment
            kind: text
            role: comment
            text: Ý kiến
    """
)


def line_of(text: str, part: str) -> int:
    """The 1-based line of the first occurrence of ``part``."""
    return text[: text.index(part)].count("\n") + 1


def problems_of(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(Invalid) as caught:
        parse_questionnaire(text)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def broken(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_scalars_stay_as_written() -> None:
    questionnaire = parse_questionnaire(GOOD)
    codes = [option.code for option in questionnaire["visit.trips"].choices]
    assert codes == ["no", "012", "1.0"]


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("code: demo", "cod: demo", "cod: demo", "“code”"),
        ("title: Phiếu thử", "title: Phiếu thử\nnote: x", "note:", "“note”"),
        ("format: 1", "format: 2", "format: 2", "phải là 1"),
        ("format: 1", 'format: "1"', "format:", "số nguyên"),
        ("code: demo", "code: Demo Một", "code: Demo", "không hợp lệ"),
        ("title: Phiếu thử", "title:", "title:", "để trống"),
        ("title: Phiếu thử", 'title: " "', "title:", "để trống"),
        ("title: Phiếu thử", "title: {en: Trial}", "title:", "“vi”"),
        ("title: Phiếu thử", "title: {vi: Thử, fr: Essai}", "title:", "“fr”"),
        ("title: Phiếu thử", "title: {vi: Thử, thật}", "title:", "dấu nháy kép"),
        ("title: Phiếu thử", "title: [a]", "title:", "đoạn chữ"),
        ("[vi, en]", "[en]", "languages:", "vi"),
        ("[vi, en]", "[vi, vi]", "languages:", "trùng"),
        ("[vi, en]", "[vi, English]", "languages:", "chỉ ngôn ngữ"),
        ("code: 1, label: Không}", "code: na, label: Không}", "code: na", "dành riêng"),
        ("code: 1, label: Không}", "code: 2, label: Không}", "label: Có}", "trùng"),
        ("satisfied: [2]", "satisfied: [5]", "satisfied:", "“5”"),
        ("satisfied: [2]", "satisfied: [2, 2]", "satisfied:", "trùng"),
        ("satisfied: [2]", "satisfied: []", "satisfied:", "ít nhất 1"),
        ("      - {code: 1, label: Không}\n", "", "levels:", "ít nhất 2"),
        ("item: top2", "item: best", "scoring:", "“best”"),
        ("roll_up: pooled", "roll_up: weighted", "scoring:", "service"),
        (
            "roll_up: pooled",
            "roll_up: weighted, weights: {service: 0}",
            "scoring:",
            "lớn hơn 0",
        ),
        (
            "roll_up: pooled",
            "roll_up: pooled, weights: {servic: 2}",
            "scoring:",
            "“servic”",
        ),
        (
            "roll_up: pooled",
            "roll_up: weighted, weights: {service: 1e400}",
            "scoring:",
            "1000000",
        ),
        ("factor: true", "factor: yes", "factor:", "true hoặc false"),
        ("    factor: true\n", "", "role: criterion", "ngoài yếu tố"),
        ("factor: true", "facter: true", "facter:", "“factor”"),
        ("role: criterion", "role: context", "factor: true", "ít nhất một tiêu chí"),
        ("role: criterion", "role: criterium", "role: criterium", "“criterium”"),
        ("scale: satisfaction\n", "scale: happiness\n", "scale: happiness", "“happiness”"),
        ("        scale: satisfaction\n", "", "code: service.overall", "thang đo"),
        ("code: visit.trips", "cod: visit.trips", "cod: visit", "“code”"),
        ("{code: 2, label: Có}", "{cde: 2, label: Có}", "cde: 2", "“code”"),
        ("code: comment", "code: visit.minutes", "kind: text", "trùng"),
        ("kind: single", "kind: singel", "kind: singel", "“singel”"),
        ("kind: number", "kind: text", "minimum:", ""),
        ("minimum: 0", "minimum: 700", "minimum:", "lớn hơn"),
        ("maximum: 600", "maximum: 65001", "maximum:", "65000"),
        ("maximum: 600", "maximum: 6.5", "maximum:", "số nguyên"),
        ("max_choices: 2", "max_choices: 3", "max_choices:", "2 phương án"),
        ("max_choices: 2", "max_choices: nhiều", "max_choices:", "số nguyên"),
        ("question: visit.trips", "question: visit.trip", "question: visit.trip", "“visit.trip”"),
        ("question: visit.trips", "question: visit.minutes", "is_not", "không đứng trước"),
        ("question: visit.trips", "question: visit.reason", "is_not", "không đứng trước"),
        ("is_not: [no]", "is_not: [never]", "is_not", "“never”"),
        ("is_not: [no]", "is_not: [na]", "is_not", "“na”"),
        (", is_not: [no]", "", "question: visit.trips", "is_not"),
        ("is_not: [no]", "isnot: [no]", "isnot", "“is_not”"),
        ("kind: text", "kind: number", "kind: number\n        role: comment", "comment"),
        ("text: Chung", "text: &a Chung", "text: &a", "&"),
        ("text: Chung", "text: *a", "text: *a", "&"),
        ("text: Chung", "text: !!str Chung", "!!str", "nhãn"),
        ("text: Chung", 'text: "Chung\\a"', "Chung\\a", "U+0007"),
        ("text: Chung", "text: Chung\x08", "Chung\x08", "U+0008"),
        ("text: Chung", 'text: "\\ud800"', "ud800", "U+D800"),
        ("text: Chung", "text: Chung\n        text: Riêng", "text: Riêng", "dòng 22"),
    ],
)
def test_one_mistake_is_one_problem_on_its_line(old: str, new: str, at: str, says: str) -> None:
    text = broken(old, new)
    found = problems_of(text)
    if new == "kind: text":  # two keys of a number stay behind
        assert [line for line, _ in found] == [line_of(text, "minimum:"), line_of(text, "maximum:")]
        return
    assert len(found) == 1, found
    line, message = found[0]
    expected = line_of(text, at)
    expected += -1 if at == "kind: text" else 0
    assert line == expected, found
    assert says in message


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "chưa có nội dung"),
        ("# only a comment\n", 1, "chưa có nội dung"),
        ("- a\n- b\n", 1, "khóa: giá trị"),
        ("chỉ là chữ\n", 1, "khóa: giá trị"),
        ("format: 1\n\tcode: x\n", 2, "tab"),
        ("format: 1\ntitle:\n\t- x\n", 3, "tab"),
        ("format: 1\ntitle: 'mở\ncode: x\n", 2, "Dấu nháy"),
        ("format: 1\nlanguages: [vi\ncode: x\n", 2, "Dấu ngoặc"),
        ("format: 1\ntitle: Phần: một\n", 2, "hai chấm"),
        ("format: 1\ntitle: @x\n", 2, "dấu nháy kép"),
        ('format: 1\ntitle: "a\\q"\n', 2, "\\"),
        ('format: 1\ntitle: "\\U00110000"\n', 2, "ký tự không hợp lệ"),
        ('format: 1\n\ntitle: "\\UFFFFFFFF"\n', 3, "ký tự không hợp lệ"),
        ("".join(f"k{n}: 1\n" for n in range(20_000)), 14_999, "quá nhiều mục"),
        ("format: 1\n- a\n", 2, "danh sách"),
        ("? [a]\n: b\n", 1, "Tên khóa"),
        ("[" * 100_000, 1, "quá sâu"),
        ("a" * 1_000_001, 1, "quá lớn"),
        (f"{GOOD}---\n{GOOD}", GOOD.count("\n") + 1, "một phiếu"),
        ("format: 1\r\ntitle: a\x00b\r\n", 2, "U+0000"),
        ("format: 1\rtitle: a\x85b\r", 2, "U+0085"),
    ],
)
def test_unreadable_documents_are_one_clear_sentence(text: str, line: int, says: str) -> None:
    found = problems_of(text)
    assert len(found) == 1, found
    assert found[0][0] == line
    assert says in found[0][1]


def test_of_very_many_mistakes_the_first_are_told() -> None:
    text = GOOD + "".join(f"key_{n}: 1\n" for n in range(300))
    with pytest.raises(Invalid, match=r"300 chỗ cần sửa\. Dưới đây là 200 chỗ đầu") as refusal:
        parse_questionnaire(text)
    assert len(refusal.value.problems) == 200


def test_all_mistakes_are_listed_together_in_the_order_of_lines() -> None:
    text = (
        GOOD.replace("code: demo", "code: DEMO")
        .replace("satisfied: [2]", "satisfied: [9]")
        .replace("roll_up: pooled", "roll_up: weighted")
        .replace("scale: satisfaction", "scale: none")
        .replace("kind: single", "kind: choice")
        .replace("minimum: 0", "minimum: 900")
        .replace("code: comment", "code: visit.minutes")
        .replace("question: visit.trips", "question: nothing")
        + "extra: 1\n"
    )
    marks = ["code: DEMO", "[9]", "weighted", "scale: none", "kind: choice"]
    marks += ["question: nothing", "minimum: 900"]
    lines = [line_of(text, mark) for mark in marks]
    duplicate = line_of(text, "kind: text") - 1
    assert [line for line, _ in problems_of(text)] == [
        *lines,
        duplicate,
        line_of(text, "extra"),
    ]


def test_one_misspelt_scale_in_many_questions_is_one_problem() -> None:
    text = GOOD.replace("  satisfaction:", "  satisfactoin:").replace(
        "      - code: comment",
        "      - {code: o, kind: scale, role: overall, scale: satisfaction, text: O}\n"
        "      - code: comment",
    )
    found = problems_of(text)
    assert [line for line, _ in found] == [line_of(text, "scale: satisfaction")]
    assert "2 câu" in found[0][1]


def test_a_misspelt_factor_is_not_also_an_unknown_weight() -> None:
    text = broken("roll_up: pooled", "roll_up: weighted, weights: {service: 2}")
    text = text.replace("factor: true", "facter: true")
    assert [line for line, _ in problems_of(text)] == [line_of(text, "facter")]


def test_missing_scales_block_is_told_once() -> None:
    start, end = GOOD.index("scales:"), GOOD.index("scoring:")
    assert len(problems_of(GOOD[:start] + GOOD[end:])) == 1


def test_problems_say_where_in_the_document() -> None:
    with pytest.raises(Invalid) as caught:
        parse_questionnaire(broken("scale: satisfaction\n", "scale: none\n"))
    assert caught.value.problems[0].where == "sections[1].questions[1].scale"
    assert "1 chỗ" in caught.value.message


def test_decomposed_letters_and_line_ends_make_no_difference() -> None:
    known = parse_questionnaire(GOOD)
    decomposed = unicodedata.normalize("NFD", GOOD)
    assert decomposed != GOOD
    assert parse_questionnaire(decomposed) == known
    assert parse_questionnaire("\ufeff" + GOOD.replace("\n", "\r\n")) == known
    escaped = broken("title: Phiếu thử", r'title: "Phie\u0302\u0301u thu\u031b\u0309"')
    assert parse_questionnaire(escaped) == known


def test_texts_may_lack_a_language() -> None:
    questionnaire = parse_questionnaire(broken("text: Chung", "text: {vi: Chung, en: General}"))
    assert questionnaire["service.overall"].text.in_language("en") == "General"
    assert questionnaire["comment"].text.in_language("en") == "Ý kiến"


def test_skip_rules_may_ask_for_not_applicable_where_it_is_offered() -> None:
    text = broken("is_not: [no]", "is_not: [na]")
    text = text.replace(
        "role: context\n        text: Mấy", "role: context\n        @\n        text: Mấy"
    )
    parse_questionnaire(text.replace("@", "not_applicable: true"))
