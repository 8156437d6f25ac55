"""Whom a provider of another house knows: by its own key for a person, never by a name or mail."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base


class AccountIdentity(Base):
    """By what an account may sign in at a provider; an administrator made the link.

    ``issuer`` and ``subject`` together are the key. ``told_name`` and ``told_username``: as the
    provider told at the last sign-in; they prove nothing. ``left_at``: when the provider last said
    that a session there had ended.
    """

    __tablename__ = "account_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("account_id", "issuer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    told_name: Mapped[str] = mapped_column(String(120))
    told_username: Mapped[str] = mapped_column(String(120))
    linked_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class SpentLogout(Base):
    """A logout token that was used, or a session of the provider that one has ended: a digest of
    its name, until it matters no more."""

    __tablename__ = "spent_logout"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    spent_at: Mapped[datetime]


class WaitingIdentity(Base):
    """Somebody who came from a provider and has no account yet; forgotten after a while.

    ``reference``: what that person was shown, and reads out to an administrator.
    """

    __tablename__ = "waiting_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    told_name: Mapped[str] = mapped_column(String(120))
    told_username: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    seen_at: Mapped[datetime]
