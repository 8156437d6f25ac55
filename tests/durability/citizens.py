"""Citizens who keep sending a sheet until it is acknowledged, and remember what they sent."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID, uuid4

Answers = dict[str, object]

#: One sheet in so many comes through a one-time link, as a form without script, is re-sent
#: unchanged and re-sent with other answers after it was acknowledged.
ONE_TIME, FORM, AGAIN, CHANGED = 5, 4, 10, 10
PAUSE_SECONDS = 0.01


@dataclass(frozen=True)
class SentSheet:
    """``token``: the link; ``is_form``: sent as a browser without script sends it."""

    id: UUID
    token: str
    answers: Answers
    is_form: bool = False


@dataclass
class Ledger:
    """What citizens know. ``wrong``: replies that break the promise, in words."""

    sent: dict[UUID, SentSheet] = field(default_factory=dict)
    receipts: dict[UUID, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    replies: Counter[int] = field(default_factory=Counter)
    broken_off: int = 0  # requests whose reply never came


class Citizens:
    """So many threads that send until ``stop``; ``port`` moves when the server is restarted.

    Between ``pause`` and ``resume`` no sheet is begun; those that were are sent until they are
    acknowledged.
    """

    def __init__(
        self, count: int, *, open_token: str, one_time: Sequence[str], seed: int = 1
    ) -> None:
        self.ledger = Ledger()
        self.port = 0
        self._open_token = open_token
        self._one_time: Iterator[str] = iter(one_time)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._open = threading.Event()
        self._open.set()
        self._threads = [
            threading.Thread(target=self._live, args=(random.Random(seed * 1000 + n),), daemon=True)
            for n in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def pause(self) -> None:
        self._open.clear()

    def resume(self, patience: float) -> None:
        """Returns when a sheet has been acknowledged; raises TimeoutError when none is."""
        before, deadline = len(self.ledger.receipts), time.monotonic() + patience
        self._open.set()
        while len(self.ledger.receipts) == before:
            if time.monotonic() > deadline:
                raise TimeoutError("citizens are not served")
            time.sleep(0.001)

    def stop(self) -> None:
        """Begin no new sheet; those that were begun are sent until they are acknowledged."""
        self._stopping.set()
        self._open.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a sheet was never acknowledged"

    def _live(self, chance: random.Random) -> None:
        try:
            while self._open.wait() and not self._stopping.is_set():
                self._one_sheet(chance)
        finally:
            _hang_up()

    def _one_sheet(self, chance: random.Random) -> None:
        sheet = self._new_sheet(chance)
        with self._lock:
            self.ledger.sent[sheet.id] = sheet
        status, receipt = self._send(sheet)
        if status not in {200, 201, 303} or not receipt:
            self._complain(f"{sheet} was answered {status}")
            return
        with self._lock:
            self.ledger.receipts[sheet.id] = receipt
            known = list(self.ledger.receipts)
        if chance.randrange(AGAIN) == 0:
            self._send_again(self.ledger.sent[chance.choice(known)])
        if chance.randrange(CHANGED) == 0:
            self._send_changed(self.ledger.sent[chance.choice(known)])

    def _new_sheet(self, chance: random.Random) -> SentSheet:
        answers: Answers = {
            "access.signage": chance.choice("12345"),
            "overall.satisfaction": chance.choice("12345"),
            "needs.improvements": chance.sample(["online", "faster"], chance.randint(0, 2)),
        }
        if chance.randrange(3) == 0:
            answers["comment"] = f"Ý kiến số {chance.randrange(10**6)}"
        token = self._open_token
        if chance.randrange(ONE_TIME) == 0:
            with self._lock:
                token = next(self._one_time, self._open_token)
        return SentSheet(
            UUID(int=chance.getrandbits(128), version=4),
            token,
            answers,
            is_form=chance.randrange(FORM) == 0,
        )

    def _send_again(self, sheet: SentSheet) -> None:
        status, receipt = self._send(sheet)
        if status not in {200, 303} or receipt != self.ledger.receipts[sheet.id]:
            self._complain(f"{sheet} sent again was answered {status} {receipt}")

    def _send_changed(self, sheet: SentSheet) -> None:
        other = {**sheet.answers, "access.signage": "na"}
        status, _ = self._send(SentSheet(sheet.id, sheet.token, other, sheet.is_form))
        if status != 409:
            self._complain(f"{sheet} sent with other answers was answered {status}")

    def _complain(self, words: str) -> None:
        with self._lock:
            self.ledger.wrong.append(words)

    def _send(self, sheet: SentSheet) -> tuple[int, str]:
        """Send until a reply comes, to whatever server is there: (status, receipt)."""
        while True:
            try:
                status, receipt = send(self.port, sheet)
            except (OSError, http.client.HTTPException):
                with self._lock:
                    self.ledger.broken_off += 1
                time.sleep(PAUSE_SECONDS)
                continue
            with self._lock:
                self.ledger.replies[status] += 1
            return status, receipt


_connections = threading.local()


def send(port: int, sheet: SentSheet) -> tuple[int, str]:
    """Send one sheet over this thread's connection; raises OSError or HTTPException."""
    connection: http.client.HTTPConnection | None = getattr(_connections, "kept", None)
    if connection is None or connection.port != port:
        _hang_up()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        _connections.kept = connection
    try:
        connection.request(*_request(sheet))
        reply = connection.getresponse()
        body = reply.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        raise
    if reply.status == 303:
        return 303, reply.headers["Location"].rpartition("/")[2]
    is_receipt = reply.status in {200, 201}
    return reply.status, json.loads(body)["receipt"] if is_receipt else ""


def _hang_up() -> None:
    kept: http.client.HTTPConnection | None = getattr(_connections, "kept", None)
    if kept:
        kept.close()


def _request(sheet: SentSheet) -> tuple[str, str, bytes, dict[str, str]]:
    if sheet.is_form:
        hidden = {"_response_id": str(sheet.id), "_version": "sipas-counter@1", "_language": "vi"}
        fields = urlencode({**hidden, **sheet.answers}, doseq=True).encode()
        kind = "application/x-www-form-urlencoded"
        return "POST", f"/s/{sheet.token}", fields, {"Content-Type": kind}
    body = json.dumps({"link": sheet.token, "answers": sheet.answers}).encode()
    return "PUT", f"/api/v1/responses/{sheet.id}", body, {"Content-Type": "application/json"}


def some_sheet(token: str) -> SentSheet:
    return SentSheet(uuid4(), token, {"access.signage": "4"})
