"""The lane of answer sheets: PUT that stores, before Flask."""

import json

from survey_app.clock import now
from survey_app.operations.fieldwork.links import link_token
from survey_app.operations.intake.intake import Intake
from survey_app.web.api.reading import LARGEST_BODY, read_sheet
from survey_app.web.bodies import Environment, small_body
from survey_app.web.express import Reply, hand_on
from survey_app.web.limits import Limits
from survey_app.web.proof import Gate

PREFIX = "/api/v1/responses/"
_STATUS = {True: "201 CREATED", False: "200 OK"}


class SheetLane:
    """Stores a sheet as ``views.put_response`` does. ``headers``: those of every answer."""

    def __init__(
        self, intake: Intake, limits: Limits, gate: Gate, headers: tuple[tuple[str, str], ...]
    ) -> None:
        self._intake = intake
        self._limits = limits
        self._gate = gate
        self._headers = (("Content-Type", "application/json"), *headers)

    def __call__(self, environ: Environment) -> Reply | None:
        path: str = environ["PATH_INFO"]
        body = small_body(environ, LARGEST_BODY) if path.startswith(PREFIX) else None
        if body is None:
            return None
        try:
            return self._store(path.removeprefix(PREFIX), body)
        except Exception as error:  # noqa: BLE001  (raised again by the view)
            hand_on(environ, error)
            return None

    def _store(self, identifier: str, body: bytes) -> Reply | None:
        """Raises whatever goes wrong; None where the view has to ask for a proof or for time."""
        sheet, proof = read_sheet(identifier, body)
        token = link_token(sheet.token)
        is_open = self._gate.is_open(token, sheet.response_id, proof)
        if not is_open or self._limits.sheet_wait(token):
            return None
        receipt = self._intake.submit(sheet, now=now())
        if receipt.is_new:
            self._gate.note(token)
            self._limits.note_sheet(token)
        text = json.dumps({"receipt": receipt.code}, separators=(",", ":"))
        return Reply(_STATUS[receipt.is_new], self._headers, f"{text}\n".encode())
