"""From YAML text to a plain tree that remembers the line of every entry."""

import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from survey_app.questionnaire.findings import Findings, Path

MAXIMUM_SIZE = 1_000_000  # characters
MAXIMUM_DEPTH = 12
#: Entries, opening and closing signs: a questionnaire of 33 questions in three languages has 1,700.
MAXIMUM_EVENTS = 30_000

#: C0 and C1 controls (tab and line ends aside), lone surrogates, foreign line ends, non-characters.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]"
)
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_BOOLEANS = {
    word: word.lower() == "true" for word in ["true", "True", "TRUE", "false", "False", "FALSE"]
}

_INTEGER_KEYS = {"format", "max_choices", "minimum", "maximum", "max_length"}
_BOOLEAN_KEYS = {"factor", "required"}

_LONG_ESCAPE = re.compile(r"\\U([0-9A-Fa-f]{8})")
_ESCAPE = "Sau dấu \\ trong dấu nháy kép là ký tự không hợp lệ. Hãy viết \\\\ hoặc bỏ dấu \\."
#: What the YAML reader complains of (a part of its words) and what to tell the author.
_SYNTAX = (
    (r"'\t'", "Có dấu tab ở đầu dòng. Hãy thụt dòng bằng dấu cách."),
    (
        "mapping values are not allowed",
        "Dấu hai chấm đặt sai chỗ hoặc thụt dòng sai. Câu chữ có dấu hai chấm phải đặt trong"
        " dấu nháy kép.",
    ),
    ("expected <block end>", "Thụt dòng sai hoặc lẫn giữa danh sách và khóa ở dòng này."),
    ("could not find expected ':'", "Dòng này thiếu dấu hai chấm sau tên khóa."),
    ("escape", _ESCAPE),
    (
        "cannot start any token",
        "Giá trị bắt đầu bằng ký tự đặc biệt. Hãy đặt nó trong dấu nháy kép.",
    ),
)
_OPEN_QUOTE = "Dấu nháy mở ở dòng này chưa được đóng lại."
_OPEN_BRACKET = "Dấu ngoặc mở ở dòng này chưa được đóng lại, hoặc trong ngoặc thiếu dấu phẩy."
_ANY_SYNTAX = "Dòng này không đúng cú pháp YAML. Hãy kiểm tra thụt dòng, dấu nháy và dấu hai chấm."


class _Unreadable(Exception):
    """The text cannot be read any further."""


@dataclass
class Loaded:
    """A document as read: mappings, lists, texts (NFC, trimmed), numbers, truth values, None.

    ``readable`` is false when the text broke off; ``tree`` is then not to be looked at.
    """

    lines: dict[Path, int] = field(default_factory=dict)
    tree: Any = None
    readable: bool = False
    findings: Findings = field(init=False)

    def __post_init__(self) -> None:
        self.findings = Findings(self.lines)


def load_document(text: str) -> Loaded:
    """Reads YAML 1.2; raises nothing, every mistake of form goes to ``findings``.

    A scalar stays the string that was written (``no``, ``012``, ``1.0``); only where the format
    wants a number or a truth value is an unquoted scalar converted.
    """
    loaded = Loaded()
    text = text.removeprefix("\ufeff")
    if len(text) > MAXIMUM_SIZE:
        loaded.findings.add((), "Tài liệu quá lớn: dài nhất là một triệu ký tự.")
    elif not _report_characters(text, loaded.findings):
        _read(unicodedata.normalize("NFC", text), loaded)
    return loaded


def _report_characters(text: str, findings: Findings) -> bool:
    found = False
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if match := _FORBIDDEN.search(line):
            found = True
            findings.add_at_line(number, _character_message(match.group()))
    return found


def _character_message(character: str) -> str:
    return f"Có ký tự điều khiển không nhìn thấy (mã U+{ord(character):04X}). Hãy xóa ký tự này."


def _read(text: str, loaded: Loaded) -> None:
    try:
        _Reader(text, loaded).read()
        loaded.readable = True
    except _Unreadable:
        loaded.readable = False
    except MarkedYAMLError as error:
        message, mark = _explain(error)
        loaded.findings.add_at_line(mark.line + 1 if mark else 1, message)
    except YAMLError:
        loaded.findings.add_at_line(1, _ANY_SYNTAX)
    except (ValueError, OverflowError):  # an escape beyond the last character there is
        loaded.findings.add_at_line(_line_of_escape(text), _ESCAPE)


def _line_of_escape(text: str) -> int:
    """The first line that names a character which does not exist."""
    for number, line in enumerate(text.splitlines(), start=1):
        if any(int(match[1], 16) > sys.maxunicode for match in _LONG_ESCAPE.finditer(line)):
            return number
    return 1


def _explain(error: MarkedYAMLError) -> tuple[str, Any]:
    """The sentence and the mark of the line to look at: for what was left open, where it opens."""
    problem = str(error.problem)
    if "parsing a flow" in str(error.context):
        return _OPEN_BRACKET, error.context_mark
    if "unexpected end of stream" in problem:
        return _OPEN_QUOTE, error.context_mark
    message = next((said for part, said in _SYNTAX if part in problem), _ANY_SYNTAX)
    return message, error.problem_mark


class _Reader:
    """Builds the tree from the reader's events; nothing is resolved, nothing is constructed."""

    def __init__(self, text: str, loaded: Loaded) -> None:
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self._lines = loaded.lines
        self._findings = loaded.findings
        self._loaded = loaded
        self._seen = 0

    def read(self) -> None:
        self._next()  # start of stream
        event = self._next()
        if _name(event) == "StreamEnd":
            self._stop(1, "Tài liệu chưa có nội dung.")
        self._loaded.tree = self._value((), self._next())
        self._next()  # end of document
        event = self._next()
        if _name(event) != "StreamEnd":
            self._stop(_line(event), "Mỗi tệp chỉ chứa một phiếu. Hãy tách phần sau ra.")

    def _next(self) -> Any:
        event = next(self._events)
        self._seen += 1
        if self._seen > MAXIMUM_EVENTS:
            self._stop(_line(event), "Tài liệu quá lớn: có quá nhiều mục.")
        return event

    def _stop(self, line: int, message: str) -> NoReturn:
        self._findings.add_at_line(line, message)
        raise _Unreadable

    def _value(self, path: Path, event: Any) -> Any:
        self._lines.setdefault(path, _line(event))
        if len(path) > MAXIMUM_DEPTH:
            self._stop(_line(event), "Các mục lồng nhau quá sâu.")
        self._refuse_extras(path, event)
        if _name(event) == "MappingStart":
            return self._mapping(path)
        if _name(event) == "SequenceStart":
            return self._list(path)
        return self._scalar(path, event) if _name(event) == "Scalar" else None

    def _refuse_extras(self, path: Path, event: Any) -> None:
        if event.anchor is not None:
            message = "Không dùng ký hiệu neo & và tham chiếu *. Hãy viết đầy đủ nội dung."
        elif getattr(event, "tag", None) is not None:
            message = "Không dùng nhãn kiểu (!…) trong tài liệu này. Hãy xóa nhãn."
        else:
            return
        self._refuse(path, message)

    def _refuse_controls(self, path: Path, event: Any) -> None:
        if match := _FORBIDDEN.search(event.value):
            self._refuse(path, _character_message(match.group()))

    def _refuse(self, path: Path, message: str) -> None:
        self._findings.add(path, message)
        self._findings.close(path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while _name(event := self._next()) != "MappingEnd":
            if _name(event) != "Scalar":
                self._stop(_line(event), "Tên khóa phải là một từ viết liền.")
            key = _clean(event.value)
            inner = (*path, key)
            if key in found:
                message = f"Khóa “{key}” đã có ở dòng {self._lines[inner]}. Hãy giữ lại một."
                self._findings.add_at_line(_line(event), message, inner)
                self._skip(self._next())
            else:
                self._lines[inner] = _line(event)
                self._refuse_extras(inner, event)
                self._refuse_controls(inner, event)
                found[key] = self._value(inner, self._next())
        return found

    def _skip(self, event: Any) -> None:
        depth = 0
        while True:
            depth += _name(event).endswith("Start")
            depth -= _name(event).endswith("End")
            if depth == 0:
                return
            event = self._next()

    def _list(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while _name(event := self._next()) != "SequenceEnd":
            found.append(self._value((*path, len(found)), event))
        return found

    def _scalar(self, path: Path, event: Any) -> Any:
        self._refuse_controls(path, event)
        if event.style is None:
            return _typed(path, _clean(event.value))
        return _clean(event.value)


def _name(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _typed(path: Path, text: str) -> object:
    """The value of an unquoted scalar, by what the format wants at this place."""
    if not text:
        return None
    key = path[-1] if path else ""
    if key in _INTEGER_KEYS:
        return int(text) if _INTEGER.fullmatch(text) else text
    if key in _BOOLEAN_KEYS or (key == "not_applicable" and path[0] == "sections"):
        return _BOOLEANS.get(text, text)
    if path[:2] == ("scoring", "weights") and len(path) == 3:
        return float(text) if _NUMBER.fullmatch(text) else text
    return text
