"""DDI-Codebook 2.5: the order of elements that the schema prescribes, references, languages.

The schema itself is not at hand in every place this runs; the orders and attributes below are
those that it has (2.5, of 2014-01-28) for the elements we use and their neighbours.
"""

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given

from survey_app.interchange.ddi import NAMESPACE, Study, to_ddi
from survey_app.interchange.variables import variables_of
from survey_app.questionnaire.definition import Questionnaire
from tests.unit.interchange.test_variables import shipped
from tests.unit.questionnaire.strategies import patiently, questionnaires

STUDY = Study(
    identifier="KS-2026",
    title="Khảo sát năm 2026",
    version="2",
    dated=date(2026, 12, 31),
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    modes=("Kiosk", "Phiếu giấy"),
    cases=1234,
    data_file="data.csv",
    notes=("Nhóm nhỏ không được nêu.",),
)
ORDER = {
    "codeBook": "docDscr stdyDscr fileDscr dataDscr otherMat",
    "docDscr": "citation guide docStatus docSrc controlledVocabUsed notes",
    "citation": "titlStmt rspStmt prodStmt distStmt serStmt verStmt biblCit holdings notes",
    "titlStmt": "titl subTitl altTitl parTitl IDNo",
    "prodStmt": "producer copyright prodDate prodPlac software fundAg grantNo",
    "verStmt": "version verResp notes",
    "stdyDscr": "citation studyAuthorization stdyInfo studyDevelopment method dataAccs "
    "othrStdyMat notes",
    "stdyInfo": "studyBudget subject abstract sumDscr qualityStatement notes exPostEvaluation",
    "sumDscr": "timePrd collDate nation geogCover geogUnit geoBndBox boundPoly anlyUnit universe "
    "dataKind",
    "method": "dataColl notes anlyInfo stdyClas dataProcessing codingInstructions",
    "dataColl": "timeMeth dataCollector collectorTraining frequenc sampProc sampleFrame "
    "targetSampleSize deviat collMode resInstru instrumentDevelopment sources collSitu actMin "
    "ConOps weight cleanOps",
    "fileDscr": "fileTxt locMap notes",
    "fileTxt": "fileName fileCitation dataFingerprint fileCont fileStrc dimensns fileType format "
    "filePlac dataChck ProcStat dataMsng software verStmt",
    "dimensns": "caseQnty varQnty logRecL recPrCas recNumTot",
    "dataDscr": "varGrp nCubeGrp var nCube notes",
    "varGrp": "labl txt concept defntn universe notes",
    "var": "location labl imputation security embargo respUnit anlysUnit qstn valrng invalrng "
    "undocCod universe TotlResp sumStat txt stdCatgry catgryGrp catgry codInstr verStmt concept "
    "derivation varFormat geoMap catLevel notes",
    "qstn": "preQTxt qstnLit postQTxt forward backward ivuInstr",
    "valrng": "item range key notes",
    "invalrng": "item range key notes",
    "catgry": "catValu labl txt catStat mrow",
}
#: Attributes that we use, with the values that may stand there; "" for any text.
ATTRIBUTES = {
    "codeBook": {"version": "2.5"},
    "prodDate": {"date": ""},
    "version": {"date": ""},
    "collDate": {"date": "", "event": "start end single"},
    "nation": {"abbr": ""},
    "fileType": {"charset": ""},
    "varGrp": {
        "type": "section multipleResp grid display repetition subject version iteration analysis "
        "pragmatic record file randomized other",
        "var": "",
        "name": "",
    },
    "var": {
        "name": "",
        "intrvl": "contin discrete",
        "nature": "nominal ordinal interval ratio percent other",
    },
    "range": {"UNITS": "INT REAL", "min": "", "max": ""},
    "item": {"UNITS": "INT REAL", "VALUE": ""},
    "catgry": {"missing": "Y N"},
    "varFormat": {"type": "character numeric"},
}
EVERYWHERE = {"ID", "{http://www.w3.org/XML/1998/namespace}lang"}
NEEDED = {("var", "name"), ("item", "VALUE")}
#: What holds nothing but other elements; all else may hold text.
NO_TEXT = {*ORDER, "range", "item"} - {"qstn"}
ONCE = {"titl", "titlStmt", "prodStmt", "fileName", "dimensns", "catValu", "varFormat", "concept"}


def name(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


def departures(root: ElementTree.Element) -> list[str]:
    """Where the order or the number of children is not the schema's."""
    found = []
    for element in root.iter():
        found += wrong_attributes(element)
        if name(element) in NO_TEXT and (element.text or "").strip():
            found.append(f"{name(element)} has text")
        children = [name(child) for child in element]
        if name(element) in ("valrng", "invalrng") and not {"item", "range"} & set(children):
            found.append(f"{name(element)} is empty")
        if not children:
            continue
        order = ORDER[name(element)].split()
        places = [order.index(child) for child in children]
        if places != sorted(places):
            found.append(f"{name(element)}: {children}")
        found += [c for c in ONCE if children.count(c) > 1]
    return found


def wrong_attributes(element: ElementTree.Element) -> list[str]:
    known = ATTRIBUTES.get(name(element), {})
    own = {key: value for key, value in element.attrib.items() if key not in EVERYWHERE}
    wrong = [
        f"{name(element)}/@{key}={value}"
        for key, value in own.items()
        if key not in known or (known[key] and value not in known[key].split())
    ]
    return wrong + [
        f"{e}/@{a} is missing" for e, a in NEEDED if e == name(element) and a not in own
    ]


def test_a_departure_would_be_found() -> None:
    text = f"<var xmlns='{NAMESPACE}'><catgry><labl/><catValu/></catgry><labl/></var>"
    assert len(departures(ElementTree.fromstring(text))) == 3
    text = f"<var xmlns='{NAMESPACE}' name='a' intrvl='x' y=''>b<invalrng/></var>"
    assert departures(ElementTree.fromstring(text)) == [
        "var/@intrvl=x",
        "var/@y=",
        "var has text",
        "invalrng is empty",
    ]


@pytest.mark.parametrize("file", ["sipas-counter.yaml", "one-stop-rating.yaml"])
@pytest.mark.parametrize("study", [STUDY, Study("a@1", "A", "1", date(2026, 1, 2))])
def test_shipped_questionnaires(file: str, study: Study) -> None:
    questionnaire = shipped(file)
    root = ElementTree.fromstring(to_ddi(questionnaire, study))
    assert departures(root) == []
    assert (name(root), root.attrib["version"]) == ("codeBook", "2.5")
    variables = list(root.iter(f"{{{NAMESPACE}}}var"))
    assert [v.attrib["name"] for v in variables] == [v.name for v in variables_of(questionnaire)]
    required = {"titl", "citation", "stdyDscr"}
    assert required <= {name(element) for element in root.iter()}


@patiently
@given(questionnaires())
def test_any_questionnaire(questionnaire: Questionnaire) -> None:
    root = ElementTree.fromstring(to_ddi(questionnaire, STUDY))
    assert departures(root) == []
    ids = [element.attrib["ID"] for element in root.iter() if "ID" in element.attrib]
    assert len(set(ids)) == len(ids)
    told = [group.attrib["var"].split() for group in root.iter(f"{{{NAMESPACE}}}varGrp")]
    assert {reference for group in told for reference in group} <= set(ids)


def test_sections_whose_codes_look_alike_have_ids_of_their_own() -> None:
    questionnaire = shipped("one-stop-rating.yaml")
    one, other, *rest = questionnaire.sections
    alike = (replace(one, code="a.b"), replace(other, code="a_b"), *rest)
    root = ElementTree.fromstring(to_ddi(replace(questionnaire, sections=alike), STUDY))
    groups = [g.attrib["ID"] for g in root.iter(f"{{{NAMESPACE}}}varGrp")]
    assert len(set(groups)) == len(groups) == 3


def test_what_is_said_of_a_variable() -> None:
    root = ElementTree.fromstring(to_ddi(shipped("one-stop-rating.yaml"), STUDY))
    found = {v.attrib["name"]: v for v in root.iter(f"{{{NAMESPACE}}}var")}
    rating = found["service_waiting_time"]
    labels = {
        (c.findtext("{*}catValu"), c.attrib["missing"]): c.findtext("{*}labl")
        for c in rating.findall("{*}catgry")
    }
    assert labels["5", "N"] == "Rất hài lòng"
    assert labels["-8", "Y"] == "Không áp dụng/Không có ý kiến"
    assert rating.attrib["nature"] == "ordinal"
    reason = found["improvement_reasons_late"].findtext("{*}universe")
    assert reason == (
        "câu service.overall là “Rất không hài lòng” hoặc “Không hài lòng” hoặc “Bình thường”"
    )
    assert root.findtext(".//{*}caseQnty") == "1234"
    dates = [d.attrib["date"] for d in root.iter(f"{{{NAMESPACE}}}collDate")]
    assert dates == ["2026-01-01", "2026-12-31"]
