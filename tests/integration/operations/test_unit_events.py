"""Reorganisations: merged, split, renamed, moved, abolished units; their past; taking them back."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid
from survey_app.operations.organisation.event_file import read_events, template_workbook
from survey_app.operations.organisation.lineage import Heir, read_lineage
from survey_app.operations.organisation.reorganisation import (
    EventKind,
    Reorganisation,
    Successor,
)
from survey_app.operations.organisation.unit_events import (
    apply_due,
    check_plan,
    reorganise,
    reorganise_all,
    undo_event,
)
from survey_app.operations.organisation.unit_history import as_of, unit_history
from survey_app.operations.organisation.units import create_unit, find_unit
from survey_app.storage.models import AdministrativeUnit, UnitEvent, UnitState, UnitSuccession
from tests.factories import NOW, make_survey

DAY = date(2025, 7, 1)
BEFORE = date(2025, 6, 30)
BASIS = "Nghị quyết số 1662/NQ-UBTVQH15 ngày 16/6/2025"


def unit(
    session: Session, code: str, name: str, parent: AdministrativeUnit | None, kind: str = "commune"
) -> AdministrativeUnit:
    return create_unit(
        session,
        code=code,
        name=name,
        kind=kind,
        valid_from=date(2004, 1, 1),
        parent_id=parent.id if parent else None,
    )


@pytest.fixture(autouse=True)
def province(session: Session) -> AdministrativeUnit:
    root = unit(session, "H", "Tỉnh Mẫu", None, "province")
    for code, name in (("A", "Xã An"), ("B", "Xã Bình"), ("C", "Xã Cường"), ("D", "Xã Đông")):
        unit(session, code, name, root)
    return root


def plan(
    kind: EventKind,
    before: Iterable[str],
    *after: Successor,
    day: date = DAY,
    basis: str = BASIS,
) -> Reorganisation:
    return Reorganisation(kind, day, basis, tuple(before), after)


def merge(*before: str, into: Successor, day: date = DAY) -> Reorganisation:
    return plan(EventKind.MERGE, before, into, day=day)


def texts(refusal: pytest.ExceptionInfo[Invalid]) -> str:
    return " ".join(str(problem) for problem in refusal.value.problems)


def test_three_communes_become_a_new_one(session: Session) -> None:
    office = unit(
        session, "A.1", "Bộ phận Một cửa xã An", find_unit(session, "A"), "service_centre"
    )
    event = reorganise(session, merge("A", "B", "C", into=Successor("N", "Xã  Mới")), now=NOW)
    new = find_unit(session, "N")
    assert (new.name, new.kind, new.parent_id) == ("Xã Mới", "commune", find_unit(session, "H").id)
    assert (new.valid_from, new.valid_to) == (DAY, None)
    assert [find_unit(session, code).valid_to for code in "ABC"] == [DAY] * 3
    assert office.parent_id == new.id and office.valid_to is None
    assert event.applied_at == NOW
    lineage = read_lineage(session)
    for code in "ABC":
        assert lineage.heir(find_unit(session, code).id, BEFORE) == Heir(new.id)
    assert lineage.parts(new.id, BEFORE) >= {find_unit(session, code).id for code in "ABC"}


def test_one_goes_into_another_that_stays_and_is_renamed(session: Session) -> None:
    reorganise(session, merge("A", into=Successor("B", "Phường Bình", "ward")), now=NOW)
    grown = find_unit(session, "B")
    assert (grown.name, grown.kind, grown.valid_to) == ("Phường Bình", "ward", None)
    was = as_of(session, [grown], BEFORE)[grown.id]
    assert (was.name, was.kind) == ("Xã Bình", "commune")
    assert as_of(session, [grown], DAY)[grown.id] is grown
    assert read_lineage(session).heir(find_unit(session, "A").id, BEFORE) == Heir(grown.id)
    assert read_lineage(session).heir(grown.id, BEFORE) == Heir(grown.id)


def test_a_split_ends_the_way_of_the_lineage(session: Session) -> None:
    parts = Successor("P", "Xã Phú"), Successor("Q", "Xã Quý")
    reorganise(session, plan(EventKind.SPLIT, ["A"], *parts), now=NOW)
    old = find_unit(session, "A")
    assert old.valid_to == DAY
    assert read_lineage(session).heir(old.id, BEFORE) == Heir(old.id, is_divided=True)


def test_a_unit_that_gives_a_part_away_lives_on(session: Session) -> None:
    left = Successor("A"), Successor("P", "Xã Phú")
    reorganise(session, plan(EventKind.SPLIT, ["A"], *left), now=NOW)
    old = find_unit(session, "A")
    assert old.valid_to is None
    lineage = read_lineage(session)
    assert lineage.heir(old.id, BEFORE) == Heir(old.id, is_divided=True)
    assert lineage.heir(old.id, DAY) == Heir(old.id)


def test_names_and_places_of_a_day(session: Session, province: AdministrativeUnit) -> None:
    other = unit(session, "K", "Tỉnh Khác", None, "province")
    rename = plan(EventKind.RENAME, ["A"], Successor("A", "Phường An", "ward"))
    move = plan(EventKind.MOVE, ["A"], Successor("A", parent_code="K"), day=date(2026, 1, 1))
    reorganise_all(session, [move, rename], now=NOW)  # by their days, not as they come
    found = find_unit(session, "A")
    assert (found.name, found.parent_id) == ("Phường An", other.id)
    first = as_of(session, [found], BEFORE)[found.id]
    assert (first.name, first.parent) == ("Xã An", province)
    second = as_of(session, [found], DAY)[found.id]
    assert (second.name, second.parent) == ("Phường An", province)
    history = unit_history(session, found)
    assert [(entry.day, entry.kind) for entry in history] == [
        (DAY, EventKind.RENAME),
        (date(2026, 1, 1), EventKind.MOVE),
    ]
    assert history[0].old and history[0].new and history[1].old and history[1].new
    assert (history[0].old.name, history[0].new.name) == ("Xã An", "Phường An")
    assert (history[1].old.parent, history[1].new.parent) == ("Tỉnh Mẫu", "Tỉnh Khác")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (merge("A", "Z", into=Successor("N", "Xã Mới")), "“Z”"),
        (merge("A", into=Successor("N")), "Nhập tên"),
        (merge("A", into=Successor("A", "Xã Mới")), "đơn vị khác"),
        (merge("A", into=Successor("n 1", "Xã Mới")), "không đúng"),
        (merge("A", "B", into=Successor("N", "Xã Mới"), day=date(2004, 1, 1)), "mới có từ"),
        (merge("H", into=Successor("A")), "nằm dưới"),
        (plan(EventKind.MOVE, ["H"], Successor("H", parent_code="A")), "dưới chính nó"),
        (plan(EventKind.MOVE, ["A"], Successor("A", parent_code="A")), "dưới chính nó"),
        (plan(EventKind.RENAME, ["A"], Successor("A")), "tên mới"),
        (plan(EventKind.SPLIT, ["A"], Successor("P", "Xã Phú")), "ít nhất hai"),
        (plan(EventKind.ABOLISH, ["H"]), "trực thuộc"),
        (plan(EventKind.ABOLISH, ["A"], basis=" "), "căn cứ"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    session: Session, wrong: Reorganisation, word: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        reorganise(session, wrong, now=NOW)
    assert word in texts(refusal)
    assert session.scalar(select(func.count()).select_from(UnitEvent)) == 0


def test_days_go_in_order(session: Session) -> None:
    reorganise(session, plan(EventKind.RENAME, ["A"], Successor("A", "Phường An")), now=NOW)
    earlier = plan(EventKind.RENAME, ["A"], Successor("A", "Xã Ân"), day=date(2024, 1, 1))
    with pytest.raises(Invalid) as refusal:
        reorganise(session, earlier, now=NOW)
    assert "đã có thay đổi ngày 01/07/2025" in texts(refusal)
    reorganise(session, plan(EventKind.ABOLISH, ["A"], day=date(2026, 1, 1)), now=NOW)
    with pytest.raises(Invalid) as refusal:
        reorganise(session, merge("A", into=Successor("B"), day=date(2026, 2, 1)), now=NOW)
    assert "đã kết thúc" in texts(refusal)


def test_a_day_to_come_waits_and_takes_effect(session: Session) -> None:
    later = date(2026, 7, 1)
    event = reorganise(session, merge("A", "B", into=Successor("N", "Xã Mới"), day=later), now=NOW)
    assert event.applied_at is None and find_unit(session, "A").valid_to is None
    with pytest.raises(Invalid) as refusal:
        reorganise(session, plan(EventKind.ABOLISH, ["A"]), now=NOW)
    assert "đang chờ" in texts(refusal)
    assert apply_due(session, now=NOW) == ()
    assert apply_due(session, now=datetime(2026, 6, 30, 17, 0, tzinfo=UTC)) == (event,)
    assert find_unit(session, "A").valid_to == later
    assert find_unit(session, "N").valid_from == later


def test_what_has_become_impossible_says_why(session: Session) -> None:
    later = date(2026, 7, 1)
    event = reorganise(session, plan(EventKind.ABOLISH, ["A"], day=later), now=NOW)
    unit(session, "A.1", "Phòng Mới", find_unit(session, "A"), "division")
    assert apply_due(session, now=datetime(2026, 7, 2, tzinfo=UTC)) == ()
    assert "trực thuộc" in event.refusal and find_unit(session, "A").valid_to is None


def test_a_mistake_is_taken_back_while_nothing_rests_on_it(session: Session) -> None:
    unit(session, "A.1", "Một cửa xã An", find_unit(session, "A"), "service_centre")
    event = reorganise(session, merge("A", "B", into=Successor("N", "Xã Mới")), now=NOW)
    undo_event(session, event)
    session.expire_all()
    assert find_unit(session, "A").valid_to is None
    assert find_unit(session, "A.1").parent_id == find_unit(session, "A").id
    for table in (UnitEvent, UnitState, UnitSuccession):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert session.scalar(select(AdministrativeUnit).where(AdministrativeUnit.code == "N")) is None


def test_what_others_rest_on_is_not_taken_back(session: Session) -> None:
    event = reorganise(session, merge("A", "B", into=Successor("N", "Xã Mới")), now=NOW)
    renamed = plan(EventKind.RENAME, ["N"], Successor("N", "Xã Tân"), day=date(2026, 1, 1))
    later = reorganise(session, renamed, now=NOW)
    with pytest.raises(Conflict):
        undo_event(session, event)
    undo_event(session, later)
    assert find_unit(session, "N").name == "Xã Mới"
    make_survey(session, {find_unit(session, "N"): 100})
    with pytest.raises(Conflict):
        undo_event(session, event)


def test_nothing_is_taken_back_to_a_place_below_itself(session: Session) -> None:
    """A moves away from B, then B below A: A cannot go back below B."""
    reorganise(session, plan(EventKind.MOVE, ["A"], Successor("A", parent_code="B")), now=NOW)
    days = (date(2026, 1, 1), date(2026, 1, 2))
    away = plan(EventKind.MOVE, ["A"], Successor("A", parent_code="C"), day=days[0])
    event = reorganise(session, away, now=NOW)
    follow = plan(EventKind.MOVE, ["B"], Successor("B", parent_code="A"), day=days[1])
    later = reorganise(session, follow, now=NOW)
    with pytest.raises(Conflict, match="nằm dưới chính nó"):
        undo_event(session, event)
    undo_event(session, later)
    undo_event(session, event)
    assert find_unit(session, "A").parent_id == find_unit(session, "B").id


@pytest.mark.parametrize("is_moved", [True, False])
def test_nothing_is_taken_back_to_a_place_that_ended(session: Session, is_moved: bool) -> None:
    """A left B by a move, or by going into C, and then B was abolished."""
    reorganise(session, plan(EventKind.MOVE, ["A"], Successor("A", parent_code="B")), now=NOW)
    move = plan(EventKind.MOVE, ["A"], Successor("A", parent_code="C"), day=date(2026, 1, 1))
    goes_in = merge("A", into=Successor("C"), day=date(2026, 1, 1))
    event = reorganise(session, move if is_moved else goes_in, now=NOW)
    later = reorganise(session, plan(EventKind.ABOLISH, ["B"], day=date(2026, 1, 2)), now=NOW)
    with pytest.raises(Conflict, match="Xã Bình đã kết thúc"):
        undo_event(session, event)
    undo_event(session, later)
    undo_event(session, event)
    assert find_unit(session, "A").parent_id == find_unit(session, "B").id


def test_consequences_are_told_before(session: Session) -> None:
    survey = make_survey(session, {find_unit(session, "A"): 100, find_unit(session, "D"): 50})
    found = check_plan(session, merge("A", into=Successor("B")), today=NOW.date())
    assert [unit.code for unit in found.ending] == ["A"]
    assert list(found.surveys) == [survey] and found.uses == {"survey_unit": 1}
    assert not found.is_later
    assert find_unit(session, "A").valid_to is None  # nothing was done


FILE = """Hình thức,Ngày hiệu lực,Căn cứ pháp lý,Mã cũ,Mã mới,Tên mới,Loại mới,Mã cấp trên mới
Hợp nhất,01/07/2025,NQ 1662,A,N,Xã Mới,Xã,
Hợp nhất,01/07/2025,NQ 1662,B,N,,,
Tách,01/07/2025,NQ 1662,C,C,,,
Tách,01/07/2025,NQ 1662,C,P,Xã Phú,Xã,
Đổi tên,01/07/2025,NQ 1662,D,,Phường Đông,Phường,
"""


def test_a_file_is_done_whole(session: Session) -> None:
    events = reorganise_all(session, read_events(FILE.encode(), "nq.csv"), now=NOW)
    assert [event.kind for event in events] == ["merge", "split", "rename"]
    assert find_unit(session, "N").name == "Xã Mới" and find_unit(session, "A").valid_to == DAY
    assert find_unit(session, "D").kind == "ward"


def test_a_file_with_mistakes_names_every_row(session: Session) -> None:
    wrong = FILE + "Giải thể,01/07/2025,NQ,Z,,,,\nSáp nhập,01/07/2025,NQ,A,D,,,\n"
    with pytest.raises(Invalid) as refusal:
        reorganise_all(session, read_events(wrong.encode(), "nq.csv"), now=NOW)
    where = [problem.where for problem in refusal.value.problems]
    assert where == ["dòng 7, cột D", "dòng 8, cột D"]
    with pytest.raises(Invalid) as refusal:
        read_events(FILE.replace("Hợp nhất", "Gộp").encode(), "nq.csv")
    assert "“Gộp”" in texts(refusal)


def test_the_template_reads(session: Session) -> None:
    plans = read_events(template_workbook(), "mau.xlsx")
    assert [len(p.before) for p in plans] == [3, 1, 1, 1, 1, 1]
