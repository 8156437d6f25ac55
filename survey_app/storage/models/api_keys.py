"""Keys of other software, and what is remembered of its requests so that a retry is harmless."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.base import Base
from survey_app.storage.models.units import AdministrativeUnit


class ApiKey(Base):
    """What one piece of software may do, in one branch of the tree of units, until a day.

    Only a hash of the key is kept; ``opening`` are its first characters, by which people tell
    keys apart. ``scopes``: the words of ``KeyScope``, with spaces between them. Use is noted by
    the day.
    """

    __tablename__ = "api_key"
    __table_args__ = (CheckConstraint("scopes <> ''", name="has_scope"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(120))
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    opening: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[int] = mapped_column(ForeignKey("administrative_unit.id"))
    created_at: Mapped[datetime]
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]
    last_used_on: Mapped[date | None]

    unit: Mapped[AdministrativeUnit] = relationship()


class InvitationRequest(Base):
    """A request for one-time links that was carried out, for as long as it may be repeated.

    ``request_hash`` and ``body_digest`` are made with a key that is not in the database: the
    request may name dossiers, and nobody who holds the database is to try out which. ``salt`` is
    part of every code made for the request; with this row it disappears, and nobody can make the
    codes again.
    """

    __tablename__ = "invitation_request"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  (SQLAlchemy's own contract)

    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"), primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    body_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires_on: Mapped[date]
    made_on: Mapped[date] = mapped_column(index=True)
