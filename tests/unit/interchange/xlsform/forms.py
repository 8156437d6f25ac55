"""XLSForm workbooks as somebody else would write them, and pyxform to read them."""

import io
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

import xlsxwriter
from pyxform.xls2xform import convert

from survey_app.interchange.xlsform.reading import read_xlsform

Rows = Sequence[Mapping[str, str]]

LABEL = "label::Tiếng Việt (vi)"
ENGLISH = "label::English (en)"

YES_NO = (
    {"list_name": "yes_no", "name": "yes", LABEL: "Có"},
    {"list_name": "yes_no", "name": "no", LABEL: "Không"},
    {"list_name": "yes_no", "name": "unsure", LABEL: "Không rõ"},
)
FRUIT = (
    {"list_name": "ways", "name": "web", LABEL: "Trực tuyến"},
    {"list_name": "ways", "name": "post", LABEL: "Bưu chính"},
    {"list_name": "ways", "name": "desk", LABEL: "Trực tiếp"},
)
ASKED = {"type": "select_one yes_no", "name": "came", LABEL: "Ông/bà đã đến chưa?"}
TEXT = {"type": "text", "name": "said", LABEL: "Ông/bà góp ý gì?"}
MANY = {"type": "select_multiple ways", "name": "ways", LABEL: "Ông/bà nộp bằng cách nào?"}


def workbook(survey: Rows, choices: Rows = (), settings: Rows = (), **others: Rows) -> bytes:
    """An .xlsx with a sheet for each argument that holds rows."""
    sheets = {"survey": survey, "choices": choices, "settings": settings, **others}
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            if not rows:
                continue
            page = book.add_worksheet(name)
            headings = list(dict.fromkeys(heading for row in rows for heading in row))
            for place, heading in enumerate(headings):
                page.write_string(0, place, heading)
                for number, row in enumerate(rows, start=1):
                    page.write_string(number, place, row.get(heading, ""))
    return out.getvalue()


def form(*survey: Mapping[str, str], settings: Rows = ()) -> bytes:
    """A form with the lists yes_no and ways, whatever of them is used."""
    return workbook(survey, (*YES_NO, *FRUIT), settings)


def converted(data: bytes) -> tuple[ElementTree.Element, list[str]]:
    """What pyxform makes of a workbook, and what it warns of."""
    warnings: list[str] = []
    result = convert(data, warnings=warnings, validate=False, file_type=".xlsx")
    return ElementTree.fromstring(result.xform), warnings


def binds(xform: ElementTree.Element) -> dict[str, dict[str, str]]:
    """The attributes of every bind by the name of its question."""
    found = xform.iter("{http://www.w3.org/2002/xforms}bind")
    return {bind.attrib["nodeset"].rpartition("/")[2]: dict(bind.attrib) for bind in found}


_ALWAYS = re.compile("chưa có vai trò|Danh sách phương án “(yes_no|ways)”$")


def source_of(data: bytes, filename: str = "a.xlsx") -> str:
    """The YAML of a form that comes over whole."""
    reading = read_xlsform(data, filename)
    assert reading.source is not None, reading.refused
    return reading.source


def named(data: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(what, where) of everything refused and everything left out; roles are always missing, and
    one of the two lists is not used."""
    reading = read_xlsform(data, "a.xlsx")
    assert (reading.source is None) is bool(reading.refused)
    left = [(f.what, str(f.place)) for f in reading.left_out if not _ALWAYS.search(f.what)]
    return [(f.what, str(f.place)) for f in reading.refused], left
