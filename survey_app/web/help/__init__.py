"""The guides inside the product, for whoever is signed in."""

from flask import Blueprint

blueprint = Blueprint("help", __name__, url_prefix="/help")

from survey_app.web.help import views as views  # noqa: E402
