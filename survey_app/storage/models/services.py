"""Public services (administrative procedures), and how many dossiers of each units handled."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.base import Base
from survey_app.storage.models.units import AdministrativeUnit


class PublicService(Base):
    """A procedure that citizens come for. ``field``: "Hộ tịch"; ``level``: who handles it, a code
    of ``operations.organisation.services.LEVELS`` or "" where not known."""

    __tablename__ = "public_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(500))
    field: Mapped[str] = mapped_column(String(200), index=True)
    level: Mapped[str] = mapped_column(String(20), default="")
    sort_key: Mapped[bytes] = mapped_column(LargeBinary(1600))
    search_key: Mapped[str] = mapped_column(String(750))


class DossierCount(Base):
    """Dossiers of one service in one month: where they were received, and who resolved them.

    ``month``: its first day. ``dossiers``: resolved in that month.
    """

    __tablename__ = "dossier_count"
    __table_args__ = (CheckConstraint("dossiers >= 0", name="not_negative"),)

    month: Mapped[date] = mapped_column(primary_key=True)
    receiving_unit_id: Mapped[int] = mapped_column(
        ForeignKey("administrative_unit.id"), primary_key=True, index=True
    )
    resolving_unit_id: Mapped[int] = mapped_column(
        ForeignKey("administrative_unit.id"), primary_key=True, index=True
    )
    service_id: Mapped[int] = mapped_column(
        ForeignKey("public_service.id"), primary_key=True, index=True
    )
    dossiers: Mapped[int]

    receiving_unit: Mapped[AdministrativeUnit] = relationship(foreign_keys=[receiving_unit_id])
    resolving_unit: Mapped[AdministrativeUnit] = relationship(foreign_keys=[resolving_unit_id])
    service: Mapped[PublicService] = relationship()
