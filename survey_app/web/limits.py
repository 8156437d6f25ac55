"""How much is taken in a minute: sheets through one open link, requests with one key, wrong
codes from one place, attempts to sign in.

Counts live in the memory of this process and are forgotten after a minute. Open links are counted
by their own token, never by address: a whole province may sit behind one address. Signing in is
counted by the name that is tried, the browser, the journey to a provider; the address is the last
fence, far out for everything and nearer for what proved wrong.
"""

import hashlib
import math
import secrets
import time

from flask import Flask, Response, after_this_request, current_app, request, session
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from survey_app.errors import NotFound, TooMany
from survey_app.operations.fieldwork.links import OPEN_TOKEN_LENGTH, link_token

WRONG_CODES_A_MINUTE = 60
SIGN_IN_STEPS_A_MINUTE = 10  # with one name, one account's code, one journey to a provider
SIGN_IN_STEPS_A_MINUTE_BY_BROWSER = 20  # of a machine that several people share
SIGN_IN_STEPS_A_MINUTE_BY_ADDRESS = 900  # three steps for each of 300 people in one minute
WRONG_SIGN_INS_A_MINUTE_BY_ADDRESS = 60
REQUESTS_A_MINUTE_BY_KEY = 120
CONTACTS_A_MINUTE = 20
DEVICE_SHEETS_A_MINUTE = 1000  # a kiosk that comes back from days without network

#: What a browser that has opened a form is known by, in the signed cookie of forms.
BROWSER = "csrf_token"
#: Ways of signing in whose wrong attempts are counted apart: guesses at passwords do not keep those
#: away who come from a provider.
BY_PASSWORD, BY_PROVIDER = "password", "provider"


class Limits:
    """The limits of one application. ``intake``: sheets a minute through one open link, 0 = any."""

    def __init__(self, intake: int) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._intake = RateLimitItemPerMinute(intake) if intake else None
        self._wrong_codes = RateLimitItemPerMinute(WRONG_CODES_A_MINUTE)
        self._steps = RateLimitItemPerMinute(SIGN_IN_STEPS_A_MINUTE)
        self._browsers = RateLimitItemPerMinute(SIGN_IN_STEPS_A_MINUTE_BY_BROWSER)
        self._addresses = RateLimitItemPerMinute(SIGN_IN_STEPS_A_MINUTE_BY_ADDRESS)
        self._wrong_sign_ins = RateLimitItemPerMinute(WRONG_SIGN_INS_A_MINUTE_BY_ADDRESS)
        self._requests = RateLimitItemPerMinute(REQUESTS_A_MINUTE_BY_KEY)
        self._contacts = RateLimitItemPerMinute(CONTACTS_A_MINUTE)
        self._device_sheets = RateLimitItemPerMinute(DEVICE_SHEETS_A_MINUTE)
        self._salt = secrets.token_bytes(16)

    def sheet_wait(self, token: str) -> int:
        """The seconds until this link takes a sheet again, 0 = it takes one now. Counts nothing:
        what is refused, or comes again, must not shut the link to others."""
        key = self._link_key(token)
        if self._intake is None or key is None or self._limiter.test(self._intake, key):
            return 0
        return self._seconds_left(self._intake, key)

    def note_sheet(self, token: str) -> None:
        """Count one sheet that was stored."""
        key = self._link_key(token)
        if self._intake is not None and key is not None:
            self._limiter.hit(self._intake, key)

    def take_wrong_code(self, address: str) -> int:
        """Count one unknown code; the seconds to wait when it is one too many, else 0.

        The address itself is not kept, only a digest with a salt that dies with the process.
        """
        return self._count(self._wrong_codes, f"wrong:{self._masked(address)}")

    def take_sign_in(self, way: str, *, whose: str, browser: str, address: str) -> int:
        """Count one step of signing in; the seconds to wait when it is one too many, else 0.

        ``way``: by which wrong ones are counted apart; ``whose``: the name that is tried, the
        account or the journey; ``browser``: what it is known by. "" is not counted. What is refused
        takes nothing from anybody: neither from the others at the address nor from the name, else
        one browser that tries on and on would shut out every name it knows.
        """
        place = self._masked(address)
        counts = [(self._addresses, f"sign-in:{place}")]
        for item, key in ((self._steps, whose), (self._browsers, browser and f"browser:{browser}")):
            counts += [(item, f"sign-in:{self._masked(key)}")] if key else []
        for item, key in ((self._wrong_sign_ins, f"wrong-{way}:{place}"), *counts):
            if not self._limiter.test(item, key):
                return self._seconds_left(item, key)
        return max(self._count(item, key) for item, key in counts)

    def note_wrong_sign_in(self, way: str, address: str) -> None:
        """Count a step that proved nothing."""
        self._limiter.hit(self._wrong_sign_ins, f"wrong-{way}:{self._masked(address)}")

    def is_calm(self, address: str) -> bool:
        """Whether few logout tokens that proved nothing came from this address. Counts nothing: a
        provider that ends many sessions at once is to be heard."""
        return self._limiter.test(self._wrong_codes, f"logout:{self._masked(address)}")

    def note_wrong_logout(self, address: str) -> None:
        """Count a logout token that proved nothing."""
        self._limiter.hit(self._wrong_codes, f"logout:{self._masked(address)}")

    def take_request(self, key_id: int) -> int:
        """Count one request of a key; the seconds to wait when it is one too many, else 0."""
        return self._count(self._requests, f"key:{key_id}")

    def take_device_sheets(self, device_id: int, count: int) -> int:
        """Count sheets from one device; the seconds to wait when they are too many, else 0."""
        return self._count(self._device_sheets, f"device:{device_id}", count)

    def take_contact(self, place: str) -> int:
        """Count one request for a reply; the seconds to wait when it is one too many, else 0."""
        return self._count(self._contacts, f"contact:{place}")

    @staticmethod
    def _link_key(token: str) -> str | None:
        """Under what an open link is counted; None for a link that is good for one sheet."""
        return f"link:{token}" if len(token) == OPEN_TOKEN_LENGTH else None

    def _masked(self, address: str) -> str:
        return hashlib.blake2b(address.encode(), key=self._salt, digest_size=12).hexdigest()

    def _count(self, item: RateLimitItemPerMinute, key: str, cost: int = 1) -> int:
        return 0 if self._limiter.hit(item, key, cost=cost) else self._seconds_left(item, key)

    def _seconds_left(self, item: RateLimitItemPerMinute, key: str) -> int:
        reset_at = self._limiter.get_window_stats(item, key).reset_time
        return max(1, math.ceil(reset_at - time.time()))


def init_limits(app: Flask) -> None:
    app.extensions["hailong.limits"] = Limits(app.config["SETTINGS"].intake_limit)


def require_intake(token: str) -> None:
    """Raises TooMany when this open link has taken its sheets for the minute."""
    wait = _limits().sheet_wait(link_token(token))
    if wait:
        _retry_after(wait)
        raise TooMany("Đang có quá nhiều phiếu gửi cùng lúc. Vui lòng gửi lại sau ít phút.")


def note_intake(token: str) -> None:
    """Count a sheet that was stored through this link."""
    _limits().note_sheet(link_token(token))


def require_device_turn(device_id: int, count: int) -> None:
    """Raises TooMany when this device has sent its sheets for the minute."""
    wait = _limits().take_device_sheets(device_id, count)
    if wait:
        _retry_after(wait)
        raise TooMany("Đang có quá nhiều phiếu gửi cùng lúc. Vui lòng gửi lại sau ít phút.")


def require_sign_in_turn(way: str, whose: str = "") -> None:
    """Raises TooMany when too much was tried in a minute: with this name, account or journey
    (``whose``), from this browser, or from its address by so many that it is no office."""
    browser = str(session.get(BROWSER, ""))
    address = request.remote_addr or ""
    wait = _limits().take_sign_in(way, whose=whose, browser=browser, address=address)
    if wait:
        _retry_after(wait)
        raise TooMany("Đã thử đăng nhập quá nhiều lần; vui lòng thử lại sau một phút.")


def note_wrong_sign_in(way: str) -> None:
    """Count a step from this address that proved nothing; ``way``: as when it was asked for."""
    _limits().note_wrong_sign_in(way, request.remote_addr or "")


def is_calm() -> bool:
    """Whether few logout tokens that proved nothing came from this address in a minute."""
    return _limits().is_calm(request.remote_addr or "")


def note_wrong_logout() -> None:
    """Count a logout token that proved nothing."""
    _limits().note_wrong_logout(request.remote_addr or "")


def require_contact_turn(place: str) -> None:
    """Raises TooMany when one unit was asked for too many replies in a minute."""
    wait = _limits().take_contact(place)
    if wait:
        _retry_after(wait)
        raise TooMany("Đang có quá nhiều yêu cầu gửi cùng lúc. Vui lòng gửi lại sau ít phút.")


def require_key_turn(key_id: int) -> None:
    """Raises TooMany when this key has asked too often in a minute."""
    wait = _limits().take_request(key_id)
    if wait:
        _retry_after(wait)
        raise TooMany("Khóa API này gửi quá nhiều yêu cầu; vui lòng thử lại sau ít phút.")


def wrong_code(error: NotFound) -> NotFound | TooMany:
    """What to say about an unknown code: that there is none, or to stop trying.

    Codes that exist keep working from the same address: others may share it. What keeps codes
    from being guessed is their length; this keeps the guessing cheap for us.
    """
    wait = _limits().take_wrong_code(request.remote_addr or "")
    if not wait:
        return error
    _retry_after(wait)
    return TooMany("Quá nhiều mã không đúng. Vui lòng kiểm tra lại mã và thử lại sau một phút.")


def _limits() -> Limits:
    found: Limits = current_app.extensions["hailong.limits"]
    return found


def _retry_after(seconds: int) -> None:
    @after_this_request
    def add(response: Response) -> Response:
        response.headers["Retry-After"] = str(seconds)
        return response
