"""Drawn lists: who was chosen from which list, and how; frozen, never joined to an answer."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base
from survey_app.storage.models.surveys import Survey
from survey_app.storage.models.units import AdministrativeUnit


class SampleMethod(StrEnum):
    """How dossiers are chosen from a list (or from each stratum of it)."""

    SIMPLE = "simple"  # every set of n dossiers alike
    SYSTEMATIC = "systematic"  # at equal steps from a random start, in the order of the list
    PPS = "pps"  # with probability proportional to size


class SampleDraw(Base):
    """One draw from the dossiers of one unit; triggers in the database refuse UPDATE and DELETE.

    ``number`` counts the draws of the unit in the survey; the highest is the one in force, and
    every draw after the first says its ``reason``. Of the list itself only its day (``as_of``),
    its length (``population``) and its ``fingerprint`` are kept. ``strata``: JSON, one
    ``[name, N_h, n_h]`` for each stratum, empty list = not stratified (``allocation`` is "none"
    then, too). ``drawn_by`` is None for a draw from the command line.

    How n was reckoned, as it was reckoned then: ``margin``, the target, and ``confidence``,
    proportions; ``response_rate``, the share of issued sheets expected to come back, None = all;
    ``required`` answers, ``issued`` sheets to have them, and ``ministry``, the number by the
    guidance of 2013. All are None where n was given by hand.
    """

    __tablename__ = "sample_draw"
    __table_args__ = (
        ForeignKeyConstraint(
            ["survey_id", "unit_id"], ["survey_unit.survey_id", "survey_unit.unit_id"]
        ),
        UniqueConstraint("survey_id", "unit_id", "number"),
        CheckConstraint("method IN ('simple', 'systematic', 'pps')", name="known_method"),
        CheckConstraint("allocation IN ('none', 'proportional', 'equal')", name="known_allocation"),
        CheckConstraint("n >= 1 AND n <= population", name="n_in_population"),
        CheckConstraint("seed >= 0", name="seed_not_negative"),
        CheckConstraint("number = 1 OR reason <> ''", name="redrawn_with_reason"),
        CheckConstraint(
            "(margin IS NULL) = (required IS NULL) AND (margin IS NULL) = (issued IS NULL)"
            " AND (margin IS NULL) = (ministry IS NULL)"
            " AND (margin IS NULL) = (confidence IS NULL)",
            name="target_whole",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int]
    unit_id: Mapped[int]
    number: Mapped[int]
    as_of: Mapped[date]
    fingerprint: Mapped[str] = mapped_column(String(64))
    population: Mapped[int]
    n: Mapped[int]
    strata: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(String(10))
    allocation: Mapped[str] = mapped_column(String(15), default="none")
    seed: Mapped[int] = mapped_column(BigInteger)
    margin: Mapped[float | None] = mapped_column(Double)
    confidence: Mapped[float | None] = mapped_column(Double)
    response_rate: Mapped[float | None] = mapped_column(Double)
    required: Mapped[int | None]
    issued: Mapped[int | None]
    ministry: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    survey: Mapped[Survey] = relationship(
        primaryjoin="foreign(SampleDraw.survey_id) == Survey.id", viewonly=True
    )
    unit: Mapped[AdministrativeUnit] = relationship(
        primaryjoin="foreign(SampleDraw.unit_id) == AdministrativeUnit.id", viewonly=True
    )
    account: Mapped[Account | None] = relationship()


class SampledDossier(Base):
    """One chosen dossier, in the order of the list it was chosen from.

    ``identifier`` is None once it has been erased, which the triggers allow only when the survey
    is closed; nothing else of the row ever changes. ``inclusion_probability``: the chance the
    dossier had, a proportion; its design weight is 1 divided by it.
    """

    __tablename__ = "sampled_dossier"
    __table_args__ = (
        UniqueConstraint("draw_id", "identifier"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint(
            "inclusion_probability > 0 AND inclusion_probability <= 1",
            name="probability_is_proportion",
        ),
    )

    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    identifier: Mapped[str | None] = mapped_column(String(100))
    stratum: Mapped[str] = mapped_column(String(200))
    inclusion_probability: Mapped[float] = mapped_column(Double)

    draw: Mapped[SampleDraw] = relationship()
