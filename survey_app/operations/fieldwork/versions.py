"""The versions of its questionnaire that a survey has had: by which of them a sheet is read."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.storage.models import QuestionnaireVersion, Survey
from survey_app.storage.queries.questionnaires import version_by_number
from survey_app.storage.queries.survey_moves import moves_of


def version_numbers(session: Session, survey: Survey) -> tuple[int, ...]:
    """The numbers of the versions that a survey has had up to now, the first one first."""
    now = survey.version.number
    former = [move.former_number for move in moves_of(session, survey.id) if move.number <= now]
    return (*former, now)


def versions_of(session: Session, survey: Survey) -> Sequence[QuestionnaireVersion]:
    """The versions that a survey has had up to now, the first one first."""
    return [version_numbered(session, survey, n) for n in version_numbers(session, survey)]


def find_version(session: Session, survey: Survey, number: int | None) -> QuestionnaireVersion:
    """The version with this number that a survey has had, None = the one it has now. Raises
    NotFound for any other."""
    for version in versions_of(session, survey) if number is not None else ():
        if version.number == number:
            return version
    if number is not None:
        raise NotFound("Cuộc khảo sát không dùng phiên bản này của bộ câu hỏi.")
    return survey.version


def version_numbered(session: Session, survey: Survey, number: int) -> QuestionnaireVersion:
    """The version of a survey's questionnaire with this number.

    Raises LookupError where there is none: a sheet that says so was damaged.
    """
    if number == survey.version.number:
        return survey.version
    version = version_by_number(session, survey.version.code, number)
    if version is None:
        raise LookupError(f"{survey.code} has no version {number} of {survey.version.code}")
    return version


def version_of_sheet(session: Session, survey: Survey, name: str | None) -> QuestionnaireVersion:
    """By which version a sheet that names this one ("code@n", None = none) is read: by the named
    one if the survey has had it, else by that of the survey now."""
    if name not in (None, survey.version.name):
        for version in versions_of(session, survey):
            if version.name == name:
                return version
    return survey.version
