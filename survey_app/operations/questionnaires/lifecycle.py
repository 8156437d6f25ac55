"""The life of a questionnaire: proposed, returned or approved by a second person, published,
closed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from survey_app.operations.questionnaires.drafts import (
    QuestionnaireDraft,
    draft_source,
    mark_published,
)
from survey_app.operations.questionnaires.publishing import (
    Publication,
    compare_with_published,
    publish_questionnaire,
)
from survey_app.questionnaire.declarations import (
    Declarations,
    check_declarations,
    dump_declarations,
    load_declarations,
)
from survey_app.storage.models import (
    Account,
    PublishingRule,
    QuestionnaireVersion,
    VersionClosing,
)
from survey_app.storage.models import ProposalState as ProposalState
from survey_app.storage.models import PublicationProposal as PublicationProposal
from survey_app.storage.queries import proposals as queries
from survey_app.storage.queries.survey_moves import surveys_waiting_for
from survey_app.storage.races import looks_again
from survey_app.text import clean_line

LONGEST_NOTE = 2000


def needs_review(session: Session) -> bool:
    """Whether a second person must approve what is published; no, until somebody says so.

    An office starts with one administrator: a rule that nobody can satisfy would only teach people
    to make a second account for themselves.
    """
    rule = queries.publishing_rule(session)
    return rule is not None and rule.needs_review


@looks_again
def set_review(session: Session, is_needed: bool) -> bool:
    """Say whether a second person must approve; whether that changed anything."""
    if needs_review(session) == is_needed:
        return False
    rule = queries.publishing_rule(session)
    if rule is None:
        session.add(PublishingRule(id=1, needs_review=is_needed))
    else:
        rule.needs_review = is_needed
    session.flush()
    return True


def publish_alone(
    session: Session,
    source: str,
    *,
    declared: Declarations,
    now: datetime,
    account: Account,
    draft_id: int | None = None,
) -> Publication:
    """Publish without anybody's approval. Raises Forbidden where it is needed, Invalid.

    A document that is published already needs none: it makes no new version.
    """
    if needs_review(session) and compare_with_published(session, source).version is None:
        raise Forbidden(
            "Bộ câu hỏi chỉ được công bố sau khi người thứ hai duyệt. Hãy gửi đề nghị công bố."
        )
    publication = publish_questionnaire(
        session, source, now=now, account_id=account.id, declared=declared
    )
    _close_draft(session, draft_id, source, publication)
    return publication


@looks_again
def propose(
    session: Session,
    source: str,
    *,
    declared: Declarations,
    author: Account,
    now: datetime,
    note: str = "",
    draft_id: int | None = None,
) -> PublicationProposal:
    """Hand a document in for a second person to look at.

    Raises Invalid (mistakes of the document, edits without a verdict), Conflict where it is
    published already or another proposal of this questionnaire is alive.
    """
    found = compare_with_published(session, source)
    if found.version:
        raise Conflict(f"Tài liệu này đã được công bố là {found.version.name}.")
    declared = check_declarations(found.matters, declared)
    code = found.questionnaire.code
    if queries.living_proposal(session, code):
        raise Conflict(
            f"Bộ câu hỏi “{code}” đang có một đề nghị chưa xong. Hãy rút đề nghị đó trước."
        )
    proposal = PublicationProposal(
        code=code,
        title=str(found.questionnaire.title),
        source=source,
        base_number=found.base.number if found.base else 0,
        declared=dump_declarations(declared),
        state=ProposalState.WAITING,
        note=clean_line(note)[:LONGEST_NOTE],
        author_id=author.id,
        proposed_at=now,
        draft_id=draft_id,
    )
    session.add(proposal)
    session.flush()
    return proposal


def find_proposal(session: Session, proposal_id: int) -> PublicationProposal:
    """Raises NotFound."""
    proposal = session.get(PublicationProposal, proposal_id)
    if proposal is None:
        raise NotFound("Không có đề nghị công bố này.")
    return proposal


def list_proposals(session: Session) -> Sequence[PublicationProposal]:
    """The latest proposals, the newest first."""
    return queries.list_proposals(session)


def approve(
    session: Session, proposal: PublicationProposal, *, reviewer: Account, now: datetime, note: str
) -> None:
    """Raises Forbidden for the author, Conflict where it waits no more or is out of date."""
    _require(session, proposal, ProposalState.WAITING)
    _require_another(proposal, reviewer, "duyệt")
    _require_current(session, proposal)
    _settle(session, proposal, ProposalState.APPROVED, reviewer, now, note)


def return_proposal(
    session: Session, proposal: PublicationProposal, *, reviewer: Account, now: datetime, note: str
) -> None:
    """Give it back to its author with what is to be changed. Raises Invalid without a note."""
    _require(session, proposal, ProposalState.WAITING)
    _require_another(proposal, reviewer, "trả lại")
    if not clean_line(note):
        message = "Ghi rõ cần sửa gì để người đề nghị biết."
        raise Invalid(message, [Problem(message, "note")])
    _settle(session, proposal, ProposalState.RETURNED, reviewer, now, note)


def withdraw(session: Session, proposal: PublicationProposal) -> None:
    """Take a living proposal back, so that another one can be made."""
    _require(session, proposal, *queries.LIVING)
    proposal.state = ProposalState.WITHDRAWN
    session.flush()


def publish_proposal(
    session: Session, proposal: PublicationProposal, *, account: Account, now: datetime
) -> Publication:
    """Publish what was approved, word for word. Raises Conflict where it was not, or where
    another version came out since."""
    _require(session, proposal, ProposalState.APPROVED)
    _require_current(session, proposal)
    publication = publish_questionnaire(
        session,
        proposal.source,
        now=now,
        account_id=account.id,
        declared=load_declarations(proposal.declared),
    )
    proposal.state = ProposalState.PUBLISHED
    proposal.version_id = publication.version.id
    session.flush()
    _close_draft(session, proposal.draft_id, proposal.source, publication)
    return publication


def _close_draft(
    session: Session, draft_id: int | None, source: str, publication: Publication
) -> None:
    """A draft whose very words were published is a version now; one that went on is a draft."""
    draft = session.get(QuestionnaireDraft, draft_id) if draft_id else None
    if draft is not None and draft_source(draft) == source:
        mark_published(session, draft, publication.version)


def is_current(session: Session, proposal: PublicationProposal) -> bool:
    """Whether the version it was compared with is still the last one."""
    base = compare_with_published(session, proposal.source).base
    return proposal.base_number == (base.number if base else 0)


def _require(session: Session, proposal: PublicationProposal, *states: ProposalState) -> None:
    """Of two who settle it at one moment the later one meets what the first has made of it."""
    session.refresh(
        proposal, ["state"], with_for_update={"of": PublicationProposal, "key_share": True}
    )
    if proposal.state not in states:
        raise Conflict("Đề nghị này đã được xử lý; vui lòng tải lại trang.")


def _require_another(proposal: PublicationProposal, reviewer: Account, verb: str) -> None:
    if reviewer.id == proposal.author_id:
        raise Forbidden(f"Người đề nghị không được tự {verb} đề nghị của mình.")


def _require_current(session: Session, proposal: PublicationProposal) -> None:
    if not is_current(session, proposal):
        raise Conflict(
            "Đã có phiên bản khác được công bố sau khi đề nghị này được gửi, nên các thay đổi đã "
            "xác nhận không còn đúng. Hãy rút đề nghị và gửi lại."
        )


def _settle(
    session: Session,
    proposal: PublicationProposal,
    state: ProposalState,
    reviewer: Account,
    now: datetime,
    note: str,
) -> None:
    proposal.state = state
    proposal.reviewer_id = reviewer.id
    proposal.reviewed_at = now
    proposal.review_note = clean_line(note)[:LONGEST_NOTE]
    session.flush()


# ── closed ────────────────────────────────────────────────────────────────────────────────────


@looks_again
def close_version(
    session: Session, version: QuestionnaireVersion, *, reason: str, account: Account, now: datetime
) -> bool:
    """Let no new survey be made by a version; False when it had been closed before. Raises Invalid
    without a reason, Conflict while a survey is about to move to it."""
    if not clean_line(reason):
        message = "Nêu lý do đóng phiên bản."
        raise Invalid(message, [Problem(message, "reason")])
    hold_version(session, version)
    if queries.closing_of(session, version.id) is not None:
        return False
    if codes := surveys_waiting_for(session, version):
        told = ", ".join(codes)
        raise Conflict(f"Hãy hủy việc chuyển sang phiên bản này trước: {told} đang chờ đến giờ.")
    session.add(
        VersionClosing(
            version_id=version.id,
            reason=clean_line(reason)[:LONGEST_NOTE],
            closed_at=now,
            closed_by=account.id,
        )
    )
    session.flush()
    return True


def hold_version(session: Session, version: QuestionnaireVersion) -> None:
    """Let nobody else close a version or plan a survey's move to it until the transaction ends:
    the later of two sees what the one before has done."""
    locking = {"of": QuestionnaireVersion, "key_share": True}
    session.refresh(version, ["number"], with_for_update=locking)


def reopen_version(session: Session, version: QuestionnaireVersion) -> bool:
    """Let surveys be made by a closed version again; False when it was not closed."""
    closing = queries.closing_of(session, version.id)
    if closing is None:
        return False
    session.delete(closing)
    session.flush()
    return True


def closing_of(session: Session, version: QuestionnaireVersion) -> VersionClosing | None:
    """Why and when a version was closed; None where it is not."""
    return queries.closing_of(session, version.id)


def closed_versions(session: Session) -> frozenset[int]:
    """The ids of the versions by which no new survey is made."""
    return queries.closed_versions(session)
