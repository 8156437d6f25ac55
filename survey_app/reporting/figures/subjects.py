"""What figures are about: a unit, and a survey."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class UnitSubject:
    """The unit a report is about, as official papers name it.

    ``agency`` is the body that signs ("Ủy ban nhân dân xã …"), ``parent_agency`` the one above
    it on the letterhead (empty for none), ``place`` the seat for the line of place and date,
    ``superior`` whom it reports to.
    """

    code: str
    name: str
    agency: str
    parent_agency: str
    place: str
    superior: str = ""


@dataclass(frozen=True)
class SurveySubject:
    """The survey the figures come from. ``fingerprint`` identifies the frozen questionnaire."""

    code: str
    title: str
    starts_on: date
    ends_on: date
    version: str  # "sipas-counter@1"
    fingerprint: str
    is_demo: bool
    is_running: bool = False  # still taking answers: the figures are provisional

    @property
    def source(self) -> str:
        """Where figures come from, for the metadata of a document."""
        return f"{self.code}; {self.version}; {self.fingerprint}"
