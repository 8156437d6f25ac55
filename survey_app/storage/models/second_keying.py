"""Keyed forms that a second person keys again, to learn how many mistakes keying makes."""

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.storage.models.accounts import Account
from survey_app.storage.models.base import Base


class SecondKeying(Base):
    """One form that was chosen for it, by a digest nobody can foretell. Never data.

    ``form_key`` is a digest of the form's id made with the server's secret: with the database
    alone nobody finds the sheet. ``form_number`` and ``answers`` (the second clerk's, in the form
    of the codebook) are there as long as somebody must look at the paper, and erased then; the
    number of a form whose sheet was corrected stays, with who did it and the day.
    ``outcomes`` stays: a byte for each coded question of the version that the form is of
    (``version_number``), see ``questionnaire.agreement``.
    """

    __tablename__ = "second_keying"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  (SQLAlchemy's own contract)

    form_key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), index=True)
    collection_point_id: Mapped[int] = mapped_column(ForeignKey("collection_point.id"))
    version_number: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    form_number: Mapped[str | None] = mapped_column(String(20))
    first_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    second_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    second_on: Mapped[date | None]
    decided_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_on: Mapped[date | None]
    answers: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcomes: Mapped[bytes | None] = mapped_column(LargeBinary)

    decided_by: Mapped[Account | None] = relationship(foreign_keys=[decided_account_id])
