"""Units named by their code in a field of a form."""

from survey_app.errors import NotFound
from survey_app.operations.organisation.units import find_unit
from survey_app.web.admin.forms import AdminForm
from survey_app.web.transactions import current_session


def unit_id_in(form: AdminForm, field: str) -> int | None:
    """The id of the unit whose code was typed, None where nothing was.

    Raises Invalid with a mistake of the field for a code that no unit has.
    """
    code = (form[field].data or "").strip().upper()
    if not code:
        return None
    try:
        return find_unit(current_session(), code).id
    except NotFound as missing:
        raise form.mistake(field, missing) from missing
