"""What tests of several pages for citizens use."""

import pytest
from flask import Flask, request, request_started


@pytest.fixture
def seen(app: Flask) -> list[str]:
    """The requests that came to Flask."""
    paths: list[str] = []
    request_started.connect(lambda *_, **__: paths.append(request.path), app, weak=False)
    return paths
