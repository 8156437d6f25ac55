"""Administrators: questionnaires, units, surveys, collection points, accounts, the audit record."""

from flask import Blueprint

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

from survey_app.web.admin import (  # noqa: E402, F401  (the views register themselves)
    account_page_views,
    account_views,
    api_key_views,
    audit_views,
    collection_views,
    contact_views,
    device_views,
    editor_views,
    entry_views,
    exchange_views,
    kiosk_file_views,
    paper_views,
    preview_views,
    progress_views,
    proposal_views,
    publishing_views,
    questionnaire_views,
    recording_views,
    reorganisation_views,
    sample_views,
    second_views,
    service_views,
    slip_views,
    survey_views,
    unit_views,
    views,
)
