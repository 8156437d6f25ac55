"""Reform officers: the surveys, figures and comments of the units in their charge."""

from flask import Blueprint

blueprint = Blueprint("officer", __name__, url_prefix="/officer")

from survey_app.web.officer import views  # noqa: E402, F401  (the views register themselves)
