"""Submission: one answer sheet is stored once, whatever is retried. One rule for every way in."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.clock import hour_of
from survey_app.copied_codes import spell_code
from survey_app.errors import (
    Closed,
    Conflict,
    Forbidden,
    HaiLongError,
    Invalid,
    NotFound,
    Problem,
)
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.i18n import frame_language, translate
from survey_app.integrity.flags import Flag
from survey_app.integrity.recent import RecentSheets
from survey_app.integrity.sheet import is_older_version
from survey_app.operations.fieldwork.links import UNKNOWN_LINK, Link, find_link
from survey_app.operations.fieldwork.ways import Way
from survey_app.operations.intake.admission import believed, require_taken
from survey_app.operations.intake.doors import Door, door_of
from survey_app.operations.intake.flagging import flag_arrival, flag_sheet, spread_bursts
from survey_app.operations.review.moderation import may_identify
from survey_app.questionnaire.answers import encode, free_texts, validate_answers
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE, Questionnaire
from survey_app.questionnaire.sentences import Say
from survey_app.storage.models import CollectionPoint, Mode
from survey_app.storage.queries.collection_points import PointState, point_states
from survey_app.storage.queries.responses import (
    Identity,
    claim_one_time_link,
    free_texts_of,
    insert_sheets,
    mix_spent_links,
    sheets_by_key,
)
from survey_app.storage.queries.survey_events import Pause, pauses_of

LONGEST_SITTING_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Sheet:
    """An answer sheet as it arrives. ``answers``: question code → option code, codes or text.

    ``version`` ("code@n") is by which the sheet was answered, None = by that of the survey now: the
    one of the survey now, or one it had before, by which the sheet is then read and stored. Any
    other earlier version of the same questionnaire is let in, flagged, if its answers are valid
    today. ``seconds`` is how long answering took.
    ``is_keyed``: filled in on paper while its place was open and typed in by the office; whether
    it may still be typed is the caller's to say. Its id can be worked out from what is printed on
    the form, so such ids have keys of their own, which no id that comes from outside can meet.
    ``is_partial``: left alone on a device after the main rating; required answers may be missing.
    ``answered_at``: when a sheet was answered that waited on a device since; only its hour is
    kept. The clock of a device may be wrong: a time to come, or before the survey, is passed over.
    """

    response_id: UUID
    token: str
    answers: Mapping[str, object]
    version: str | None = None
    language: str = PRIMARY_LANGUAGE
    mode: Mode | None = None
    seconds: int | None = None
    is_keyed: bool = False
    is_partial: bool = False
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Receipt:
    """``code`` is what the citizen keeps; ``is_new`` is False when the same sheet came again."""

    code: str
    is_new: bool


@dataclass(frozen=True)
class PointCount:
    """How many sheets of a place a file holds: new ones, and such as are stored already."""

    point: CollectionPoint
    new: int
    known: int


class Draft(NamedTuple):
    """A sheet that was found valid and waits to be stored.

    ``answered``: how many questions; ``way``: in which the sheet was given out; ``answered_at``:
    see ``Sheet``; ``names_version``: False where it was read by the version of the survey because
    it names none.
    """

    door: Door
    row: Mapping[str, Any]
    texts: Mapping[str, str]
    receipt: str
    answered: int = 0
    way: Way = Way.LINK
    answered_at: datetime | None = None
    names_version: bool = True

    @property
    def key(self) -> bytes:
        key: bytes = self.row["response_key"]
        return key

    @property
    def identity(self) -> Identity:
        row = self.row
        return (row["unit_id"], row["survey_id"], row["version_number"], row["answers"])


class SurveyMoved(Conflict):
    """The survey has gone on to another version since the sheet, which names none, was read by that
    of before: it has to be read again."""


def submit_sheet(session: Session, sheet: Sheet, *, now: datetime) -> Receipt:
    """Store a sheet, or recognise it as already stored.

    Raises NotFound (unknown link), Invalid (every mistake, by question), Conflict (same id,
    other answers), Closed (survey over, link expired), Forbidden (one-time link used).
    """
    return submit_at(session, find_link(session, sheet.token), sheet, now=now)


def submit_at(session: Session, link: Link, sheet: Sheet, *, now: datetime) -> Receipt:
    """The same for a link that is known."""
    draft = draft_sheet(door_of(session, link, sheet.version), sheet, now=now)
    session.flush()
    (outcome,) = store_drafts(session, [draft], now=now)
    if isinstance(outcome, HaiLongError):
        raise outcome
    return outcome


def is_known(session: Session, link: Link, sheet: Sheet, *, now: datetime) -> bool:
    """Whether this very sheet is stored; nothing is written. Raises Invalid and Conflict as
    submitting it would."""
    draft = draft_sheet(door_of(session, link, sheet.version), sheet, now=now)
    found = _known(session, [draft]).get(draft.key)
    if found is None:
        return False
    outcome = _recognise(session, draft, found)
    if isinstance(outcome, HaiLongError):
        raise outcome
    return True


def store_drafts(
    session: Session,
    drafts: Sequence[Draft],
    *,
    now: datetime,
    recent: RecentSheets | None = None,
) -> list[Receipt | HaiLongError]:
    """Store several sheets in this one transaction; for each its receipt or why it was refused.

    What is refused (Conflict, Closed, Forbidden) leaves the others alone. ``recent``: the sheets
    that came in just before, beside which these are looked at; None = each is looked at alone.
    """
    states = point_states(session, {draft.door.point_id for draft in drafts})
    pauses = _pauses(session, drafts)
    known = _known(session, drafts)
    outcomes: dict[int, Receipt | HaiLongError] = {}
    new: dict[bytes, Draft] = {}  # the first of each key; a twin in the same batch waits
    first: dict[bytes, int] = {}  # its place
    for place, draft in enumerate(drafts):
        if draft.key in known or draft.key in new:
            continue
        state = states.get(draft.door.point_id)
        if state is None or state.token != draft.door.point_token:
            # A place taken out of the plan, whose link was looked up before.
            outcomes[place] = NotFound(UNKNOWN_LINK)
            continue
        answered_at = believed(draft.answered_at, state, now)
        told = pauses.get(draft.door.survey_id, ())
        try:
            _require_version(draft, state)
            require_taken(
                draft.way, state, told, draft.door.expires_on, answered_at=answered_at, now=now
            )
        except (Closed, SurveyMoved) as refusal:
            outcomes[place] = refusal
        else:
            new[draft.key] = _settled(draft, answered_at, now, recent)
            first[draft.key] = place
    stored = _insert(session, new.values())
    spread_bursts(session, [draft.row for draft in new.values()], recent)
    if len(drafts) > len(stored) + len(outcomes):
        known = _known(session, drafts)
    for place, draft in enumerate(drafts):
        if place in outcomes:
            continue
        if draft.key in stored and first[draft.key] == place:
            outcomes[place] = Receipt(draft.receipt, is_new=True)
        else:
            outcomes[place] = _recognise(session, draft, known.get(draft.key))
    return [outcomes[place] for place in range(len(drafts))]


def mix_links(session: Session, *, all_of_them: bool) -> int:
    """Mark the one-time links used of late, several at once; how many.

    Fewer than the minimum base wait for company, until ``all_of_them`` (the end of the day).
    """
    return mix_spent_links(session, fewest=1 if all_of_them else MINIMUM_BASE)


def receipt_code(response_id: UUID) -> str:
    """A short code such as K7Q-4MZ. It comes from the id, which is not stored, so nobody with the
    database can find a sheet from a receipt."""
    code = spell_code(_digest(response_id, b"receipt"), 6)
    return f"{code[:3]}-{code[3:]}"


def key_of(response_id: UUID, *, is_keyed: bool) -> bytes:
    """The key under which a sheet is stored."""
    return _digest(response_id, b"keyed" if is_keyed else b"key")


def _digest(response_id: UUID, purpose: bytes) -> bytes:
    return hashlib.blake2b(response_id.bytes, digest_size=16, person=purpose).digest()


def draft_sheet(door: Door, sheet: Sheet, *, now: datetime) -> Draft:
    """The sheet checked and encoded, or Invalid with every mistake. Asks no database."""
    questionnaire = door.questionnaire
    say = _say(questionnaire, sheet.language)
    problems = _misfits(door, sheet, say)
    try:
        answers = validate_answers(questionnaire, sheet.answers, say, is_partial=sheet.is_partial)
    except Invalid as invalid:
        message = say("Phiếu chưa hợp lệ.") if problems else invalid.message
        raise Invalid(message, [*problems, *invalid.problems]) from invalid
    if problems:
        raise Invalid(say("Phiếu chưa hợp lệ."), problems)
    coded = encode(door.codebook, answers)
    mode = sheet.mode or Mode(door.mode)
    flags = flag_sheet(door.codebook, coded, answered=len(answers), seconds=sheet.seconds)
    if _is_old(door, sheet):
        flags |= Flag.OLD_VERSION
    row: dict[str, Any] = {
        "unit_id": door.unit_id,
        "response_key": key_of(sheet.response_id, is_keyed=sheet.is_keyed),
        "survey_id": door.survey_id,
        "collection_point_id": door.point_id,
        "mode": mode,
        "language": sheet.language,
        "received_hour": hour_of(now),
        "seconds": sheet.seconds,
        "version_number": door.version_number,
        "answers": coded,
        "is_partial": sheet.is_partial,
        "flags": int(flags),
    }
    receipt = receipt_code(sheet.response_id)
    texts = free_texts(questionnaire, answers)
    answered = len(answers)
    way, names_version = _way_of(door, sheet), sheet.version is not None
    return Draft(door, row, texts, receipt, answered, way, sheet.answered_at, names_version)


def _way_of(door: Door, sheet: Sheet) -> Way:
    if sheet.is_keyed:
        return Way.PAPER
    if door.token_hash is not None:
        return Way.SLIP
    return Way.KIOSK if sheet.mode is Mode.KIOSK else Way.LINK


def _say(questionnaire: Questionnaire, language: str) -> Say:
    """Speaks the sheet's language, or Vietnamese where questionnaire or interface lack it."""
    is_spoken = language in questionnaire.languages
    return partial(translate, language=frame_language(language if is_spoken else PRIMARY_LANGUAGE))


def _misfits(door: Door, sheet: Sheet, say: Say) -> list[Problem]:
    """What is wrong with the sheet apart from its answers."""
    problems = []
    is_known = sheet.version in (None, door.version) or _is_old(door, sheet)
    if not is_known:
        message = say(
            "Phiếu theo phiên bản {given}, khảo sát dùng {wanted}.",
            given=sheet.version,
            wanted=door.version,
        )
        problems.append(Problem(message, "version"))
    if sheet.language not in door.questionnaire.languages:
        problems.append(Problem(say("Bộ câu hỏi không có ngôn ngữ này."), "language"))
    if sheet.seconds is not None and not 0 <= sheet.seconds <= LONGEST_SITTING_SECONDS:
        message = say("Thời gian trả lời phải từ 0 đến 86400 giây.")
        problems.append(Problem(message, "seconds"))
    return problems


def _is_old(door: Door, sheet: Sheet) -> bool:
    if sheet.version is None or sheet.version == door.version:
        return False
    return is_older_version(sheet.version, door.version)


def _settled(
    draft: Draft, answered_at: datetime, now: datetime, recent: RecentSheets | None
) -> Draft:
    """The draft with its hour and its flags. Keyed paper is not judged by the time of keying."""
    row = {**draft.row, "received_hour": hour_of(answered_at)}
    if draft.way is not Way.PAPER:
        row["flags"] |= flag_arrival(
            row,
            recent,
            answered=draft.answered,
            texts=tuple(draft.texts.values()),
            answered_at=answered_at,
            received_at=now,
        )
    return draft._replace(row=row)


def _require_version(draft: Draft, state: PointState) -> None:
    if not draft.names_version and draft.door.version_id != state.version_id:
        raise SurveyMoved("Cuộc khảo sát vừa chuyển sang phiên bản khác của bộ câu hỏi.")


def _pauses(session: Session, drafts: Collection[Draft]) -> Mapping[int, Sequence[Pause]]:
    """Survey id → its pauses, for sheets that tell when they were answered: to the others only
    the pause of this moment matters."""
    told = {draft.door.survey_id for draft in drafts if draft.answered_at is not None}
    return pauses_of(session, told) if told else {}


def _known(session: Session, drafts: Collection[Draft]) -> dict[bytes, Identity]:
    return sheets_by_key(session, {draft.key for draft in drafts})


def _insert(session: Session, drafts: Collection[Draft]) -> set[bytes]:
    """Store the drafts; the keys of those that were stored now.

    By key, which is a digest: rows must not lie in the order they came. Of several sheets with one
    one-time link the first has its turn.
    """
    stored: set[bytes] = set()
    by_key = sorted(drafts, key=lambda draft: draft.key)
    through_open = [draft for draft in by_key if draft.door.token_hash is None]
    if through_open:
        stored |= _insert_together(session, through_open)
    first: dict[bytes | None, bytes] = {}
    for draft in drafts:
        first.setdefault(draft.door.token_hash, draft.key)
    for draft in sorted(by_key, key=lambda draft: first[draft.door.token_hash] != draft.key):
        token_hash = draft.door.token_hash
        if token_hash is not None and _insert_with_link(session, draft, token_hash):
            stored.add(draft.key)
    return stored


def _insert_together(session: Session, drafts: Collection[Draft]) -> set[bytes]:
    texts = [
        {
            "unit_id": draft.door.unit_id,
            "response_key": draft.key,
            "question_code": code,
            "text": text,
            # Kept, but off every report until somebody has looked at it.
            "is_hidden": may_identify(text),
        }
        for draft in drafts
        for code, text in draft.texts.items()
    ]
    return insert_sheets(session, [draft.row for draft in drafts], texts)


def _insert_with_link(session: Session, draft: Draft, token_hash: bytes) -> bool:
    """Store the sheet and use its one-time link up: both or nothing."""
    savepoint = session.begin_nested()
    if _insert_together(session, [draft]) and claim_one_time_link(session, token_hash):
        savepoint.commit()
        return True
    savepoint.rollback()
    return False


def _recognise(session: Session, draft: Draft, found: Identity | None) -> Receipt | HaiLongError:
    """The receipt of a sheet that is stored already, or why this one cannot be."""
    if found is None:
        return Forbidden("Mã dùng một lần này đã được dùng cho một phiếu khác.")
    if found == draft.identity and free_texts_of(session, found[0], draft.key) == draft.texts:
        return Receipt(draft.receipt, is_new=False)
    return Conflict("Mã phiếu này đã dùng cho một phiếu có câu trả lời khác; phiếu đầu vẫn giữ.")
