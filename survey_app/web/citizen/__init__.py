"""Pages for citizens: the start page, the questionnaire of a link, the thanks."""

from flask import Blueprint

blueprint = Blueprint("citizen", __name__)

from survey_app.web.citizen import display as display  # noqa: E402
from survey_app.web.citizen import views as views  # noqa: E402
