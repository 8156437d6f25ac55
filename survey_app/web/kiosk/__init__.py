"""The touch kiosk: the page that works without network, and where its sheets arrive.

A device is known by a key in a cookie that no script can read. The cookie is SameSite=Strict and
the addresses for scripts take JSON from this site only, so no other site can use it.
"""

from flask import Blueprint

from survey_app.web.kiosk.shell import Shells

blueprint = Blueprint("kiosk", __name__)
blueprint.record_once(lambda state: state.app.extensions.update({"hailong.kiosk_shells": Shells()}))

from survey_app.web.kiosk import intake_views as intake_views  # noqa: E402
from survey_app.web.kiosk import views as views  # noqa: E402
