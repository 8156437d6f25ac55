"""Reorganisations of units: what happened to which, when, by what decision; what they were."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.base import Base
from survey_app.storage.models.units import AdministrativeUnit


class EventKind(StrEnum):
    MERGE = "merge"  # several become one, or one goes into another that stays
    SPLIT = "split"  # one becomes several; it may be among them
    RENAME = "rename"
    MOVE = "move"  # under another unit
    ABOLISH = "abolish"  # ends without a successor


class MemberRole(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class UnitEvent(Base):
    """One reorganisation, effective from a day.

    ``plan``: what was asked for, as a JSON document; it is carried out on the day. ``applied_at``:
    None while the day is to come. ``refusal``: why it could not be carried out when its day came.
    """

    __tablename__ = "unit_event"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('merge', 'split', 'rename', 'move', 'abolish')", name="known_kind"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    happened_on: Mapped[date] = mapped_column(index=True)
    legal_basis: Mapped[str] = mapped_column(String(300))
    plan: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(Text, default="", server_default="")

    members: Mapped[list["UnitEventMember"]] = relationship(
        cascade="all, delete-orphan", order_by="UnitEventMember.unit_id"
    )


class UnitEventMember(Base):
    """A unit as a reorganisation found it (before) or left it (after)."""

    __tablename__ = "unit_event_member"
    __table_args__ = (CheckConstraint("role IN ('before', 'after')", name="known_role"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("unit_event.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("administrative_unit.id"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(6), primary_key=True)

    unit: Mapped[AdministrativeUnit] = relationship()


class UnitState(Base):
    """What a unit was called and where it hung until a day (that day excluded).

    The row of the unit itself says what it is since the last of these days.
    """

    __tablename__ = "unit_state"

    unit_id: Mapped[int] = mapped_column(ForeignKey("administrative_unit.id"), primary_key=True)
    until: Mapped[date] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("unit_event.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("administrative_unit.id"))
    agency_name: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(100))
    sort_key: Mapped[bytes] = mapped_column(LargeBinary(600))

    parent: Mapped[AdministrativeUnit | None] = relationship(foreign_keys=[parent_id])
