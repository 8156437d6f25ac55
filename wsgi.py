"""The WSGI entry: ``granian --interface wsgi wsgi:app``."""

from survey_app.app import create_app

app = create_app()
