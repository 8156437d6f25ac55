"""Administrators: questionnaires, units, surveys, collection points, accounts, the audit record."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

from survey_app.web.admin import (  # noqa: E402, F401  (the views register themselves)
    accounts,
    audit_views,
    counter,
    editor,
    paper,
    questionnaires,
    surveys,
    units,
    views,
)
