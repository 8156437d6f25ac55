"""The WSGI entry: ``granian --interface wsgi wsgi:app``."""

from survey_app.app import create_app
from survey_app.config import Settings
from survey_app.web.own_core import keep_to_own_core

_settings = Settings.from_environment()
if _settings.own_core:
    keep_to_own_core(_settings.data_directory)
app = create_app(_settings)
