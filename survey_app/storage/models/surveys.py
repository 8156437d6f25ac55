"""Surveys: one conduct of a version in one period, its units, collection points and links."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base
from survey_app.storage.models.questionnaires import QuestionnaireVersion
from survey_app.storage.models.units import AdministrativeUnit

#: The share of keyed forms that are keyed again where nothing else was wished for.
SECOND_KEYING_SHARE = 0.1


class SurveyStatus(StrEnum):
    """PAUSED is never stored: it is an open survey with a ``paused_at``."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Mode(StrEnum):
    """How an answer sheet was collected."""

    KIOSK = "kiosk"
    PHONE = "phone"
    PAPER = "paper"
    INTERVIEW = "interview"
    API = "api"


class Survey(Base):
    """One conduct of one questionnaire version in one period.

    ``target_margin``: the half-width aimed at for each unit, a proportion, None = no target.
    ``response_rate``: the share of issued sheets expected to come back, None = all of them.
    ``second_keying_share``: the share of keyed forms that are keyed again, a proportion;
    ``same_clerk_may_repeat``: by the same person, too, where there is no other. ``paused_at``:
    since when an open survey takes no sheets for the time being. ``ways``: the ways (codes of
    ``operations.fieldwork.ways``) in which sheets are given out, ``languages``: those of the
    questionnaire that are offered; both space-separated, None = all. ``revision`` grows with every
    change of the plan: who sends an older one has not seen what is there.
    """

    __tablename__ = "survey"
    __table_args__ = (
        CheckConstraint("target_margin > 0 AND target_margin < 1", name="margin_is_proportion"),
        CheckConstraint(
            "response_rate > 0 AND response_rate <= 1", name="response_rate_is_proportion"
        ),
        CheckConstraint(
            "second_keying_share >= 0 AND second_keying_share <= 1",
            name="second_keying_share_is_proportion",
        ),
        CheckConstraint("ends_on >= starts_on", name="period_in_order"),
        CheckConstraint("status IN ('draft', 'open', 'closed')", name="known_status"),
        CheckConstraint("paused_at IS NULL OR status = 'open'", name="only_an_open_one_pauses"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), default=SurveyStatus.DRAFT)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    target_margin: Mapped[float | None] = mapped_column(Double)
    response_rate: Mapped[float | None] = mapped_column(Double)
    paused_at: Mapped[datetime | None]
    second_keying_share: Mapped[float] = mapped_column(
        Double, default=SECOND_KEYING_SHARE, server_default=str(SECOND_KEYING_SHARE)
    )
    same_clerk_may_repeat: Mapped[bool] = mapped_column(default=False, server_default=false())
    ways: Mapped[str | None] = mapped_column(String(40))
    languages: Mapped[str | None] = mapped_column(String(200))
    revision: Mapped[int] = mapped_column(default=1, server_default="1")

    version: Mapped[QuestionnaireVersion] = relationship()

    @property
    def state(self) -> SurveyStatus:
        """The status as people know it: an open survey may be paused."""
        return SurveyStatus.PAUSED if self.paused_at else SurveyStatus(self.status)


class SurveyEvent(Base):
    """A turn in the life of a survey. ``before`` and ``after``: statuses; last days (ISO) where
    ``kind`` is "period"; numbers of versions, the one that was to come and the one that stays,
    where it is "called_off". ``account_id`` None = from the command line. Pauses are read from
    here."""

    __tablename__ = "survey_event"
    __table_args__ = (
        CheckConstraint("kind IN ('status', 'period', 'called_off')", name="known_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), index=True)
    happened_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(10))
    before: Mapped[str] = mapped_column(String(40))
    after: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")

    account: Mapped[Account | None] = relationship()


class SurveyMove(Base):
    """That a survey goes on with a later version of its questionnaire, from a full hour on: were it
    from a minute on, the version of a sheet would tell on which side of it the sheet was opened.

    ``number``: of the version it goes to, ``former_number``: of the one it had; ``account_id`` None
    = from the command line.
    """

    __tablename__ = "survey_move"
    __table_args__ = (CheckConstraint("number > former_number", name="moves_forward"),)

    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    former_number: Mapped[int] = mapped_column(SmallInteger)
    starts_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text)

    account: Mapped[Account | None] = relationship()


class SurveyUnit(Base):
    """A unit surveyed; ``population`` = dossiers handled in the period, None = not known;
    ``target`` = valid sheets wanted here, None = as many as the survey's margin needs."""

    __tablename__ = "survey_unit"
    __table_args__ = (
        CheckConstraint("population IS NULL OR population > 0", name="population_positive"),
        CheckConstraint("target IS NULL OR target > 0", name="target_positive"),
    )

    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("administrative_unit.id"), primary_key=True, index=True
    )
    population: Mapped[int | None]
    target: Mapped[int | None]

    unit: Mapped[AdministrativeUnit] = relationship()


class CollectionPoint(Base):
    """A place or channel that collects answers of one unit. ``token`` is its open link."""

    __tablename__ = "collection_point"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("administrative_unit.id"), index=True)
    label: Mapped[str] = mapped_column(String(120))
    mode: Mapped[str] = mapped_column(String(10), default=Mode.PHONE)
    token: Mapped[str] = mapped_column(String(20), unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)

    survey: Mapped[Survey] = relationship()
    unit: Mapped[AdministrativeUnit] = relationship()


class OneTimeLink(Base):
    """A link good for one answer sheet. It knows that it was used: not when, not by which sheet.

    Only a hash of the token is kept, so nobody with the database can open or recognise a slip.
    ``is_used`` is set for several links in one transaction, away from any sheet: see SpentLink.
    """

    __tablename__ = "one_time_link"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  (SQLAlchemy's own contract)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    collection_point_id: Mapped[int] = mapped_column(ForeignKey("collection_point.id"), index=True)
    expires_on: Mapped[date]
    is_used: Mapped[bool] = mapped_column(default=False)

    collection_point: Mapped[CollectionPoint] = relationship()


class SpentLink(Base):
    """A one-time link used a moment ago, until it is mixed with others.

    A row written in the same transaction as a sheet can be matched with it: by the write-ahead
    log of SQLite, by the transaction numbers of PostgreSQL. So the use waits here, and goes to
    OneTimeLink in a batch; this row disappears.
    """

    __tablename__ = "spent_link"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  (SQLAlchemy's own contract)

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary(32), ForeignKey("one_time_link.token_hash"), primary_key=True
    )
