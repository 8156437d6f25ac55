"""Results of files kept on request; seen by who made them, by administrators and auditors."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, NotFound
from survey_app.operations.access.rights import AccountRole, valid_grants
from survey_app.operations.files.results import (
    SCHEMA,
    FileResult,
    ResultKind,
    check_schema,
    document_text,
)
from survey_app.storage.models import Account
from survey_app.storage.models import KeptAnalysis as KeptAnalysis
from survey_app.storage.queries import kept as queries

#: So many results one account may keep.
MOST_KEPT = 200
#: So many results of all accounts stand on one page.
PAGE_SIZE = 50


@dataclass(frozen=True)
class KeptPage:
    """Some results of all accounts, the newest first; ``before``: where the next page begins,
    None on the last one."""

    rows: Sequence[KeptAnalysis]
    before: int | None


def keep_result(session: Session, result: FileResult, account: Account) -> KeptAnalysis:
    """Keep a result for an account. Raises Conflict when it keeps too many already."""
    if queries.count_kept(session, account.id) >= MOST_KEPT:
        raise Conflict(
            f"Ông/bà đã giữ {MOST_KEPT} báo cáo, nhiều nhất có thể; xin xóa bớt báo cáo cũ "
            "rồi giữ lại."
        )
    row = KeptAnalysis(
        account_id=account.id,
        schema=SCHEMA,
        kind=result.kind.value,
        title=result.title,
        filename=result.filename,
        made_at=result.made_at,
        plan=result.plan,
        reading=json.dumps(result.reading, ensure_ascii=False),
        document=document_text(result),
    )
    session.add(row)
    session.flush()
    return row


def list_kept(session: Session, account: Account) -> Sequence[KeptAnalysis]:
    """What the account keeps, the newest first; at most ``MOST_KEPT``."""
    return queries.kept_of(session, account.id)


def page_kept(
    session: Session, account: Account, *, today: date, before: int | None = None
) -> KeptPage:
    """What all accounts keep, a page of it; raises NotFound for all but administrators and
    auditors."""
    if not _has_role(account, _SEEING_EVERYTHING, today):
        raise NotFound("Không có trang này.")
    rows = queries.kept_of_all(session, before=before, most=PAGE_SIZE + 1)
    shown = rows[:PAGE_SIZE]
    return KeptPage(shown, shown[-1].id if len(rows) > PAGE_SIZE else None)


def find_kept(session: Session, kept_id: int, account: Account, *, today: date) -> KeptAnalysis:
    """A kept result; raises NotFound for one that another account made."""
    row = queries.kept_with_content(session, kept_id)
    if row is None:
        raise NotFound("Không có báo cáo này.")
    if row.account_id != account.id and not _has_role(account, _SEEING_EVERYTHING, today):
        raise NotFound("Không có báo cáo này.")
    return row


def result_of(row: KeptAnalysis) -> FileResult:
    """The result as it was when it was kept. Raises Conflict for one in a form of another
    version of the program."""
    check_schema(row.schema)
    return FileResult(
        kind=ResultKind(row.kind),
        title=row.title,
        filename=row.filename,
        made_at=row.made_at,
        plan=row.plan,
        reading=json.loads(row.reading),
        document=json.loads(row.document),
    )


def delete_kept(session: Session, row: KeptAnalysis, account: Account, *, today: date) -> None:
    """Delete a kept result for good. Raises NotFound for another account's, but to administrators:
    who may look at everything is not therefore free to delete it."""
    is_administrator = _has_role(account, frozenset({AccountRole.ADMINISTRATOR}), today)
    if row.account_id != account.id and not is_administrator:
        raise NotFound("Không có báo cáo này.")
    session.delete(row)


#: Of grants in every unit: results that were kept belong to accounts, not to units.
_SEEING_EVERYTHING = frozenset({AccountRole.ADMINISTRATOR, AccountRole.AUDITOR})


def _has_role(account: Account, roles: frozenset[AccountRole], today: date) -> bool:
    found = valid_grants(account, today)
    return any(grant.unit_id is None and grant.role in roles for grant in found)
