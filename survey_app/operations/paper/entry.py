"""Keying forms one by one: what a clerk types is read by the keys of the form, checked, stored.

The rule is that of every keyed form (paper_import, docs/decisions/0013-numbered-paper.md): the same
number with the same answers is the same sheet, with other answers a conflict; the first stays.
Which of the two it is, nobody is told who may still key the form a second time.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.intake.submission import submit_at
from survey_app.operations.paper.forms import keyed_sheet, open_link_of, require_keying
from survey_app.operations.paper.second_keying import is_blind, note_first_keying
from survey_app.operations.paper.typed_form import NUMBER_FIELD, TypedForm, read_typed
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.storage.models import CollectionPoint, QuestionnaireVersion, Survey


@dataclass(frozen=True)
class Keyed:
    """A form that is stored: its number as it is compared, and whether it was not there before."""

    number: str
    is_new: bool


def key_form(
    session: Session,
    survey: Survey,
    point: CollectionPoint,
    typed: TypedForm,
    *,
    secret: bytes,
    account: Account,
    now: datetime,
    version: QuestionnaireVersion | None = None,
) -> Keyed:
    """Store a typed form, or recognise it as stored; ``secret``: the server's, by which some new
    ones are chosen to be keyed again; ``version``: the one printed on the form, None = that of the
    survey now.

    Raises Closed when the survey takes no forms; Invalid with every mistake by question, by
    NUMBER_FIELD for the number, a number that has other answers among them, and one that waits for
    a second keying by this account, whatever the answers.
    """
    require_keying(survey, now)
    version = version or survey.version
    number, answers = read_typed(load_questionnaire(version), typed)
    if is_blind(session, survey, point, number, secret=secret, account=account):
        raise _number_waits(number)
    sheet = keyed_sheet(survey, point, number, answers, version)
    try:
        receipt = submit_at(session, open_link_of(point), sheet, now=now)
    except Conflict as conflict:
        raise _number_is_taken(number) from conflict
    if receipt.is_new:
        forms = [(point, number)]
        note_first_keying(
            session, survey, forms, version_number=version.number, secret=secret, account=account
        )
    return Keyed(number, receipt.is_new)


def _number_waits(number: str) -> Invalid:
    """What is said of a number that waits for its second keying, be the answers right or wrong."""
    message = (
        f"Phiếu số {number} của điểm này đã có người khác nhập và đang chờ nhập lần hai; hãy nhập "
        "tại trang Nhập lần hai, hoặc xem lại số phiếu."
    )
    return _not_saved(message)


def _number_is_taken(number: str) -> Invalid:
    """What is said of a number that stands for other answers."""
    message = (
        f"Phiếu số {number} của điểm này đã được nhập với câu trả lời khác; phiếu đã nhập được "
        "giữ nguyên. Hãy xem lại số phiếu."
    )
    return _not_saved(message)


def _not_saved(message: str) -> Invalid:
    return Invalid("Chưa lưu phiếu này.", [Problem(message, NUMBER_FIELD)])
