"""The tree of units: official lists, imports that write all or nothing, official names."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, NotFound
from survey_app.operations.organisation.units import (
    ImportOutcome,
    create_unit,
    describe_unit,
    find_unit,
    import_units,
    load_province,
    read_unit_file,
    walk_units,
)
from survey_app.storage.models import AdministrativeUnit, UnitSuccession
from survey_app.unit_import import template_workbook
from tests.factories import make_unit

GOOD = """mã đơn vị,tên đơn vị,loại đơn vị,mã cấp trên,mã đơn vị trước đây
H01,Tỉnh Thử,Tỉnh,,
H01.02,Phòng Hộ tịch,Phòng,H01.01,
H01.01,Sở Tư pháp,Sở,H01,H01.99
H01.99,Sở Tư pháp (cũ),Sở,H01,
"""


def import_file(session: Session, data: bytes, filename: str) -> ImportOutcome:
    return import_units(session, read_unit_file(session, data, filename))


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AdministrativeUnit)) or 0


def test_a_province_comes_with_its_communes_and_its_lineage(session: Session) -> None:
    added = load_province(session, "68")  # Lâm Đồng
    province = find_unit(session, "68")
    assert province.name == "Tỉnh Lâm Đồng"
    children = [unit for depth, unit in walk_units(session) if depth == 1]
    assert len(children) > 100
    former = session.scalars(
        select(AdministrativeUnit.name)
        .join(UnitSuccession, UnitSuccession.predecessor_id == AdministrativeUnit.id)
        .where(UnitSuccession.successor_id == province.id)
    ).all()
    assert {"Đắk Nông", "Bình Thuận"} <= {name.removeprefix("Tỉnh ") for name in former}
    assert added == 1 + len(children) + len(former)
    assert load_province(session, "68") == 0
    with pytest.raises(NotFound):
        load_province(session, "00")


def test_a_file_is_imported_whole_in_any_order(session: Session) -> None:
    outcome = import_file(session, GOOD.encode(), "don-vi.csv")
    assert (outcome.created, outcome.unchanged) == (4, 0)
    division = find_unit(session, "H01.02")
    assert division.parent is not None
    assert division.parent.name == "Sở Tư pháp"
    assert session.scalars(select(UnitSuccession.happened_on)).all() == [date(2025, 7, 1)]
    again = import_file(session, GOOD.encode(), "don-vi.csv")
    assert (again.created, again.unchanged) == (0, 4)


def test_a_wrong_file_lists_every_row_and_writes_nothing(session: Session) -> None:
    wrong = GOOD + "h01.x,Sở Xấu,Sở,H01,\nH01.03,,Lạ,H77,\n"
    with pytest.raises(Invalid) as caught:
        import_file(session, wrong.encode(), "don-vi.csv")
    places = " ".join(problem.where for problem in caught.value.problems)
    assert "dòng 6" in places
    assert "dòng 7" in places
    assert len(caught.value.problems) >= 4
    assert count(session) == 0


def test_a_row_that_contradicts_a_unit_is_refused(session: Session) -> None:
    import_file(session, GOOD.encode(), "don-vi.csv")
    with pytest.raises(Invalid) as caught:
        import_file(session, GOOD.replace("Phòng Hộ tịch", "Phòng Khác").encode(), "b.csv")
    assert "Phòng Hộ tịch" in caught.value.problems[0].message
    assert find_unit(session, "H01.02").name == "Phòng Hộ tịch"


def test_the_template_can_be_imported_as_it_is(session: Session) -> None:
    assert import_file(session, template_workbook(), "mau.xlsx").created > 3


def test_units_are_named_as_on_papers(session: Session) -> None:
    province = make_unit(session, "H01", "Tỉnh Lâm Đồng", "province")
    ward = make_unit(session, "H01.02", "Phường Xuân Hương", "ward", province)
    department = make_unit(session, "H01.01", "Sở Nội vụ", "department", province)
    office = make_unit(session, "H01.01.1", "Chi nhánh 1", "office", department)
    subject = describe_unit(department)
    assert (subject.agency, subject.parent_agency, subject.place) == (
        "Sở Nội vụ",
        "Ủy ban nhân dân tỉnh Lâm Đồng",
        "Lâm Đồng",
    )
    assert describe_unit(ward).agency == "Ủy ban nhân dân phường Xuân Hương"
    assert describe_unit(ward).place == "Xuân Hương"
    assert describe_unit(ward).parent_agency == ""
    assert describe_unit(office).parent_agency == "Sở Nội vụ"
    assert describe_unit(province).parent_agency == ""


def test_a_unit_is_checked_before_it_is_added(session: Session) -> None:
    with pytest.raises(Invalid) as caught:
        create_unit(session, code="xã 1", name=" ", kind="commune", valid_from=date(2025, 7, 1))
    assert {problem.where for problem in caught.value.problems} == {"code", "name"}
    make_unit(session)
    with pytest.raises(Conflict):
        make_unit(session)


def test_a_row_may_leave_blank_what_is_known_but_not_contradict_it(session: Session) -> None:
    first = "mã,tên,loại,cấp trên,tên cơ quan,địa danh\nH01,Tỉnh Thử,Tỉnh,,Ủy ban Thử,Thử\n"
    import_file(session, first.encode(), "a.csv")
    blank = "mã,tên,loại\nH01,Tỉnh Thử,Tỉnh\n"
    assert import_file(session, blank.encode(), "b.csv").unchanged == 1
    with pytest.raises(Invalid, match="chưa ghi gì"):
        import_file(session, first.replace("Ủy ban Thử", "Ủy ban Khác").encode(), "c.csv")


def test_a_predecessor_named_twice_is_one(session: Session) -> None:
    text = "mã,tên,loại,mã cũ\nH01,Tỉnh Thử,Tỉnh,\nH02,Tỉnh Sau,Tỉnh,H01 H01\n"
    assert import_file(session, text.encode(), "a.csv").created == 2


def test_cities_named_after_people_keep_their_full_name(session: Session) -> None:
    city = make_unit(session, "H29", "Thành phố Hồ Chí Minh", "city")
    ward = make_unit(session, "H29.1", "Phường 1", "ward", city)
    assert describe_unit(city).place == "Thành phố Hồ Chí Minh"
    assert describe_unit(ward).place == "Phường 1"
