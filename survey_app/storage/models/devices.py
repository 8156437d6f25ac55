"""Kiosk devices: where they stand, how they behave, and what they last told of themselves."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.base import Base
from survey_app.storage.models.surveys import CollectionPoint


class Device(Base):
    """A touch kiosk at a collection point. Of code and key only SHA-256 digests are kept.

    ``enrolment_hash``: of the short code that was made last; ``enrolment_expires_at`` None = that
    code has been used. ``key_hash``: of the device's own key, None until it is enrolled.
    ``pin_salt``, ``pin_hash``: of the clerk's PIN, by PBKDF2, so that the device can check it
    without network.

    ``placed_hour``: since when it has stood, enrolled, at its place; None = not enrolled yet.
    What a device tells of itself is cut to the hour, and nothing here leads to a sheet:
    ``waiting`` sheets unsent since ``waiting_since_hour``, ``refused`` sheets that it keeps.
    """

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("idle_seconds >= 20 AND idle_seconds <= 600", name="idle_seconds_in_range"),
        CheckConstraint("waiting >= 0 AND refused >= 0", name="counts_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_point_id: Mapped[int] = mapped_column(ForeignKey("collection_point.id"), index=True)
    label: Mapped[str] = mapped_column(String(120))
    enrolment_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    enrolment_expires_at: Mapped[datetime | None]
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    is_revoked: Mapped[bool] = mapped_column(default=False)
    idle_seconds: Mapped[int] = mapped_column(default=60)
    keeps_partial: Mapped[bool] = mapped_column(default=False)
    pin_salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    pin_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    placed_hour: Mapped[datetime | None]
    last_seen_hour: Mapped[datetime | None]
    waiting: Mapped[int] = mapped_column(default=0)
    waiting_since_hour: Mapped[datetime | None]
    refused: Mapped[int] = mapped_column(default=0)
    app_version: Mapped[str] = mapped_column(String(40), default="")

    collection_point: Mapped[CollectionPoint] = relationship()
