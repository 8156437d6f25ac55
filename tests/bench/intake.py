"""Intake: PUT of answer sheets against raw single-row commits of SQLite, in one run.

Both arms write to the same disk in turns; only the ratios mean anything on a shared machine.
"""

import argparse
import json
import sqlite3
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask import Flask

from survey_app.app import create_app
from survey_app.clock import now
from survey_app.config import Settings
from survey_app.operations.demo import load_demo
from survey_app.storage.database import Database
from survey_app.storage.migrate import upgrade
from survey_app.storage.queries.surveys import collection_points, list_surveys

THREADS = 8
SECONDS_PER_TURN = 1.5
TURNS = 3


def make_app(folder: Path) -> tuple[Flask, str, dict[str, str]]:
    """An application with a demo unit, its open link and a full set of answers."""
    settings = Settings("development", folder, f"sqlite:///{folder / 'bench.db'}", "x" * 40)
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    with database.transaction() as session:
        load_demo(session, now=now(), units=2, responses=0)
        survey = next(s for s in list_surveys(session) if s.code.startswith("SIPAS"))
        token = collection_points(session, survey.id)[0].token
    app = create_app(settings, database)
    answers = dict.fromkeys(_criteria(app, token), "4")
    return app, token, answers


def _criteria(app: Flask, token: str) -> list[str]:
    from survey_app.operations.fieldwork import find_link
    from survey_app.operations.publishing import load_questionnaire

    database: Database = app.extensions["hailong.database"]
    with database.session() as session:
        version = find_link(session, token).point.survey.version
        return [question.code for _, question in load_questionnaire(version).criteria]


def put_rate(
    app: Flask, token: str, answers: dict[str, str], seconds: float, threads: int
) -> float:
    """Acknowledged sheets per second through the whole application (no network)."""

    def one(client: object) -> None:
        body = {"link": token, "language": "vi", "mode": "phone", "answers": answers}
        reply = client.put(f"/api/v1/responses/{uuid.uuid4()}", json=body)  # type: ignore[attr-defined]
        assert reply.status_code == 201, reply.text

    return _rate(lambda: app.test_client(), one, seconds, threads)


def raw_rate(folder: Path, seconds: float) -> float:
    """Single-row durable commits per second of one plain SQLite connection."""
    path = folder / "raw.db"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS t (k BLOB PRIMARY KEY, a BLOB) WITHOUT ROWID"
        )
        return connection

    def one(connection: object) -> None:
        row = (uuid.uuid4().bytes, b"\x04" * 45)
        connection.execute("INSERT INTO t VALUES (?, ?)", row)  # type: ignore[attr-defined]

    return _rate(connect, one, seconds, threads=1)


def _rate(
    connect: Callable[[], object], one: Callable[[object], None], seconds: float, threads: int
) -> float:
    done = [0] * threads
    stop = threading.Event()

    def work(place: int) -> None:
        client = connect()
        while not stop.is_set():
            one(client)
            done[place] += 1

    with ThreadPoolExecutor(threads) as pool:
        started = time.perf_counter()
        tasks = [pool.submit(work, place) for place in range(threads)]
        time.sleep(seconds)
        stop.set()
        for task in tasks:
            task.result()
        return sum(done) / (time.perf_counter() - started)


def measure() -> dict[str, float]:
    """Medians over the turns, and the ratios between the arms of one turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app, token, answers = make_app(folder)
        put_rate(app, token, answers, 0.3, THREADS)  # warm caches
        turns = [
            (
                raw_rate(folder, SECONDS_PER_TURN),
                put_rate(app, token, answers, SECONDS_PER_TURN, 1),
                put_rate(app, token, answers, SECONDS_PER_TURN, THREADS),
            )
            for _ in range(TURNS)
        ]
        app.extensions["hailong.database"].dispose()
    return {
        "raw_commits_per_second": statistics.median(raw for raw, _, _ in turns),
        "put_per_second_1_client": statistics.median(one for _, one, _ in turns),
        f"put_per_second_{THREADS}_clients": statistics.median(many for _, _, many in turns),
        "ratio_1_client": statistics.median(one / raw for raw, one, _ in turns),
        f"ratio_{THREADS}_clients": statistics.median(many / raw for raw, _, many in turns),
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args(argv)
    found = measure()
    for name, value in found.items():
        print(f"{name:32} {value:10.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
