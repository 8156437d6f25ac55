"""The draft of a questionnaire as plain data: made, read from YAML, written, cleaned.

A draft may be incomplete, yet every part of it can be named: sections, questions, scales and
options have well-formed codes, each used once, and questions a kind and a role. Every text is a
mapping of languages; an entry that would be empty or say the default is left out. So reading what
was written gives an equal draft.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from survey_app.errors import Invalid, Problem
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE, Questionnaire
from survey_app.questionnaire.document import FORMAT, dump_document, to_document
from survey_app.questionnaire.findings import Findings, Path
from survey_app.questionnaire.loading import load_document
from survey_app.questionnaire.reading import visible
from survey_app.questionnaire.structure import check_structure

#: A draft, or a part of it: what the YAML format holds, as dict, list, str, int, float and bool.
Document = dict[str, Any]

LONGEST_TEXT = 5_000  # characters, as the format has it
LONGEST_CODE = 64

#: Keys in the order in which the format writes them, by what they are keys of.
_ORDER = {
    "document": [
        "format",
        "code",
        "title",
        "introduction",
        "thanks",
        "languages",
        "scales",
        "scoring",
        "sections",
    ],
    "scale": ["levels", "satisfied", "not_applicable"],
    "scoring": ["version", "item", "roll_up", "weights"],
    "section": ["code", "title", "factor", "introduction", "questions"],
    "question": [
        "code",
        "kind",
        "role",
        "text",
        "hint",
        "required",
        "not_applicable",
        "scale",
        "options",
        "max_choices",
        "minimum",
        "maximum",
        "max_length",
        "ask_when",
    ],
    "option": ["code", "label"],
    "condition": ["question", "is", "is_not"],
}
_TEXT_KEYS = frozenset(
    ["title", "introduction", "thanks", "text", "hint", "label", "not_applicable"]
)
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("[\u2028\u2029]")

_FIRST_LEVELS = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")


def new_document(code: str, title: str) -> Document:
    """An empty draft: no question yet, but the usual scale and way of counting."""
    levels = [
        {"code": str(number), "label": {PRIMARY_LANGUAGE: label}}
        for number, label in enumerate(_FIRST_LEVELS, 1)
    ]
    satisfaction = {
        "levels": levels,
        "satisfied": ["4", "5"],
        "not_applicable": {PRIMARY_LANGUAGE: "Không áp dụng/Không có ý kiến"},
    }
    return tidy(
        {
            "format": FORMAT,
            "code": code,
            "title": {PRIMARY_LANGUAGE: title},
            "languages": [PRIMARY_LANGUAGE],
            "scales": {"satisfaction": satisfaction},
            "scoring": {"version": "1", "item": "top2", "roll_up": "pooled"},
        }
    )


def from_questionnaire(questionnaire: Questionnaire) -> Document:
    """The draft that says what a questionnaire says."""
    return tidy(to_document(questionnaire))


def read_document(source: str) -> Document:
    """The draft written in ``source`` (YAML), which may be incomplete.

    Raises Invalid with every mistake that an editor could not show: a broken form, unknown keys,
    codes that are missing, malformed or used twice.
    """
    loaded = load_document(source)
    findings = loaded.findings
    if loaded.readable:
        check_structure(loaded.tree, findings, is_draft=True)
        if isinstance(loaded.tree, dict) and not findings.problems:  # else it may have no codes
            _check_codes(loaded.tree, findings)
    findings.refuse_if_any("Tài liệu")
    return tidy(loaded.tree)


def write_document(document: Mapping[str, Any]) -> str:
    """The draft as YAML; what only Vietnamese says is written as a plain string."""
    return dump_document(_plain(tidy(document)))


def clean_text(text: str) -> str:
    """A text as it was typed: NFC, trimmed, without characters that nobody sees."""
    return visible(_UNWRITABLE.sub("", _LINE_ENDS.sub("\n", text)))


def tidy(document: Mapping[str, Any]) -> Document:
    """The document in its normal form: the format's order, texts by language, nothing empty."""
    found = _ordered("document", document)
    for key in ("title", "introduction", "thanks"):
        _tidy_text(found, key)
    languages = found.get("languages", [])
    found["languages"] = [
        *([] if PRIMARY_LANGUAGE in languages else [PRIMARY_LANGUAGE]),
        *languages,
    ]
    found["scales"] = {code: _tidy_scale(s) for code, s in found.get("scales", {}).items()}
    scoring = _ordered("scoring", found.get("scoring", {}))
    weights = scoring.get("weights", {})
    scoring["weights"] = {code: float(weight) for code, weight in sorted(weights.items())}
    found["scoring"] = _filled(scoring)
    found["sections"] = [_tidy_section(section) for section in found.get("sections", [])]
    return _filled(found)


def spoken(text: Mapping[str, str] | None) -> str:
    """A text in Vietnamese, empty where there is none yet."""
    return (text or {}).get(PRIMARY_LANGUAGE, "")


def sections_of(document: Mapping[str, Any]) -> list[Document]:
    found: list[Document] = document.get("sections", [])
    return found


def questions_of(document: Mapping[str, Any]) -> Iterator[tuple[Document, Document]]:
    """Every question with its section, in order."""
    for section in sections_of(document):
        for question in section.get("questions", []):
            yield section, question


def _tidy_section(section: Mapping[str, Any]) -> Document:
    found = _ordered("section", section)
    for key in ("title", "introduction"):
        _tidy_text(found, key)
    found["questions"] = [_tidy_question(question) for question in found.get("questions", [])]
    return _filled(found)


def _tidy_question(question: Mapping[str, Any]) -> Document:
    found = _ordered("question", question)
    for key in ("text", "hint"):
        _tidy_text(found, key)
    found["options"] = _tidy_options(found.get("options", []))
    found["ask_when"] = [_ordered("condition", entry) for entry in found.get("ask_when", [])]
    return _filled(found)


def _tidy_scale(scale: Mapping[str, Any]) -> Document:
    found = _ordered("scale", scale)
    found["levels"] = _tidy_options(found.get("levels", []))
    _tidy_text(found, "not_applicable")
    satisfied = found.get("satisfied", [])
    found["satisfied"] = [o["code"] for o in found["levels"] if o["code"] in satisfied]
    return _filled(found)


def _tidy_options(options: list[Mapping[str, Any]]) -> list[Document]:
    found = [_ordered("option", option) for option in options]
    for option in found:
        _tidy_text(option, "label")
    return [_filled(option) for option in found]


def _tidy_text(entry: Document, key: str) -> None:
    text = entry.get(key)
    if isinstance(text, str):
        text = {PRIMARY_LANGUAGE: text}
    if text:
        languages = sorted(text, key=lambda language: (language != PRIMARY_LANGUAGE, language))
        entry[key] = {language: text[language] for language in languages if text[language]}


def _ordered(kind: str, entry: Mapping[str, Any]) -> Document:
    return {key: entry[key] for key in _ORDER[kind] if key in entry}


def _filled(entry: Document) -> Document:
    """Without what says nothing; False is the default of every truth value."""
    return {
        key: value
        for key, value in entry.items()
        if value is not None and value is not False and value not in ([], {}, "")
    }


def _plain(node: Any, key: str = "") -> Any:
    if isinstance(node, dict):
        if key in _TEXT_KEYS and set(node) == {PRIMARY_LANGUAGE}:
            return node[PRIMARY_LANGUAGE]
        return {name: _plain(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_plain(entry) for entry in node]
    return node


def _check_codes(tree: Document, findings: Findings) -> None:
    """Codes used twice: nobody could say which of the two is meant."""
    sections = _entries(tree, "sections", ())
    questions = [q for path, section in sections for q in _entries(section, "questions", path)]
    scales = tree.get("scales")
    owners = [(("scales", code), scale) for code, scale in (scales or {}).items()]
    _check_once(sections, "phần", findings)
    _check_once(questions, "câu hỏi", findings)
    for path, question in questions:
        _check_once(_entries(question, "options", path), "phương án", findings)
    for path, scale in owners:
        _check_once(_entries(scale, "levels", path), "mức", findings)


def _entries(parent: Any, key: str, path: Path) -> list[tuple[Path, Document]]:
    found = parent.get(key) if isinstance(parent, dict) else None
    entries = enumerate(found) if isinstance(found, list) else ()
    return [((*path, key, place), entry) for place, entry in entries if isinstance(entry, dict)]


def _check_once(entries: list[tuple[Path, Document]], what: str, findings: Findings) -> None:
    seen: set[object] = set()
    for path, entry in entries:
        code = entry.get("code")
        if code in seen and isinstance(code, str):
            message = f"Mã {what} “{code}” bị trùng. Mỗi mã chỉ dùng một lần."
            findings.add((*path, "code"), message)
        seen.add(code if isinstance(code, str) else None)


def placed(message: str, field: str) -> Invalid:
    """A refusal that belongs to one field of a form."""
    return Invalid(message, [Problem(message, field)])
