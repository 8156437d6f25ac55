"""What a report is about: the survey, and the unit that joined figures are about."""

from collections.abc import Iterable
from datetime import date

from survey_app.operations.organisation.units import describe_unit
from survey_app.reporting.figures.subjects import SurveySubject, UnitSubject
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyStatus


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


def describe_scope(
    root: AdministrativeUnit | None, units: Iterable[AdministrativeUnit]
) -> UnitSubject:
    """The unit whose figures joined ones are: ``root``, or else the nearest that stands above all
    of ``units``; nobody's where there is none."""
    found = root or _common_ancestor(units)
    if found is not None:
        return describe_unit(found)
    return UnitSubject("", "địa bàn khảo sát", agency="", parent_agency="", place="")


def _common_ancestor(units: Iterable[AdministrativeUnit]) -> AdministrativeUnit | None:
    paths = [_path(unit) for unit in units]
    common = None
    for level in zip(*paths, strict=False):
        if len({unit.id for unit in level}) > 1:
            break
        common = level[0]
    return common


def _path(unit: AdministrativeUnit) -> list[AdministrativeUnit]:
    """The units from the root down to this one."""
    above = _path(unit.parent) if unit.parent else []
    return [*above, unit]
