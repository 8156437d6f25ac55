"""The tree of administrative units, with dates and lineage."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.base import Base


class AdministrativeUnit(Base):
    """A province, commune, department, office …: one node of the tree, from a date to a date.

    ``agency_name`` is the body that signs papers ("Ủy ban nhân dân phường …"), ``place`` the seat
    in the line of place and date; both empty = derived from the name. ``block``: a code of
    ``operations.figures.blocks.BLOCKS`` where an administrator chose it, "" = by the kind.
    """

    __tablename__ = "administrative_unit"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(35), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("administrative_unit.id"), index=True)
    agency_name: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[str] = mapped_column(String(100), default="")
    valid_from: Mapped[date | None]  # None = before records began
    valid_to: Mapped[date | None]
    block: Mapped[str] = mapped_column(String(30), default="", server_default="")
    sort_key: Mapped[bytes] = mapped_column(LargeBinary(600))
    search_key: Mapped[str] = mapped_column(String(250), index=True)

    parent: Mapped["AdministrativeUnit | None"] = relationship(remote_side="AdministrativeUnit.id")


class UnitSuccession(Base):
    """One unit became (part of) another on a date: the lineage across reorganisations.

    ``is_part``: only a part of the predecessor went there. ``event_id``: the reorganisation, None
    where the lineage came with a list of units.
    """

    __tablename__ = "unit_succession"

    predecessor_id: Mapped[int] = mapped_column(
        ForeignKey("administrative_unit.id"), primary_key=True
    )
    successor_id: Mapped[int] = mapped_column(
        ForeignKey("administrative_unit.id"), primary_key=True
    )
    happened_on: Mapped[date]
    is_part: Mapped[bool] = mapped_column(default=False, server_default=false())
    event_id: Mapped[int | None] = mapped_column(ForeignKey("unit_event.id"))
