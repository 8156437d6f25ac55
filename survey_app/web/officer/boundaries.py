"""By which boundaries figures are wished for: those of the survey, or those of today."""

from flask import request

from survey_app.errors import NotFound
from survey_app.operations.organisation.lineage import Lineage, read_lineage
from survey_app.web.transactions import current_session

#: The value of the field ``boundaries`` in an address; without it figures are by those of the
#: survey.
PRESENT = "present"
_KNOWN = frozenset({"", "survey", PRESENT})


def wanted_boundaries() -> str | None:
    """What links to further figures carry on: "present", or None."""
    return PRESENT if request.args.get("boundaries", "") == PRESENT else None


def wanted_lineage() -> Lineage | None:
    """The lineage to regroup by, read once for the request; None = the boundaries of the survey.
    Raises NotFound for a word that nobody knows."""
    if request.args.get("boundaries", "") not in _KNOWN:
        raise NotFound("Chỉ có số liệu theo địa giới khi khảo sát hoặc theo địa giới hiện nay.")
    return read_lineage(current_session()) if wanted_boundaries() else None


def export_subject(text: str) -> str:
    """What was taken out, for the audit record."""
    return f"{text} theo địa giới hiện nay" if wanted_boundaries() else text
