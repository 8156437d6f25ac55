"""DDI-Codebook 2.5: a study, its file and its variables, as archives keep them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from survey_app.interchange.variables import Variable, skip_rule, variables_of
from survey_app.questionnaire.definition import (
    LocalText,
    QuestionKind,
    Questionnaire,
    Section,
)

NAMESPACE = "ddi:codebook:2_5"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SOFTWARE = "Hài Lòng"


@dataclass(frozen=True)
class Study:
    """What is told of the study beside its questionnaire; what is not known is left out.

    ``version``: of the questionnaire; ``modes``: how answers were collected, in words; ``cases``:
    rows of the data file.
    """

    identifier: str
    title: str
    version: str
    dated: date
    starts_on: date | None = None
    ends_on: date | None = None
    modes: tuple[str, ...] = ()
    cases: int | None = None
    units: int | None = None
    data_file: str = ""
    notes: tuple[str, ...] = ()


def to_ddi(
    questionnaire: Questionnaire, study: Study, variables: Sequence[Variable] | None = None
) -> bytes:
    """The XML that describes the study, its file (if there is one) and every variable: those of
    the questionnaire, or ``variables`` where a file has others beside them."""
    variables = variables_of(questionnaire) if variables is None else variables
    root = Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", _LANGUAGE: "vi"})
    _document(root, study)
    _study(root, questionnaire, study)
    if study.data_file:
        _file(root, study, len(variables))
    description = SubElement(root, "dataDscr")
    for place, section in enumerate(questionnaire.sections, start=1):
        _section(description, section, f"VG{place}", variables)
    for variable in variables:
        _variable(description, variable, questionnaire)
    indent(root)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: Element, tag: str, text: str = "", /, **attributes: str) -> Element:
    child = SubElement(parent, tag, attributes)
    if text:
        child.text = _NOT_XML.sub("", text)
    return child


def _say(parent: Element, name: str, text: LocalText, languages: Sequence[str]) -> None:
    """One element for each language that the text speaks."""
    for code in languages:
        if text.speaks(code):
            _add(parent, name, text.texts[code]).set(_LANGUAGE, code)


def _citation(parent: Element, title: LocalText, identifier: str) -> Element:
    citation = _add(parent, "citation")
    statement = _add(citation, "titlStmt")
    _add(statement, "titl", str(title)).set(_LANGUAGE, "vi")
    for code, text in sorted(title.texts.items()):
        if code != "vi":
            _add(statement, "parTitl", text).set(_LANGUAGE, code)
    _add(statement, "IDNo", identifier)
    return citation


def _document(root: Element, study: Study) -> None:
    described = _add(root, "docDscr")
    title = LocalText({"vi": f"Mô tả dữ liệu: {study.title}"})
    citation = _citation(described, title, f"ddi-{study.identifier}")
    production = _add(citation, "prodStmt")
    _add(production, "prodDate", study.dated.isoformat(), date=study.dated.isoformat())
    _add(production, "software", _SOFTWARE)


def _study(root: Element, questionnaire: Questionnaire, study: Study) -> None:
    described = _add(root, "stdyDscr")
    # Only the questionnaire is known in several languages; a survey has one title.
    own = str(questionnaire.title) == study.title
    title = questionnaire.title if own else LocalText({"vi": study.title})
    citation = _citation(described, title, study.identifier)
    _add(_add(citation, "verStmt"), "version", study.version, date=study.dated.isoformat())
    about = _add(described, "stdyInfo")
    if questionnaire.introduction:
        _say(about, "abstract", questionnaire.introduction, questionnaire.languages)
    summary = _add(about, "sumDscr")
    for moment, event in ((study.starts_on, "start"), (study.ends_on, "end")):
        if moment:
            _add(summary, "collDate", moment.isoformat(), date=moment.isoformat(), event=event)
    _add(summary, "nation", "Việt Nam", abbr="VN")
    _add(summary, "anlyUnit", "Phiếu trả lời (một lần giải quyết công việc)")
    universe = "Người dân, tổ chức đã sử dụng dịch vụ hành chính công"
    _add(summary, "universe", universe)
    _add(summary, "dataKind", "Dữ liệu khảo sát")
    collecting = _add(_add(described, "method"), "dataColl")
    for mode in study.modes:
        _add(collecting, "collMode", mode)
    _add(collecting, "resInstru", f"Bộ câu hỏi {questionnaire.code}, phiên bản {study.version}")
    for note in study.notes:
        _add(described, "notes", note)


def _file(root: Element, study: Study, variables: int) -> None:
    text = _add(_add(root, "fileDscr", ID="F1"), "fileTxt")
    _add(text, "fileName", study.data_file)
    dimensions = _add(text, "dimensns")
    if study.cases is not None:
        _add(dimensions, "caseQnty", str(study.cases))
    _add(dimensions, "varQnty", str(variables))
    _add(text, "fileType", "CSV (dấu phẩy, UTF-8)", charset="UTF-8")


def _section(parent: Element, section: Section, own: str, variables: Sequence[Variable]) -> None:
    inside = [_id(variable) for variable in variables if variable.section is section]
    if not inside:
        return
    group = _add(parent, "varGrp", ID=own, type="section", var=" ".join(inside))
    group.set("name", section.code)
    _say(group, "labl", section.title, sorted(section.title.texts))
    if section.introduction:
        _say(group, "txt", section.introduction, sorted(section.introduction.texts))


def _variable(parent: Element, variable: Variable, questionnaire: Questionnaire) -> None:
    languages = questionnaire.languages
    kind = "contin" if variable.is_open else "discrete"
    element = _add(parent, "var", ID=_id(variable), name=variable.name, intrvl=kind)
    nature = _nature(variable)
    if nature:
        element.set("nature", nature)
    _say(element, "labl", variable.label, languages)
    if variable.question:
        asked = _add(element, "qstn", ID=f"Q_{variable.name}")
        _say(asked, "qstnLit", variable.question.text, languages)
        if variable.question.hint:
            _say(asked, "ivuInstr", variable.question.hint, languages)
    _ranges(element, variable)
    if variable.question and variable.question.ask_when:
        _add(element, "universe", skip_rule(variable, questionnaire))
    for value in variable.values:
        category = _add(element, "catgry", missing="Y" if value.is_missing else "N")
        _add(category, "catValu", str(value.number))
        _say(category, "labl", value.label, languages)
    if variable.question:
        _add(element, "concept", variable.question.role.value)
    _add(element, "varFormat", type="character" if variable.is_text else "numeric")
    if variable.code:
        _add(element, "notes", f"Mã trong bộ câu hỏi: {variable.code}")


def _ranges(element: Element, variable: Variable) -> None:
    """The numbers that may occur: the bounds of a number, the codes of why there is none."""
    question = variable.question
    if question and question.kind is QuestionKind.NUMBER:
        bounds: Mapping[str, int | None] = {"min": question.minimum, "max": question.maximum}
        known = {name: str(bound) for name, bound in bounds.items() if bound is not None}
        if known:
            _add(_add(element, "valrng"), "range", UNITS="INT", **known)
    if variable.missing:
        invalid = _add(element, "invalrng")
        for value in variable.missing:
            _add(invalid, "item", UNITS="INT", VALUE=str(value.number))


def _nature(variable: Variable) -> str:
    question = variable.question
    if question is None:
        return ""
    if question.kind is QuestionKind.SCALE:
        return "ordinal"
    return "ratio" if question.kind is QuestionKind.NUMBER else "nominal"


def _id(variable: Variable) -> str:
    return f"V_{variable.name}"
