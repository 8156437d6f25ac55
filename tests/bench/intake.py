"""Intake: what a sheet costs over HTTP, against what server and disk allow; all in one run.

The bound B = 1 / (1 / hello + 1 / raw): every sheet needs one request (hello: the smallest
application on the same server) and one durable commit (raw: single-row commits of one plain SQLite
connection, synchronous=FULL). Group commit may beat it. 64 connections, two web processes, each
with a core (HAILONG_OWN_CORE); the arms take turns, only the ratios mean anything on a shared
machine. The client is one Python process on the same machine and counts against all arms alike.
"""

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from survey_app.clock import now
from survey_app.operations.demo.loading import load_demo
from survey_app.operations.fieldwork.links import find_link
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.storage.database import Database
from survey_app.storage.migrate import upgrade
from survey_app.storage.queries.collection_points import collection_points
from survey_app.storage.queries.surveys import list_surveys
from survey_app.web.citizen.one_sheet import COOKIE, JUST_SENT, SENT, shown_id
from tests.bench._load import Load, Maker, load
from tests.durability.server import PRODUCT, THREADS, ServerGroup
from tests.postgresql import PROGRAMS, PostgresServer

SECONDS_PER_TURN = 1.5
TURNS = 5


def prepare(database: Database) -> tuple[str, dict[str, str]]:
    """A demo unit's open link and a full set of answers to its criteria."""
    upgrade(database.url)
    with database.transaction() as session:
        load_demo(session, now=now(), units=2, responses=0)
        survey = next(s for s in list_surveys(session) if s.code.startswith("SIPAS"))
        token = collection_points(session, survey.id)[0].token
        version = find_link(session, token).point.survey.version
        codes = [question.code for _, question in load_questionnaire(version).criteria]
    return token, dict.fromkeys(codes, "4")


def _request(line: str, kind: str = "", body: bytes = b"", cookies: str = "") -> bytes:
    head = f"{line} HTTP/1.1\r\nHost: bench\r\n"
    if cookies:
        head += f"Cookie: {cookies}\r\n"
    if body:
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


def put(token: str, answers: dict[str, str]) -> Maker:
    sheet = {"link": token, "language": "vi", "mode": "phone", "answers": answers}
    body = json.dumps(sheet).encode()
    return lambda: _request(f"PUT /api/v1/responses/{uuid.uuid4()}", "application/json", body)


def form(token: str, answers: dict[str, str]) -> Maker:
    """As a browser without script sends it, with the cookie that came with the questionnaire."""
    hidden = {"_version": "sipas-counter@1", "_language": "vi", "_seconds": "", "_proof": ""}
    fields = urlencode({**hidden, **answers})
    kind = "application/x-www-form-urlencoded"

    def make() -> bytes:
        sheet_id = uuid.uuid4()
        body = f"{fields}&_response_id={shown_id(sheet_id)}".encode()
        return _request(f"POST /s/{token}", kind, body, f"{COOKIE}={sheet_id}")

    return make


def page(token: str) -> Maker:
    return lambda: _request(f"GET /s/{token}")


def thanks(token: str) -> Maker:
    """The page that a form leads to."""
    cookies = f"{COOKIE}={SENT}; {JUST_SENT}="
    line = f"GET /s/{token}/cam-on/K7Q-4MZ"
    return lambda: _request(line, cookies=f"{cookies}{uuid.uuid4()}")


def textbook_sheet() -> bytes:
    fields = urlencode({f"q{number}": "4" for number in range(22)}).encode()
    return _request("POST /", "application/x-www-form-urlencoded", fields)


def raw_rate(folder: Path, seconds: float) -> float:
    """Single-row durable commits per second of one plain SQLite connection."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS t (k BLOB PRIMARY KEY, a BLOB) WITHOUT ROWID")
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        row = (uuid.uuid4().bytes, b"\x04" * 45)
        connection.execute("INSERT INTO t VALUES (?, ?)", row)
        done += 1
    spent = time.perf_counter() - started
    connection.close()
    return done / spent


@contextmanager
def serving(
    url: str, folder: Path, app: str = PRODUCT, threads: int = THREADS, *, own_core: bool
) -> Iterator[ServerGroup]:
    home = folder / app.partition(":")[0]  # where the locks of the cores lie: one set for each arm
    home.mkdir()
    group = ServerGroup(url, home, app=app, threads=threads, own_core=own_core)
    group.start()
    try:
        group.wait_until_loaded()
        yield group
    finally:
        group.kill()


def measure(
    url: str, folder: Path, turns: int, threads: int, *, own_core: bool
) -> dict[str, float]:
    """Medians over the turns, and medians of the ratios within each turn."""
    database = Database(url)
    token, answers = prepare(database)
    database.dispose()
    makers = {
        "put": put(token, answers),
        "form": form(token, answers),
        "page": page(token),
        "thanks": thanks(token),
    }
    statuses = {"put": 201, "form": 303, "page": 200, "thanks": 200}
    found: list[dict[str, float]] = []
    with (
        serving(url, folder, "tests.bench._hello:app", own_core=own_core) as hello,
        serving(url, folder, "tests.bench._flask_hello:app", own_core=own_core) as framework,
        serving(url, folder, "tests.bench._textbook:app", 32, own_core=own_core) as textbook,
        serving(url, folder, threads=threads, own_core=own_core) as product,
    ):
        arms: dict[str, Callable[[float], Load]] = {
            name: lambda seconds, name=name, make=make: load(  # type: ignore[misc]
                product.port, make, status=statuses[name], seconds=seconds
            )
            for name, make in makers.items()
        }
        arms["hello"] = lambda seconds: load(
            hello.port, lambda: _request("GET /"), status=200, seconds=seconds
        )
        arms["framework"] = lambda seconds: load(
            framework.port, lambda: _request("GET /"), status=200, seconds=seconds
        )
        arms["textbook"] = lambda seconds: load(
            textbook.port, textbook_sheet, status=201, seconds=seconds
        )
        for arm in arms.values():
            arm(0.5)  # caches are filled
        for _ in range(turns):
            found.append(_turn(arms, folder))
    return {name: statistics.median(turn[name] for turn in found) for name in found[0]}


def _turn(arms: dict[str, Callable[[float], Load]], folder: Path) -> dict[str, float]:
    raw = raw_rate(folder, SECONDS_PER_TURN)
    loads = {name: arm(SECONDS_PER_TURN) for name, arm in arms.items()}
    bound = 1 / (1 / loads["hello"].rate + 1 / raw)
    turn = {"raw_commits_per_second": raw, "bound_per_second": bound}
    for name, one in loads.items():
        turn |= {
            f"{name}_per_second": one.rate,
            f"{name}_p50_ms": one.p50,
            f"{name}_p99_ms": one.p99,
        }
    turn |= {f"{name}_to_bound": loads[name].rate / bound for name in ("put", "form")}
    turn["put_to_raw"] = loads["put"].rate / raw
    turn["put_to_textbook"] = loads["put"].rate / loads["textbook"].rate
    turn["page_to_framework"] = loads["page"].rate / loads["framework"].rate
    return turn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--threads", type=int, default=THREADS, help="of each web process")
    parser.add_argument("--any-core", action="store_true", help="processes go to any core")
    options = parser.parse_args()
    own_core = not options.any_core
    found = {}
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{Path(name) / 'bench.db'}"
        found["sqlite"] = measure(
            url, Path(name), options.turns, options.threads, own_core=own_core
        )
    if PROGRAMS:
        with (
            tempfile.TemporaryDirectory() as name,
            tempfile.TemporaryDirectory(prefix="hailong-postgresql-") as cluster,
        ):
            server = PostgresServer(Path(cluster), fsync=True)
            server.start()
            try:
                found["postgresql"] = measure(
                    server.url, Path(name), options.turns, options.threads, own_core=own_core
                )
            finally:
                server.stop()
    for database, values in found.items():
        for name, value in values.items():
            print(f"{database:10} {name:26} {value:10.2f}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
