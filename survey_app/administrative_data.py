"""Provinces and communes of the two-tier administration, and the ones they came from."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

TWO_TIERS_SINCE = date(2025, 7, 1)

_FOLDER = Path(__file__).parent / "data" / "administrative_units"
_TYPES = ("Thành phố ", "Đặc khu ", "Phường ", "Tỉnh ", "Xã ")
_NAMED_AFTER_A_PERSON = {"Hồ Chí Minh"}


@dataclass(frozen=True, slots=True)
class Division:
    """A province or a commune as the official list has it.

    ``kind`` is province, city, commune, ward or special_zone; ``parent_code`` is the province
    of a commune and empty for a province.
    """

    code: str
    name: str
    kind: str
    parent_code: str
    valid_from: date
    latitude: float
    longitude: float

    @property
    def short_name(self) -> str:
        """The name without its type: "Lâm Đồng", "Trấn Biên"."""
        return short_name(self.name)

    @property
    def place(self) -> str:
        """The name for the line of place and date on official papers.

        The rules for papers want the full name where the short one is a person or a number.
        """
        return place_name(self.name)


@dataclass(frozen=True, slots=True)
class FormerProvince:
    """One of the 63 provinces before the reform; ``merged_on`` is None where nothing merged."""

    former_code: str
    former_name: str
    code: str
    merged_on: date | None

    @property
    def kind(self) -> str:
        return "city" if self.former_name.startswith("Thành phố ") else "province"


def short_name(name: str) -> str:
    """The name of a province or commune without its type: "Lâm Đồng", "Trấn Biên"."""
    for type_name in _TYPES:
        if name.startswith(type_name):
            return name.removeprefix(type_name)
    return name


def place_name(name: str) -> str:
    """The name for the line of place and date on official papers.

    The rules for papers want the full name where the short one is a person or a number.
    """
    short = short_name(name)
    return name if short in _NAMED_AFTER_A_PERSON or short[0].isdigit() else short


@cache
def read_provinces() -> tuple[Division, ...]:
    """The 34 provinces and cities, ordered by code."""
    return tuple(_division(row) for row in _rows("provinces.csv"))


def read_communes(province_code: str | None = None) -> tuple[Division, ...]:
    """The communes, wards and special zones of one province or of all, ordered by code."""
    return tuple(commune for commune in _communes() if province_code in (None, commune.parent_code))


@cache
def read_province_lineage() -> tuple[FormerProvince, ...]:
    """Where each of the 63 former provinces went, ordered by former code."""
    return tuple(
        FormerProvince(
            row["former_code"],
            row["former_name"],
            row["code"],
            date.fromisoformat(row["merged_on"]) if row["merged_on"] else None,
        )
        for row in _rows("lineage-provinces.csv")
    )


@cache
def _communes() -> tuple[Division, ...]:
    return tuple(_division(row) for row in _rows("communes.csv"))


def _division(row: dict[str, str]) -> Division:
    return Division(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        parent_code=row["parent_code"],
        valid_from=date.fromisoformat(row["valid_from"]),
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
