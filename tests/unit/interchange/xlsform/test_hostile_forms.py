"""Workbooks made to break the reader: refused with a sentence, in bounded time and memory."""

import io
import zipfile

import pytest

from survey_app.errors import Invalid
from survey_app.interchange.xlsform.reading import read_xlsform
from tests.unit.interchange.xlsform.forms import TEXT, form

MEGABYTE = 1024 * 1024
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def rebuilt(changed: dict[str, bytes | int]) -> bytes:
    """A form with some of its parts changed; a number stands for so many megabytes of blanks
    inside the part's last element."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(form(TEXT))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in [*old.namelist(), *(set(changed) - set(old.namelist()))]:
            change = changed.get(name, b"")
            if isinstance(change, int):
                _blow_up(new, name, old.read(name), change)
            else:
                new.writestr(name, change or old.read(name))
    return out.getvalue()


def _blow_up(new: zipfile.ZipFile, name: str, data: bytes, megabytes: int) -> None:
    before, mark, after = data.rpartition(b"</t>")
    with new.open(name, "w", force_zip64=True) as part:
        part.write(before)
        for _ in range(megabytes):
            part.write(b"A" * MEGABYTE)
        part.write(mark + after)


def test_a_zip_bomb() -> None:
    bomb = rebuilt({STRINGS: 900})
    assert len(bomb) < 5 * MEGABYTE
    with pytest.raises(Invalid, match=r"Không đọc được tệp|Tệp quá phức tạp"):
        read_xlsform(bomb, "a.xlsx")


def entities(inside: bytes, declared: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(form(TEXT))) as old:
        strings = old.read(STRINGS)
    head, _, rest = strings.partition(b"?>")
    return head + b"?><!DOCTYPE sst [" + declared + b"]>" + rest.replace(b"said", inside)


LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))


@pytest.mark.parametrize(
    ("inside", "declared"),
    [
        (b"&a9;", LAUGHS + b'<!ENTITY a0 "ha">'),
        (b"&secret;", b'<!ENTITY secret SYSTEM "file:///etc/passwd">'),
    ],
)
def test_xml_entities_are_never_filled_in(inside: bytes, declared: bytes) -> None:
    data = rebuilt({STRINGS: entities(inside, declared)})
    try:
        found = read_xlsform(data, "a.xlsx")
    except Invalid:
        return
    told = (found.source or "") + "".join(map(str, found.findings))
    assert "root:" not in told
    assert "hahaha" not in told


def test_macros() -> None:
    data = rebuilt({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 a program"})
    for name in ("a.xlsx", "a.xlsm"):
        with pytest.raises(Invalid, match="có macro"):
            read_xlsform(data, name)


def test_a_cell_in_the_last_corner() -> None:
    with zipfile.ZipFile(io.BytesIO(form(TEXT))) as old:
        sheet = old.read(SHEET)
    far = sheet.replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    with pytest.raises(Invalid):
        read_xlsform(rebuilt({SHEET: far}), "a.xlsx")


def test_a_hundred_megabytes() -> None:
    with pytest.raises(Invalid, match="lớn quá 5 MB"):
        read_xlsform(b"PK\x03\x04" + b"\0" * (100 * MEGABYTE), "a.xlsx")


def test_a_formula_is_text_and_stays_text() -> None:
    told = TEXT | {"label::Tiếng Việt (vi)": '=HYPERLINK("http://a.example")'}
    found = read_xlsform(form(told), "a.xlsx")
    assert found.source is None or "=HYPERLINK" in found.source
