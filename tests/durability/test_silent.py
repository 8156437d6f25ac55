"""Connections that fall silent: citizens are served, threads and memory stay within bounds."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from uuid import uuid4

import pytest

from survey_app.storage.database import Database
from tests.durability.kill import prepare
from tests.durability.server import THREADS, ServerGroup

SILENT = 480  # of which 320 wait for their bodies
MOST_MEGABYTES = 400
PATIENCE = 30  # seconds; who is served at all is served in milliseconds


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[ServerGroup, str]]:
    """One web process as ``./dev run`` starts it, and an open link."""
    url = f"sqlite:///{tmp_path / 'hailong.db'}"
    database = Database(url)
    token, _ = prepare(database)
    database.dispose()
    group = ServerGroup(url, tmp_path, workers=1)
    try:
        group.start()
        group.wait_until_loaded()
        group.go()
        yield group, token
    finally:
        group.kill()


def beginnings(token: str) -> list[bytes]:
    """Requests that begin: sheets and forms without their bodies' ends, and half a head."""
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    end = b"Host: a\r\nContent-Length: 500\r\n\r\n{"
    return [
        f"PUT /api/v1/responses/{uuid4()} HTTP/1.1\r\n".encode() + end,
        f"POST /s/{token} HTTP/1.1\r\n".encode() + form + end,
        b"PUT /api/v1/responses/ HTTP/1.1\r\nHost: a\r\nContent-Le",
    ]


def ask(port: int, method: str, path: str, body: object = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, json.dumps(body) if body else None)
        return connection.getresponse().status
    finally:
        connection.close()


def test_silent_connections_hold_nobody_up(served: tuple[ServerGroup, str]) -> None:
    group, token = served
    sheet = {"link": token, "answers": {"access.signage": "4"}}
    with ExitStack() as open_ones:
        for beginning in islice(cycle(beginnings(token)), SILENT):
            silent = socket.create_connection(("127.0.0.1", group.port), PATIENCE)
            open_ones.enter_context(silent)
            silent.sendall(beginning)
        for _ in range(20):
            assert ask(group.port, "GET", "/healthz") == 200
            assert ask(group.port, "GET", f"/s/{token}") == 200
            assert ask(group.port, "PUT", f"/api/v1/responses/{uuid4()}", sheet) == 201
        threads, megabytes = group.burden()
        assert 320 < threads < THREADS
        assert megabytes < MOST_MEGABYTES
    assert ask(group.port, "PUT", f"/api/v1/responses/{uuid4()}", sheet) == 201
