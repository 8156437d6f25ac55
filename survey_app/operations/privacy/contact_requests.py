"""Requests for a reply: left after a sheet was sent and apart from it, read on record, erased.

Nothing joins a request with a sheet: it names survey, unit and day, is stored by itself, cannot be
read before the next day, and is written anew with all others of its day.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.copied_codes import plain_code, spell_code
from survey_app.errors import Invalid, NotFound, Problem, TooMany, Unavailable
from survey_app.i18n import translate
from survey_app.operations.fieldwork.surveyed_units import find_survey_unit
from survey_app.operations.fieldwork.surveys import find_survey, require_open_survey
from survey_app.operations.organisation.units import find_unit
from survey_app.operations.privacy.sealing import Sealer
from survey_app.storage.models import (
    AdministrativeUnit,
    ContactOffer,
    Mode,
    Survey,
)
from survey_app.storage.models import ContactRequest as ContactRequest
from survey_app.storage.queries import contacts as queries
from survey_app.storage.races import looks_again
from survey_app.text import clean_line, nfc

LONGEST_NAME = 100
LONGEST_REACH = 120
LONGEST_SUBJECT = 500
LONGEST_DAYS = 365
#: Of one unit on one day; more is no people.
MOST_A_DAY = 300

#: 31**12 = 2**59: not to be guessed.
_CODE_LENGTH = 12
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9]{8,15}")


@dataclass(frozen=True)
class Place:
    """Where a reply may be asked for. ``days``: how long the request is kept at the most."""

    survey: Survey
    unit: AdministrativeUnit
    days: int

    def last_day(self, today: date) -> date:
        return today + timedelta(days=self.days)


@dataclass(frozen=True)
class Asked:
    """What somebody typed. ``reach``: a telephone number or an address of mail; ``consent``: the
    sentence they agreed to, "" = they did not. ``code``: what the request is withdrawn by, sealed
    with the rest: beside the row it would join what the mixing of rows has put asunder."""

    name: str
    reach: str
    subject: str
    consent: str
    language: str
    code: str = field(default="", compare=False)


@looks_again
def set_offer(session: Session, survey: Survey, days: int | None) -> None:
    """Let the citizens of a survey ask for a reply, kept for ``days``; None = no longer.

    What was asked before is kept for its own time. Raises Invalid.
    """
    offer = queries.offer_of(session, survey.id)
    if days is None:
        if offer is not None:
            session.delete(offer)
        return
    if not 1 <= days <= LONGEST_DAYS:
        message = f"Nhập số ngày từ 1 đến {LONGEST_DAYS}."
        raise Invalid(message, [Problem(message, "days")])
    if offer is None:
        session.add(ContactOffer(survey_id=survey.id, days=days))
    else:
        offer.days = days
    session.flush()


def days_offered(session: Session, survey: Survey) -> int | None:
    """How long a request of this survey is kept, None = replies are not offered."""
    offer = queries.offer_of(session, survey.id)
    return offer.days if offer else None


def is_offered(session: Session, survey: Survey, mode: str) -> bool:
    """Whether somebody who has sent a sheet through a point of this mode is offered a reply: never
    on a kiosk, where the next person stands behind."""
    return mode != Mode.KIOSK and days_offered(session, survey) is not None


def find_place(session: Session, code: str, unit_code: str, *, now: datetime) -> Place:
    """Raises NotFound where no reply is offered, Closed outside the time of the survey."""
    survey, unit = find_survey(session, code), find_unit(session, unit_code)
    find_survey_unit(session, survey, unit.id)
    days = days_offered(session, survey)
    if days is None:
        raise NotFound("Cuộc khảo sát này không nhận yêu cầu trả lời.")
    require_open_survey(survey, now)
    return Place(survey, unit, days)


def withdrawal_code(nonce: str) -> str:
    """What a request can be withdrawn by, told to who made it and to nobody else: the same for
    the same form, so that a page sent anew tells it again; from the row's id nobody computes it."""
    digest = hashlib.blake2b(nonce.encode(), person=b"withdrawal").digest()
    code, half = spell_code(digest, _CODE_LENGTH), _CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def ask_for_reply(
    session: Session, place: Place, asked: Asked, nonce: str, sealer: Sealer, *, now: datetime
) -> str:
    """Keep a request until its last day; the code to withdraw it by. ``nonce``: drawn with the
    form; the same form sent twice is one request. Raises Invalid (every mistake), or TooMany when
    the day has had enough."""
    asked = _cleaned(asked)
    _require_whole(asked)
    asked = replace(asked, code=withdrawal_code(nonce))
    today = local_date(now)
    if queries.count_asked(session, place.survey.id, place.unit.id, today) >= MOST_A_DAY:
        raise TooMany("Hôm nay đã có quá nhiều yêu cầu tại đây. Vui lòng thử lại vào ngày mai.")
    row = ContactRequest(
        id=hashlib.blake2b(nonce.encode(), digest_size=16).digest(),
        survey_id=place.survey.id,
        unit_id=place.unit.id,
        asked_on=today,
        expires_on=place.last_day(today),
        key_name=sealer.name,
    )
    row.sealed = sealer.seal(json.dumps(asdict(asked), ensure_ascii=False).encode(), _about(row))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        pass  # the form was sent twice
    return asked.code


def find_former_place(session: Session, code: str, unit_code: str) -> Place:
    """Where a reply was asked for, whether it still may be. Raises NotFound."""
    survey, unit = find_survey(session, code), find_unit(session, unit_code)
    find_survey_unit(session, survey, unit.id)
    return Place(survey, unit, 0)


def withdraw_request(
    session: Session, place: Place, code: str, sealer: Sealer, *, now: datetime
) -> None:
    """Erase what a request said, at the word of who made it; the row without it counts until its
    last day. Nothing is put on record: an entry has the minute.

    Raises Invalid where no request of this place has the code (any more).
    """
    wanted = plain_code(code)
    for request in queries.open_requests(session, place.survey.id, place.unit.id):
        if wanted and _has_code(request, wanted, sealer):
            finish_request(session, request, now=now)
            return
    message = "Mã không đúng, hoặc yêu cầu đã được trả lời, đã rút hay đã hết hạn."
    raise Invalid(message, [Problem(message, "code")])


def _has_code(request: ContactRequest, wanted: str, sealer: Sealer) -> bool:
    if request.key_name not in sealer.keys:
        return False
    asked = read_request(request, sealer)
    return asked is not None and hmac.compare_digest(plain_code(asked.code), wanted)


def list_requests(
    session: Session, unit_ids: Collection[int] | None, *, now: datetime
) -> Sequence[ContactRequest]:
    """Requests of earlier days, without what they say; ``unit_ids`` None = of every unit."""
    return queries.requests_before(session, local_date(now), unit_ids)


def find_request(session: Session, code: str, *, now: datetime) -> ContactRequest:
    """Raises NotFound, also for one of today: who reads it now could tell when it was written."""
    is_code = re.fullmatch("[0-9a-f]{32}", code)
    found = (
        queries.request_before(session, bytes.fromhex(code), local_date(now)) if is_code else None
    )
    if found is None:
        raise NotFound("Không có yêu cầu này; có thể yêu cầu đã hết hạn và đã được xóa.")
    return found


def read_request(request: ContactRequest, sealer: Sealer) -> Asked | None:
    """What it says, None once it was answered. Reading is to be put on record by the caller."""
    if request.sealed is None:
        return None
    return Asked(**json.loads(sealer.open(request.sealed, _about(request), request.key_name)))


def finish_request(session: Session, request: ContactRequest, *, now: datetime) -> bool:
    """The reply was given, or is no longer wanted: what was written goes at once; that there was a
    request stays until its last day. False when it had been finished before."""
    if request.sealed is None:
        return False
    request.sealed, request.answered_on = None, local_date(now)
    session.flush()
    return True


def mix_requests(session: Session, sealer: Sealer, *, now: datetime) -> int:
    """Write the requests of earlier days anew, all in this transaction, under new random ids, so
    that neither log nor transaction number tells beside which sheet one came."""
    rows = queries.unmixed_before(session, local_date(now))
    anew = [_rewritten(row, sealer) for row in rows]
    for row in rows:
        session.delete(row)
    session.flush()
    anew.sort(key=lambda row: row.id)
    session.add_all(anew)
    session.flush()
    return len(anew)


def reseal(session: Session, sealer: Sealer) -> int:
    """Seal with the present key what another known one sealed; how many that were."""
    rows = [
        row
        for row in queries.sealed_otherwise(session, sealer.name)
        if row.sealed is None or row.key_name in sealer.keys
    ]
    for row in rows:
        _seal_anew(row, row, sealer)
    session.flush()
    return len(rows)


def count_sealed_otherwise(session: Session, sealer: Sealer) -> int:
    """Requests that another key than the present one sealed."""
    return len(queries.sealed_otherwise(session, sealer.name))


def code_of(request: ContactRequest) -> str:
    """How an address names a request."""
    return request.id.hex()


def _rewritten(row: ContactRequest, sealer: Sealer) -> ContactRequest:
    anew = ContactRequest(
        id=secrets.token_bytes(16),
        survey_id=row.survey_id,
        unit_id=row.unit_id,
        asked_on=row.asked_on,
        expires_on=row.expires_on,
        key_name=row.key_name,
        answered_on=row.answered_on,
        is_mixed=True,
    )
    try:
        _seal_anew(row, anew, sealer)
    except Unavailable:  # without its key, or damaged: not to be read, and in nobody's way
        anew.sealed = row.sealed
    return anew


def _seal_anew(row: ContactRequest, anew: ContactRequest, sealer: Sealer) -> None:
    if row.sealed is not None:
        text = sealer.open(row.sealed, _about(row), row.key_name)
        anew.sealed, anew.key_name = sealer.seal(text, _about(anew)), sealer.name


def _about(row: ContactRequest) -> bytes:
    """Sealed together with the text, so that nobody lengthens its time or moves it elsewhere."""
    return f"{row.survey_id}/{row.unit_id}/{row.asked_on}/{row.expires_on}".encode()


def _cleaned(asked: Asked) -> Asked:
    return Asked(
        clean_line(asked.name),
        clean_line(asked.reach),
        nfc(asked.subject.replace("\0", "")).strip(),
        clean_line(asked.consent),
        asked.language,
    )


def _require_whole(asked: Asked) -> None:
    say = partial(translate, language=asked.language)
    problems = []
    if len(asked.name) > LONGEST_NAME:
        message = say("Họ tên dài nhất {most} ký tự.", most=LONGEST_NAME)
        problems.append(Problem(message, "name"))
    if not is_reachable(asked.reach):
        message = say("Nhập một số điện thoại (8 đến 15 chữ số) hoặc một địa chỉ thư điện tử.")
        problems.append(Problem(message, "reach"))
    if not 1 <= len(asked.subject) <= LONGEST_SUBJECT:
        message = say(
            "Viết ngắn gọn điều cần trả lời, dài nhất {most} ký tự.", most=LONGEST_SUBJECT
        )
        problems.append(Problem(message, "subject"))
    if not asked.consent:
        message = say("Đánh dấu đồng ý, nếu không hệ thống không được giữ cách liên hệ.")
        problems.append(Problem(message, "consent"))
    if problems:
        raise Invalid(say("Yêu cầu chưa gửi được."), problems)


def is_reachable(reach: str) -> bool:
    """Whether a text is formed as a telephone number or an address of mail."""
    digits = re.sub(r"[\s.()-]", "", reach)
    is_short = len(reach) <= LONGEST_REACH
    return is_short and bool(_PHONE.fullmatch(digits) or _MAIL.fullmatch(reach))
