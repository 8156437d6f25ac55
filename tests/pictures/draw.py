"""Draws the pictures of docs/vi/phuong-phap.md: ``python -m tests.pictures.draw``.

Every figure in them comes from the code that makes the reports; the made-up sheets they are made
of stand at the top of each module.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.pictures import collecting, comparisons, intervals

FOLDER = Path(__file__).parents[2] / "docs" / "vi"
PICTURES: Mapping[str, Callable[[], str]] = {
    "cach-tinh": intervals.index_tree,
    "khoang-tin-cay": intervals.parts_of_an_interval,
    "lap-lai": intervals.repeated_samples,
    "so-phieu": intervals.width_by_sheets,
    "tat-ca-hai-long": intervals.everybody_satisfied,
    "hai-ky": comparisons.two_periods,
    "ngat-chuoi": comparisons.broken_series,
    "khoang-hang": comparisons.rank_ranges,
    "nhieu-phep-so-sanh": comparisons.many_comparisons,
    "ma-tran": comparisons.driver_matrix,
    "nhieu-don-vi": collecting.joined_units,
    "mo-hinh": collecting.model_estimates,
    "o-bi-an": collecting.hidden_cells,
    "chon-mau": collecting.drawn_dossiers,
    "khong-tra-loi": intervals.those_who_are_silent,
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, picture in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
