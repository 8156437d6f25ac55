"""The tree of administrative units: official lists, imports, single units, official names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.administrative_data import (
    Division,
    place_name,
    read_communes,
    read_province_lineage,
    read_provinces,
)
from survey_app.errors import Conflict, Invalid, NotFound, Problem
from survey_app.reporting.figures.subjects import UnitSubject
from survey_app.storage.models import AdministrativeUnit as AdministrativeUnit
from survey_app.storage.models import UnitSuccession
from survey_app.storage.queries.units import (
    list_units,
    subtree_ids,
    unit_by_code,
    units_by_code,
)
from survey_app.storage.races import looks_again
from survey_app.text import clean_line, fold, sort_key
from survey_app.unit_import import KINDS, LONGEST, UNIT_CODE, UnitRow, parse_units

#: Kinds whose papers are signed by the people's committee.
GOVERNED_BY_COMMITTEE = frozenset({"province", "city", "commune", "ward", "special_zone"})
#: Codes of former provinces, apart from the present ones (some numbers live on with new borders).
FORMER_PREFIX = "CU"


@dataclass(frozen=True)
class ImportOutcome:
    """``created`` new units; ``unchanged`` were there already, exactly so. ``above``: the code of
    the one unit below which all new ones stand; empty where there is no such."""

    created: int
    unchanged: int
    above: str = ""


def find_unit(session: Session, code: str) -> AdministrativeUnit:
    """Raises NotFound."""
    unit = unit_by_code(session, code.strip())
    if unit is None:
        raise NotFound(f"Không có đơn vị mang mã “{code.strip()}”.")
    return unit


@looks_again
def create_unit(
    session: Session,
    *,
    code: str,
    name: str,
    kind: str,
    valid_from: date | None,
    parent_id: int | None = None,
    agency_name: str = "",
    place: str = "",
    valid_to: date | None = None,
) -> AdministrativeUnit:
    """Add one unit. Raises Invalid (every mistake) or Conflict when the code is taken."""
    problems = []
    if not UNIT_CODE.fullmatch(code):
        message = "Mã đơn vị gồm chữ in hoa A–Z, chữ số và dấu chấm, không quá 35 ký tự."
        problems.append(Problem(message, "code"))
    if not clean_line(name):
        problems.append(Problem("Nhập tên đơn vị.", "name"))
    if kind not in KINDS:
        problems.append(Problem("Chọn loại đơn vị trong danh sách.", "kind"))
    if problems:
        raise Invalid("Chưa thêm được đơn vị.", problems)
    if unit_by_code(session, code):
        raise Conflict(f"Đã có đơn vị mang mã “{code}”.")
    unit = new_unit(code, name, kind, valid_from)
    unit.parent_id = parent_id
    unit.agency_name = clean_line(agency_name)
    unit.place = clean_line(place)
    unit.valid_to = valid_to
    session.add(unit)
    session.flush()
    return unit


def edit_unit(
    unit: AdministrativeUnit, *, agency_name: str, place: str, block: str
) -> AdministrativeUnit:
    """Change how a unit signs, its seat and its block; name, kind and place in the tree change
    by a reorganisation, which keeps what they were. Raises Invalid with every mistake."""
    values = {"agency_name": clean_line(agency_name), "place": clean_line(place)}
    problems = [
        Problem(f"Dài nhất {LONGEST[field]} ký tự.", field)
        for field, text in values.items()
        if len(text) > LONGEST[field]
    ]
    if problems:
        raise Invalid("Chưa sửa được đơn vị.", problems)
    unit.agency_name, unit.place, unit.block = values["agency_name"], values["place"], block
    return unit


def succeed_unit(
    session: Session, predecessor: AdministrativeUnit, successor: AdministrativeUnit
) -> None:
    """Record that ``predecessor`` became (part of) ``successor`` when that one began."""
    if successor.valid_from is None:
        raise Invalid(f"Đơn vị “{successor.name}” chưa có ngày bắt đầu hoạt động.")
    session.add(
        UnitSuccession(
            predecessor_id=predecessor.id,
            successor_id=successor.id,
            happened_on=successor.valid_from,
        )
    )
    session.flush()


@looks_again
def load_province(session: Session, province_code: str) -> int:
    """Add a province and its communes from the official list; returns how many were added.

    The former provinces it came from are added too, closed, with the lineage. What is there
    already stays as it is. Raises NotFound for an unknown province.
    """
    province = next((p for p in read_provinces() if p.code == province_code), None)
    if province is None:
        raise NotFound("Không có tỉnh, thành phố này trong danh mục.")
    known = units_by_code(session)
    added = 0
    root = known.get(province.code)
    if root is None:
        root = _from_division(province, parent_id=None)
        session.add(root)
        session.flush()
        added += 1 + _add_former_provinces(session, root)
    for commune in read_communes(province_code):
        if commune.code not in known:
            session.add(_from_division(commune, parent_id=root.id))
            added += 1
    session.flush()
    return added


def read_unit_file(session: Session, data: bytes, filename: str) -> tuple[UnitRow, ...]:
    """The units of a CSV or Excel file, parents first; raises Invalid with every row's mistakes.

    Apart from :func:`import_units`: opening a workbook is slow, and needs only to read.
    """
    return parse_units(data, filename, units_by_code(session))


@looks_again
def import_units(session: Session, rows: Sequence[UnitRow]) -> ImportOutcome:
    """Add the units of a file that has been read; raises Invalid with every row's mistakes.

    Nothing is written unless every row is right. A row that repeats a unit exactly changes
    nothing; one that contradicts a unit is a mistake.
    """
    known = units_by_code(session)
    codes = {unit.id: unit.code for unit in known.values()}
    problems = [
        Problem(f"Mã “{row.code}” đã thuộc về “{unit.name}” với thông tin khác.", row.where)
        for row in rows
        if (unit := known.get(row.code)) and _differs(row, unit, codes)
    ]
    if problems:
        raise Invalid("Tệp có dòng trái với đơn vị đã có; chưa ghi gì.", problems)
    fresh = [row for row in rows if row.code not in known]
    for row in fresh:  # parents come before their children
        parent = known.get(row.parent_code)
        unit = new_unit(row.code, row.name, row.kind, row.valid_from)
        unit.parent_id = parent.id if parent else None
        unit.agency_name, unit.place = row.agency_name, row.place
        session.add(unit)
        session.flush()
        known[row.code] = unit
    for row in fresh:  # a predecessor may stand anywhere in the file
        for code in row.predecessor_codes:
            succeed_unit(session, known[code], known[row.code])
    made = {row.code for row in fresh}
    above = {row.parent_code for row in fresh} - made
    return ImportOutcome(
        created=len(fresh),
        unchanged=len(rows) - len(fresh),
        above=above.pop() or "" if len(above) == 1 else "",
    )


def walk_units(session: Session) -> Iterator[tuple[int, AdministrativeUnit]]:
    """Every unit with its depth, parents before children, in Vietnamese order."""
    children: dict[int | None, list[AdministrativeUnit]] = {}
    for unit in list_units(session):
        children.setdefault(unit.parent_id, []).append(unit)

    def walk(parent_id: int | None, depth: int) -> Iterator[tuple[int, AdministrativeUnit]]:
        for unit in children.get(parent_id, ()):
            yield depth, unit
            yield from walk(unit.id, depth + 1)

    return walk(None, 0)


def ids_below(session: Session, unit: AdministrativeUnit) -> frozenset[int]:
    """The ids of a unit and of everything below it."""
    return subtree_ids(session, unit.id)


def describe_unit(unit: AdministrativeUnit) -> UnitSubject:
    """The unit as official papers name it (own agency, the one above, the seat)."""
    return UnitSubject(
        code=unit.code,
        name=unit.name,
        agency=agency_of(unit),
        # A people's committee has no governing agency on its papers; what it governs has.
        parent_agency=""
        if unit.parent is None or unit.kind in GOVERNED_BY_COMMITTEE
        else agency_of(unit.parent),
        place=_place_of(unit),
        superior=agency_of(unit.parent) if unit.parent else "",
    )


def agency_of(unit: AdministrativeUnit) -> str:
    """The body that signs: as recorded, or the people's committee, or the unit's own name."""
    if unit.agency_name:
        return unit.agency_name
    if unit.kind in GOVERNED_BY_COMMITTEE:
        return f"Ủy ban nhân dân {unit.name[0].lower()}{unit.name[1:]}"
    return unit.name


def _place_of(unit: AdministrativeUnit) -> str:
    if unit.place:
        return unit.place
    if unit.parent is None or unit.kind in GOVERNED_BY_COMMITTEE:
        return place_name(unit.name)
    return _place_of(unit.parent)


def new_unit(code: str, name: str, kind: str, valid_from: date | None) -> AdministrativeUnit:
    """A unit with its keys for sorting and search, not yet stored."""
    clean = clean_line(name)
    return AdministrativeUnit(
        code=code,
        name=clean,
        kind=kind,
        valid_from=valid_from,
        agency_name="",
        place="",
        sort_key=sort_key(clean),
        search_key=fold(clean),
    )


def _from_division(division: Division, *, parent_id: int | None) -> AdministrativeUnit:
    unit = new_unit(division.code, division.name, division.kind, division.valid_from)
    unit.parent_id = parent_id
    unit.place = division.place
    return unit


def _add_former_provinces(session: Session, root: AdministrativeUnit) -> int:
    """The provinces that merged into ``root``, as closed units with their lineage."""
    merged = [f for f in read_province_lineage() if f.code == root.code and f.merged_on]
    for former in merged:
        unit = new_unit(
            f"{FORMER_PREFIX}.{former.former_code}",
            former.former_name,
            former.kind,
            valid_from=None,
        )
        unit.valid_to = former.merged_on
        session.add(unit)
        session.flush()
        succeed_unit(session, unit, root)
    return len(merged)


def _differs(row: UnitRow, unit: AdministrativeUnit, codes: Mapping[int, str]) -> bool:
    """Whether a row says something else than the unit; what a row leaves blank says nothing."""
    said = (row.name, row.kind, row.parent_code)
    stored = (unit.name, unit.kind, codes.get(unit.parent_id or 0, ""))
    return (
        said != stored
        or row.agency_name not in {"", unit.agency_name}
        or row.place not in {"", unit.place}
    )
