"""Decisions: where two keyings of a form differ, somebody looks at the paper and says what it says.

The only place where a stored sheet changes, and only a keyed one: its number leads to it as long
as the decision is open (docs/decisions/0015-second-keying.md).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Forbidden, Invalid, NotFound, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.access.rights import is_administrator
from survey_app.operations.audit.entries import record
from survey_app.operations.fieldwork.versions import version_numbered
from survey_app.operations.intake.flagging import flag_sheet
from survey_app.operations.intake.submission import key_of
from survey_app.operations.paper.forms import (
    form_id,
    listed_keys,
    paper_points,
    require_keying,
)
from survey_app.operations.paper.second_keying import printed_number, stored_answers
from survey_app.operations.questionnaires.publishing import load_codebook, load_questionnaire
from survey_app.questionnaire.agreement import ERRORS, Outcome, decide, questions_with
from survey_app.questionnaire.answers import (
    Answer,
    decode,
    encode,
    free_texts,
    validate_answers,
)
from survey_app.questionnaire.definition import Question
from survey_app.questionnaire.keying import answer_keys, read_keys
from survey_app.questionnaire.reading import Mistake, read_answer
from survey_app.storage.models import CollectionPoint, SecondKeying, Survey
from survey_app.storage.queries.responses import free_texts_of, replace_answers
from survey_app.storage.queries.second_keying import chosen_form, chosen_forms

#: What may be said of a question: one of the two keyings, or what else the paper says.
ONE, OTHER, NEITHER = "1", "2", "other"


@dataclass(frozen=True)
class Disagreement:
    """A question that was keyed in two ways; ``place`` is its number on the form.

    ``answers``: both, in an order that does not tell which was first; None: nothing keyed.
    """

    question: Question
    place: int
    answers: tuple[Answer | None, Answer | None]


@dataclass(frozen=True)
class OpenForm:
    """A form on which two keyings differ. ``key``: its address; ``number``: as printed."""

    key: str
    point: CollectionPoint
    number: str
    row: SecondKeying
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True)
class Ruling:
    """What somebody said of one question: ONE, OTHER, or NEITHER and the keys of the paper."""

    wish: str
    typed: str = ""


def open_forms(
    session: Session, survey: Survey, unit_ids: Collection[int] | None
) -> tuple[OpenForm, ...]:
    """The forms that wait for a decision, by place and number."""
    rows = chosen_forms(session, survey.id, unit_ids=unit_ids)
    waiting = [row for row in rows if row.answers is not None]
    points = {point.id: point for point in paper_points(session, survey, unit_ids)}
    order = {point_id: place for place, point_id in enumerate(points)}
    found = [_open_form(session, survey, points[row.collection_point_id], row) for row in waiting]
    return tuple(sorted(found, key=lambda form: (order[form.point.id], form.number)))


@dataclass(frozen=True)
class CorrectedForm:
    """A form whose sheet was corrected: which questions (their numbers), by whom, when."""

    point: CollectionPoint
    number: str
    places: tuple[int, ...]
    decided_by: str
    decided_on: date | None


def corrected_forms(
    session: Session, survey: Survey, unit_ids: Collection[int] | None
) -> tuple[CorrectedForm, ...]:
    """The forms whose sheets were corrected by the paper, by place and number."""
    points = {point.id: point for point in paper_points(session, survey, unit_ids)}
    found = []
    for row in chosen_forms(session, survey.id, unit_ids=unit_ids):
        if row.decided_on is None or row.form_number is None:
            continue
        version = version_numbered(session, survey, row.version_number)
        wrong = set(questions_with(load_codebook(version), row.outcomes or b"", ERRORS))
        questions = load_questionnaire(version).questions
        places = tuple(place for place, q in enumerate(questions, 1) if q.code in wrong)
        who = row.decided_by.display_name if row.decided_by else ""
        point, number = points[row.collection_point_id], printed_number(row.form_number)
        found.append(CorrectedForm(point, number, places, who, row.decided_on))
    order = {point_id: place for place, point_id in enumerate(points)}
    return tuple(sorted(found, key=lambda form: (order[form.point.id], form.number)))


def find_open_form(
    session: Session, survey: Survey, key: str, unit_ids: Collection[int] | None
) -> OpenForm:
    """Raises NotFound, also for one that is decided or outside ``unit_ids``."""
    for form in open_forms(session, survey, unit_ids):
        if form.key == key:
            return form
    raise NotFound("Không có phiếu nào chờ đối chiếu ở địa chỉ này.")


def settle_form(
    session: Session,
    survey: Survey,
    form: OpenForm,
    rulings: Mapping[str, Ruling],
    *,
    account: Account,
    now: datetime,
) -> tuple[str, ...]:
    """Take what the paper says of every question in doubt (``rulings`` by code), correct the
    sheet where the first keying was wrong; the codes of the questions that changed.

    Raises Closed when the survey takes no forms, Forbidden for the first clerk, Invalid with
    every mistake by question.
    """
    require_keying(survey, now)
    row = chosen_form(session, form.row.form_key)
    if row is None or row.outcomes is None or row.answers is None or row.form_number is None:
        raise NotFound("Phiếu này đã được đối chiếu xong.")
    require_judge(survey, row, account, today=local_date(now))
    version, number = version_numbered(session, survey, row.version_number), row.form_number
    questionnaire, codebook = load_questionnaire(version), load_codebook(version)
    first = stored_answers(session, survey, form.point, number)
    second = decode(codebook, row.answers)
    paper = dict(first) | _read_rulings(form, rulings)
    key = key_of(form_id(survey, form.point, number), is_keyed=True)
    texts = free_texts_of(session, form.point.unit_id, key)
    answers = {code: answer for code, answer in paper.items() if answer is not None}
    kept = validate_answers(questionnaire, {**answers, **texts})
    changed = tuple(code for code in codebook.by_question if first.get(code) != kept.get(code))
    if changed:
        coded, words = encode(codebook, kept), free_texts(questionnaire, kept)
        flags = flag_sheet(codebook, coded, answered=len(kept), seconds=None)
        unit_id = form.point.unit_id
        replace_answers(session, unit_id, key, coded, flags=int(flags), texts=list(words))
    row.outcomes = decide(codebook, row.outcomes, first, second, kept)
    row.answers = None
    row.decided_account_id, row.decided_on = account.id, local_date(now)
    if not changed:
        row.form_number = None  # nobody needs the paper any more
    session.flush()
    _record(session, survey, form, changed, account=account, now=now)
    return changed


def require_judge(survey: Survey, row: SecondKeying, account: Account, *, today: date) -> None:
    """Raises Forbidden: nobody decides on the own first keying, but for an administrator, or where
    one person may do both."""
    is_own = row.first_account_id == account.id and not survey.same_clerk_may_repeat
    if is_own and not is_administrator(account, today):
        raise Forbidden("Phiếu này do chính ông/bà nhập lần đầu; cần người khác đối chiếu.")


def _open_form(
    session: Session, survey: Survey, point: CollectionPoint, row: SecondKeying
) -> OpenForm:
    version, number = version_numbered(session, survey, row.version_number), row.form_number or ""
    questionnaire, codebook = load_questionnaire(version), load_codebook(version)
    first = stored_answers(session, survey, point, number)
    second = decode(codebook, row.answers or b"")
    both = (second, first) if row.form_key[0] % 2 else (first, second)
    places = {question.code: place for place, question in enumerate(questionnaire.questions, 1)}
    undecided = questions_with(codebook, row.outcomes or b"", frozenset({Outcome.UNDECIDED}))
    disagreements = tuple(
        Disagreement(questionnaire[code], places[code], (both[0].get(code), both[1].get(code)))
        for code in undecided
    )
    return OpenForm(row.form_key.hex(), point, printed_number(number), row, disagreements)


def _read_rulings(form: OpenForm, rulings: Mapping[str, Ruling]) -> dict[str, Answer | None]:
    """What the paper says, by question; raises Invalid with every mistake."""
    found: dict[str, Answer | None] = {}
    problems = []
    for item in form.disagreements:
        code = item.question.code
        ruling = rulings.get(code, Ruling(""))
        if ruling.wish in (ONE, OTHER):
            found[code] = item.answers[0 if ruling.wish == ONE else 1]
        elif ruling.wish == NEITHER:
            answer = _read_paper(item.question, ruling.typed)
            if isinstance(answer, Problem):
                problems.append(answer)
            else:
                found[code] = answer
        else:
            problems.append(Problem("Hãy chọn một giá trị theo phiếu giấy.", code))
    if problems:
        raise Invalid("Chưa lưu kết quả đối chiếu.", problems)
    return found


def _read_paper(question: Question, typed: str) -> Answer | Problem | None:
    answer = read_answer(question, read_keys(question, typed) or None)
    if isinstance(answer, Mistake) or (answer is None and typed.strip()):
        keys = answer_keys(question)
        wanted = f"hãy gõ {listed_keys(keys.values())}" if question.choices else "hãy gõ một số"
        message = (
            f"Không hiểu “{typed.strip()[:20]}”; {wanted}, hoặc không gõ gì nếu phiếu để trống."
        )
        return Problem(message, question.code)
    return answer


def _record(
    session: Session,
    survey: Survey,
    form: OpenForm,
    changed: Collection[str],
    *,
    account: Account,
    now: datetime,
) -> None:
    """Who decided on which questions of a form of which place. Which form is kept to the day only,
    beside the keying; the record of acts, which has the minute, names no sheet."""
    questions = changed or [item.question.code for item in form.disagreements]
    detail = f"{form.point.label}: {', '.join(questions)}"
    subject = f"{survey.code} {form.point.unit.code}"
    action = "paper.correct" if changed else "paper.settle"
    record(session, action, now=now, account=account, subject=subject, detail=detail)
