"""The page of one survey, which several forms lead back to."""

from collections.abc import Mapping, Sequence

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.operations.fieldwork import conduct
from survey_app.operations.fieldwork.collection_points import search_points
from survey_app.operations.fieldwork.moves import moves_decided, waiting_move, waits_for
from survey_app.operations.fieldwork.surveyed_units import FieldworkUnit
from survey_app.operations.fieldwork.surveys import Survey
from survey_app.operations.privacy.contact_requests import days_offered
from survey_app.web.admin import wording
from survey_app.web.admin.surveys.forms import ContactOfferForm, PointForm, TurnForm
from survey_app.web.admin.surveys.unit_choice import MOST_AT_ONCE
from survey_app.web.transactions import current_session
from survey_app.web.wishes import wanted_page, wanted_words


def survey_page(
    survey: Survey,
    units: Sequence[FieldworkUnit],
    form: PointForm,
    typed: Mapping[int, str] | None = None,
    *,
    filled: int | None = None,
    turn: TurnForm | None = None,
    offer: ContactOfferForm | None = None,
) -> ResponseReturnValue:
    """The page with the mistakes of ``form``; ``typed``: dossiers by unit as they were sent, or as
    the counts of dossiers have them, of so many units (``filled``); ``turn`` and ``offer``: a
    change of status, or an offer of replies, that was refused."""
    shown = turn or TurnForm(formdata=None)
    shown.reason.flags.required = True  # where it is asked for at all
    wanted = wanted_words()
    waiting = waiting_move(current_session(), survey)
    days = days_offered(current_session(), survey)
    usual_days: int = current_app.config["SETTINGS"].contact_days
    offered = offer or ContactOfferForm(formdata=None, days=str(days or usual_days))
    known = {row.unit.id: _dossiers(row) for row in units}
    page = render_template(
        "admin/surveys/survey.html",
        survey=survey,
        units=units,
        points=search_points(current_session(), survey, wanted, number=wanted_page()),
        wanted=wanted,
        is_large=len(units) > MOST_AT_ONCE,
        form=form,
        turn=shown,
        turns=conduct.TURNS[survey.state],
        history=conduct.history(current_session(), survey),
        moves=moves_decided(current_session(), survey),
        waiting_move=waiting,
        wait=waits_for(survey, waiting, now=now()) if waiting else None,
        contact_days=days,
        contact_offer=offered,
        dossiers=known if typed is None else typed,
        filled=filled,
    )
    return page, max(form.status, shown.status, offered.status)


def _dossiers(row: FieldworkUnit) -> str:
    return wording.count(row.population) if row.population else ""
