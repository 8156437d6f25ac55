"""What left as rows of sheets, so that two files do not tell by their difference what one hides."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.storage.models.base import Base


class DatasetRelease(Base):
    """How many sheets a unit had, whether they counted or not, when its rows last left."""

    __tablename__ = "dataset_release"
    __table_args__ = (CheckConstraint("sheets >= 5", name="never_few"),)

    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("administrative_unit.id"), primary_key=True)
    sheets: Mapped[int]
    taken_on: Mapped[date]
