"""What sheets show beside those that came just before: held in memory for minutes, never written.

Digests are made with a key that is drawn at start and dies with the process.
"""

import hashlib
import secrets
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from survey_app.clock import hour_of
from survey_app.integrity.flags import Flag
from survey_app.text import fold

#: Sheets of a point are remembered for so long.
MEMORY = timedelta(minutes=10)
#: More than so many sheets within ``MEMORY`` are a burst: of one device, which serves one person
#: at a time, and of a link that many telephones may open at once.
MOST_OF_A_DEVICE, MOST_OF_A_LINK = 20, 40
#: So many sheets with the same answers one after the other …
IDENTICAL_RUN = 3
#: … of at least so many answers: short sheets are alike by chance.
FEWEST_ALIKE = 12
#: Shorter comments are alike by chance ("Không có ý kiến gì thêm").
LONG_TEXT = 40
TEXT_MEMORY = timedelta(hours=12)

MOST_SOURCES = 4096
MOST_TEXTS = 8192


class Arrival(NamedTuple):
    """A sheet as far as it is compared with others.

    ``source``: the collection point it came in at; ``is_device``: from a kiosk; ``answered``: how
    many questions; ``scope``: within which ``texts`` are compared. ``received_at`` is later than
    ``answered_at`` where a sheet waited on a device.
    """

    source: int
    is_device: bool
    key: bytes
    answers: bytes
    answered: int
    answered_at: datetime
    received_at: datetime
    scope: tuple[int, int] = (0, 0)
    texts: tuple[str, ...] = ()


class _Trace(NamedTuple):
    """What is remembered of a sheet."""

    key: bytes
    digest: bytes
    answered_at: datetime
    received_at: datetime


class _Source:
    """The latest sheets of one point, in the order they came."""

    __slots__ = ("burst_hour", "spread_hour", "traces")

    def __init__(self) -> None:
        self.traces: deque[_Trace] = deque(maxlen=MOST_OF_A_LINK + 1)
        self.burst_hour: datetime | None = None
        self.spread_hour: datetime | None = None

    def forget(self, moment: datetime) -> None:
        while self.traces and moment - self.traces[0].received_at > MEMORY:
            self.traces.popleft()

    def ends_in_a_run(self, trace: _Trace) -> bool:
        """Whether this sheet and those just before it have the same answers."""
        before = (other.digest for other in reversed(self.traces) if other.key != trace.key)
        run = list(islice(before, IDENTICAL_RUN - 1))
        return run == [trace.digest] * (IDENTICAL_RUN - 1)

    def is_in_a_burst(self, moment: datetime, most: int) -> bool:
        """Whether too many sheets were answered about ``moment``, or in its hour before."""
        hour = hour_of(moment)
        if self.burst_hour != hour and len(self.traces) > most:
            near = sum(abs(moment - trace.answered_at) <= MEMORY for trace in self.traces)
            if near > most:
                self.burst_hour = hour
        return self.burst_hour == hour


class RecentSheets:
    """The latest sheets of one process. Safe to use from several threads.

    Several processes see a part of the sheets each, and so flag fewer of them, never more.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)
        self._guard = threading.Lock()
        self._sources: OrderedDict[int, _Source] = OrderedDict()
        self._texts: OrderedDict[tuple[tuple[int, int], bytes], tuple[datetime, bytes]] = (
            OrderedDict()
        )

    def look(self, arrival: Arrival) -> Flag:
        """Remember a sheet, and say what it shows beside those before it. The same sheet again
        (by ``key``) is not counted twice."""
        found = Flag(0)
        digest = self._digest(arrival.answers)
        trace = _Trace(arrival.key, digest, arrival.answered_at, arrival.received_at)
        with self._guard:
            source = self._source(arrival.source)
            source.forget(arrival.received_at)
            if arrival.answered >= FEWEST_ALIKE and source.ends_in_a_run(trace):
                found |= Flag.IDENTICAL
            if all(other.key != arrival.key for other in source.traces):
                source.traces.append(trace)
            most = MOST_OF_A_DEVICE if arrival.is_device else MOST_OF_A_LINK
            if source.is_in_a_burst(arrival.answered_at, most):
                found |= Flag.BURST
            for text in arrival.texts:
                if len(text) >= LONG_TEXT and self._has_been_written(arrival, text):
                    found |= Flag.REPEATED_COMMENT
        return found

    def is_first_of_burst(self, source: int, hour: datetime) -> bool:
        """True once for each ``hour`` with a burst: the sheets of that hour that came before are to
        be flagged as well."""
        with self._guard:
            found = self._sources.get(source)
            if found is None or found.spread_hour == hour:
                return False
            found.spread_hour = hour
            return True

    def spread_again(self) -> None:
        """What was spread of late may not have been stored."""
        with self._guard:
            for source in self._sources.values():
                source.spread_hour = None

    def _source(self, point: int) -> _Source:
        source = self._sources.get(point)
        if source is None:
            source = self._sources[point] = _Source()
            if len(self._sources) > MOST_SOURCES:
                self._sources.popitem(last=False)
        else:
            self._sources.move_to_end(point)
        return source

    def _has_been_written(self, arrival: Arrival, text: str) -> bool:
        """Whether another sheet had the same words, whatever their case, marks and spaces."""
        place = arrival.scope, self._digest(fold(text).encode())
        before = self._texts.get(place)
        if before is not None and before[1] != arrival.key:
            written_at = before[0]
            if arrival.received_at - written_at <= TEXT_MEMORY:
                return True
        self._texts[place] = arrival.received_at, arrival.key
        self._texts.move_to_end(place)
        if len(self._texts) > MOST_TEXTS:
            self._texts.popitem(last=False)
        return False

    def _digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, digest_size=8, key=self._secret).digest()
