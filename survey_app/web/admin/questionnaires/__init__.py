"""Questionnaires from a document to a published version, reviewed and exchanged."""

from survey_app.web.admin.questionnaires import (  # noqa: F401  (the views register themselves)
    exchange_views,
    proposal_views,
    publishing_views,
    recording_views,
    views,
)
