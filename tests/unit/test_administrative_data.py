"""The committed lists of provinces and communes."""

import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from survey_app import administrative_data
from survey_app.administrative_data import (
    read_communes,
    read_province_lineage,
    read_provinces,
)

FOLDER = Path(administrative_data.__file__).parent / "data" / "administrative_units"
PREFIXES = {
    "province": "Tỉnh ",
    "city": "Thành phố ",
    "commune": "Xã ",
    "ward": "Phường ",
    "special_zone": "Đặc khu ",
}


def test_counts_by_kind() -> None:
    kinds = Counter(division.kind for division in (*read_provinces(), *read_communes()))
    assert kinds == {
        "province": 28,
        "city": 6,
        "commune": 2_621,
        "ward": 687,
        "special_zone": 13,
    }


@pytest.mark.parametrize("divisions", [read_provinces(), read_communes()])
def test_codes_are_unique_and_in_order(divisions: tuple[administrative_data.Division, ...]) -> None:
    codes = [division.code for division in divisions]
    assert codes == sorted(set(codes))


def test_names_carry_their_type_and_places_lie_in_the_country() -> None:
    for division in (*read_provinces(), *read_communes()):
        assert division.name.startswith(PREFIXES[division.kind])
        assert division.short_name == division.name.removeprefix(PREFIXES[division.kind])
        assert division.valid_from == date(2025, 7, 1)
        assert 8 < division.latitude < 23.5
        assert 102 < division.longitude < 115


def test_every_commune_belongs_to_a_province() -> None:
    provinces = {province.code for province in read_provinces()}
    assert {commune.parent_code for commune in read_communes()} == provinces
    assert not any(province.parent_code for province in read_provinces())


@pytest.mark.parametrize(
    ("code", "count"),
    [("01", 126), ("79", 168), ("68", 124), ("75", 95), ("46", 40)],
)
def test_communes_of_one_province(code: str, count: int) -> None:
    communes = read_communes(code)
    assert len(communes) == count
    assert {commune.parent_code for commune in communes} == {code}


def test_one_commune() -> None:
    assert [c.name for c in read_communes("75") if c.short_name == "Trấn Biên"] == [
        "Phường Trấn Biên"
    ]
    assert read_communes("00") == ()


def test_the_place_on_papers() -> None:
    places = {province.code: province.place for province in read_provinces()}
    assert places["68"] == "Lâm Đồng"
    assert places["01"] == "Hà Nội"
    assert places["79"] == "Thành phố Hồ Chí Minh"
    assert "Phường 1 Bảo Lộc" in {commune.place for commune in read_communes("68")}


def test_lineage_of_provinces() -> None:
    lineage = read_province_lineage()
    assert len({former.former_code for former in lineage}) == len(lineage) == 63
    assert {former.code for former in lineage} == {p.code for p in read_provinces()}
    into_lam_dong = {former.former_name for former in lineage if former.code == "68"}
    assert into_lam_dong == {"Tỉnh Lâm Đồng", "Tỉnh Đắk Nông", "Tỉnh Bình Thuận"}
    alone = [former for former in lineage if former.merged_on is None]
    assert len(alone) == 11
    assert {former.merged_on for former in lineage} == {None, date(2025, 7, 1)}


def test_files_are_composed_and_small() -> None:
    for file in FOLDER.glob("*.csv"):
        data = file.read_bytes()
        text = data.decode("utf-8")
        assert unicodedata.is_normalized("NFC", text)
        assert "\r" not in text
        assert len(data) < 800_000
