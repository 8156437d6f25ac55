"""Two surveys of one unit by two versions: what was declared decides which series go on."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from survey_app.errors import Invalid
from survey_app.operations.organisation.units import describe_unit
from survey_app.operations.questionnaires.lineage import compare_published, edits_of
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.operations.reports.analysis import measure_unit
from survey_app.operations.reports.consolidated import measure_consolidated
from survey_app.operations.reports.documents import Format, render_document
from survey_app.questionnaire.comparability import Break
from survey_app.questionnaire.declarations import Declaration, Verdict
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.results.compose import compose_report
from survey_app.storage.models import AdministrativeUnit, Survey
from tests.factories import NOW, QUESTIONNAIRES, answer, make_point, make_survey, make_unit

TODAY = date(2026, 6, 15)
LAST_YEAR = datetime(2025, 10, 1, 3, tzinfo=UTC)
SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
REWORDED, RESCALED = "service.attitude", "service.guidance"
WORDING, SCALE = f"question:{REWORDED}:wording", f"question:{RESCALED}:scale"
YES, NO = Declaration(Verdict.COMPARABLE), Declaration(Verdict.BREAK)


def edited(source: str = SOURCE) -> str:
    """Another wording of one criterion, and another scale of another."""
    start = source.index(f"      - code: {RESCALED}\n")
    stop = source.index("      - code:", start + 10)
    question = source[start:stop].replace("scale: satisfaction", "scale: three")
    levels = "".join(
        f'      - {{ code: "{k}", label: {{ vi: {said} }} }}\n'
        for k, said in enumerate(("Kém", "Vừa", "Tốt"), start=1)
    )
    scale = f'  three:\n    levels:\n{levels}    satisfied: ["3"]\n    not_applicable: Không\n'
    text = source[:start] + question + source[stop:]
    text = text.replace("scales:\n", f"scales:\n{scale}", 1)
    return text.replace("vi: Thái độ của công chức,", "vi: Cách công chức tiếp ông/bà,", 1)


def sheet(later: bool, k: int) -> dict[str, object]:
    level = "5" if k % 4 else "2"
    return {
        "service.overall": level,
        REWORDED: level,
        RESCALED: ("3" if k % 4 else "1") if later else level,
        "service.waiting_time": level,
        "service.on_time": level,
    }


def hold(
    session: Session, units: list[AdministrativeUnit], source: str, *, is_later: bool
) -> Survey:
    year = 2026 if is_later else 2025
    survey = make_survey(
        session,
        dict.fromkeys(units, 400),
        code=f"MC-{year}",
        source=source,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )
    for unit in units:
        point = make_point(session, survey, unit)
        for k in range(24):
            answers = sheet(is_later, k)
            answer(session, point.token, answers, at=NOW if is_later else LAST_YEAR)
    return survey


def two_years(
    session: Session, declared: Mapping[str, Declaration] | None, units: int = 1
) -> tuple[Survey, list[AdministrativeUnit]]:
    found = [make_unit(session, f"H01.0{k}", f"Phường {k}") for k in range(units)]
    hold(session, found, SOURCE, is_later=False)
    publish_questionnaire(session, edited(), now=NOW, declared=declared)
    return hold(session, found, edited(), is_later=True), found


def broken_rows(figures: UnitFigures) -> dict[str, Break]:
    assert figures.previous
    return {row.code: row.broken for row in figures.previous.criteria if row.broken}


def test_the_trend_breaks_only_for_the_scale(session: Session) -> None:
    survey, (unit,) = two_years(session, {WORDING: YES})
    figures = measure_unit(session, survey, unit.id, today=TODAY)
    assert broken_rows(figures) == {RESCALED: Break.SCALE}
    assert figures.previous
    changes = {row.code: row.change for row in figures.previous.criteria}
    assert changes[REWORDED] is not None
    assert changes[RESCALED] is None
    assert [item.kind for item in figures.previous.bridged] == [Break.WORDING]
    # The index is made of all criteria, so it breaks, and says for which.
    point = figures.trend[-1]
    assert point.broken is Break.CRITERIA
    assert [reason for _, reason in point.broken_criteria] == [Break.SCALE]


@pytest.mark.parametrize("declared", [None, {WORDING: NO}])
def test_without_the_declaration_both_break(
    session: Session, declared: Mapping[str, Declaration] | None
) -> None:
    survey, (unit,) = two_years(session, declared)
    figures = measure_unit(session, survey, unit.id, today=TODAY)
    assert broken_rows(figures) == {REWORDED: Break.WORDING, RESCALED: Break.SCALE}
    assert figures.previous
    assert figures.previous.bridged == ()


def test_every_form_of_the_report_shows_the_break_and_the_bridge(session: Session) -> None:
    survey, (unit,) = two_years(session, {WORDING: Declaration(Verdict.COMPARABLE, "cùng một ý")})
    report = compose_report(measure_unit(session, survey, unit.id, today=TODAY), dated=TODAY)
    (line,) = [row for row in report.table("trend").rows if row.code.startswith("break_")]
    assert "thang trả lời đã đổi: “Hướng dẫn" in str(line.cells[0])
    shown = {row.code: row.cells[-1] for row in report.table("changes_criteria").rows}
    assert shown[RESCALED] == "Không so sánh: thang trả lời đã đổi"
    facts = render_document(report, Format.JSON).data.decode()
    assert "Đã sửa nhưng vẫn so sánh" in facts
    assert "cùng một ý" in facts
    for form in (Format.PDF, Format.XLSX):
        assert len(render_document(report, form).data) > 500


def test_consolidated_figures_obey_too(session: Session) -> None:
    survey, units = two_years(session, {WORDING: YES}, units=2)
    subject = describe_unit(units[0])
    figures = measure_consolidated(session, survey, None, subject, today=TODAY)
    assert broken_rows(figures) == {RESCALED: Break.SCALE}
    assert figures.previous
    assert [item.kind for item in figures.previous.bridged] == [Break.WORDING]
    assert [reason for _, reason in figures.trend[-1].broken_criteria] == [Break.SCALE]


def test_verdicts_chain_over_versions_that_no_survey_used(session: Session) -> None:
    first = publish_questionnaire(session, SOURCE, now=NOW).version
    steps = ("Cách công chức tiếp ông/bà", "Cách công chức đón tiếp người dân")
    for number, verdict in enumerate((YES, NO), start=1):
        text = SOURCE.replace("vi: Thái độ của công chức,", f"vi: {steps[number - 1]},")
        last = publish_questionnaire(session, text, now=NOW, declared={WORDING: verdict}).version
        found = compare_published(session, first, last)
        assert (found.criteria[REWORDED] is None) is (verdict is YES)
    step = edits_of(session, last)
    assert step
    assert [matter.key for matter in step.matters] == [WORDING]
    assert edits_of(session, first) is None


def test_nothing_is_published_until_every_edit_has_its_verdict(session: Session) -> None:
    publish_questionnaire(session, SOURCE, now=NOW)
    with pytest.raises(Invalid) as caught:
        publish_questionnaire(session, edited(), now=NOW, declared={})
    assert [problem.where for problem in caught.value.problems] == [WORDING]
    assert publish_questionnaire(session, edited(), now=NOW, declared={WORDING: NO}).is_new
