"""A hundred kills of the whole server group on SQLite, and as many on PostgreSQL if it is there.

Ends with status 1 when an acknowledged sheet was lost, doubled or changed, or when the negative
control (a server that acknowledges before it commits) was not caught.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from tests.durability.kill import Outcome, kill_and_restart
from tests.durability.server import HASTY, PRODUCT
from tests.postgresql import PROGRAMS, PostgresServer

KILLS = 100
CONTROL_KILLS = 5
POSTGRESQL_TOO = 5  # PostgreSQL itself is killed after every so many kills of ours


def on_sqlite(kills: int, app: str = PRODUCT) -> Outcome:
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{Path(name) / 'hailong.db'}"
        return kill_and_restart(url, Path(name), kills=kills, app=app)


def on_postgresql(kills: int) -> Outcome:
    with (
        tempfile.TemporaryDirectory() as name,
        tempfile.TemporaryDirectory(prefix="hailong-postgresql-") as cluster,
    ):
        server = PostgresServer(Path(cluster), fsync=True)
        server.start()

        def kill_it_too(number: int) -> None:
            if number % POSTGRESQL_TOO == 0:
                server.kill()
                server.start()

        try:
            return kill_and_restart(server.url, Path(name), kills=kills, between=kill_it_too)
        finally:
            server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--kills", type=int, default=KILLS)
    options = parser.parse_args()
    found = {"sqlite": on_sqlite(options.kills)}
    if PROGRAMS:
        found["postgresql"] = on_postgresql(options.kills)
    found["control"] = on_sqlite(CONTROL_KILLS, HASTY)
    for name, outcome in found.items():
        # The control breaks its word by the hundred; three examples say it.
        print(name, replace(outcome, wrong=outcome.wrong[:3]), f"{len(outcome.wrong)} wrong")
    if options.json:
        options.json.write_text(
            json.dumps({name: asdict(o) for name, o in found.items()}, indent=2)
        )
    is_kept = all(outcome.is_whole for name, outcome in found.items() if name != "control")
    return 0 if is_kept and found["control"].lost else 1


if __name__ == "__main__":
    sys.exit(main())
