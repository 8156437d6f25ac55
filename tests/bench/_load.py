"""A load of keep-alive connections, answered in one thread: the rate and the waiting times."""

import selectors
import socket
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

#: Makes the next request's bytes.
Maker = Callable[[], bytes]


@dataclass(frozen=True)
class Load:
    """``rate``: replies a second; ``p50``, ``p99``: milliseconds from sending to the reply."""

    rate: float
    p50: float
    p99: float


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.missing = -1  # bytes of the body still to come; -1: the head is not complete
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received, self.missing = b"", -1
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def is_complete(self) -> bool:
        """Read what is there; whether the reply is whole."""
        data = self.socket.recv(262_144)
        if not data:
            raise ConnectionError("the server hung up")
        if self.missing >= 0:
            self.missing -= len(data)
            return self.missing == 0
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        self.missing = int(length or 0) - len(body)
        return self.missing == 0


def load(port: int, make: Maker, *, status: int, seconds: float, connections: int = 64) -> Load:
    """Keep ``connections`` requests under way for some seconds; each reply must have ``status``."""
    expected = b"HTTP/1.1 %d" % status
    times: list[float] = []
    opened = [_Connection(port) for _ in range(connections)]
    with selectors.DefaultSelector() as selector:
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(make())
        started = time.perf_counter()
        under_way, is_over = connections, False
        while under_way:
            for key, _ in selector.select(30):
                connection = key.data
                if not connection.is_complete():
                    continue
                if not connection.received.startswith(expected):
                    raise ValueError(connection.received[:300])
                done_at = time.perf_counter()
                is_over = done_at - started >= seconds
                times.append(done_at - connection.sent_at)
                if is_over:
                    under_way -= 1
                else:
                    connection.send(make())
        spent = time.perf_counter() - started
    for connection in opened:
        connection.socket.close()
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / spent, cuts[49] * 1000, cuts[98] * 1000)
