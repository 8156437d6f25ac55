"""What tests of several pages for citizens use."""

from collections.abc import Callable

import pytest
from flask import Flask, request, request_started
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Send = Callable[[FlaskClient], TestResponse]


@pytest.fixture
def seen(app: Flask) -> list[str]:
    """The requests that came to Flask."""
    paths: list[str] = []
    request_started.connect(lambda *_, **__: paths.append(request.path), app, weak=False)
    return paths


@pytest.fixture
def while_failing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> Callable[[object, str, Send], TestResponse]:
    """What is answered to a request while a function of the product fails unforeseen."""
    app.testing = False

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    def ask(thing: object, name: str, send: Send) -> TestResponse:
        with monkeypatch.context() as patch:
            patch.setattr(thing, name, fail)
            return send(app.test_client())

    return ask
