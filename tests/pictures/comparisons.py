"""Pictures of comparisons: two periods, a broken series, ranks, many tests, factors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from survey_app.estimation.comparison.change import measure_change
from survey_app.estimation.drivers import Driver, Quadrant, driver_analysis
from survey_app.estimation.simple_sample.proportion import estimate_proportion
from survey_app.operations.figures.blocks import verdict_of
from survey_app.questionnaire.comparability import Edition, compare_editions
from survey_app.questionnaire.definition import LocalText, Questionnaire
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.ranking.block import differences_from_mean
from survey_app.ranking.compare import (
    Comparer,
    Comparison,
    RankMethod,
    indistinguishable_groups,
)
from survey_app.ranking.critical import Simulation
from survey_app.ranking.pairs import make_units
from survey_app.ranking.rank_sets import DRAWS, rank_sets, stabilised_standard_error
from survey_app.ranking.rank_sets import SEED as RANK_SEED
from survey_app.reporting.figures.several_units import Verdict
from survey_app.reporting.formats import p_value, percent, points
from survey_app.reporting.results.comparison import BREAKS
from survey_app.reporting.results.drivers import QUADRANTS
from tests.pictures.canvas import BLUE, GRID, INK, PALE, RED, SOFT, WIDTH, Axis, Canvas
from tests.pictures.intervals import bounds, ticks

QUESTIONNAIRE = Path(__file__).parents[2] / "questionnaires" / "sipas-counter.yaml"
#: Satisfied and sheets, earlier and later.
PERIODS = (((24, 31), (26, 31)), ((240, 310), (260, 310)), ((48, 80), (56, 70)))
#: Satisfied and sheets of five periods; the wording changes before the fourth.
SERIES = ((82, 110), (88, 112), (95, 115), (106, 118), (110, 121))
BROKEN_BEFORE = 3
#: Satisfied and sheets of eight units.
UNITS = (
    (190, 200),
    (186, 200),
    (141, 155),
    (132, 150),
    (174, 200),
    (98, 120),
    (150, 200),
    (66, 100),
)
COMPARISONS = (1, 5, 10, 20, 40)
#: Factors of the matrix: name, part in the overall score, level on the normal scale.
FACTORS = (
    ("Tiếp cận dịch vụ", 0.10, 1.0),
    ("Thủ tục hành chính", 0.55, 0.2),
    ("Công chức", 0.55, 1.1),
    ("Kết quả", 0.10, 0.8),
    ("Tiếp nhận phản ánh", 0.10, 0.1),
)
RESPONDENTS, FACTOR_SEED = 400, 7


def two_periods() -> str:
    """Two periods three times: each interval, and the interval of the change."""
    left, right = Axis(0.5, 1.0, 40, 330), Axis(-0.2, 0.4, 390, 690)
    canvas = Canvas("Ba trường hợp so với kỳ trước", 430)
    canvas.text(185, 24, "Từng kỳ", "middle", weight="bold")
    canvas.text(540, 24, "Thay đổi: kỳ này trừ kỳ trước", "middle", weight="bold")
    canvas.level_axis(left, 40, 386, ticks(50, 100, 10))
    marks = [(v / 100, f"{v:+d}".replace("-", "−") if v else "0") for v in range(-20, 41, 10)]
    canvas.level_axis(right, 40, 386, marks)
    canvas.line((right(0), 36), (right(0), 386), INK, 2.5)
    for place, (earlier, later) in enumerate(PERIODS):
        y = 88 + place * 112
        first, second = estimate_proportion(*earlier), estimate_proportion(*later)
        for estimate, counts, offset, fill in (
            (first, earlier, 0, PALE),
            (second, later, 44, BLUE),
        ):
            low, high = bounds(estimate)
            assert estimate.value is not None
            canvas.interval(left, y + offset, low, high)
            canvas.dot(left(estimate.value), y + offset, fill)
            words = f"{counts[0]}/{counts[1]} = {percent(estimate.value)}"
            canvas.text(44, y + offset - 12, words, size=13)
        canvas.text(326, y - 14, f"Trường hợp {place + 1}", "end", SOFT, size=13)
        change = measure_change(first, second)
        clear = change.p_value <= 0.05
        colour = BLUE if clear else RED
        canvas.interval(right, y + 22, change.low, change.high, colour, 4)
        canvas.dot(right(change.value), y + 22, colour)
        canvas.text(right(0) + 10, y, points(change.value), colour=colour, weight="bold")
        said = p_value(change.p_value)
        equals = said if said.startswith("<") else f"= {said}"
        verdict = "có ý nghĩa thống kê" if clear else "chưa có ý nghĩa thống kê"
        canvas.text(right(0) + 10, y + 48, f"{verdict} (p {equals})", colour=colour, size=13)
    canvas.text(540, 422, "điểm %", "middle", SOFT, size=13)
    return canvas.svg()


def _reworded(questionnaire: Questionnaire) -> Questionnaire:
    """The same with one criterion in other words."""
    section = questionnaire.factors[0]
    first = section.criteria[0]
    other = replace(first, text=LocalText({"vi": "Nơi tiếp nhận hồ sơ dễ tìm"}))
    questions = tuple(other if q is first else q for q in section.questions)
    changed = replace(section, questions=questions)
    sections = tuple(changed if s is section else s for s in questionnaire.sections)
    return replace(questionnaire, sections=sections)


def broken_series() -> str:
    """Five periods; the questionnaire changes between the third and the fourth."""
    before = parse_questionnaire(QUESTIONNAIRE.read_text(encoding="utf-8"))
    after = _reworded(before)
    found = compare_editions((Edition(1, before), Edition(2, after)))
    criterion = found.criteria[after.factors[0].criteria[0].code]
    assert criterion is not None and found.index is not None
    up = Axis(0.6, 1.0, 300, 50)
    canvas = Canvas("Chuỗi năm kỳ bị ngắt sau kỳ thứ ba", 400)
    for value, words in ticks(60, 100, 10):
        canvas.line((60, up(value)), (690, up(value)), GRID, 1)
        canvas.text(52, up(value) + 5, words, "end", SOFT, size=13)
    values = []
    for place, counts in enumerate(SERIES):
        estimate = estimate_proportion(*counts)
        assert estimate.value is not None
        x = 120 + place * 125
        low, high = bounds(estimate)
        values.append((x, up(estimate.value)))
        canvas.line((x, up(low)), (x, up(high)), INK, 3)
        for end in (low, high):
            canvas.line((x - 7, up(end)), (x + 7, up(end)), INK, 3)
        canvas.text(x + 12, up(estimate.value) + 22, percent(estimate.value, 1), size=13)
        canvas.text(x, 324, f"Kỳ {place + 1}", "middle", SOFT)
    canvas.path(values[:BROKEN_BEFORE], BLUE)
    canvas.path(values[BROKEN_BEFORE:], BLUE)
    for x, y in values:
        canvas.dot(x, y, BLUE)
    middle = 120 + (BROKEN_BEFORE - 0.5) * 125
    canvas.line((middle, 40), (middle, 330), RED, 3, "8 5")
    canvas.text(middle, 28, "chuỗi bị ngắt", "middle", RED, "bold")
    words = f"Tiêu chí thứ nhất: {BREAKS[criterion]}. Vì vậy, với chỉ số: {BREAKS[found.index]}."
    canvas.text(WIDTH / 2, 360, words, "middle")
    words = "Hai bên vạch ngắt không nối với nhau và không trừ cho nhau."
    canvas.text(WIDTH / 2, 386, words, "middle", SOFT)
    return canvas.svg()


def _compare_units() -> Comparison:
    values = [x / n for x, n in UNITS]
    errors = [stabilised_standard_error(x, n) for x, n in UNITS]
    comparer = Comparer(
        make_units(values, standard_errors=errors), Simulation(0.95, DRAWS, RANK_SEED)
    )
    return comparer.compare(RankMethod.SIMULTANEOUS)


def _verdicts() -> list[Verdict]:
    values = [x / n for x, n in UNITS]
    errors = [stabilised_standard_error(x, n) for x, n in UNITS]
    against = differences_from_mean(values, errors, np.ones(len(UNITS)))
    pairs = zip(against.values.tolist(), against.p_values.tolist(), strict=True)
    return [verdict_of(difference, p_value) for difference, p_value in pairs]


def rank_ranges() -> str:
    """Eight units with their rank sets, and the runs that cannot be told apart."""
    comparison = _compare_units()
    sets, verdicts = rank_sets(comparison), _verdicts()
    groups = indistinguishable_groups(comparison)
    count, step = len(UNITS), 40
    axis = Axis(1, count, 330, 530)
    canvas = Canvas("Khoảng hạng của tám đơn vị", 60 + count * step + 56)
    canvas.text(20, 28, "Đơn vị và chỉ số", weight="bold")
    canvas.text(430, 28, "Khoảng hạng", "middle", weight="bold")
    canvas.text(645, 22, "So với", "middle", weight="bold")
    canvas.text(645, 40, "bình quân khối", "middle", weight="bold")
    bottom = 56 + count * step
    canvas.level_axis(axis, 44, bottom, [(r, str(r)) for r in range(1, count + 1)])
    for row, ((x, n), ranks, verdict) in enumerate(zip(UNITS, sets, verdicts, strict=True)):
        y = 68 + row * step
        canvas.text(20, y + 5, f"Xã {chr(65 + row)}")
        canvas.text(72, y + 5, f"{percent(x / n)} ({n} phiếu)", size=14)
        canvas.rectangle(
            axis(ranks.low) - 10, y - 9, axis(ranks.high) - axis(ranks.low) + 20, 18, PALE, BLUE
        )
        canvas.rectangle(axis(ranks.rank) - 3, y - 13, 6, 26, INK)
        canvas.text(645, y + 5, verdict, "middle")
    for place, group in enumerate(groups):
        x = 238 + place * 14
        canvas.line((x, 56 + min(group) * step), (x, 80 + max(group) * step), RED, 5)
    words = "Vạch đứng bên trái: các xã liền nhau chưa phân biệt được. Vạch đen: hạng theo mẫu."
    canvas.text(20, bottom + 48, words, colour=SOFT, size=14)
    return canvas.svg()


def many_comparisons() -> str:
    """How often chance alone gives at least one "difference", with and without correction."""
    up = Axis(0, 1, 300, 50)
    canvas = Canvas("Càng nhiều phép so sánh càng dễ gặp khác biệt giả", 370)
    canvas.text(20, 26, "Khả năng gặp ít nhất một “khác biệt” giả", weight="bold")
    for value, words in ticks(0, 100, 25):
        canvas.line((60, up(value)), (690, up(value)), GRID, 1)
        canvas.text(52, up(value) + 5, words, "end", SOFT, size=13)
    for place, count in enumerate(COMPARISONS):
        x = 100 + place * 122
        chance = 1 - 0.95**count
        canvas.rectangle(x, up(chance), 46, up(0) - up(chance), RED, INK)
        canvas.rectangle(x + 50, up(0.05), 32, up(0) - up(0.05), PALE, INK)
        canvas.text(x + 23, up(chance) - 8, percent(chance, 0), "middle", RED, "bold")
        if count > 1:
            canvas.text(x + 66, up(0.05) - 8, "≤ 5%", "middle", size=13)
        canvas.text(x + 41, 322, f"{count} phép", "middle", SOFT)
    canvas.rectangle(100, 342, 16, 12, RED, INK)
    canvas.text(122, 353, "chưa hiệu chỉnh", size=14)
    canvas.rectangle(300, 342, 16, 12, PALE, INK)
    canvas.text(322, 353, "đã hiệu chỉnh Holm", size=14)
    return canvas.svg()


def _factor_scores() -> tuple[np.ndarray, np.ndarray]:
    """Made-up sheets: scores of the factors (n, k) and overall (n,), in fifths."""
    random = np.random.Generator(np.random.PCG64(FACTOR_SEED))
    normals = ndtri(random.random((RESPONDENTS, len(FACTORS) + 2)))
    own, common, noise = normals[:, :-2], normals[:, -2:-1], normals[:, -1]
    levels = np.array([level for _, _, level in FACTORS])
    factors = 0.8 * own + 0.6 * common
    overall = factors @ np.array([part for _, part, _ in FACTORS]) + 0.6 * noise + 0.6
    return _fifths(factors + levels), _fifths(overall)


def _fifths(values: np.ndarray) -> np.ndarray:
    return (1 + np.digitize(values, [-1.6, -0.8, 0.0, 1.0])) / 5


def driver_matrix() -> str:
    """Five factors by importance and performance."""
    found = driver_analysis(*_factor_scores())
    across, up = Axis(0.65, 0.95, 90, 690), Axis(0, 0.6, 380, 40)
    known = [d.performance for d in found.drivers if d.performance is not None]
    mean, even = sum(known) / len(known), 1 / len(known)
    canvas = Canvas("Ma trận mức gắn kết và kết quả của năm yếu tố", 450)
    canvas.rectangle(90, 40, across(mean) - 90, up(even) - 40, "#f3dcd6")
    canvas.level_axis(across, 40, 380, ticks(65, 95, 5))
    for value, words in ticks(0, 60, 10):
        canvas.line((90, up(value)), (690, up(value)), GRID, 1)
        canvas.text(82, up(value) + 5, words, "end", SOFT, size=13)
    canvas.line((across(mean), 40), (across(mean), 380), INK, 2, "7 4")
    canvas.line((90, up(even)), (690, up(even)), INK, 2, "7 4")
    corners = (
        (Quadrant.PRIORITY, 98, 60, "start"),
        (Quadrant.KEEP, 682, 60, "end"),
        (Quadrant.MINOR, 98, 370, "start"),
        (Quadrant.SUFFICIENT, 682, 370, "end"),
    )
    for quadrant, x, y, anchor in corners:
        canvas.text(x, y, QUADRANTS[quadrant].upper(), anchor, SOFT, "bold", 13)
    for (name, _, _), driver in zip(FACTORS, found.drivers, strict=True):
        _draw_driver(canvas, name, across(_known(driver.performance)), up, driver)
    canvas.text(90, 26, "Mức gắn kết với sự hài lòng nói chung", colour=SOFT)
    canvas.text(690, 426, "Kết quả: điểm bình quân quy đổi của yếu tố", "end", SOFT)
    return canvas.svg()


def _draw_driver(canvas: Canvas, name: str, x: float, up: Axis, driver: Driver) -> None:
    low, high = _known(driver.low), _known(driver.high)
    y = up(_known(driver.importance))
    canvas.line((x, up(low)), (x, up(high)), SOFT, 2)
    for end in (low, high):
        canvas.line((x - 5, up(end)), (x + 5, up(end)), SOFT, 2)
    canvas.dot(x, y, BLUE)
    canvas.text(x + 11, y - 6, name, size=14)
    canvas.text(x + 11, y + 11, percent(_known(driver.importance), 0), size=13)


def _known(value: float | None) -> float:
    assert value is not None
    return value
