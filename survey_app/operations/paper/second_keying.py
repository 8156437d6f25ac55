"""Second keying: a share of the keyed forms is keyed again, blind, by somebody else.

Which forms is decided by a digest made with the server's secret, so nobody who keys a form can
know. What is kept, and for how long: docs/decisions/0015-second-keying.md.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Invalid, NotFound, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.fieldwork.versions import version_numbered
from survey_app.operations.intake.submission import key_of
from survey_app.operations.paper.forms import form_id, paper_points, require_keying
from survey_app.operations.paper.typed_form import NUMBER_FIELD, TypedForm, read_typed
from survey_app.operations.questionnaires.publishing import load_codebook, load_questionnaire
from survey_app.questionnaire.agreement import (
    ERRORS,
    Outcome,
    compare_keyings,
    questions_with,
)
from survey_app.questionnaire.answers import Answer, decode, encode
from survey_app.storage.models import (
    CollectionPoint,
    QuestionnaireVersion,
    SecondKeying,
    Survey,
)
from survey_app.storage.queries import second_keying as queries
from survey_app.storage.queries.responses import sheets_by_key

#: What the secret of this module is derived for (``Settings.derived_secret``).
SECRET_PURPOSE = "second keying"  # noqa: S105  (a name, no secret)


@dataclass(frozen=True)
class WaitingForms:
    """The forms of one place that wait for their second keying, as their numbers are printed.

    ``own``: those that the asking account keyed first, and so cannot key again.
    """

    point: CollectionPoint
    numbers: tuple[str, ...]
    own: tuple[str, ...]


def form_key(secret: bytes, identifier: UUID) -> bytes:
    """The digest under which a chosen form is kept; nobody computes it without the secret."""
    return _digest(secret, identifier, b"chosen form")


def is_chosen(secret: bytes, identifier: UUID, share: float) -> bool:
    """Whether the form with this id is one of the ``share`` (a proportion) to be keyed again."""
    number = int.from_bytes(_digest(secret, identifier, b"second keying")[:8], "big")
    return number < share * 2**64


def note_first_keying(
    session: Session,
    survey: Survey,
    forms: Iterable[tuple[CollectionPoint, str]],
    *,
    version_number: int,
    secret: bytes,
    account: Account | None,
) -> None:
    """Choose among forms (place, number) of one version that have just been stored for the first
    time."""
    rows = []
    for point, number in forms:
        identifier = form_id(survey, point, number)
        if is_chosen(secret, identifier, survey.second_keying_share):
            rows.append(
                {
                    "form_key": form_key(secret, identifier),
                    "survey_id": survey.id,
                    "collection_point_id": point.id,
                    "version_number": version_number,
                    "form_number": number,
                    "first_account_id": account.id if account else None,
                }
            )
    queries.insert_chosen(session, rows)


def rekey(session: Session, *, secret: bytes) -> int:
    """After the server's secret was changed: let every form whose number is still known be found
    under the new one; how many were not. Old secrets are not needed for it."""
    changed = 0
    for row in queries.numbered_forms(session):
        survey = session.get(Survey, row.survey_id)
        point = session.get(CollectionPoint, row.collection_point_id)
        if survey is None or point is None:
            continue
        key = form_key(secret, form_id(survey, point, row.form_number or ""))
        if key != row.form_key:
            row.form_key = key
            changed += 1
    session.flush()
    return changed


def waiting_forms(
    session: Session, survey: Survey, unit_ids: Collection[int] | None, account: Account
) -> tuple[WaitingForms, ...]:
    """The forms that wait for their second keying, by place; places without any are left out."""
    rows = queries.chosen_forms(session, survey.id, unit_ids=unit_ids)
    waiting = [row for row in rows if row.outcomes is None]
    found = []
    for point in paper_points(session, survey, unit_ids):
        here = [row for row in waiting if row.collection_point_id == point.id]
        if here:
            own = [row for row in here if _is_own(survey, row, account)]
            found.append(WaitingForms(point, _numbers(here), _numbers(own)))
    return tuple(found)


def count_waiting(session: Session, survey: Survey, unit_ids: Collection[int] | None) -> int:
    """How many forms wait for a second keying, or for somebody to decide by the paper."""
    rows = queries.chosen_forms(session, survey.id, unit_ids=unit_ids)
    return sum(row.outcomes is None or row.answers is not None for row in rows)


def key_again(
    session: Session,
    survey: Survey,
    point: CollectionPoint,
    typed: TypedForm,
    *,
    secret: bytes,
    account: Account,
    now: datetime,
    version: QuestionnaireVersion | None = None,
) -> str:
    """Take a second keying and compare it with the first; the form's number. ``version``: that of
    the form, None = that of the survey now.

    Nothing of the sheet changes. Raises Closed when the survey takes no forms; Invalid with every
    mistake, as key_form does, and for a form that does not wait for this account.
    """
    require_keying(survey, now)
    version = version or survey.version
    number, second = read_typed(load_questionnaire(version), typed, has_texts=False)
    row = queries.chosen_form(session, form_key(secret, form_id(survey, point, number)))
    if row is None or row.outcomes is not None:
        raise _not_this(f"Phiếu số {number} của điểm này không chờ nhập lần hai.")
    if _is_own(survey, row, account):
        raise _not_this(
            f"Phiếu số {number} do chính ông/bà nhập lần đầu; lần hai phải do người khác nhập."
        )
    if row.version_number != version.number:
        raise _not_this(other_version(number, row.version_number))
    codebook = load_codebook(version)
    outcomes = compare_keyings(codebook, stored_answers(session, survey, point, number), second)
    row.second_account_id, row.second_on = account.id, local_date(now)
    row.outcomes = outcomes
    if Outcome.UNDECIDED in outcomes:
        row.answers = encode(codebook, second)
    else:
        row.form_number = None  # nobody needs the paper any more
    session.flush()
    return number


def stored_answers(
    session: Session, survey: Survey, point: CollectionPoint, number: str
) -> Mapping[str, Answer]:
    """The coded answers of the sheet of a keyed form; raises NotFound."""
    key = key_of(form_id(survey, point, number), is_keyed=True)
    found = sheets_by_key(session, {key}).get(key)
    if found is None:
        raise NotFound("Không có phiếu này.")
    _, _, version_number, answers = found
    return decode(load_codebook(version_numbered(session, survey, version_number)), answers)


def other_version(number: str, version_number: int) -> str:
    """What is said of a form that was keyed by another version than the one it is keyed by now."""
    return (
        f"Phiếu số {number} đã được nhập theo phiên bản {version_number} của bộ câu hỏi; hãy chọn "
        "đúng phiên bản in trên phiếu."
    )


def is_corrected(
    session: Session, survey: Survey, point: CollectionPoint, number: str, *, secret: bytes
) -> bool:
    """Whether the sheet of a form was corrected after its second keying."""
    row = queries.chosen_form(session, form_key(secret, form_id(survey, point, number)))
    if row is None or row.outcomes is None:
        return False
    codebook = load_codebook(version_numbered(session, survey, row.version_number))
    return any(questions_with(codebook, row.outcomes, ERRORS))


def is_blind(
    session: Session,
    survey: Survey,
    point: CollectionPoint,
    number: str,
    *,
    secret: bytes,
    account: Account,
) -> bool:
    """Whether a form waits for its second keying and somebody else keyed it first: this account
    must not learn what the first keying was, not even whether it guessed it."""
    row = queries.chosen_form(session, form_key(secret, form_id(survey, point, number)))
    return row is not None and row.outcomes is None and row.first_account_id != account.id


def set_second_keying(survey: Survey, *, share: float | None, same_clerk: bool) -> None:
    """Set which share (a proportion) of the forms keyed from now on is keyed again, and whether
    the same person may do it. Raises Invalid."""
    if share is None or not 0 <= share <= 1:
        problem = Problem("Nhập một tỷ lệ từ 0 đến 100%.", "share")
        raise Invalid("Chưa lưu được tỷ lệ nhập lần hai.", [problem])
    survey.second_keying_share = share
    survey.same_clerk_may_repeat = same_clerk


def printed_number(number: str) -> str:
    """A form's number as it is printed.

    >>> printed_number("12"), printed_number("37B")
    ('0012', '37B')
    """
    return f"{int(number):04}" if number.isdecimal() else number


def _is_own(survey: Survey, row: SecondKeying, account: Account) -> bool:
    return row.first_account_id == account.id and not survey.same_clerk_may_repeat


def _numbers(rows: Iterable[SecondKeying]) -> tuple[str, ...]:
    """Numbers as printed, in their order."""
    numbers = [row.form_number or "" for row in rows]
    ordered = sorted(numbers, key=lambda n: (not n.isdecimal(), int(n) if n.isdecimal() else 0, n))
    return tuple(map(printed_number, ordered))


def _not_this(message: str) -> Invalid:
    return Invalid("Chưa lưu phiếu này.", [Problem(message, NUMBER_FIELD)])


def _digest(secret: bytes, identifier: UUID, purpose: bytes) -> bytes:
    key = hashlib.blake2b(secret).digest()
    return hashlib.blake2b(identifier.bytes, key=key, digest_size=16, person=purpose).digest()
