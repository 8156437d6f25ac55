"""The tree of units, its reorganisations, the public services and dossier counts."""

from survey_app.web.admin.units import (  # noqa: F401  (the views register themselves)
    reorganisation_views,
    service_views,
    views,
)
