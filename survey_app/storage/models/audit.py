"""The audit record: who did what, when; a chain, each entry sealed with the one before."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base

NO_HASH = "0" * 64


class AuditEntry(Base):
    """What one account changed or took out. Written by :mod:`survey_app.storage.audit_chain` only;
    triggers refuse every change afterwards.

    ``number`` counts from 1 without gaps; ``hash`` seals the entry and, through the hash before,
    all entries up to here. Of the account only its number is here, so a name can be erased.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "account_id", "number"),
        Index(None, "action", "number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    happened_at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    #: Canonical JSON; ``from`` and ``to`` hold the fields that changed.
    detail: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))

    account: Mapped[Account | None] = relationship()


class AuditHead(Base):
    """One row: the last entry. Who writes locks it, so numbers and hashes follow one another."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
