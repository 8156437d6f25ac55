"""Signing in and out, and the account page, for officers and administrators."""

from flask import Blueprint

blueprint = Blueprint("auth", __name__)

from survey_app.web.auth import (  # noqa: E402, F401  (the views register themselves)
    provider_views,
    second_step_views,
    views,
)
