"""The editor: drafts of questionnaires, part by part, and what citizens would see."""

from survey_app.web.admin.editor import (  # noqa: F401  (the views register themselves)
    preview_views,
    translation_views,
    views,
)
from survey_app.web.admin.editor.conflicts import attempt_views  # noqa: F401
