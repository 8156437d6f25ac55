"""SIGTERM under load: the processes go, and no sheet is promised that is not stored."""

import os
import time
from pathlib import Path

import pytest

from survey_app.storage.database import Database
from tests.durability.citizens import Citizens
from tests.durability.kill import CLIENTS, compare, prepare
from tests.durability.server import SECONDS_TO_START, ServerGroup

STOPS = 2


@pytest.mark.parametrize("everybody", [False, True], ids=["parent", "group"])
def test_a_stopped_server_leaves_no_process_and_no_broken_promise(
    tmp_path: Path, everybody: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'hailong.db'}"
    database = Database(url)
    token, slips = prepare(database)
    citizens = Citizens(CLIENTS, open_token=token, one_time=slips)
    group = ServerGroup(url, tmp_path, own_core=True)
    cores = {str(core) for core in sorted(os.sched_getaffinity(0))[:2]}
    try:
        for number in range(STOPS + 1):
            group.start()
            group.wait_until_loaded()
            group.go()
            citizens.port = group.port
            if number == 0:
                citizens.start()
            before = len(citizens.ledger.receipts)
            deadline = time.monotonic() + SECONDS_TO_START
            while len(citizens.ledger.receipts) < before + 50:
                assert time.monotonic() < deadline, "citizens are not served"
                time.sleep(0.01)
            while group.own_cores() != cores:  # whoever was stopped has given its core back
                assert time.monotonic() < deadline, "no core for each web process"
                time.sleep(0.1)
            if number < STOPS:
                group.terminate(everybody=everybody)
        citizens.stop()
    finally:
        group.kill()
    outcome = compare(database, citizens.ledger, kills=STOPS)
    database.dispose()
    assert outcome.is_whole, outcome
    assert outcome.acknowledged >= 50 * (STOPS + 1)
