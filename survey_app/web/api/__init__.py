"""For machines: answer sheets, health, and the description of both."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)

from survey_app.web.api import count_views as count_views  # noqa: E402
from survey_app.web.api import invitation_views as invitation_views  # noqa: E402
from survey_app.web.api import views as views  # noqa: E402
