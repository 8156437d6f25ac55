"""A published questionnaire as files for other programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import NotFound
from survey_app.interchange.ddi import Study, to_ddi
from survey_app.interchange.xlsform.writing import to_xlsform
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.documents import MIME_TYPES, Document, Format
from survey_app.questionnaire.definition import Question
from survey_app.reporting.records.codebook import VersionSubject, compose_codebook
from survey_app.reporting.rendering.pdf import render_pdf
from survey_app.reporting.rendering.workbook import render_workbook
from survey_app.storage.models import QuestionnaireVersion
from survey_app.storage.queries.questionnaires import list_versions, version_by_number


class Exchange(StrEnum):
    """The files a published version can be had as."""

    YAML = "yaml"
    XLSFORM = "xlsform"
    CODEBOOK_PDF = "codebook-pdf"
    CODEBOOK_XLSX = "codebook-xlsx"
    DDI = "ddi"


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


def _codebook_pdf(session: Session, version: QuestionnaireVersion) -> bytes:
    subject = describe_version(session, version)
    return render_pdf(compose_codebook(load_questionnaire(version), subject, for_print=True))


def codebook_workbook(session: Session, version: QuestionnaireVersion) -> bytes:
    """The codebook as Excel, to lie beside a data file too."""
    subject = describe_version(session, version)
    return render_workbook(compose_codebook(load_questionnaire(version), subject))


def _ddi(_session: Session, version: QuestionnaireVersion) -> bytes:
    study = Study(
        identifier=version.name,
        title=version.title,
        version=str(version.number),
        dated=local_date(version.published_at),
    )
    return to_ddi(load_questionnaire(version), study)


def describe_version(session: Session, version: QuestionnaireVersion) -> VersionSubject:
    """The version with the numbers of all versions that ask each of its questions; one that asks
    it with other answers is marked with a star."""
    questionnaire = load_questionnaire(version)
    same_code = [v for v in list_versions(session) if v.code == version.code]
    others = [(v.number, load_questionnaire(v)) for v in sorted(same_code, key=lambda v: v.number)]
    occurs = {
        question.code: ", ".join(
            f"{number}{'' if _answers(other[question.code]) == _answers(question) else '*'}"
            for number, other in others
            if question.code in other
        )
        for question in questionnaire.questions
    }
    return VersionSubject(
        version.name,
        version.number,
        version.fingerprint,
        local_date(version.published_at),
        occurs,
    )


def _answers(question: Question) -> tuple[object, ...]:
    """What makes the values of a question mean the same in two versions."""
    return question.kind, [option.code for option in question.choices], question.not_applicable


_KINDS: Mapping[Exchange, _Kind] = {
    Exchange.YAML: _Kind(_yaml, ".yaml", "application/yaml; charset=utf-8"),
    Exchange.XLSFORM: _Kind(_xlsform, "-xlsform.xlsx", MIME_TYPES[Format.XLSX]),
    Exchange.CODEBOOK_PDF: _Kind(_codebook_pdf, "-bang-ma.pdf", MIME_TYPES[Format.PDF]),
    Exchange.CODEBOOK_XLSX: _Kind(codebook_workbook, "-bang-ma.xlsx", MIME_TYPES[Format.XLSX]),
    Exchange.DDI: _Kind(_ddi, "-ddi.xml", "application/xml; charset=utf-8"),
}
