"""The page that says what is kept of whom, for how long, and whom to ask."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from survey_app.i18n import interface_languages
from survey_app.operations.privacy.retention import Retention
from survey_app.web.citizen import blueprint
from survey_app.web.citizen.one_sheet import JUST_SENT_SECONDS, OPEN_SECONDS, SENT_SECONDS
from survey_app.web.transactions import reading_session

MINUTE, HOUR = 60, 3600


@blueprint.get("/quyen-rieng-tu")
def privacy() -> ResponseReturnValue:
    """Every number on it is the one in force here."""
    return render_template(
        "citizen/privacy.html",
        kept=Retention.of(reading_session(), current_app.config["SETTINGS"]),
        open_hours=OPEN_SECONDS // HOUR,
        sent_hours=SENT_SECONDS // HOUR,
        just_sent_minutes=JUST_SENT_SECONDS // MINUTE,
        languages=interface_languages(),
    )
