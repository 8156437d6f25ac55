"""What a draft still lacks before it can be published, each mistake at its place in the editor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from survey_app.questionnaire.consistency import check_consistency
from survey_app.questionnaire.findings import Findings, Path
from survey_app.questionnaire.structure import check_structure


class Part(StrEnum):
    """The parts of a draft that are edited one at a time."""

    GENERAL = "general"
    SECTION = "section"
    QUESTION = "question"
    SCALE = "scale"
    SCORING = "scoring"


@dataclass(frozen=True)
class Place:
    """One part of a draft; ``code`` is empty for the parts there is one of only."""

    part: Part
    code: str = ""

    def __str__(self) -> str:
        return f"{self.part}:{self.code}" if self.code else str(self.part)


@dataclass(frozen=True)
class Mistake:
    """Why the draft cannot be published yet."""

    place: Place
    message: str


#: Said instead of the format's own sentence when something is missing, by its key.
_MISSING = {
    "title": "Chưa có tên bằng tiếng Việt.",
    "text": "Câu hỏi chưa có câu chữ bằng tiếng Việt.",
    "label": "Có phương án hoặc mức chưa có nhãn bằng tiếng Việt.",
    "vi": "Có nội dung chưa có bản tiếng Việt.",
    "scale": "Chưa chọn thang đo.",
    "levels": "Thang đo chưa có mức nào.",
    "satisfied": "Chưa đánh dấu mức nào là hài lòng.",
    "not_applicable": "Chưa có nhãn của câu trả lời “không áp dụng”.",
    "options": "Câu hỏi lựa chọn cần ít nhất hai phương án.",
    "questions": "Phần này chưa có câu hỏi nào.",
    "sections": "Bộ câu hỏi chưa có phần nào.",
    "version": "Chưa ghi phiên bản của cách tính.",
}
#: Said instead of the format's own sentence about something that does not fit, by its key.
_UNFIT = {
    "levels": "Thang đo cần từ 2 đến 11 mức.",
    "options": "Câu hỏi lựa chọn cần ít nhất hai phương án.",
    "factor": "Phần được đánh dấu là yếu tố nhưng chưa có tiêu chí nào.",
    "role": "Tiêu chí nằm ngoài yếu tố. Hãy đánh dấu phần này là yếu tố hoặc đổi vai trò câu hỏi.",
    "weights": "Cách tính theo trọng số cần trọng số của mọi yếu tố.",
    "question": "Có điều kiện về một câu không đứng trước câu này, hoặc không phải câu lựa chọn.",
    "is": "Có điều kiện chưa chọn câu trả lời nào.",
    "is_not": "Có điều kiện chưa chọn câu trả lời nào.",
}
_ROLE_NEEDS_KIND = "Vai trò và cách trả lời không hợp nhau: tiêu chí, hài lòng chung dùng thang"
_UNFIT["kind"] = f"{_ROLE_NEEDS_KIND} đo, góp ý là câu tự viết."


class _Collector(Findings):
    """Findings that remember the path itself."""

    def __init__(self) -> None:
        super().__init__({})
        self.paths: list[tuple[Path, str]] = []

    def add_at_line(self, line: int, message: str, path: Path = ()) -> None:
        super().add_at_line(line, message, path)
        self.paths.append((path, message))


def find_mistakes(document: Mapping[str, Any]) -> tuple[Mistake, ...]:
    """Everything that keeps the draft from being published, in the order of the document."""
    found = _Collector()
    check_structure(document, found)
    check_consistency(document, found)
    mistakes = [
        Mistake(_place(document, path), _sentence(document, path, message))
        for path, message in sorted(found.paths, key=lambda item: _order(item[0]))
    ]
    return tuple(dict.fromkeys(mistakes))


def _order(path: Path) -> tuple[int, ...]:
    """General mistakes first, then sections and questions as they stand, scales, scoring."""
    first = {"sections": 1, "scales": 2, "scoring": 3}.get(str(path[0]) if path else "", 0)
    return (first, *(step for step in path if isinstance(step, int)))


def _place(document: Mapping[str, Any], path: Path) -> Place:
    match path:
        case ("sections", int(s), "questions", int(q), *_):
            return Place(Part.QUESTION, document["sections"][s]["questions"][q]["code"])
        case ("sections", int(s), *_):
            return Place(Part.SECTION, document["sections"][s]["code"])
        case ("scales", str(code), *_):
            return Place(Part.SCALE, code)
        case ("scoring", *_):
            return Place(Part.SCORING)
    return Place(Part.GENERAL)


def _sentence(document: Mapping[str, Any], path: Path, message: str) -> str:
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if not _is_there(document, path):
        return _MISSING.get(key, message)
    is_about_a_list_entry = bool(path) and isinstance(path[-1], int)
    return message if is_about_a_list_entry else _UNFIT.get(key, message)


def _is_there(node: Any, path: Iterable[str | int]) -> bool:
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
