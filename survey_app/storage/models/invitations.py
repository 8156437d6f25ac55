"""Lists of dossiers for which slips were made: that they were, not which dossiers."""

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.storage.models.base import Base


class SlipListDigest(Base):
    """A digest of a whole list, made with a key that is not in the database.

    It tells that the same list comes again. ``made_on`` is a day, ``count`` the slips made.
    """

    __tablename__ = "slip_list"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  (SQLAlchemy's own contract)

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), index=True)
    made_on: Mapped[date]
    count: Mapped[int]
