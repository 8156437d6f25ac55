"""What stands on a counter: kiosks, slips with one-time links, posters."""

from survey_app.web.admin.counter import (  # noqa: F401  (the views register themselves)
    device_views,
    kiosk_file_views,
    slip_views,
)
