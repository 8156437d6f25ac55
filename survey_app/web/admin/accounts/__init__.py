"""Accounts, their grants and keys for other software."""

from survey_app.web.admin.accounts import (  # noqa: F401  (the views register themselves)
    api_key_views,
    identity_views,
    page_views,
    views,
)
