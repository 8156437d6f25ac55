"""Other software at the door: the key it shows, what the key is good for, how often it asks."""

from flask import Response, after_this_request, g, request

from survey_app.clock import now
from survey_app.errors import Unidentified
from survey_app.operations.access.api_keys import (
    ApiKey,
    KeyScope,
    is_use_to_note,
    note_key_use,
    recognise_key,
    require_scope,
)
from survey_app.web.limits import require_key_turn
from survey_app.web.transactions import database


def admit_key(scope: KeyScope) -> None:
    """Let a request in by the key in its header, before anything of its body is read.

    Raises Unidentified (no living key), Forbidden (not good for this), TooMany.
    """
    with database().session() as reader:
        try:
            key = recognise_key(reader, _shown_key(), now=now())
        except Unidentified:
            _ask_for_key()
            raise
    require_scope(key, scope)
    require_key_turn(key.id)
    if is_use_to_note(key, now=now()):
        with database().transaction() as session:
            note_key_use(session, key, now=now())
    g.api_key = key


def current_key() -> ApiKey:
    """The key that was let in."""
    key: ApiKey = g.api_key
    return key


def _shown_key() -> str:
    """The key in the header ``Authorization: Bearer hl_…``."""
    shown = request.authorization
    if shown is None or shown.type != "bearer" or not shown.token:
        raise Unidentified("Cần khóa API trong tiêu đề Authorization: Bearer hl_…")
    return shown.token


def _ask_for_key() -> None:
    @after_this_request
    def add(response: Response) -> Response:
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
