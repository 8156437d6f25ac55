"""Pictures of one figure: how it is made, how sure it is, what its interval cannot say."""

import numpy as np

from survey_app.estimation.estimate import Estimate
from survey_app.estimation.simple_sample.index import estimate_factor, estimate_index
from survey_app.estimation.simple_sample.proportion import estimate_proportion
from survey_app.reporting.formats import interval, percent, percent_number
from tests.pictures.canvas import BLUE, GRID, INK, PALE, RED, SOFT, WIDTH, Axis, Canvas

#: The worked example of docs/methodology.md, section 10: satisfied, sheets, dossiers.
SATISFIED, SHEETS, DOSSIERS = 26, 31, 60
#: Five sheets, two factors of two criteria; None = does not apply.
ANSWERS = (
    (1, 1, 1, 0),
    (1, 1, None, 1),
    (0, 1, 1, 1),
    (1, None, 1, 0),
    (1, 1, 0, 1),
)
FACTOR_OF = (0, 0, 1, 1)
#: One of twenty intervals misses on average; with this seed one does, and the text says so.
TRUTH, REPEATS, SEED = 0.85, 20, 20


def bounds(estimate: Estimate) -> tuple[float, float]:
    """The ends of an interval; a census has both at its value."""
    if estimate.interval is None:
        assert estimate.value is not None
        return estimate.value, estimate.value
    return estimate.interval.low, estimate.interval.high


def ticks(first: int, last: int, step: int) -> list[tuple[float, str]]:
    return [(value / 100, f"{value}%") for value in range(first, last + 1, step)]


def index_tree() -> str:
    """From answers to criteria, factors and the index."""
    scores = np.array(ANSWERS, dtype=float)
    canvas = Canvas("Từ câu trả lời đến tiêu chí, yếu tố và chỉ số", 400)
    left, top, wide, high = 150, 74, 130, 30
    for factor in (0, 1):
        x = left + factor * 2 * wide
        canvas.rectangle(x + 3, 12, 2 * wide - 6, 26, PALE)
        canvas.text(x + wide, 30, f"Yếu tố {factor + 1}", "middle", weight="bold")
    for place in range(4):
        canvas.text(left + (place + 0.5) * wide, 60, f"Tiêu chí {place + 1}", "middle")
    for row, sheet in enumerate(ANSWERS):
        y = top + row * high
        canvas.text(20, y + 20, f"Phiếu {row + 1}")
        for place, score in enumerate(sheet):
            cell = {1: ("hài lòng: 1", PALE), 0: ("chưa: 0", "#ffffff"), None: ("–", GRID)}[score]
            canvas.rectangle(left + place * wide + 4, y, wide - 8, high - 4, cell[1], SOFT)
            canvas.text(left + (place + 0.5) * wide, y + 19, cell[0], "middle", size=13)
    y = top + len(ANSWERS) * high + 22
    canvas.text(20, y, "Tiêu chí", weight="bold")
    for place, column in enumerate(scores.T):
        answered = column[~np.isnan(column)]
        words = f"{int(answered.sum())}/{len(answered)} = {percent(answered.mean(), 0)}"
        canvas.text(left + (place + 0.5) * wide, y, words, "middle")
    y += 44
    canvas.text(20, y, "Yếu tố", weight="bold")
    for factor in (0, 1):
        part = scores[:, 2 * factor : 2 * factor + 2]
        value = estimate_factor(part, roll_up="pooled").value
        assert value is not None
        words = f"{_counted(part)} = {percent(value)}"
        x = left + (2 * factor + 1) * wide
        canvas.line((x - wide / 2, y - 32), (x, y - 18), SOFT, 1.5)
        canvas.line((x + wide / 2, y - 32), (x, y - 18), SOFT, 1.5)
        canvas.text(x, y, words, "middle")
        canvas.line((x, y + 10), (left + 2 * wide, y + 28), SOFT, 1.5)
    y += 46
    index = estimate_index(scores, factor_of=FACTOR_OF, roll_up="pooled").value
    assert index is not None
    canvas.text(20, y, "Chỉ số", weight="bold")
    words = f"{_counted(scores)} = {percent(index)}"
    canvas.text(left + 2 * wide, y, words, "middle", weight="bold", size=18)
    note = "“–”: không áp dụng hoặc bỏ trống, không tính vào cả tử số lẫn mẫu số."
    canvas.text(20, y + 40, note, colour=SOFT, size=14)
    return canvas.svg()


def _counted(scores: np.ndarray) -> str:
    return f"{int(np.nansum(scores))}/{int((~np.isnan(scores)).sum())}"


def parts_of_an_interval() -> str:
    """One interval with its parts named, and the same with the number of dossiers known."""
    axis = Axis(0.5, 1.0, 40, 680)
    canvas = Canvas("Các phần của một khoảng tin cậy", 300)
    canvas.level_axis(axis, 40, 254, ticks(50, 100, 10))
    rows = ((120, None, "Chưa biết số hồ sơ"), (220, DOSSIERS, f"Biết có {DOSSIERS} hồ sơ"))
    for y, population, words in rows:
        found = estimate_proportion(SATISFIED, SHEETS, population=population)
        assert found.value is not None
        low, high = bounds(found)
        canvas.interval(axis, y, low, high, width=4)
        canvas.dot(axis(found.value), y, BLUE, 8)
        canvas.text(axis(low), y + 26, percent(low, 1), "middle", weight="bold")
        canvas.text(axis(high), y + 26, percent(high, 1), "middle", weight="bold")
        canvas.text(axis(found.value), y + 28, percent(found.value), "middle", BLUE, "bold")
        canvas.text(44, y + 5, words, colour=SOFT)
        if population is None:
            canvas.text(axis(low), y - 48, "cận dưới", "middle")
            canvas.text(axis(high), y - 48, "cận trên", "middle")
            canvas.text(axis(found.value), y - 48, "kết quả của mẫu", "middle", BLUE)
            for value in (low, found.value, high):
                canvas.line((axis(value), y - 42), (axis(value), y - 12), SOFT, 1.5, "4 3")
    canvas.text(WIDTH / 2, 24, f"{SATISFIED} trong {SHEETS} phiếu hài lòng", "middle", SOFT)
    return canvas.svg()


def repeated_samples() -> str:
    """Samples of 31 from a place where the truth is known, each with its own interval."""
    random = np.random.Generator(np.random.PCG64(SEED))
    counts = (random.random((REPEATS, SHEETS)) < TRUTH).sum(axis=1)
    axis, step = Axis(0.4, 1.0, 130, 680), 20
    bottom = 50 + REPEATS * step
    canvas = Canvas("Hai mươi lần lấy 31 phiếu ở nơi biết rõ tỷ lệ thật", bottom + 60)
    canvas.level_axis(axis, 36, bottom, ticks(40, 100, 10))
    canvas.line((axis(TRUTH), 30), (axis(TRUTH), bottom), BLUE, 3)
    canvas.text(axis(TRUTH), 22, f"tỷ lệ thật {percent(TRUTH, 0)}", "middle", BLUE, "bold")
    for row, count in enumerate(counts):
        found = estimate_proportion(int(count), SHEETS)
        assert found.value is not None
        low, high = bounds(found)
        misses = not low <= TRUTH <= high
        y, colour = 50 + row * step, RED if misses else INK
        canvas.text(20, y + 5, f"lần {row + 1}: {count}/{SHEETS}", colour=colour, size=13)
        canvas.interval(axis, y, low, high, colour, 4 if misses else 2)
        canvas.dot(axis(found.value), y, colour if misses else PALE, 4)
        if misses:
            canvas.text(axis(low) - 12, y + 5, "trượt", "end", RED, "bold", 13)
    words = "Mỗi dòng là một lần khảo sát: chấm là kết quả, vạch ngang là khoảng tin cậy 95%."
    canvas.text(20, bottom + 46, words, colour=SOFT, size=14)
    return canvas.svg()


def width_by_sheets() -> str:
    """How wide the interval is by number of sheets, without N and with two N."""
    across, up = Axis(0, 210, 70, 690), Axis(0, 0.8, 350, 40)
    canvas = Canvas("Độ rộng của khoảng tin cậy theo số phiếu", 420)
    for value in range(0, 81, 10):
        canvas.line((70, up(value / 100)), (690, up(value / 100)), GRID, 1)
        canvas.text(62, up(value / 100) + 5, str(value), "end", SOFT, size=13)
    for value in range(0, 201, 20):
        canvas.text(across(value), 370, str(value), "middle", SOFT, size=13)
    canvas.text(20, 24, "Khoảng rộng bao nhiêu điểm % (ở tỷ lệ hài lòng 80%)", colour=SOFT)
    canvas.text(690, 396, "số phiếu", "end", SOFT)
    curves = ((None, INK, "none"), (200, BLUE, "9 5"), (DOSSIERS, RED, "2 4"))
    for population, colour, dash in curves:
        canvas.path(_widths(population, across, up), colour, dash)
    canvas.text(across(205), up(0.17), "chưa biết số hồ sơ", "end")
    canvas.text(across(128), up(0.03), "200 hồ sơ", "end", BLUE)
    canvas.text(across(38), up(0.035), "60 hồ sơ", "end", RED)
    return canvas.svg()


def _widths(population: int | None, across: Axis, up: Axis) -> list[tuple[float, float]]:
    points = []
    for n in range(5, min(population or 200, 200) + 1, 5):
        low, high = bounds(estimate_proportion(n * 4 // 5, n, population=population))
        points.append((across(n), up(high - low)))
    return points


def everybody_satisfied() -> str:
    """100 % in samples of several sizes, and in a census."""
    axis = Axis(0.5, 1.0, 240, 610)
    canvas = Canvas("100% hài lòng ở năm mẫu khác nhau", 300)
    canvas.level_axis(axis, 20, 250, ticks(50, 100, 10))
    rows = ((10, None), (SHEETS, None), (100, None), (SHEETS, DOSSIERS), (DOSSIERS, DOSSIERS))
    for place, (n, population) in enumerate(rows):
        y = 44 + place * 46
        found = estimate_proportion(n, n, population=population)
        low, high = bounds(found)
        words = f"{n}/{n} phiếu"
        if population:
            words += " (toàn bộ)" if found.is_census else f", {population} hồ sơ"
        canvas.text(20, y + 5, words)
        if not found.is_census:
            canvas.interval(axis, y, low, high)
            canvas.text(axis(low) - 12, y + 5, percent(low, 1), "end", weight="bold")
        canvas.dot(axis(1.0), y, BLUE)
        canvas.text(axis(1.0) + 14, y + 5, "chắc chắn" if found.is_census else "100%")
    return canvas.svg()


def those_who_are_silent() -> str:
    """A sample of those who are glad: its interval does not hold the truth."""
    asked, answered, glad, silent_glad = 100, 40, 36, 42
    found = estimate_proportion(glad, answered, population=asked)
    truth = (glad + silent_glad) / asked
    low, high = bounds(found)
    assert found.value is not None
    axis = Axis(0.6, 1.0, 60, 670)
    canvas = Canvas("Người không trả lời làm kết quả lệch khỏi sự thật", 250)
    silent = asked - answered
    words = (
        f"{answered} người trả lời: {glad} hài lòng ({percent(glad / answered, 0)})",
        f"{silent} người không trả lời: {silent_glad} hài lòng "
        f"({percent(silent_glad / silent, 0)})",
    )
    canvas.text(60, 28, words[0], colour=BLUE, weight="bold")
    canvas.text(60, 54, words[1], colour=SOFT)
    canvas.level_axis(axis, 80, 190, ticks(60, 100, 10))
    canvas.line((axis(truth), 80), (axis(truth), 190), RED, 3, "7 4")
    canvas.text(axis(truth) - 8, 100, f"thật ra: {percent(truth, 0)}", "end", RED, "bold")
    canvas.interval(axis, 140, low, high, width=4)
    canvas.dot(axis(found.value), 140, BLUE, 8)
    ends = f"{percent_number(low, 1)}–{percent(high, 1)}"
    assert found.interval is not None and ends == interval(found.interval)
    canvas.text(axis(found.value), 170, f"khoảng tin cậy {ends}", "middle")
    note = "Khoảng tin cậy chỉ nói về người đã trả lời và không chứa con số thật."
    canvas.text(60, 236, note, colour=SOFT, size=14)
    return canvas.svg()
