"""One unit's report says what it must, and no more than its figures allow."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from survey_app.estimation.estimate import Estimate, Reason
from survey_app.questionnaire.definition import ItemRule, QuestionKind, RollUp, Scale
from survey_app.reporting import charts, wording
from survey_app.reporting.report import (
    ColumnKind,
    Facts,
    IntervalBar,
    KeyFigures,
    LikertBar,
    Paragraphs,
    Percent,
    PointsBar,
    Quotes,
    Withheld,
)
from survey_app.reporting.results import chapters
from survey_app.reporting.results.compose import compose_report
from tests.unit.reporting.examples import (
    COMMENTS,
    DATED,
    SCALE,
    make_figures,
    make_withheld_figures,
)


def composed(**options):
    return compose_report(make_figures(**options), dated=DATED)


def prose(report):
    return "\n".join(t for b in report.blocks if isinstance(b, Paragraphs) for t in b.texts)


def test_chapters_in_order():
    codes = [chapter.code for chapter in composed().chapters]
    assert codes == ["general", "overall", "criteria", "respondents", "comments", "method"]


def test_table_codes_and_row_codes_are_unique_and_columns_fill_the_width():
    report = composed()
    codes = [table.code for table in report.tables]
    assert len(set(codes)) == len(codes)
    for table in report.tables:
        assert sum(column.width for column in table.columns) == pytest.approx(100)
        assert len({row.code for row in table.rows}) == len(table.rows)
        assert all(len(row.cells) == len(table.columns) for row in table.rows)
        assert 0 < len(table.short_title) <= 31


def test_criteria_show_distribution_base_and_share():
    figures = make_figures()
    table = compose_report(figures, dated=DATED).table("criteria")
    first = figures.factors[0].criteria[0]
    row = next(r for r in table.rows if r.code == "access.c1")
    assert row.cells[1:6] == first.tally.levels
    assert row.cells[6:8] == (first.tally.n, first.tally.excluded)
    assert row.cells[8] == Percent(first.satisfied.value)
    assert row.cells[9] == first.satisfied.interval
    assert len([r for r in table.rows if r.level == 1]) == 22


def test_hidden_criterion_shows_no_level():
    figures = make_figures()
    factor = figures.factors[0]
    hidden = replace(factor.criteria[0], satisfied=Estimate.missing(Reason.TOO_FEW, n=3))
    factor = replace(factor, criteria=(hidden, *factor.criteria[1:]))
    figures = replace(figures, factors=(factor, *figures.factors[1:]))
    report = compose_report(figures, dated=DATED)
    cells = next(r for r in report.table("criteria").rows if r.code == "access.c1").cells
    assert not any(isinstance(cell, int) for cell in cells)
    drawn = next(r for r in report.table("levels").rows if r.code == "access.c1").cells
    assert not any(isinstance(cell, LikertBar) for cell in drawn)


def test_suppressed_choice_is_withheld():
    row = next(r for r in composed().table("demographic").rows if r.code == "job.5")
    assert Withheld(Reason.SUPPRESSED) in row.cells
    assert not any(isinstance(cell, int | Percent | IntervalBar) for cell in row.cells)


def test_mean_method_shows_one_index_column():
    report = composed(item=ItemRule.MEAN)
    assert "mean" not in [c.code for c in report.table("factors").columns]
    assert [c.code for c in report.table("roll_ups").columns] == [
        "roll_up",
        "index",
        "index_interval",
    ]
    for table in (report.table("factors"), report.table("roll_ups")):
        assert sum(column.width for column in table.columns) == pytest.approx(100)
        assert all(len(row.cells) == len(table.columns) for row in table.rows)
    key = next(b for b in report.blocks if isinstance(b, KeyFigures))
    assert [f.code for f in key.figures] == ["index", "comprehensive", "sheets"]


@pytest.mark.parametrize("roll_up", [RollUp.POOLED, RollUp.FACTOR_MEAN, RollUp.CRITERIA_MEAN])
def test_method_names_the_formula(roll_up):
    report = composed(roll_up=roll_up)
    facts = dict(next(b for b in report.blocks if isinstance(b, Facts)).pairs)
    assert wording.ROLL_UPS[roll_up] in facts["Cách gộp thành chỉ số"]
    assert "“Hài lòng” hoặc “Rất hài lòng”" in facts["Cách tính một câu trả lời"]
    assert "n = 187 phiếu; N = 1.240 hồ sơ" in facts["Số phiếu, tổng thể"]
    chosen = [r for r in report.table("roll_ups").rows if r.level == 0]
    assert [row.code for row in chosen] == [roll_up.value]


def test_every_scale_of_the_criteria_has_its_rule():
    questionnaire = make_figures(roll_up=RollUp.POOLED).questionnaire
    alone = wording.item_rule(ItemRule.MEAN, questionnaire)
    assert "mức thứ k trong 5 mức được tính k/5" in alone and "thang" not in alone
    four = Scale("four", SCALE.levels[:2] + SCALE.levels[3:], SCALE.satisfied, SCALE.not_applicable)
    first, *rest = questionnaire.sections
    asked = (replace(first.questions[0], scale=four), *first.questions[1:])
    mixed = replace(questionnaire, sections=(replace(first, questions=asked), *rest))
    rule = wording.item_rule(ItemRule.MEAN, mixed)
    assert "thang 4 mức “Rất không hài lòng” – “Rất hài lòng”: mức thứ k trong 4 mức" in rule
    assert "thang 5 mức “Rất không hài lòng” – “Rất hài lòng”: mức thứ k trong 5 mức" in rule


def test_weights_are_listed_in_words():
    questionnaire = make_figures(roll_up=RollUp.POOLED).questionnaire
    assert "Tiếp cận dịch vụ: 1;" in wording.roll_up(RollUp.WEIGHTED, questionnaire)


def test_cautions_follow_the_figures():
    assert "khoảng tin cậy rộng" in prose(composed(n=21))
    assert "khoảng tin cậy rộng" not in prose(composed(n=187))
    assert wording.too_good(0.99, 40) and not wording.too_good(0.99, 400)
    assert not wording.too_good(0.97, 40) and not wording.too_good(None, 40)


def test_the_lowest_criteria_are_named_and_their_order_is_not_claimed():
    figures = make_figures()
    criteria = [c for f in figures.factors for c in f.criteria]
    lowest = min(criteria, key=lambda c: c.satisfied.value or 0)
    text = chapters.lowest_criteria(figures)
    assert wording.said(lowest.question.text) in text
    assert text.count("“") == 3
    assert "có thể chỉ do chọn mẫu" in text


def test_no_lowest_where_all_are_equal():
    figures = make_figures()
    same = Estimate(1.0, 100)
    factors = tuple(
        replace(f, criteria=tuple(replace(c, satisfied=same) for c in f.criteria))
        for f in figures.factors
    )
    assert chapters.lowest_criteria(replace(figures, factors=factors)) is None


def test_comments_are_cut_and_counted():
    report = composed()
    quotes = next(b for b in report.blocks if isinstance(b, Quotes))
    assert quotes.texts[0] == COMMENTS[0]
    assert len(quotes.texts) == chapters.MOST_COMMENTS < len(COMMENTS)
    assert f"Có {len(COMMENTS)} ý kiến góp ý; nêu nguyên văn 12 nội dung đầu." in prose(report)


def test_the_same_words_are_quoted_once():
    figures = replace(make_figures(), comments=("Chờ lâu.", "Rất tốt.", "Chờ lâu."))
    report = compose_report(figures, dated=DATED)
    quotes = next(b for b in report.blocks if isinstance(b, Quotes))
    assert quotes.texts == ("Chờ lâu. (2 ý kiến giống nhau)", "Rất tốt.")
    assert "Có 3 ý kiến góp ý" in prose(report)


def test_population_unknown_gives_no_rate():
    report = compose_report(replace(make_figures(), population=None), dated=DATED)
    assert "chưa có số hồ sơ" in prose(report)


def test_letterhead_follows_the_unit():
    head = composed().letterhead
    assert head.parent_agency == "UBND tỉnh Đắk Lắk"
    assert head.symbol == "BC-UBND"
    assert head.signer_title.splitlines() == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]
    assert head.recipients == ("UBND tỉnh Đắk Lắk (để báo cáo);", "Lưu: VT.")
    assert composed().file_stem == "BaoCaoHaiLong_XaCuKuin_2026Q2"


@pytest.mark.parametrize(
    ("agency", "title"),
    [
        ("Ủy ban nhân dân phường An Lạc", "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH"),
        ("Sở Nội vụ", "GIÁM ĐỐC"),
        ("Trung tâm Phục vụ hành chính công", "GIÁM ĐỐC"),
        ("Bộ phận Một cửa", "THỦ TRƯỞNG ĐƠN VỊ"),
        ("Sởi", "THỦ TRƯỞNG ĐƠN VỊ"),
    ],
)
def test_who_signs(agency, title):
    unit = replace(make_figures().unit, agency=agency)
    head = compose_report(replace(make_figures(), unit=unit), dated=DATED).letterhead
    assert head.signer_title == title


def test_tables_say_which_small_groups_are_hidden():
    report = composed()
    for code in ("demographic", "context", "need", "harassment"):
        assert "từ 1 đến 4 người" in report.table(code).description
    assert "ẩn" not in report.table("modes").description
    figures = replace(make_figures(), by_mode={"kiosk": 180, "paper": None, "phone": None})
    report = compose_report(figures, dated=DATED)
    assert "từ 1 đến 4 phiếu" in report.table("modes").description


def test_levels_of_a_scale_are_not_said_to_be_hidden():
    figures = make_figures()
    whole = figures.choices[0]
    scale = replace(whole, question=replace(whole.question, kind=QuestionKind.SCALE))
    report = compose_report(replace(figures, choices=(scale,)), dated=DATED)
    assert "ẩn" not in report.table("overall").description


def test_withheld_unit_has_no_figure():
    report = compose_report(make_withheld_figures(), dated=DATED)
    assert report.tables == ()
    assert not any(isinstance(b, KeyFigures | Quotes) for b in report.blocks)
    assert "Chưa đủ phiếu" in prose(report)
    assert not re.search(r"\d\s*%", prose(report))
    facts = next(b for b in report.blocks if isinstance(b, Facts))
    assert not any("n = " in value for _, value in facts.pairs)
    assert dict(facts.pairs)["Cách tính một câu trả lời"].startswith("Tỷ lệ hài lòng")


def test_demo_is_said_in_words():
    assert wording.DEMO_MARK in prose(composed())
    assert wording.DEMO_MARK not in prose(composed(is_demo=False))


def test_level_colours_get_lighter_and_are_distinct():
    for levels, satisfied_from in ((5, 3), (3, 2), (4, 2), (7, 4), (2, 1)):
        colours = charts.level_colours(levels, satisfied_from)
        light = [
            sum(w * c for w, c in zip((0.3, 0.59, 0.11), charts.rgb(x), strict=True))
            for x in colours
        ]
        assert len(set(colours)) == levels
        assert light == sorted(light)
        assert min(b - a for a, b in pairwise(light)) > 0.03


def test_drawings_stay_inside_their_cell():
    bars = [LikertBar((1.0, 0, 0, 0, 0), 3), LikertBar((0, 0, 0, 0, 1.0), 3)]
    bars += [LikertBar((0.2,) * 5, 3), IntervalBar(1.0, 0.9, 1.0), IntervalBar(0.0, 0.0, 0.1)]
    bars += [PointsBar(0.4, 0.1, 0.9, limit=0.3), PointsBar(-0.4, -0.9, 0.1, limit=0.3)]
    bars += [PointsBar(0.0), PointsBar(1.0, -1.0, 1.0)]
    for bar in bars:
        for r in charts.draw(bar).rectangles:
            assert r.x >= 0 and r.x + r.width <= charts.WIDTH + 1e-9
            assert r.y >= 0 and r.y + r.height <= charts.HEIGHT
            assert r.width >= 0


def test_bars_of_differences_start_at_the_middle():
    for value in (0.1, -0.1):
        bar = charts.draw(PointsBar(value, limit=0.2)).rectangles[5]
        assert bar.width == pytest.approx(charts.WIDTH / 4)
        start = charts.WIDTH / 2 if value > 0 else charts.WIDTH / 4
        assert bar.x == pytest.approx(start)


def test_columns_of_figures_leave_drawings_out():
    table = composed().table("factors")
    kinds = {column.kind for _, column in table.figure_columns}
    assert ColumnKind.DRAWING not in kinds
