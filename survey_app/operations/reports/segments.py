"""The part of a unit's sheets that was answered by a version the survey had before, by itself."""

from dataclasses import replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE, is_reportable
from survey_app.operations.fieldwork.surveyed_units import find_survey_unit
from survey_app.operations.fieldwork.versions import versions_of
from survey_app.operations.figures.choices import measure_choices
from survey_app.operations.figures.satisfaction import measure_factors, measure_overall
from survey_app.operations.figures.unit_sample import (
    CONFIDENCE,
    UnitSample,
    read_sample,
    read_segment,
)
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.organisation.units import describe_unit
from survey_app.questionnaire.codebook import NOT_APPLICABLE_BYTE, SKIPPED
from survey_app.questionnaire.definition import Question
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.origins import VersionMix
from survey_app.storage.models import Survey


def measure_segment(
    session: Session, survey: Survey, unit_id: int, number: int, *, today: date
) -> UnitFigures:
    """The figures of the sheets of version ``number`` of one unit: index, factors, criteria, and
    the choice questions that the whole does not pool.

    Beside the whole they could tell what the other sheets say. So there are none unless every
    version with sheets of this unit has the minimum base, and no criterion to which a version has
    fewer answers than that. Raises NotFound for a version the survey never had or has now, and
    when it misses the unit.
    """
    row = find_survey_unit(session, survey, unit_id)
    former = {v.number: v for v in versions_of(session, survey) if v.id != survey.version_id}
    if number not in former:
        raise NotFound("Cuộc khảo sát không dùng phiên bản này trước đây.")
    whole = read_sample(session, survey, unit_id, None)
    part = _without_telling(read_segment(session, survey, unit_id, former[number]), whole, number)
    sheets = np.bincount(whole.versions, minlength=1)
    enough = is_reportable(part.n) and all(is_reportable(n) for n in sheets.tolist() if n)
    subject = describe_survey(survey, today)
    return UnitFigures(
        unit=describe_unit(row.unit),
        survey=replace(
            subject, version=former[number].name, fingerprint=former[number].fingerprint
        ),
        questionnaire=part.questionnaire,
        data_until=min(today, survey.ends_on),
        n=part.n,
        population=None,
        confidence=CONFIDENCE,
        by_mode={},
        factors=tuple(measure_factors(part)) if enough else (),
        overall=measure_overall(part) if enough else None,
        choices=tuple(
            found
            for found in (measure_choices(part) if enough else ())
            if not _is_pooled(whole, found.question, number)
        ),
        comments=(),
        withheld=not enough,
        versions=VersionMix(number, None, (), is_part=True),
    )


def _is_pooled(whole: UnitSample, question: Question, number: int) -> bool:
    """Whether the answers of this version are in the table of the whole."""
    common = whole.common.get(number)
    return common is not None and common.questions.get(question.code, "gone") is None


def _without_telling(part: UnitSample, whole: UnitSample, number: int) -> UnitSample:
    """The part without the criteria that could be subtracted from the whole to show a few."""
    answers = part.answers.copy()
    for _, question in part.questionnaire.criteria:
        if _is_pooled(whole, question, number):
            column = whole.column(whole.questionnaire[question.code])
            answered = whole.versions[(column != SKIPPED) & (column != NOT_APPLICABLE_BYTE)]
            if any(0 < n < MINIMUM_BASE for n in np.bincount(answered, minlength=1).tolist()):
                answers[:, part.codebook.position(question.code)] = SKIPPED
    return replace(part, answers=answers, whole=None)
