"""A gentle proof of work for open links that receive more than people would send.

A link that is calm asks for nothing. Above a rate, whoever sends a sheet is given a challenge, tied
to this link and this sheet, and sends it back with a number that makes the digest of both begin
with enough zero bits: a moment of a telephone's time for one sheet, much time for thousands. It
needs no third party and says nothing about who asks. What is counted lives in the memory of this
process; nothing is kept of a sheet.
"""

import hashlib
import hmac
import math
import re
import threading
import time
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, Response, after_this_request, current_app

from survey_app.errors import TooMany
from survey_app.operations.fieldwork.links import OPEN_TOKEN_LENGTH, link_token

HEADER = "Proof-Challenge"
FEWEST_BITS = 15  # some 30,000 digests: a fifth of a second on a simple telephone
MOST_BITS = 19  # some 500,000: a few seconds
#: A challenge handed out a moment ago is still good when the pressure has grown since.
SLACK_BITS = 2
MOST_LINKS = 4096
MINUTE = 60.0
HOUR = 3600

#: [0-9], not \d, which takes the digits of every script: marks are compared as ASCII.
_PROOF = re.compile(
    r"(?P<challenge>(?P<bits>[0-9]{1,2})\.(?P<hour>[0-9]{1,7})\.[0-9a-f]{20})\.[0-9]{1,12}"
)


@dataclass
class _Minutes:
    """Sheets of one link: in the minute that runs, and in the one before it."""

    minute: int
    now: int = 0
    before: int = 0

    def move_to(self, minute: int) -> None:
        if minute != self.minute:
            self.before = self.now if minute == self.minute + 1 else 0
            self.now, self.minute = 0, minute


class Pressure:
    """How many sheets a minute come through each link, in a window that slides."""

    def __init__(self) -> None:
        self._links: dict[str, _Minutes] = {}
        self._lock = threading.Lock()

    def rate(self, token: str, at: float) -> float:
        """Sheets in the sixty seconds before ``at``, as if the minute before had been even."""
        with self._lock:
            counts = self._links.get(token)
            if counts is None:
                return 0
            counts.move_to(int(at // MINUTE))
            return counts.now + counts.before * (1 - at % MINUTE / MINUTE)

    def note(self, token: str, at: float) -> None:
        """Count one sheet of a link that exists."""
        minute = int(at // MINUTE)
        with self._lock:
            if token not in self._links and len(self._links) >= MOST_LINKS:
                self._links.clear()
            counts = self._links.setdefault(token, _Minutes(minute))
            counts.move_to(minute)
            counts.now += 1


@dataclass(frozen=True)
class Gate:
    """The proofs of one application. ``calm``: sheets a minute that need none, 0 = never any."""

    calm: int
    secret: bytes
    pressure: Pressure

    def is_open(self, token: str, sheet_id: UUID, proof: str) -> bool:
        """Whether the sheet may pass now. Links good for one sheet are limited by being used."""
        at = time.time()
        bits = self.bits_wanted(token, at)
        return not bits or self.is_proven(token, sheet_id, proof, bits, at)

    def note(self, token: str) -> None:
        """Count a sheet that came through this link."""
        if self.calm and len(token) == OPEN_TOKEN_LENGTH:
            self.pressure.note(token, time.time())

    def bits_wanted(self, token: str, at: float) -> int:
        """How hard a proof this link asks for now: 0 while it is calm, one bit more each time the
        rate doubles."""
        if not self.calm or len(token) != OPEN_TOKEN_LENGTH:
            return 0
        rate = self.pressure.rate(token, at)
        if rate < self.calm:
            return 0
        return min(MOST_BITS, FEWEST_BITS + int(math.log2(rate / self.calm)))

    def challenge(self, token: str, sheet_id: UUID, bits: int, hour: int) -> str:
        """What is to be proven, and that it was asked for here: "17.493512.5f…"."""
        text = f"{token}/{sheet_id}/{bits}/{hour}"
        mark = hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()[:20]
        return f"{bits}.{hour}.{mark}"

    def is_proven(self, token: str, sheet_id: UUID, proof: str, bits: int, at: float) -> bool:
        """Whether ``proof`` answers a challenge of this hour or the last, of nearly ``bits``."""
        found = _PROOF.fullmatch(proof)
        if found is None:
            return False
        given, hour = int(found["bits"]), int(found["hour"])
        is_good = given >= bits - SLACK_BITS and hour in {int(at // HOUR), int(at // HOUR) - 1}
        asked = self.challenge(token, sheet_id, given, hour)
        return is_good and hmac.compare_digest(found["challenge"], asked) and _zeros(proof) >= given


def init_proof(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    secret = settings.derived_secret("proof of work")
    app.extensions["hailong.proof"] = Gate(settings.calm_rate, secret, Pressure())


def require_proof(token: str, sheet_id: UUID, proof: str) -> None:
    """Raises TooMany, with a challenge in the header, when this open link is under pressure and
    ``proof`` does not show the work."""
    gate, token = _gate(), link_token(token)
    if gate.is_open(token, sheet_id, proof):
        return
    at = time.time()
    bits = max(FEWEST_BITS, gate.bits_wanted(token, at))
    _ask(gate.challenge(token, sheet_id, bits, int(at // HOUR)), at)
    raise TooMany("Đang có quá nhiều phiếu gửi cùng lúc. Vui lòng gửi lại sau ít phút.")


def note_sheet(token: str) -> None:
    """Count a sheet that came through this link."""
    _gate().note(link_token(token))


def _gate() -> Gate:
    found: Gate = current_app.extensions["hailong.proof"]
    return found


def _ask(challenge: str, at: float) -> None:
    @after_this_request
    def add(response: Response) -> Response:
        response.headers[HEADER] = challenge
        response.headers["Retry-After"] = str(max(1, math.ceil(MINUTE - at % MINUTE)))
        return response


def _zeros(proof: str) -> int:
    digest = hashlib.sha256(proof.encode()).digest()
    return 8 * len(digest) - int.from_bytes(digest, "big").bit_length()
