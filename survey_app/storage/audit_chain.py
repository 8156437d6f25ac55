"""The chain of the audit record: entries are sealed and written at the end of a transaction.

An entry that is recorded waits in its session. When the session commits, everything else is
flushed first, then the head of the chain is locked, then the entries are written. The head is
thus the last thing a transaction waits for: two that record something cannot wait for one another,
and nobody who records nothing waits at all.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from survey_app.storage.models import AuditEntry, AuditHead

_WAITING = "hailong.audit.waiting"
_ATTENDED = "hailong.audit.attended"
_REQUIRED = "hailong.audit.required"
_WROTE = "hailong.audit.wrote"
_SAVEPOINTS = "hailong.audit.savepoints"


class UnrecordedError(RuntimeError):
    """Something was changed, or would leave, without an entry: a mistake of the program."""


@dataclass(frozen=True)
class Act:
    """What somebody did, before it has a number and a seal. ``detail``: canonical JSON."""

    happened_at: datetime
    account_id: int | None
    action: str
    subject_kind: str
    subject: str
    detail: str


def canonical_json(value: object) -> str:
    """One text for one value: sorted keys, no spaces, letters as they are."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def sealed_text(act: Act | AuditEntry, number: int, previous: str) -> str:
    """The text whose SHA-256 is the hash of an entry; ``previous``: the hash of the one before."""
    moment = act.happened_at.astimezone(UTC)
    return canonical_json(
        {
            "account": act.account_id,
            "action": act.action,
            "at": f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z",
            "detail": act.detail,
            "number": number,
            "previous": previous,
            "subject": act.subject,
            "subject_kind": act.subject_kind,
        }
    )


def seal(act: Act | AuditEntry, number: int, previous: str) -> str:
    """The hash of an entry, in hexadecimal digits."""
    return hashlib.sha256(sealed_text(act, number, previous).encode()).hexdigest()


def enqueue(session: Session, act: Act) -> None:
    """Have an entry written when this session commits."""
    _attend(session)
    if not session.in_transaction():
        session.begin()  # so that a rollback is one, even when nothing else was done
    session.info.setdefault(_WAITING, []).append(act)


def require_entry(session: Session) -> None:
    """From now on what this session writes is refused at the commit unless it records an entry."""
    session.info[_REQUIRED] = True
    _attend(session)


def waiting(session: Session) -> Sequence[Act]:
    """What this session has recorded since it last committed."""
    found: list[Act] = session.info.get(_WAITING, [])
    return found


def write_waiting(session: Session) -> None:
    """Seal and write what waits. Called at the end of a transaction; changes nothing else."""
    acts: list[Act] = session.info.pop(_WAITING, [])
    if not acts:
        return
    session.flush()
    query = select(AuditHead.number, AuditHead.hash).with_for_update()
    number, mark = session.execute(query).one()
    rows = []
    for act in acts:
        number += 1
        mark = seal(act, number, mark)
        rows.append({**vars(act), "number": number, "hash": mark})
    session.execute(insert(AuditEntry), rows)
    session.execute(update(AuditHead).values(number=number, hash=mark))


def _attend(session: Session) -> None:
    """Listen to this one session: those that record nothing, as the intake's, do not pay for it."""
    if session.info.setdefault(_ATTENDED, False):
        return
    session.info[_ATTENDED] = True
    for name, listener in (
        ("before_commit", _before_commit),
        ("after_flush", _note_flush),
        ("do_orm_execute", _note_statement),
        ("after_transaction_create", _note_savepoint),
        ("after_soft_rollback", _forget_since_savepoint),
        ("after_transaction_end", _forget_undone),
    ):
        event.listen(session, name, listener)


def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    if _REQUIRED in session.info:
        session.flush()
        if session.info.pop(_WROTE, False) and not waiting(session):
            raise UnrecordedError("a change without an entry in the audit record")
    write_waiting(session)


def _note_flush(session: Session, _context: object) -> None:
    if session.new or session.deleted or any(map(session.is_modified, session.dirty)):
        session.info[_WROTE] = True


def _note_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info[_WROTE] = True


def _note_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(_SAVEPOINTS, {})[transaction] = len(waiting(session))


def _forget_since_savepoint(session: Session, transaction: SessionTransaction) -> None:
    """What was recorded since a savepoint that is rolled back did not happen."""
    if transaction.nested and _WAITING in session.info:
        since = session.info.get(_SAVEPOINTS, {}).pop(transaction, 0)
        del session.info[_WAITING][since:]


def _forget_undone(session: Session, transaction: SessionTransaction) -> None:
    """What still waits when the transaction is over was not committed."""
    if transaction.parent is None:
        for name in (_WAITING, _SAVEPOINTS, _WROTE):
            session.info.pop(name, None)
