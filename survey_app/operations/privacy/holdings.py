"""What personal data there is, how much of it, since when, and what of it goes when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import LargeBinary, Table
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.operations.access.accounts import Account
from survey_app.operations.privacy.retention import Retention
from survey_app.storage.queries import privacy as queries
from survey_app.storage.queries.contacts import count_and_oldest
from survey_app.storage.queries.identities import count_waiting, linked_identities
from survey_app.storage.queries.privacy import Holding

#: Parts of column names of what must not leave, not even with the rest of an account.
SECRETS = ("hash", "secret", "token", "salt", "sealed")
#: Longer texts are works of the office: documents, results.
LONGEST_TEXT = 500


@dataclass(frozen=True)
class Kind:
    """One kind of personal data. ``kept``: until when, in words; ``oldest``: None = untold."""

    name: str
    count: int
    oldest: date | None
    kept: str


def personal_data(session: Session, retention: Retention) -> list[Kind]:
    """Every kind there may be, also those of which there is nothing."""
    kinds: Sequence[tuple[str, Callable[[Session], Holding], str]] = (
        ("Tài khoản đang dùng", queries.active_accounts, "cho đến khi bị khóa"),
        (
            "Tài khoản đã khóa, còn tên",
            queries.accounts_stopped,
            f"{retention.account_days} ngày kể từ ngày khóa, rồi xóa tên",
        ),
        ("Tài khoản đã xóa tên", queries.accounts_erased, "chỉ còn số của tài khoản"),
        (
            "Lần đăng nhập",
            queries.sign_ins,
            f"hết hiệu lực sau {retention.sign_in_hours} giờ, rồi xóa",
        ),
        (
            "Tài khoản bên ngoài đã gắn",
            _linked_identities,
            "cho đến khi gỡ hoặc xóa tên của tài khoản",
        ),
        (
            "Người đã đến từ nơi cấp tài khoản bên ngoài, chưa được gắn",
            _waiting_identities,
            f"{retention.waiting_days} ngày kể từ lần đăng nhập cuối",
        ),
        (
            "Mục nhật ký",
            queries.audit_entries,
            "không xóa; chỉ ghi số của tài khoản, không ghi tên",
        ),
        ("Khóa API", queries.api_keys, "cho đến khi hết hạn hoặc thu hồi; không gắn với cá nhân"),
        (
            "Mã hồ sơ trong danh sách được chọn",
            queries.dossier_codes,
            "cho đến khi cuộc khảo sát đóng và cơ quan xóa (hailong sample erase)",
        ),
        (
            "Dấu vết danh sách hồ sơ đã tạo phiếu mời",
            queries.slip_lists,
            f"{retention.slip_list_days} ngày; không chứa mã hồ sơ",
        ),
        (
            "Yêu cầu tạo mã của phần mềm khác",
            queries.invitation_requests,
            f"{retention.request_days} ngày; không chứa mã hồ sơ",
        ),
        (
            "Yêu cầu trả lời của người dân, còn nội dung",
            _contact_requests,
            f"đến khi trả lời xong, nhiều nhất {retention.contact_days or 0} ngày; mã hóa",
        ),
        (
            "Ý kiến viết bằng lời của người dân",
            queries.comments,
            "cùng cuộc khảo sát; không biết là của ai, trừ khi người viết tự nêu tên",
        ),
    )
    return [_kind(name, count(session), kept) for name, count, kept in kinds]


def about_account(session: Session, account: Account) -> dict[str, Any]:
    """All that the database knows of one account, fit for JSON; secrets are left out."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for table, column, row in queries.rows_naming(session, account.id):
        rows.setdefault(f"{table.name}.{column}", []).append(_readable(table, row))
    entries = queries.entries_about(session, account.id)
    return {
        "account": _readable(Account.__table__, _values(account)),
        "rows": rows,
        "entries_about": [
            {"at": entry.happened_at.isoformat(), "action": entry.action, "detail": entry.detail}
            for entry in entries
        ],
    }


def _linked_identities(session: Session) -> Holding:
    return Holding(*linked_identities(session))


def _waiting_identities(session: Session) -> Holding:
    return Holding(*count_waiting(session))


def _contact_requests(session: Session) -> Holding:
    return Holding(*count_and_oldest(session))


def _kind(name: str, holding: Holding, kept: str) -> Kind:
    oldest = holding.oldest
    return Kind(
        name, holding.count, local_date(oldest) if isinstance(oldest, datetime) else oldest, kept
    )


def _values(account: Account) -> Mapping[str, Any]:
    return {column.name: getattr(account, column.name) for column in Account.__table__.columns}


def _readable(table: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    columns: Table = table
    return {
        column.name: _plain(row[column.name])
        for column in columns.columns
        if not isinstance(column.type, LargeBinary)
        and not any(part in column.name for part in SECRETS)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"(văn bản dài {len(value)} ký tự)"
    return value
