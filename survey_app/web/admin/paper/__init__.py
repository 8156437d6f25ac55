"""Forms filled in on paper: printed, keyed, keyed again, imported."""

from survey_app.web.admin.paper import (  # noqa: F401  (the views register themselves)
    entry_views,
    second_views,
    views,
)
