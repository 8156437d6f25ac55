"""By which boundaries figures are wished for: those of the survey, or those of today."""

from flask import flash, request, url_for

from survey_app.errors import NotFound
from survey_app.operations.fieldwork.surveyed_units import is_surveyed
from survey_app.operations.fieldwork.surveys import Survey
from survey_app.operations.figures.places import describe_regrouped, find_place, heir_in
from survey_app.operations.organisation.lineage import Lineage, read_lineage
from survey_app.operations.organisation.units import AdministrativeUnit
from survey_app.reporting.results.boundaries import each
from survey_app.web.guard import current_scope
from survey_app.web.transactions import current_session

#: The value of the field ``boundaries`` in an address; without it figures are by those of the
#: survey.
PRESENT = "present"
_KNOWN = frozenset({"", "survey", PRESENT})


def wanted_boundaries() -> str | None:
    """What links to further figures carry on: "present", or None."""
    return PRESENT if request.args.get("boundaries", "") == PRESENT else None


def wanted_lineage() -> Lineage | None:
    """The lineage to regroup by, read once for the request; None = the boundaries of the survey.
    Raises NotFound for a word that nobody knows."""
    if request.args.get("boundaries", "") not in _KNOWN:
        raise NotFound("Chỉ có số liệu theo địa giới khi khảo sát hoặc theo địa giới hiện nay.")
    return read_lineage(current_session()) if wanted_boundaries() else None


def where_it_is(survey: Survey, unit: AdministrativeUnit) -> str | None:
    """Where somebody is led who looked at a unit and asks for the other boundaries, by which the
    survey has it not: to the unit of today that stands for it, or to the units of then. None where
    it is here, or nowhere."""
    session = current_session()
    if lineage := wanted_lineage():
        heir = heir_in(session, survey, unit, lineage)
        if heir is None or not current_scope().holds_any([heir.id]):
            return None
        return url_for("officer.unit", code=survey.code, unit_code=heir.code, boundaries=PRESENT)
    if is_surveyed(session, survey, unit):
        return None
    place = find_place(session, survey, unit.id, read_lineage(session))
    if place is None:
        return None
    flash(f"Theo địa giới khi khảo sát: {' '.join(each(describe_regrouped([place])))}")
    return url_for("officer.survey", code=survey.code)


def export_subject(text: str) -> str:
    """What was taken out, for the audit record."""
    return f"{text} theo địa giới hiện nay" if wanted_boundaries() else text
