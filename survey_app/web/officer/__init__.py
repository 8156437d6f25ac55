"""Reform officers: the surveys, figures and comments of the units in their charge."""

from flask import Blueprint

blueprint = Blueprint("officer", __name__, url_prefix="/officer")

from survey_app.web.officer import (  # noqa: E402  (the views register themselves)
    batch_views as batch_views,
)
from survey_app.web.officer import (  # noqa: E402
    consolidated_views as consolidated_views,
)
from survey_app.web.officer import (  # noqa: E402
    contact_views as contact_views,
)
from survey_app.web.officer import (  # noqa: E402
    cross_views as cross_views,
)
from survey_app.web.officer import (  # noqa: E402
    dataset_views as dataset_views,
)
from survey_app.web.officer import (  # noqa: E402
    file_views as file_views,
)
from survey_app.web.officer import (  # noqa: E402
    model_views as model_views,
)
from survey_app.web.officer import (  # noqa: E402
    quarantine_views as quarantine_views,
)
from survey_app.web.officer import (  # noqa: E402
    standing_views as standing_views,
)
from survey_app.web.officer import views as views  # noqa: E402
