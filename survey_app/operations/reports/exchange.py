"""A published questionnaire as files for other programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.interchange.xlsform_export import to_xlsform
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.documents import MIME_TYPES, Document, Format
from survey_app.storage.models import QuestionnaireVersion
from survey_app.storage.queries.questionnaires import version_by_number


class Exchange(StrEnum):
    """The files a published version can be had as."""

    YAML = "yaml"
    XLSFORM = "xlsform"


@dataclass(frozen=True)
class _Kind:
    """How a file is made, and how it is called: name of the version + ``ending``."""

    make: Callable[[Session, QuestionnaireVersion], bytes]
    ending: str
    mimetype: str


def find_version(session: Session, name: str) -> QuestionnaireVersion:
    """The version called ``sipas-counter@2``. Raises NotFound."""
    code, _, number = name.rpartition("@")
    found = version_by_number(session, code, int(number)) if number.isdecimal() else None
    if found is None:
        raise NotFound(f"Không có phiên bản “{name}”; tên có dạng sipas-counter@1.")
    return found


def export_version(session: Session, version: QuestionnaireVersion, form: Exchange) -> Document:
    """The version as a file; the same version gives the same bytes."""
    kind = _KINDS[form]
    name = f"{version.code}-{version.number}{kind.ending}"
    return Document(kind.make(session, version), name, kind.mimetype)


def _yaml(_session: Session, version: QuestionnaireVersion) -> bytes:
    return version.source.encode()


def _xlsform(_session: Session, version: QuestionnaireVersion) -> bytes:
    return to_xlsform(load_questionnaire(version), version=str(version.number))


_KINDS: Mapping[Exchange, _Kind] = {
    Exchange.YAML: _Kind(_yaml, ".yaml", "application/yaml; charset=utf-8"),
    Exchange.XLSFORM: _Kind(_xlsform, "-xlsform.xlsx", MIME_TYPES[Format.XLSX]),
}
