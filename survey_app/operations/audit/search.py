"""Looking for entries of the audit record: pages by key, and all that was found as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from survey_app.errors import Invalid
from survey_app.reporting.records import audit_list
from survey_app.reporting.records.audit_list import RENDERERS as RENDERERS
from survey_app.reporting.records.audit_list import Line
from survey_app.storage.models import Account
from survey_app.storage.models import AuditEntry as AuditEntry
from survey_app.storage.queries import audit as queries
from survey_app.storage.queries.audit import Wanted as Wanted

PAGE_SIZE = 50
#: Kinds of what accounts are named by; "" in entries of earlier versions about a browser that was
#: signed out.
ABOUT_ACCOUNTS = frozenset({"account", ""})
ENTRIES_AT_ONCE = 2000
#: More in one file would keep a page waiting; the command has no such limit.
MOST_EXPORTED = 20_000
MIME_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class AuditPage:
    """Some entries, the newest first. ``before``: the number with which the next page begins."""

    entries: Sequence[Line]
    before: int | None


def page_entries(session: Session, wanted: Wanted, *, before: int | None = None) -> AuditPage:
    """A page of what is looked for; pages go by number, so new entries move nothing."""
    rows = queries.entries_before(session, wanted, before=before, most=PAGE_SIZE + 1)
    shown = [_line(session, entry) for entry in rows[:PAGE_SIZE]]
    return AuditPage(shown, shown[-1].number if len(rows) > PAGE_SIZE else None)


def found_entries(session: Session, wanted: Wanted) -> Iterator[Line]:
    """All that is looked for, the first first, as the chain runs."""
    after = 0
    while rows := queries.entries_after(session, wanted, after=after, most=ENTRIES_AT_ONCE):
        for entry in rows:
            yield _line(session, entry)
            session.expunge(entry)
        after = rows[-1].number


def actions_there_are(session: Session) -> Sequence[str]:
    """The actions that stand in the record, by code."""
    return queries.actions_there_are(session)


def last_check(session: Session) -> Line | None:
    """The newest entry that says how far the chain was checked."""
    entry = queries.last_of_action(session, "audit.verify")
    return _line(session, entry) if entry else None


def render_entries(session: Session, wanted: Wanted, ending: str) -> tuple[bytes, int]:
    """What is looked for as a file, and how many entries it holds. Raises Invalid for more than a
    sheet takes."""
    lines = list(islice(found_entries(session, wanted), MOST_EXPORTED + 1))
    if len(lines) > MOST_EXPORTED:
        raise Invalid(
            "Có quá nhiều mục cho một tệp; xin thu hẹp khoảng ngày, hoặc dùng lệnh "
            "hailong audit export trên máy chủ."
        )
    return RENDERERS[ending](lines), len(lines)


def write_entries(session: Session, wanted: Wanted, form: str, path: Path) -> int:
    """Write what is looked for to a file, as CSV or as JSON by lines; how many entries."""
    count = 0
    with path.open("w", encoding=audit_list.ENCODINGS[form], newline="") as out:
        write = audit_list.WRITERS[form](out)
        for line in found_entries(session, wanted):
            write(line)
            count += 1
    return count


def _line(session: Session, entry: AuditEntry) -> Line:
    return Line(
        number=entry.number,
        happened_at=entry.happened_at,
        account_id=entry.account_id,
        person=entry.account.username if entry.account else "",
        action=entry.action,
        subject_kind=entry.subject_kind,
        subject=entry.subject,
        detail=entry.detail,
        hash=entry.hash,
        subject_name=_subject_name(session, entry),
    )


def _subject_name(session: Session, entry: AuditEntry) -> str:
    """What was acted on, to be read: an account by its user name as it is now."""
    if entry.subject_kind in ABOUT_ACCOUNTS and entry.subject.isdecimal():
        account = session.get(Account, int(entry.subject))
        return account.username if account else f"số {entry.subject}"
    return entry.subject
