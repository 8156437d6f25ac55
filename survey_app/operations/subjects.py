"""What a report is about: the survey as papers name it."""

from datetime import date

from survey_app.reporting.figures import SurveySubject
from survey_app.storage.models import Survey, SurveyStatus


def describe_survey(survey: Survey, today: date) -> SurveySubject:
    """The survey as reports name it; provisional while it takes answers."""
    return SurveySubject(
        code=survey.code,
        title=survey.title,
        starts_on=survey.starts_on,
        ends_on=survey.ends_on,
        version=survey.version.name,
        fingerprint=survey.version.fingerprint,
        is_demo=survey.is_demo,
        is_running=survey.status == SurveyStatus.OPEN and today <= survey.ends_on,
    )
