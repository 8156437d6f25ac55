"""The lane of answer sheets: PUT that stores, before Flask."""

import json

from survey_app.web.api.reading import LARGEST_BODY, read_sheet
from survey_app.web.bodies import Environment, small_body
from survey_app.web.express import Headers, Reply, has_cookies
from survey_app.web.reception import Reception

PREFIX = "/api/v1/responses/"
_STATUS = {True: "201 CREATED", False: "200 OK"}


class SheetLane:
    """Stores a sheet as ``views.put_response`` does. ``headers``: those of every answer."""

    def __init__(self, reception: Reception, headers: Headers) -> None:
        self._reception = reception
        self._headers = (("Content-Type", "application/json"), *headers)

    def __call__(self, environ: Environment) -> Reply | None:
        path: str = environ["PATH_INFO"]
        body = small_body(environ, LARGEST_BODY) if path.startswith(PREFIX) else None
        if body is None or has_cookies(environ):
            return None
        sheet, proof = read_sheet(path.removeprefix(PREFIX), body)
        receipt = self._reception.take(sheet, proof)
        if receipt is None:
            return None
        text = json.dumps({"receipt": receipt.code}, separators=(",", ":"))
        return Reply(_STATUS[receipt.is_new], self._headers, f"{text}\n".encode())
