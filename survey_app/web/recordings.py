"""Questions read aloud: the recordings, for whoever shows the questions."""

from io import BytesIO

from flask import Blueprint, Response, send_file

from survey_app.operations.questionnaires.recordings import find_recording
from survey_app.web.transactions import current_session

blueprint = Blueprint("recordings", __name__)

A_YEAR = 365 * 24 * 3600


@blueprint.get("/recordings/<digest>")
def recording(digest: str) -> Response:
    """One recording, whole or in part (Safari plays nothing that it cannot ask for in parts).

    The digest is that of the bytes, so they may be kept for good.
    """
    found = find_recording(current_session(), digest)
    answer = send_file(BytesIO(found.content), found.media_type, etag=digest)
    answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return answer
