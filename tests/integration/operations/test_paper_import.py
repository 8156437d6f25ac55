"""Keyed forms: what people write is understood; a file counts whole or not at all, and once."""

import io
from datetime import UTC, datetime

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import Closed, Conflict, Invalid
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.intake.submission import Sheet, submit_sheet
from survey_app.operations.paper.columns import form_number
from survey_app.operations.paper.forms import form_id
from survey_app.operations.paper.imports import (
    MOST_FORMS,
    check_forms,
    list_notices,
    read_keyed_table,
)
from survey_app.spreadsheets.writing import marked_copy
from survey_app.storage.database import Database
from survey_app.storage.models import (
    CollectionPoint,
    FreeText,
    Survey,
    SurveyResponse,
)
from tests.factories import NOW, make_point, make_survey, make_unit, noted, recorded
from tests.integration.operations.keying import (
    SECRET,
    a_file,
    check,
    count,
    first_unit,
    keyed,
    stored,
)


@pytest.fixture
def survey(session: Session) -> Survey:
    return make_survey(session, [make_unit(session), make_unit(session, "H01.02", "Xã Hai")])


@pytest.fixture
def point(session: Session, survey: Survey) -> CollectionPoint:
    return make_point(session, survey, first_unit(session, survey))


def mistakes(session: Session, survey: Survey, data: bytes, **more: object) -> list[str]:
    with pytest.raises(Invalid) as caught:
        check(session, survey, data, **more)
    return [str(problem) for problem in caught.value.problems] or [caught.value.message]


# ── what people write ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("5", "5"),
        ("5,0", "5"),
        ("4 – Hài lòng", "4"),
        ("hài lòng", "4"),
        ("Rat hai long", "5"),
        ("0", "na"),
        ("NA", "na"),
        ("Không áp dụng", "na"),
        ("", None),
    ],
)
def test_keys_codes_and_labels_of_a_scale_are_understood(
    session: Session, survey: Survey, point: CollectionPoint, written: str, code: str | None
) -> None:
    keyed(session, survey, a_file((point.token, "1", written, "online", "", "")))
    expected = {"visit.trips": "online"} | ({"access.signage": code} if code else {})
    assert stored(session, survey) == [expected]


@pytest.mark.parametrize(
    ("written", "code"),
    [("4", "4-or-more"), ("4-or-more", "4-or-more"), ("Ba lần", "3"), ("5", "online")],
)
def test_keys_on_paper_stand_for_the_answers_beside_them(
    session: Session, survey: Survey, point: CollectionPoint, written: str, code: str
) -> None:
    keyed(session, survey, a_file((point.token, "1", "", written, "", "")))
    assert stored(session, survey) == [{"visit.trips": code}]


@pytest.mark.parametrize("tick", ["x", "X", "1", "✓", "Có", "TRUE"])
def test_a_tick_in_the_column_of_an_answer_chooses_it(
    session: Session, survey: Survey, point: CollectionPoint, tick: str
) -> None:
    heads = ("needs.improvements:faster", "needs.improvements:attitude", "access.signage")
    keyed(session, survey, a_file((point.token, "1", tick, "không", "3"), heads=heads))
    assert stored(session, survey) == [{"access.signage": "3", "needs.improvements": ("faster",)}]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0012", "12"),
        ("12", "12"),
        ("12,0", "12"),
        (" b-12 ", "B-12"),
        ("0", "0"),
        ("12a/26", "12A/26"),
    ],
)
def test_form_numbers_are_compared_without_their_clothes(written: str, number: str) -> None:
    assert form_number(written) == number


@pytest.mark.parametrize("written", ["", "số 12", "-12", "1" * 21, "12;13", "²"])
def test_what_is_no_form_number(written: str) -> None:
    assert form_number(written) is None


def test_places_may_be_chosen_or_typed(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    token = point.token
    typed = (f"{token} – Phường Mẫu, Quầy số 1", f"{token[:4]} {token[4:]}", token.lower())
    rows = [(place, str(number), "5", "", "", "") for number, place in enumerate(typed)]
    assert check(session, survey, a_file(*rows)).new == 3


def test_blank_rows_and_rows_dragged_down_are_passed_over(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    rows = [(point.token, "7", "5", "", "", ""), (), (point.token, "", "", "", "", "")]
    assert check(session, survey, a_file(*rows)).new == 1
    assert mistakes(session, survey, a_file(*rows[1:])) == ["Tệp chưa có phiếu nào."]


def test_columns_passed_over_and_answers_left_out_are_told(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    heads = ("visit.trips", "visit.trips_reason", "Ghi chú")
    batch = check(session, survey, a_file((point.token, "1", "1", "2", "nhàu"), heads=heads))
    assert batch.left_out == 1
    assert batch.unused == ("E (Ghi chú)",)
    told = " ".join(list_notices(batch))
    assert "1 câu trả lời sẽ bị bỏ" in told
    assert "E (Ghi chú)" in told
    assert "access.signage" in told


# ── mistakes ──────────────────────────────────────────────────────────────────────────────────


def test_every_mistake_is_told_by_row_and_column(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    token = point.token
    data = a_file(
        (token, "1", "6", "9", "y", ""),
        ("WRONGONE", "2", "5", "", "", ""),
        ("", "", "5", "", "", ""),
        (token, "1", "5", "", "", ""),
        (token, "số 5", "5", "", "", ""),
        (token, "6", "", "", "", ""),
        (token, "7", "", "", "", "a" * 2001),
        (token, "8", "5", "", "", ""),
        (token, "08", "4", "", "", ""),
    )
    assert mistakes(session, survey, data) == [
        "dòng 2, cột C: không hiểu “6”; hãy ghi 1, 2, 3, 4, 5 hoặc 0",
        "dòng 2, cột D: không hiểu “9”; hãy ghi 1, 2, 3, 4 hoặc 5",
        "dòng 2, cột E: không hiểu “y”; hãy ghi x hoặc để trống",
        "dòng 3, cột A: không có điểm thu thập “WRONGONE” trong phạm vi của ông/bà",
        "dòng 4, cột A: chưa ghi mã điểm",
        "dòng 4, cột B: chưa ghi số phiếu",
        "dòng 5, cột B: phiếu số 1 của điểm này đã có ở dòng 2",
        "dòng 6, cột B: “số 5” không phải là số phiếu; hãy ghi như in trên phiếu: 0012",
        "dòng 7: Phiếu chưa có câu trả lời nào. Ông/bà vui lòng trả lời ít nhất một câu hỏi.",
        "dòng 8, cột F: Ý kiến dài hơn mức cho phép 1 ký tự (nhiều nhất 2000 ký tự). "
        "Ông/bà vui lòng rút gọn; nội dung đã ghi vẫn được giữ nguyên.",
        "dòng 10, cột B: phiếu số 8 của điểm này đã có ở dòng 9",
    ]


def test_a_rule_of_a_question_with_many_columns_names_the_question(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    options = ("information", "simpler", "faster", "attitude")
    heads = [f"needs.improvements:{option}" for option in options]
    (told,) = mistakes(session, survey, a_file((point.token, "1", *"xxxx"), heads=heads))
    assert told.startswith("dòng 2, cột C: needs.improvements: Ông/bà đã chọn 4 phương án.")


def test_a_missing_required_answer_is_told(session: Session) -> None:
    survey = make_survey(session, document="one-stop-rating.yaml")
    place = make_point(session, survey, first_unit(session, survey))
    data = a_file((place.token, "1", "", "4"), heads=("service.overall", "service.attitude"))
    assert mistakes(session, survey, data) == ["dòng 2, cột C: Vui lòng chọn một mức độ hài lòng."]
    without = a_file((place.token, "1", "4"), heads=("service.attitude",))
    assert mistakes(session, survey, without) == [
        "dòng 2: service.overall Vui lòng chọn một mức độ hài lòng."
    ]


def test_files_that_are_no_keyed_forms_are_refused(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    with pytest.raises(Invalid, match="Thiếu cột: Số phiếu"):
        read_keyed_table("Mã điểm;access.signage\nA;5\n".encode(), "f.csv")
    (told,) = mistakes(session, survey, a_file((point.token, "1", "5"), heads=("acces.signage",)))
    assert "hãy dùng tệp mẫu" in told
    twice = a_file((point.token, "1", "5", "4"), heads=("access.signage", "access.signage"))
    assert mistakes(session, survey, twice) == ["Cột “access.signage” có hơn một lần: cột C và D."]
    long = a_file(*[(point.token, str(n), "5", "", "", "") for n in range(MOST_FORMS + 2)])
    with pytest.raises(Invalid, match="quá nhiều dòng"):
        read_keyed_table(long, "f.csv")


def test_a_marked_copy_shows_the_mistakes_at_their_cells(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    table = read_keyed_table(a_file((point.token, "1", "6", "", "", "")), "f.csv")
    with pytest.raises(Invalid) as caught:
        check_forms(session, survey, table, unit_ids=None, secret=SECRET, now=NOW)
    book = openpyxl.load_workbook(io.BytesIO(marked_copy(table, caught.value.problems)))
    assert book["Dữ liệu"]["C2"].fill.fgColor.rgb == "FFFFC7CE"
    assert [cell.value for cell in book["Lỗi"][2]][:2] == ["2", "C"]


# ── whole or not at all, once ─────────────────────────────────────────────────────────────────


def test_nothing_is_stored_while_anything_is_wrong(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    rows = [(point.token, str(n), "5", "", "", "") for n in range(20)]
    with pytest.raises(Invalid, match="Tệp có 1 chỗ cần sửa; chưa nhập phiếu nào"):
        keyed(session, survey, a_file(*rows, (point.token, "99", "?", "", "", "")))
    assert count(session) == 0
    assert recorded(session) == []


def test_a_dry_run_writes_nothing(session: Session, survey: Survey, point: CollectionPoint) -> None:
    session.flush()
    check(session, survey, a_file((point.token, "1", "5", "", "", "Tốt")))
    assert not session.new
    assert not session.dirty
    assert count(session) == 0


def test_the_same_file_twice_changes_nothing(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    data = a_file((point.token, "0001", "5", "", "x", "Tốt"), (point.token, "2", "0", "1", "", ""))
    first = keyed(session, survey, data)
    before = stored(session, survey)
    again = keyed(session, survey, data, now=NOW.replace(hour=9))
    assert (first.new, first.known, again.new, again.known) == (2, 0, 0, 2)
    assert stored(session, survey) == before
    assert "2 phiếu đã được nhập trước đây" in " ".join(list_notices(again))
    more = a_file((point.token, "1", "5", "", "x", "Tốt"), (point.token, "3", "4", "", "", ""))
    assert (keyed(session, survey, more).new, count(session)) == (1, 3)


def test_other_answers_under_the_same_number_are_a_conflict_named_by_it(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    keyed(session, survey, a_file((point.token, "12", "5", "", "", "")))
    changed = a_file((point.token, "0012", "4", "", "", ""), (point.token, "13", "4", "", "", ""))
    assert mistakes(session, survey, changed) == [
        "dòng 2, cột B: phiếu số 12 của điểm này đã được nhập với câu trả lời khác; "
        "phiếu đã nhập được giữ nguyên"
    ]
    assert count(session) == 1


def test_a_number_counts_once_per_place_and_survey(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    other = make_point(session, survey, first_unit(session, survey))
    rows = [(place.token, "1", "5", "", "", "") for place in (point, other)]
    assert keyed(session, survey, a_file(*rows)).new == 2
    next_year = make_survey(session, [point.unit], code="KS-2027")
    assert form_id(survey, point, "1") != form_id(next_year, point, "1")


def test_the_id_of_a_form_is_of_no_use_to_strangers(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    """Survey, place and number stand on the form: a stranger may not ask by them whether somebody
    gave certain answers, nor take a number away."""
    keyed(session, survey, a_file((point.token, "1", "5", "", "", "")))
    for number, level in (("1", "5"), ("1", "4"), ("2", "4")):
        sheet = Sheet(form_id(survey, point, number), point.token, {"access.signage": level})
        if (number, level) == ("1", "4"):
            with pytest.raises(Conflict):  # with the stranger's own sheet, not with the form
                submit_sheet(session, sheet, now=NOW)
        else:
            assert submit_sheet(session, sheet, now=NOW).is_new
    assert keyed(session, survey, a_file((point.token, "2", "5", "", "", ""))).new == 1
    assert count(session) == 4


def test_forms_are_stored_as_paper_and_their_words_looked_at(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    data = a_file(
        (point.token, "1", "5", "", "", "Phục vụ tốt"),
        (point.token, "2", "5", "", "", "Gọi tôi 0912 345 678"),
    )
    keyed(session, survey, data)
    rows = session.scalars(select(SurveyResponse)).all()
    assert {(row.mode, row.seconds, row.unit_id) for row in rows} == {
        ("paper", None, point.unit_id)
    }
    texts = session.scalars(select(FreeText)).all()
    assert {text.text: text.is_hidden for text in texts} == {
        "Phục vụ tốt": False,
        "Gọi tôi 0912 345 678": True,
    }


def test_paper_is_keyed_after_the_last_day_until_the_survey_is_closed(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    data = a_file((point.token, "1", "5", "", "", ""))
    with pytest.raises(Closed, match="chưa bắt đầu"):
        keyed(session, survey, data, now=datetime(2025, 12, 30, tzinfo=UTC))
    point.is_active = False
    assert keyed(session, survey, data, now=datetime(2027, 1, 20, tzinfo=UTC)).new == 1
    close_survey(survey)
    with pytest.raises(Closed, match="đã đóng"):
        check(session, survey, data)


def test_places_outside_the_scope_are_as_unknown(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    (told,) = mistakes(
        session, survey, a_file((point.token, "1", "5", "", "", "")), unit_ids=frozenset()
    )
    assert "không có điểm thu thập" in told


def test_the_record_says_how_many_and_neither_number_nor_answer(
    database: Database,
) -> None:
    with database.transaction() as session:
        survey = make_survey(session)
        survey.second_keying_share = 0  # a form that is to be keyed again waits under its number
        point = make_point(session, survey, first_unit(session, survey))
        keyed(session, survey, a_file((point.token, "ZQ-471147", "5", "", "", "")))
        entry = recorded(session)[-1]
        assert (entry.action, entry.subject) == ("paper.import", "KS-2026")
        assert noted(entry) == "1 phiếu mới, 0 phiếu đã có"
        identifier = form_id(survey, point, "ZQ-471147")
    with database.session() as session:
        raw = session.connection().connection.driver_connection
        whole = raw.serialize()
    assert b"471147" not in whole
    assert identifier.bytes not in whole
    assert str(identifier).encode() not in whole
