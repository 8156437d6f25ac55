"""Make the files of survey_app/data/administrative_units/ from the package vietnamadminunits.

Run ``python tests/reference/make_administrative_units.py`` in an environment that has the
package. Only its data files are read; nothing of it is imported.
"""

import csv
import json
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.metadata import files
from pathlib import Path

TARGET = Path(__file__).parents[2] / "survey_app" / "data" / "administrative_units"
IN_FORCE = "2025-07-01"
KINDS = {"Xã": "commune", "Phường": "ward", "Đặc khu": "special_zone"}
UNIT_COLUMNS = ("code", "name", "kind", "parent_code", "valid_from", "latitude", "longitude")

Row = tuple[str, ...]


def main() -> None:
    folder = _package_data()
    database = sqlite3.connect(folder / "dataset.db")
    database.row_factory = sqlite3.Row
    units = database.execute("SELECT * FROM admin_units").fetchall()
    former = database.execute("SELECT * FROM admin_units_legacy").fetchall()
    successors = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))

    provinces, communes = _provinces(units), _communes(units)
    former_provinces = _former_provinces(units, former, successors)
    _check(provinces, communes, former_provinces)

    _write("provinces.csv", UNIT_COLUMNS, provinces)
    _write("communes.csv", UNIT_COLUMNS, communes)
    _write(
        "lineage-provinces.csv",
        ("former_code", "former_name", "code", "merged_on"),
        former_provinces,
    )


def _package_data() -> Path:
    for file in files("vietnamadminunits") or []:
        if file.name == "dataset.db":
            return Path(str(file.locate())).parent
    raise SystemExit("the package vietnamadminunits is not installed")


def _provinces(units: Sequence[sqlite3.Row]) -> list[Row]:
    seen = {unit["provinceCode"]: unit for unit in units}
    return [
        (
            code,
            unit["province"],
            "city" if unit["province"].startswith("Thành phố ") else "province",
            "",
            IN_FORCE,
            f"{unit['provinceLat']:.4f}",
            f"{unit['provinceLon']:.4f}",
        )
        for code, unit in sorted(seen.items())
    ]


def _communes(units: Sequence[sqlite3.Row]) -> list[Row]:
    return sorted(
        (
            unit["wardCode"],
            unit["ward"],
            _kind(unit["ward"]),
            unit["provinceCode"],
            IN_FORCE,
            f"{unit['wardLat']:.4f}",
            f"{unit['wardLon']:.4f}",
        )
        for unit in units
    )


def _kind(name: str) -> str:
    """The kind a name tells; the package's own column contradicts the name in four rows."""
    return next(kind for prefix, kind in KINDS.items() if name.startswith(f"{prefix} "))


def _former_provinces(
    units: Sequence[sqlite3.Row],
    former: Sequence[sqlite3.Row],
    successors: dict[str, dict[str, list[str]]],
) -> list[Row]:
    codes = {unit["provinceKey"]: unit["provinceCode"] for unit in units}
    code_of = {
        old: (codes[new], len(olds) > 1)
        for new, olds in successors["DICT_PROVINCE"].items()
        for old in olds
    }
    rows = set()
    for unit in former:
        code, has_merged = code_of[unit["provinceKey"]]
        merged_on = IN_FORCE if has_merged else ""
        rows.add((unit["provinceCode"], unit["province"], code, merged_on))
    return sorted(rows)


def _check(provinces: list[Row], communes: list[Row], former: list[Row]) -> None:
    kinds = Counter(row[2] for row in (*provinces, *communes))
    assert kinds == {
        "province": 28,
        "city": 6,
        "commune": 2621,
        "ward": 687,
        "special_zone": 13,
    }, kinds
    province_codes = {row[0] for row in provinces}
    assert len(province_codes) == 34
    assert len({row[0] for row in communes}) == 3321
    assert {row[3] for row in communes} == province_codes
    assert len({row[0] for row in former}) == len(former) == 63
    assert {row[2] for row in former} == province_codes


def _write(name: str, header: Sequence[str], rows: Iterable[Row]) -> None:
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([unicodedata.normalize("NFC", cell) for cell in row])


if __name__ == "__main__":
    main()
