"""Pictures of whom figures speak for: draws, joined units, models, hidden cells."""

import numpy as np

from survey_app.estimation.complex_sample.items import Item
from survey_app.estimation.complex_sample.survey_design import make_design
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.complex_sample.table_results import Criteria
from survey_app.estimation.disclosure.small_groups import hide_small_cells
from survey_app.estimation.simple_sample.proportion import estimate_proportion
from survey_app.estimation.small_area import fay_herriot, smoothed_variances
from survey_app.reporting.formats import count as written
from survey_app.reporting.formats import percent
from survey_app.sampling.selection import select_simple
from tests.pictures.canvas import BLUE, GRID, INK, PALE, RED, SOFT, Axis, Canvas
from tests.pictures.intervals import DOSSIERS, SHEETS, bounds, ticks

SEED = 2026
#: Name, dossiers, sheets, satisfied.
STRATA = (("Phường Một", 2000, 50, 40), ("Xã Hai", 600, 40, 36), ("Xã Ba", 400, 40, 38))
#: Satisfied and sheets of the units of a block, the last three with few sheets.
BLOCK = ((92, 100), (84, 100), (71, 80), (104, 120), (66, 80), (10, 10), (12, 20), (5, 6))
#: Respondents by occupation.
GROUPS = (("Nông dân", 31), ("Công nhân", 12), ("Học sinh", 3))


def drawn_dossiers() -> str:
    """A list of 60 dossiers, 31 of them drawn."""
    found = select_simple(DOSSIERS, SHEETS, seed=SEED)
    chosen = set(found.indices.tolist())
    canvas = Canvas("Ba mươi mốt hồ sơ được chọn ngẫu nhiên từ sáu mươi", 280)
    canvas.text(20, 26, f"Danh sách {DOSSIERS} hồ sơ, hạt giống {SEED}: chọn {SHEETS} hồ sơ")
    for place in range(DOSSIERS):
        x, y = 20 + place % 15 * 45, 44 + place // 15 * 44
        is_chosen = place in chosen
        canvas.rectangle(x, y, 40, 36, BLUE if is_chosen else "#ffffff", SOFT)
        colour, weight = ("#ffffff", "bold") if is_chosen else (SOFT, "normal")
        canvas.text(x + 20, y + 24, str(place + 1), "middle", colour, weight)
    words = f"Mỗi hồ sơ có xác suất được chọn như nhau: {SHEETS}/{DOSSIERS}."
    words += " Ô đậm: được chọn."
    canvas.text(20, 250, words, colour=SOFT)
    return canvas.svg()


def joined_units() -> str:
    """Three units with their weights, and the whole of all dossiers."""
    sizes = [n for _, _, n, _ in STRATA]
    strata = np.repeat(np.arange(len(STRATA)), sizes)
    members = np.repeat([float(population) for _, population, _, _ in STRATA], sizes)
    design = make_design(len(strata), strata=strata, population_members=members)
    codes = np.concatenate([[1] * x + [0] * (n - x) for _, _, n, x in STRATA]).astype(np.uint8)
    item = Item(codes, np.array([0.0, 1.0]), np.array([1.0, 1.0]))
    table = estimate_table(design, Criteria([item], {"all": ["all"]}), forms=("criteria_mean",))
    whole = float(table.value[0, table.columns.index("criteria_mean")])
    plain = float(np.mean([x / n for _, _, n, x in STRATA]))
    total = sum(population for _, population, _, _ in STRATA)
    canvas = Canvas("Ba đơn vị gộp thành một kết quả theo số hồ sơ", 320)
    axis = Axis(0, total, 30, 690)
    canvas.text(30, 26, "Chiều ngang của ô là số hồ sơ: trọng số của đơn vị", weight="bold")
    left = 0
    for name, population, n, satisfied in STRATA:
        x, wide = axis(left), axis(population) - axis(0)
        high = 150 * satisfied / n
        canvas.rectangle(x, 50, wide, 150, "#ffffff", INK)
        canvas.rectangle(x, 200 - high, wide, high, PALE, INK)
        canvas.text(x + wide / 2, 120, name, "middle", weight="bold", size=14)
        canvas.text(x + wide / 2, 142, percent(satisfied / n), "middle", size=14)
        canvas.text(x + wide / 2, 220, f"{written(population)} hồ sơ", "middle", SOFT, size=13)
        share = f"trọng số {percent(population / total, 1)}"
        canvas.text(x + wide / 2, 238, share, "middle", SOFT, size=13)
        left += population
    canvas.text(30, 276, f"Cả ba đơn vị, theo số hồ sơ: {percent(whole)}", weight="bold", size=17)
    words = f"Nếu chỉ cộng ba tỷ lệ rồi chia ba: {percent(plain)}, không đúng với toàn bộ hồ sơ."
    canvas.text(30, 302, words, colour=RED)
    return canvas.svg()


def model_estimates() -> str:
    """Units with few sheets, pulled towards the block."""
    estimates = [estimate_proportion(x, n) for x, n in BLOCK]
    variances = smoothed_variances(
        [(e.standard_error or 0.0) ** 2 for e in estimates], [n for _, n in BLOCK]
    )
    fitted = fay_herriot([x / n for x, n in BLOCK], variances)
    common = float(fitted.coefficients[0])
    axis = Axis(0.35, 1.0, 180, 690)
    few = [place for place, (_, n) in enumerate(BLOCK) if n < 30]
    bottom = 70 + len(few) * 76
    canvas = Canvas("Ước lượng mô hình kéo đơn vị ít phiếu về giá trị chung", bottom + 60)
    canvas.level_axis(axis, 50, bottom, ticks(40, 100, 10))
    canvas.line((axis(common), 44), (axis(common), bottom), RED, 3, "7 4")
    canvas.text(
        axis(common), 34, f"giá trị chung của khối {percent(common, 1)}", "middle", RED, "bold"
    )
    for row, place in enumerate(few):
        y = 84 + row * 76
        satisfied, n = BLOCK[place]
        area = fitted.areas[place]
        low, high = bounds(estimates[place])
        canvas.text(20, y + 5, f"{satisfied}/{n} phiếu")
        canvas.interval(axis, y, low, high, SOFT, 2)
        canvas.line((axis(area.direct), y), (axis(area.direct), y + 26), BLUE, 1.5, "3 3")
        canvas.line((axis(area.direct), y + 26), (axis(area.model), y + 26), BLUE, 3)
        canvas.dot(axis(area.direct), y, "#ffffff")
        canvas.dot(axis(area.model), y + 26, BLUE)
        words = f"{percent(area.direct, 1)} → {percent(area.model, 1)}"
        canvas.text(20, y + 30, words, colour=BLUE)
    words = "Chấm trắng: kết quả trực tiếp và khoảng tin cậy. Chấm đậm: ước lượng mô hình."
    canvas.text(20, bottom + 46, words, colour=SOFT, size=14)
    return canvas.svg()


def hidden_cells() -> str:
    """A small cell hidden alone comes back by subtraction; hidden in company it does not."""
    counts = [count for _, count in GROUPS]
    total = sum(counts)
    small = [count if count >= 5 else None for count in counts]
    canvas = Canvas("Vì sao ẩn một ô thì phải ẩn thêm ô khác", 280)
    tables = (
        (30, "Nếu chỉ ẩn ô nhỏ", small),
        (390, "Phần mềm ẩn", list(hide_small_cells(counts))),
    )
    for x, title, shown in tables:
        canvas.text(x, 28, title, weight="bold")
        lines = [*zip((name for name, _ in GROUPS), shown, strict=True), ("Tổng số", total)]
        for row, (name, value) in enumerate(lines):
            y = 44 + row * 38
            hidden = value is None
            canvas.rectangle(x, y, 180, 34, "#ffffff", SOFT)
            canvas.rectangle(x + 180, y, 110, 34, GRID if hidden else PALE, SOFT)
            canvas.text(x + 10, y + 22, name)
            words = "ẩn" if hidden else str(value)
            canvas.text(x + 235, y + 22, words, "middle", weight="bold")
    known = [value for value in small if value is not None]
    sum_shown = " − ".join(map(str, [total, *known]))
    words = f"{sum_shown} = {total - sum(known)}: ai cũng tính ra"
    canvas.text(30, 226, words, colour=RED, weight="bold")
    kept = [value for value in hide_small_cells(counts) if value is not None]
    together = total - sum(kept)
    canvas.text(390, 226, f"Hai ô ẩn cộng lại là {together}:", colour=BLUE, weight="bold")
    canvas.text(390, 248, "không biết mỗi ô bao nhiêu", colour=BLUE, weight="bold")
    return canvas.svg()
