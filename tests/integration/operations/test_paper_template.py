"""The template for keying: what it offers is taken, and all of a form comes back as it was."""

import io
import random
from collections.abc import Sequence

import openpyxl
import pytest
from sqlalchemy.orm import Session

from survey_app.errors import Invalid
from survey_app.operations.paper.columns import keyed_columns
from survey_app.operations.paper.template import paper_template
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.questionnaire.definition import QuestionKind
from survey_app.questionnaire.keying import answer_keys
from survey_app.questionnaire.routing import asked
from survey_app.storage.models import CollectionPoint, Survey
from tests.factories import make_point, make_survey, make_unit
from tests.integration.operations.keying import check, first_unit, keyed, stored


@pytest.fixture
def survey(session: Session) -> Survey:
    return make_survey(session, [make_unit(session), make_unit(session, "H01.02", "Xã Hai")])


@pytest.fixture
def point(session: Session, survey: Survey) -> CollectionPoint:
    return make_point(session, survey, first_unit(session, survey))


def filled(template: bytes, rows: Sequence[dict[str, object]]) -> bytes:
    """The template with rows by heading, as somebody would save it from Excel."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    page = book.worksheets[0]
    places = {cell.value: cell.column for cell in page[1]}
    for number, row in enumerate(rows, start=3):
        for heading, value in row.items():
            page.cell(number, places[heading]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_template_offers_lists_and_takes_what_they_offer(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    template = paper_template(session, survey)
    book = openpyxl.load_workbook(io.BytesIO(template))
    entry = book.worksheets[0]
    assert [cell.value for cell in entry[1]][:3] == ["Mã điểm", "Số phiếu", "access.signage"]
    assert entry["C2"].value == "Biển hiệu, chỉ dẫn dễ thấy, dễ tìm"
    rules = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in entry.data_validations.dataValidation
    }
    sheet, _, span = rules["C3"].rpartition("!")
    offered = [cell.value for (cell,) in book[sheet.strip("'")][span.replace("$", "")]]
    assert offered[3:] == ["4 – Hài lòng", "5 – Rất hài lòng", "0 – Không áp dụng/Không có ý kiến"]
    sheet, _, span = rules["A3"].rpartition("!")
    place = book[sheet.strip("'")][span.replace("$", "").split(":")[0]].value
    data = filled(template, [{"Mã điểm": place, "Số phiếu": 1, "access.signage": offered[3]}])
    assert keyed(session, survey, data, "f.xlsx").new == 1
    assert stored(session, survey) == [{"access.signage": "4"}]


def test_the_empty_template_is_no_form(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    with pytest.raises(Invalid, match="chưa có phiếu nào"):
        check(session, survey, paper_template(session, survey), "f.xlsx")


def test_the_template_of_an_officer_holds_the_own_places_only(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(paper_template(session, survey, frozenset())))
    assert book["Điểm thu thập"].max_row == 1


@pytest.mark.parametrize("document", ["sipas-counter.yaml", "one-stop-rating.yaml"])
def test_whatever_is_on_paper_comes_back_as_it_was(session: Session, document: str) -> None:
    """40 forms with random answers, each cell written in one of the ways that are understood."""
    survey = make_survey(session, document=document)
    point = make_point(session, survey, first_unit(session, survey))
    questionnaire = load_questionnaire(survey.version)
    choose = random.Random(20260615)
    rows, expected = [], []
    for number in range(1, 41):
        row: dict[str, object] = {"Mã điểm": point.token, "Số phiếu": number}
        answers: dict[str, object] = {}
        for question in questionnaire.questions:
            if question not in asked(questionnaire, answers):  # type: ignore[arg-type]
                continue
            codes = [*answer_keys(question)]
            if question.kind is QuestionKind.MULTIPLE:
                most = question.max_choices or len(codes)
                picked = set(choose.sample(codes, choose.randint(1, most)))
                answers[question.code] = tuple(code for code in codes if code in picked)
                row |= {f"{question.code}:{code}": choose.choice("xX1") for code in picked}
            elif codes and (question.required or choose.random() < 0.8):
                code = choose.choice(codes)
                answers[question.code] = code
                (column,) = [c for c in keyed_columns(questionnaire) if c.question == question]
                item = column.items[codes.index(code)]
                row[question.code] = choose.choice(
                    [code, item, item.partition(" – ")[0], item.partition(" – ")[2]]
                )
        rows.append(row)
        expected.append(answers)
    keyed(session, survey, filled(paper_template(session, survey), rows), "f.xlsx")
    assert sorted(map(repr, stored(session, survey))) == sorted(map(repr, expected))
