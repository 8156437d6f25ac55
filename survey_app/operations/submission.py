"""Submission: one answer sheet is stored once, whatever is retried. One rule for every way in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Forbidden, Invalid, Problem
from survey_app.estimation.disclosure import MINIMUM_BASE
from survey_app.operations.fieldwork import TOKEN_ALPHABET, Link, find_link
from survey_app.operations.moderation import may_identify
from survey_app.operations.publishing import load_codebook, load_questionnaire
from survey_app.questionnaire.answers import encode, free_texts, validate_answers
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.storage.models import FreeText, Mode
from survey_app.storage.queries.responses import (
    claim_one_time_link,
    free_texts_of,
    insert_response,
    mix_spent_links,
    sheet_by_key,
)

LONGEST_SITTING_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Sheet:
    """An answer sheet as it arrives. ``answers``: question code → option code, codes or text.

    ``version`` ("code@n") is checked when given; ``seconds`` is how long answering took.
    ``is_keyed``: filled in on paper while its place was open and typed in by the office; whether
    it may still be typed is the caller's to say. Its id can be worked out from what is printed on
    the form, so such ids have keys of their own, which no id that comes from outside can meet.
    """

    response_id: UUID
    token: str
    answers: Mapping[str, object]
    version: str | None = None
    language: str = PRIMARY_LANGUAGE
    mode: Mode | None = None
    seconds: int | None = None
    is_keyed: bool = False


@dataclass(frozen=True)
class Receipt:
    """``code`` is what the citizen keeps; ``is_new`` is False when the same sheet came again."""

    code: str
    is_new: bool


def submit_sheet(session: Session, sheet: Sheet, *, now: datetime) -> Receipt:
    """Store a sheet, or recognise it as already stored.

    Raises NotFound (unknown link), Invalid (every mistake, by question), Conflict (same id,
    other answers), Closed (survey over, link expired), Forbidden (one-time link used).
    """
    return submit_at(session, find_link(session, sheet.token), sheet, now=now)


def submit_at(session: Session, link: Link, sheet: Sheet, *, now: datetime) -> Receipt:
    """The same for a link that is known."""
    row, texts = _encode_sheet(link, sheet, now)
    receipt = receipt_code(sheet.response_id)
    if _is_stored(session, row, texts):
        return Receipt(receipt, is_new=False)
    if not sheet.is_keyed:
        link.require_open(now)
    if _store(session, link, row, texts):
        return Receipt(receipt, is_new=True)
    # Somebody was faster: this very sheet on another connection, or another sheet on this link.
    if _is_stored(session, row, texts):
        return Receipt(receipt, is_new=False)
    raise Forbidden("Mã dùng một lần này đã được dùng cho một phiếu khác.")


def is_known(session: Session, link: Link, sheet: Sheet, *, now: datetime) -> bool:
    """Whether this very sheet is stored; nothing is written. Raises Invalid and Conflict as
    submitting it would."""
    return _is_stored(session, *_encode_sheet(link, sheet, now))


def mix_links(session: Session, *, all_of_them: bool) -> int:
    """Mark the one-time links used of late, several at once; how many.

    Fewer than the minimum base wait for company, until ``all_of_them`` (the end of the day).
    """
    return mix_spent_links(session, fewest=1 if all_of_them else MINIMUM_BASE)


def receipt_code(response_id: UUID) -> str:
    """A short code such as K7Q-4MZ. It comes from the id, which is not stored, so nobody with the
    database can find a sheet from a receipt."""
    number = int.from_bytes(_digest(response_id, b"receipt"), "big")
    letters = []
    for _ in range(6):
        number, place = divmod(number, len(TOKEN_ALPHABET))
        letters.append(TOKEN_ALPHABET[place])
    return f"{''.join(letters[:3])}-{''.join(letters[3:])}"


def _digest(response_id: UUID, purpose: bytes) -> bytes:
    return hashlib.blake2b(response_id.bytes, digest_size=16, person=purpose).digest()


def _encode_sheet(link: Link, sheet: Sheet, now: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """The row to store and the free texts, or Invalid with every mistake."""
    survey = link.point.survey
    questionnaire = load_questionnaire(survey.version)
    problems = []
    if sheet.version is not None and sheet.version != survey.version.name:
        message = f"Phiếu theo phiên bản {sheet.version}, khảo sát dùng {survey.version.name}."
        problems.append(Problem(message, "version"))
    if sheet.language not in questionnaire.languages:
        problems.append(Problem("Bộ câu hỏi không có ngôn ngữ này.", "language"))
    if sheet.seconds is not None and not 0 <= sheet.seconds <= LONGEST_SITTING_SECONDS:
        problems.append(Problem("Thời gian trả lời phải từ 0 đến 86400 giây.", "seconds"))
    is_spoken = sheet.language in questionnaire.languages
    language = sheet.language if is_spoken else PRIMARY_LANGUAGE
    try:
        answers = validate_answers(questionnaire, sheet.answers, language=language)
    except Invalid as invalid:
        message = "Phiếu chưa hợp lệ." if problems else invalid.message
        raise Invalid(message, [*problems, *invalid.problems]) from invalid
    if problems:
        raise Invalid("Phiếu chưa hợp lệ.", problems)
    row: dict[str, Any] = {
        "unit_id": link.point.unit_id,
        "response_key": _digest(sheet.response_id, b"keyed" if sheet.is_keyed else b"key"),
        "survey_id": survey.id,
        "collection_point_id": link.point.id,
        "mode": sheet.mode or Mode(link.point.mode),
        "language": sheet.language,
        "received_hour": now.replace(minute=0, second=0, microsecond=0),
        "seconds": sheet.seconds,
        "answers": encode(load_codebook(survey.version), answers),
    }
    return row, free_texts(questionnaire, answers)


def _store(session: Session, link: Link, row: dict[str, Any], texts: dict[str, str]) -> bool:
    """Store the sheet and use up its link; False when either was taken in the meantime."""
    if link.one_time and not claim_one_time_link(session, link.one_time.token_hash):
        return False
    if not insert_response(session, row):
        return False
    session.add_all(
        FreeText(
            unit_id=row["unit_id"],
            response_key=row["response_key"],
            question_code=code,
            text=text,
            # Kept, but off every report until somebody has looked at it.
            is_hidden=may_identify(text),
        )
        for code, text in texts.items()
    )
    session.flush()
    return True


def _is_stored(session: Session, row: dict[str, Any], texts: dict[str, str]) -> bool:
    """Whether this very sheet is there; raises Conflict when its id carries other answers."""
    stored = sheet_by_key(session, row["response_key"])
    if stored is None:
        return False
    is_same = (
        stored.unit_id == row["unit_id"]
        and stored.survey_id == row["survey_id"]
        and stored.answers == row["answers"]
        and free_texts_of(session, stored.unit_id, stored.response_key) == texts
    )
    if not is_same:
        raise Conflict("Mã phiếu này đã dùng cho một phiếu có câu trả lời khác; phiếu đầu vẫn giữ.")
    return True
