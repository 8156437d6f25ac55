"""Everything hostile at once against a running server, beside citizens who send their sheets."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from survey_app.clock import local_date, now
from survey_app.operations.access.api_keys import KeyScope, create_api_key
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit
from tests.durability.citizens import Citizens
from tests.durability.kill import Outcome, compare, prepare
from tests.durability.server import ServerGroup
from tests.fuzz.hostile import MAKERS, SlowClients, answers_at_all, exchange, statuses

CITIZENS, ATTACKERS, SLOW = 3, 3, 20
#: Not whether what fits the description is taken: a link that does not exist fits it, too.
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@dataclass
class Findings:
    """``failures``: replies of 500 and more, and requests that nobody ended, in words;
    ``replies``: how many of each status; ``during``: sheets acknowledged while under attack."""

    failures: list[str] = field(default_factory=list)
    replies: Counter[int] = field(default_factory=Counter)
    sent: int = 0
    described: int = 0
    during: int = 0
    outcome: Outcome | None = None


def attack(url: str, folder: Path, *, requests: int, cases: int, seed: int = 1) -> Findings:
    """Let attackers send ``requests`` hostile requests and ``cases`` of each operation that the
    API describes, with slow clients all the while; then compare the citizens' books."""
    database = Database(url)
    token, slips = prepare(database)
    key = _key(database)
    found = Findings()
    group = ServerGroup(url, folder)
    citizens = Citizens(CITIZENS, open_token=token, one_time=slips, seed=seed)
    try:
        group.start()
        group.wait_until_loaded()
        group.go()
        citizens.port = group.port
        citizens.start()
        with _slow_clients(group.port, token):
            before = len(citizens.ledger.receipts)
            _send_hostile(group.port, token, requests, seed, found)
            _send_described(group.port, key, cases, seed, found)
            found.during = len(citizens.ledger.receipts) - before
        if not answers_at_all(group.port):
            found.failures.append("the server does not answer any more")
        citizens.stop()
    finally:
        group.kill()
    found.outcome = compare(database, citizens.ledger, kills=0)
    database.dispose()
    return found


def _key(database: Database) -> str:
    """A key for the endpoints that ask for one."""
    with database.transaction() as session:
        unit_id = session.scalar(select(AdministrativeUnit.id))
        text, _ = create_api_key(
            session,
            label="Phần mềm một cửa",
            scopes=[KeyScope.INVITATIONS],
            unit_id=unit_id,
            expires_on=local_date(now()) + timedelta(days=1),
            now=now(),
        )
        return text


@contextmanager
def _slow_clients(port: int, token: str) -> Iterator[None]:
    slow, is_over = SlowClients(port, token, SLOW), threading.Event()

    def drip() -> None:
        while not is_over.wait(0.3):
            slow.drip()

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        slow.close()


def _send_hostile(port: int, token: str, requests: int, seed: int, found: Findings) -> None:
    lock = threading.Lock()

    def send(chance: random.Random, count: int) -> None:
        for number in range(count):
            make = MAKERS[number % len(MAKERS)]
            data = make(chance, token)
            try:
                got = statuses(exchange(port, data))
                wrong = [status for status in got if status >= 500]
                words = f"{make.__name__} was answered {wrong}: {data[:300]!r}" if wrong else ""
            except TimeoutError:
                got, words = [], f"{make.__name__} was never ended: {data[:300]!r}"
            with lock:
                found.sent += 1
                found.replies.update(got)
                if words:
                    found.failures.append(words)

    share = requests // ATTACKERS
    threads = [
        threading.Thread(target=send, args=(random.Random(seed * 100 + n), share))
        for n in range(ATTACKERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send_described(port: int, key: str, cases: int, seed: int, found: Findings) -> None:
    """Cases made from the API's own description, right and wrong ones; each reply must be one that
    the description names."""
    base = f"http://127.0.0.1:{port}"
    schema: Any = schemathesis.openapi.from_url(f"{base}/openapi.json")
    headers = {"Authorization": f"Bearer {key}"}
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in schemathesis.GenerationMode:

            @seeded(seed)
            @settings(
                max_examples=cases,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def check(case: Any) -> None:
                found.described += 1
                response = case.call(base_url=base, headers=headers, timeout=60)
                case.validate_response(response, checks=CHECKS)

            try:
                check()
            except Unsatisfiable:
                continue  # an address without parameters cannot be asked wrongly
            except (Exception, FailureGroup) as failure:  # noqa: BLE001  (told with the others)
                found.failures.append(f"{operation.label} ({mode.value}): {failure}"[:3000])
