"""A sheet as agencies have them: titles, second headings, blanks, words, numbers as text."""

import csv
import io
import random

import openpyxl

HEADINGS = ["STT", "Xã", "q1", "q2", "q3", "q4", "Giới tính", "Năm", "N_h"]
SECOND = ["Số", "Đơn vị", "Biển chỉ dẫn", "Chỗ ngồi", "Giấy tờ", "Phí", "giới", "năm", "số xã"]
WORDS = ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]
LEVELS = (1, 2, 3, 4, 5, 0)
USUAL = (0.03, 0.07, 0.15, 0.40, 0.30, 0.05)
WORSE = (0.25, 0.30, 0.25, 0.10, 0.05, 0.05)


def rows() -> list[list[object]]:
    """240 sheets of 12 communes in two years; question q4 is worse in the first."""
    chance = random.Random(3)
    found: list[list[object]] = []
    for number in range(240):
        year = 2025 if number < 120 else 2026
        answers = []
        for question in range(4):
            usual = WORSE if question == 3 and year == 2025 else USUAL
            level = chance.choices(LEVELS, usual)[0]
            answers.append(_written(level, chance))
        sex = chance.choice(["Nam", "Nữ"])
        found.append([number + 1, f"Xã {number % 12}", *answers, sex, year, 30])
        if number in {20, 140}:
            found.append([None] * len(HEADINGS))
    return found


def _written(level: int, chance: random.Random) -> object:
    """A level as a number, a number as text, with a decimal comma, or in words."""
    if level == 0:
        return chance.choice(["Không áp dụng", "", "0"])
    return chance.choice([level, str(level), f"{level},0", f" {level} ", WORDS[level - 1].upper()])


def messy_csv() -> bytes:
    """With a byte order mark, semicolons and a title, as Vietnamese Excel saves it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    title: list[object] = ["Kết quả khảo sát", *[None] * (len(HEADINGS) - 1)]
    writer.writerows([title, HEADINGS, SECOND, *rows()])
    return out.getvalue().encode("utf-8-sig")


def messy_workbook() -> bytes:
    """On the second sheet, under an empty row and a title."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Hướng dẫn: mỗi dòng một phiếu"])
    sheet = book.create_sheet("Số liệu")
    for row in (["Kết quả khảo sát"], [], HEADINGS, SECOND, *rows()):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
