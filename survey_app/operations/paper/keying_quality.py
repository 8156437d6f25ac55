"""Keying quality: what the second keyings of a survey's forms say of all its keyed forms."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from survey_app.estimation.complex_sample.design_interval import table_intervals
from survey_app.estimation.complex_sample.items import AnswerRule, encode_item
from survey_app.estimation.complex_sample.survey_design import make_design
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.complex_sample.table_results import Criteria
from survey_app.estimation.estimate import Estimate, Interval, IntervalMethod, Reason
from survey_app.estimation.intervals.interval import clopper_pearson_interval
from survey_app.operations.fieldwork.versions import version_numbered
from survey_app.operations.organisation.subjects import describe_scope, describe_survey
from survey_app.operations.questionnaires.publishing import load_codebook, load_questionnaire
from survey_app.questionnaire.agreement import DISAGREEMENTS, ERRORS, Outcome
from survey_app.questionnaire.definition import Question, QuestionKind
from survey_app.reporting.fieldwork.keying_quality import (
    CONFIDENCE,
    Comparison,
    KeyingQuality,
    compose_quality,
)
from survey_app.reporting.report import Report
from survey_app.storage.models import AdministrativeUnit, SecondKeying, Survey
from survey_app.storage.queries.second_keying import chosen_forms, count_paper_sheets
from survey_app.storage.queries.surveys import survey_units

#: A wrong field is what is counted: score 1.
_WRONG = AnswerRule(satisfied=(1,), maximum=1, not_applicable=())
_KINDS: Mapping[QuestionKind, str] = {
    QuestionKind.SCALE: "Thang đo",
    QuestionKind.SINGLE: "Chọn một ý",
    QuestionKind.MULTIPLE: "Chọn nhiều ý",
    QuestionKind.NUMBER: "Ghi số",
}
#: One compared field: the form it stands on, the question, what came of it.
_Field = tuple[int, str, Outcome]


def quality_report(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    root: AdministrativeUnit | None,
    *,
    today: date,
) -> Report:
    """The report on the keying of the units in ``unit_ids`` (or all), under the name of ``root``
    (or of what stands above them all), dated ``today``."""
    return compose_quality(
        measure_quality(session, survey, unit_ids, root, today=today), dated=today
    )


def measure_quality(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    root: AdministrativeUnit | None,
    *,
    today: date,
) -> KeyingQuality:
    """The figures of that report."""
    rows = chosen_forms(session, survey.id, unit_ids=unit_ids)
    repeated = [row for row in rows if row.outcomes is not None]
    fields = _fields(session, survey, repeated)
    questions = _questions(session, survey, repeated)
    units = survey_units(session, survey.id, unit_ids=unit_ids)
    return KeyingQuality(
        survey=describe_survey(survey, today),
        unit=describe_scope(root, (row.unit for row in units)),
        share=survey.second_keying_share,
        sheets=count_paper_sheets(session, survey.id, unit_ids=unit_ids),
        chosen=len(rows),
        repeated=len(repeated),
        by_same_clerk=sum(_is_by_one(row) for row in repeated),
        open_forms=sum(row.answers is not None for row in repeated),
        corrected=sum(outcome in ERRORS for _, _, outcome in fields),
        whole=_compare("all", "Mọi câu", fields, _clustered(fields)),
        form_rate=_rate_of_forms(fields, len(repeated)),
        kinds=tuple(_by_kind(questions, fields)),
        questions=tuple(_by_question(questions, fields)),
        data_until=today,
    )


def _is_by_one(row: SecondKeying) -> bool:
    return row.first_account_id is not None and row.first_account_id == row.second_account_id


def _fields(session: Session, survey: Survey, rows: Sequence[SecondKeying]) -> list[_Field]:
    """Every field that was keyed at least once of the two times, by the version of its form."""
    codes = {
        number: list(load_codebook(version_numbered(session, survey, number)).by_question)
        for number in {row.version_number for row in rows}
    }
    return [
        (form, code, Outcome(outcome))
        for form, row in enumerate(rows)
        for code, outcome in zip(codes[row.version_number], row.outcomes or b"", strict=True)
        if outcome != Outcome.BLANK
    ]


def _questions(
    session: Session, survey: Survey, rows: Sequence[SecondKeying]
) -> Mapping[str, tuple[int, Question]]:
    """Code → place on the form and question: those of the survey's version, then such as only the
    forms of earlier versions have."""
    numbers = {survey.version.number, *(row.version_number for row in rows)}
    found: dict[str, tuple[int, Question]] = {}
    for number in sorted(numbers, reverse=True):
        version = version_numbered(session, survey, number)
        for place, question in enumerate(load_questionnaire(version).questions, start=1):
            found.setdefault(question.code, (place, question))
    return found


def _is_wrong(outcome: Outcome) -> bool:
    return outcome in ERRORS or outcome is Outcome.UNDECIDED


def _compare(code: str, label: str, fields: Sequence[_Field], rate: Estimate) -> Comparison:
    counts = Counter(outcome for _, _, outcome in fields)
    return Comparison(
        code=code,
        label=label,
        fields=len(fields),
        disagreements=sum(counts[outcome] for outcome in DISAGREEMENTS),
        undecided=counts[Outcome.UNDECIDED],
        errors=sum(counts[outcome] for outcome in ERRORS),
        rate=rate,
    )


def _clustered(fields: Sequence[_Field]) -> Estimate:
    """The share of wrong fields, every form a cluster."""
    if not fields:
        return Estimate.missing(Reason.NO_ANSWER)
    wrong = np.array([float(_is_wrong(outcome)) for _, _, outcome in fields])
    design = make_design(len(fields), clusters=[form for form, _, _ in fields])
    criteria = Criteria([encode_item(wrong, _WRONG)], {"keying": ["field"]})
    table = estimate_table(design, criteria, forms=())
    bounds = table_intervals(table, IntervalMethod.KORN_GRAUBARD, confidence=CONFIDENCE)
    low, high = float(bounds.low[0, 0]), float(bounds.high[0, 0])
    value, error, df = (
        float(found[0, 0]) for found in (table.value, table.standard_error, table.df)
    )
    interval = None
    if np.isfinite([low, high]).all():
        interval = Interval(low, high, IntervalMethod.KORN_GRAUBARD, CONFIDENCE)
    return Estimate(
        value,
        len(fields),
        standard_error=error if np.isfinite(error) else None,
        df=df,
        interval=interval,
        reason=None if interval else Reason.TOO_FEW_CLUSTERS,
    )


def _rate_of_forms(fields: Sequence[_Field], forms: int) -> Estimate:
    return _exact(len({form for form, _, outcome in fields if _is_wrong(outcome)}), forms)


def _exact(wrong: int, n: int) -> Estimate:
    """A share of independent trials with Clopper and Pearson's interval."""
    if not n:
        return Estimate.missing(Reason.NO_ANSWER)
    interval = clopper_pearson_interval(wrong, n, confidence=CONFIDENCE)
    return Estimate(wrong / n, n, interval=interval)


def _by_kind(
    questions: Mapping[str, tuple[int, Question]], fields: Sequence[_Field]
) -> list[Comparison]:
    found = []
    for kind, label in _KINDS.items():
        own = [field for field in fields if questions[field[1]][1].kind is kind]
        if own:
            found.append(_compare(kind.value, label, own, _clustered(own)))
    return found


def _by_question(
    questions: Mapping[str, tuple[int, Question]], fields: Sequence[_Field]
) -> list[Comparison]:
    """A form has one field of a question, so the fields of a question are independent."""
    found = []
    for place, question in questions.values():
        own = [field for field in fields if field[1] == question.code]
        if own:
            wrong = sum(_is_wrong(outcome) for _, _, outcome in own)
            label = f"{place}. {question.text}"
            found.append(_compare(question.code, label, own, _exact(wrong, len(own))))
    return found
