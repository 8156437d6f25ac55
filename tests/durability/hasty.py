"""The negative control: a server that acknowledges a sheet before it is committed.

Everything else is the product: it hands the request on, a moment later, to the real application.
"""

import io
import json
import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from survey_app.app import create_app
from survey_app.operations.intake.submission import receipt_code

DELAY_SECONDS = 0.03

Environment = dict[str, Any]
_product = create_app()
_later: "queue.SimpleQueue[Environment]" = queue.SimpleQueue()


def app(environ: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] != "PUT":
        return _product(environ, start_response)
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    _later.put({**environ, "wsgi.input": io.BytesIO(body)})
    receipt = receipt_code(UUID(environ["PATH_INFO"].rpartition("/")[2]))
    reply = json.dumps({"receipt": receipt}).encode()
    start_response(
        "201 Created",
        [("Content-Type", "application/json"), ("Content-Length", str(len(reply)))],
    )
    return [reply]


def _store() -> None:
    while True:
        environ = _later.get()
        time.sleep(DELAY_SECONDS)
        b"".join(_product(environ, lambda *_: None))


threading.Thread(target=_store, daemon=True).start()
