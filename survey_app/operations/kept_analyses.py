"""Results of files kept on request; seen by the account that made them and by administrators."""

import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from survey_app.errors import Conflict, NotFound
from survey_app.operations.accounts import AccountRole
from survey_app.operations.file_results import FileResult, ResultKind, document_text
from survey_app.storage.models import Account
from survey_app.storage.models import KeptAnalysis as KeptAnalysis
from survey_app.storage.queries import kept as queries

#: So many results one account may keep.
MOST_KEPT = 200


def keep_result(session: Session, result: FileResult, account: Account) -> KeptAnalysis:
    """Keep a result for an account. Raises Conflict when it keeps too many already."""
    if len(queries.kept_of(session, account.id)) >= MOST_KEPT:
        raise Conflict(
            f"Ông/bà đã giữ {MOST_KEPT} báo cáo, nhiều nhất có thể; hãy xóa bớt báo cáo cũ."
        )
    row = KeptAnalysis(
        account_id=account.id,
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
    """What the account may see of what is kept, the newest first: its own, or everything."""
    return queries.kept_of(session, None if _sees_everything(account) else account.id)


def find_kept(session: Session, kept_id: int, account: Account) -> KeptAnalysis:
    """A kept result; raises NotFound for one that another account made."""
    row = queries.kept_with_content(session, kept_id)
    if row is None or not (row.account_id == account.id or _sees_everything(account)):
        raise NotFound("Không có báo cáo này.")
    return row


def result_of(row: KeptAnalysis) -> FileResult:
    """The result as it was when it was kept."""
    return FileResult(
        kind=ResultKind(row.kind),
        title=row.title,
        filename=row.filename,
        made_at=row.made_at,
        plan=row.plan,
        reading=json.loads(row.reading),
        document=json.loads(row.document),
    )


def delete_kept(session: Session, row: KeptAnalysis) -> None:
    session.delete(row)


def _sees_everything(account: Account) -> bool:
    return account.role == AccountRole.ADMINISTRATOR
