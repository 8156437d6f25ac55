"""Surveys: planned, opened, watched; their collection points and samples."""

from survey_app.web.admin.surveys import (  # noqa: F401  (the views register themselves)
    collection_views,
    contact_views,
    move_views,
    opening_views,
    plan_views,
    progress_views,
    sample_views,
    target_views,
    views,
)
