"""The smallest application: what the server itself can do."""

from collections.abc import Callable, Iterable
from typing import Any

import tests.bench._own_core  # noqa: F401


def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
    return [b"hello\n"]
