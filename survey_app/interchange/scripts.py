"""Scripts that read a data file into SPSS, Stata or R, with labels and missing values.

Every script reads the CSV that lies beside it: UTF-8, commas, a point before decimals, texts in
double quotes, one line of names.
"""

import re
from collections.abc import Iterator, Sequence

from survey_app.interchange.variables import Missing, Value, Variable

_LONGEST_TEXT = 255  # bytes of a text column: codes and names of units
_LOWEST, _HIGHEST = min(Missing), Missing.NOT_ASKED


def spss(variables: Sequence[Variable], data: str) -> bytes:
    """The syntax (.sps) that reads ``data``. UTF-8 with a byte order mark, by which SPSS knows it.

    Labels are cut to what SPSS holds (variable 255 bytes, value 120); lines stay under 250 bytes.
    """
    return b"\xef\xbb\xbf" + "\r\n".join(_spss(variables, data)).encode() + b"\r\n"


def _spss(variables: Sequence[Variable], data: str) -> Iterator[str]:
    yield "* Encoding: UTF-8."
    yield "* Chạy trong thư mục chứa tệp số liệu: lệnh CD 'thư mục' nếu cần."
    yield "SET DECIMAL=DOT."
    yield "GET DATA"
    yield f"  /TYPE=TXT /FILE={_spss_text(data)} /ENCODING='UTF8'"
    yield "  /ARRANGEMENT=DELIMITED /DELCASE=LINE /FIRSTCASE=2"
    yield '  /DELIMITERS="," /QUALIFIER=\'"\''
    yield "  /VARIABLES="
    for variable in variables:
        yield f"    {variable.name} {f'A{_LONGEST_TEXT}' if variable.is_text else 'F8.0'}"
    yield "  ."
    for variable in variables:
        yield f"VARIABLE LABELS {variable.name}"
        yield f"  {_spss_long(_cut(str(variable.label), 255))}."
    for variable in variables:
        if variable.values:
            yield f"VALUE LABELS {variable.name}"
            for value in variable.values:
                yield f"  {value.number} {_spss_long(_cut(str(value.label), 120))}"
            yield "  ."
        if variable.missing:
            highest = max(_HIGHEST, *(value.number for value in variable.missing))
            yield f"MISSING VALUES {variable.name} ({_LOWEST} THRU {highest})."
    yield "EXECUTE."


def _spss_text(text: str) -> str:
    """A text in single quotes, quotes in it doubled."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _spss_long(text: str) -> str:
    """A text as pieces joined by +, each short enough for a line."""
    pieces = list(_pieces(text, 100)) or [""]
    return " +\r\n    ".join(_spss_text(piece) for piece in pieces)


def stata(variables: Sequence[Variable], data: str) -> bytes:
    """The do-file (.do, Stata 14 or later) that reads ``data``.

    Missing numbers become extended missing values: .a no answer, .b does not apply, .c withheld,
    .d not asked, .e of another version. Labels of variables are cut to Stata's 80 characters.
    """
    return ("\r\n".join(_stata(variables, data)) + "\r\n").encode()


_STATA_MISSING = {
    Missing.NO_ANSWER: ".a",
    Missing.NOT_APPLICABLE: ".b",
    Missing.WITHHELD: ".c",
    Missing.NOT_ASKED: ".d",
    Missing.OTHER_VERSION: ".e",
}


def _stata(variables: Sequence[Variable], data: str) -> Iterator[str]:
    texts = [str(n) for n, variable in enumerate(variables, start=1) if variable.is_text]
    yield "version 14"
    yield "clear"
    columns = f" stringcols({' '.join(texts)})" if texts else ""
    yield (
        f'import delimited using "{data}", varnames(1) case(preserve) encoding("UTF-8") '
        f"bindquotes(strict){columns}"
    )
    for variable in variables:
        label = _stata_text(str(variable.label), 80)
        yield f"label variable {variable.name} {label}"
    for variable in variables:
        if variable.missing:
            numbers = [Missing(value.number) for value in variable.missing]
            changes = " \\ ".join(f"{int(n)}={_STATA_MISSING[n]}" for n in numbers)
            yield f"mvdecode {variable.name}, mv({changes})"
        if variable.values:
            for value in variable.values:
                number = _stata_number(value)
                yield f"label define {variable.name} {number} {_stata_text(str(value.label))}, add"
            yield f"label values {variable.name} {variable.name}"


def _stata_number(value: Value) -> str:
    return _STATA_MISSING[Missing(value.number)] if value.is_missing else str(value.number)


#: Of a value; in bytes 32,000, and no letter here has more than four.
_LONGEST_STATA_LABEL = 8_000
#: What would begin a comment, or end one, where a do-file is read before its strings are.
_STATA_COMMENT = re.compile(r"(?<=/)(?=\*)|(?<=\*)(?=/)|(?<=\s/)(?=/)|(?<=^/)(?=/)")


def _stata_text(text: str, most: int = _LONGEST_STATA_LABEL) -> str:
    """A text in compound quotes, of at most so many characters; nothing in it is taken for a
    macro, a comment or the end.

    Stata reads ``\\\\`` as one backslash and ``\\$`` as a plain dollar everywhere.
    """
    apart = _STATA_COMMENT.sub(" ", _one_line(text).replace("`", "‘").replace("\"'", "”'"))
    escaped = _characters(apart, most).replace("\\", "\\\\").replace("$", "\\$")
    return f'`"{escaped}"\''


def r_script(variables: Sequence[Variable], data: str) -> bytes:
    """The R script that reads ``data`` into ``phieu``, numbers with labels as attributes (those
    that the package haven uses), and ``phieu_nhan``, the same with factors. Base R only."""
    return ("\n".join(_r(variables, data)) + "\n").encode()


def _r(variables: Sequence[Variable], data: str) -> Iterator[str]:
    classes = ", ".join(
        f'{v.name} = "{"character" if v.is_text else "numeric"}"' for v in variables
    )
    yield '# Chạy trong thư mục chứa tệp số liệu: source("read.R", encoding = "UTF-8").'
    yield f'phieu <- read.csv({_r_text(data)}, fileEncoding = "UTF-8", na.strings = "",'
    yield f"  colClasses = c({classes}))"
    yield "phieu_nhan <- phieu"
    yield "nhan <- function(x, label, values, missing) {"
    yield "  x[x %in% missing] <- NA"
    yield '  attr(x, "label") <- label'
    yield '  if (length(values) > 0) attr(x, "labels") <- values'
    yield "  x"
    yield "}"
    yield "vi_sao <- list()  # vì sao khuyết, theo từng cột"
    for variable in variables:
        if variable.is_text:
            label = _r_text(str(variable.label))
            yield f'attr(phieu${variable.name}, "label") <- {label}'
        else:
            yield from _r_variable(variable)


def _r_variable(variable: Variable) -> Iterator[str]:
    name = variable.name
    values, missing = _r_values(variable.valid), _r_values(variable.missing)
    if variable.missing:
        yield f"vi_sao${name} <- factor(phieu${name}, unname({missing}), names({missing}))"
    yield f"phieu${name} <- nhan(phieu${name}, {_r_text(str(variable.label))},"
    yield f"  {values}, {missing})"
    if variable.valid and not variable.is_open:
        yield f"phieu_nhan${name} <- factor(phieu${name}, unname({values}), names({values}))"
    else:
        yield f"phieu_nhan${name} <- phieu${name}"


def _r_values(values: Sequence[Value]) -> str:
    """Numbers named by their labels; a label that stands twice gets its number."""
    labels = [_one_line(str(value.label)) for value in values]
    told = [
        f"{label} ({value.number})" if labels.count(label) > 1 else label
        for label, value in zip(labels, values, strict=True)
    ]
    pairs = (f"{_r_text(t)} = {v.number}" for t, v in zip(told, values, strict=True))
    return f"c({', '.join(pairs)})"


def _r_text(text: str) -> str:
    escaped = _one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# ── texts ─────────────────────────────────────────────────────────────────────────────────────


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _characters(text: str, most: int) -> str:
    line = _one_line(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _cut(text: str, most: int) -> str:
    """A text of at most so many bytes in UTF-8, its end marked where it was cut."""
    line = _one_line(text)
    if len(line.encode()) <= most:
        return line
    while len(line.encode()) > most - len("…".encode()):
        line = line[:-1]
    return f"{line}…"


def _pieces(text: str, most: int) -> Iterator[str]:
    """The text in pieces of at most so many bytes."""
    piece = ""
    for char in text:
        if len((piece + char).encode()) > most:
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece
