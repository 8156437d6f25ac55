"""Pages for citizens: the start page, the questionnaire of a link, the thanks."""

from flask import Blueprint

from survey_app.web.citizen.kept_pages import KeptPages

blueprint = Blueprint("citizen", __name__)
blueprint.record_once(
    lambda state: state.app.extensions.update({"hailong.kept_pages": KeptPages()})
)

from survey_app.web.citizen import contact_views as contact_views  # noqa: E402
from survey_app.web.citizen import display as display  # noqa: E402
from survey_app.web.citizen import privacy_views as privacy_views  # noqa: E402
from survey_app.web.citizen import views as views  # noqa: E402
