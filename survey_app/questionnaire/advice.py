"""Advice while a questionnaire is written: hints about wording, scales, conditions and length.

A hint is no mistake: it says what to look at once more, and nothing is refused because of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from survey_app.questionnaire.definition import QuestionKind, Role
from survey_app.questionnaire.duration import estimate_seconds
from survey_app.questionnaire.editing.choices import choices_of, questions_with_scale
from survey_app.questionnaire.editing.document import Document, questions_of, spoken
from survey_app.questionnaire.editing.mistakes import Part, Place
from survey_app.questionnaire.editing.translating import missing_translations
from survey_app.text import fold

#: Longer than this, people at a counter leave or answer without reading.
LONGEST_AT_COUNTER = 300  # seconds
#: With fewer levels a scale hardly tells a good service from a fair one.
FEWEST_LEVELS = 4
#: Below this likeness (0..1) the words under one code are taken for another question.
LEAST_LIKENESS = 0.6


@dataclass(frozen=True)
class Advice:
    """One hint, at the part of the draft that it is about, or about one ``language`` of it."""

    place: Place
    message: str
    language: str = ""


@dataclass(frozen=True)
class PublishedQuestion:
    """A question as a published version asked it."""

    code: str
    version: str
    text: str


def advise(
    document: Mapping[str, Any], published: Sequence[PublishedQuestion] = ()
) -> tuple[Advice, ...]:
    """Every hint about a draft; ``published``: the questions of versions there are already."""
    return (
        *_length(document),
        *_wording(document),
        *_meanings(document, published),
        *_unreachable(document),
        *_scales(document),
        *_translations(document),
    )


# Wording

#: Words that join two things, of which one could please and the other not.
_JOINERS = re.compile(r"(?<!\w)(và|hoặc|cũng như|lẫn|đồng thời)(?!\w)")
#: What they join without making two questions of it: names, set phrases, pairs of one meaning.
_SET_PHRASES = re.compile(
    r"\([^)]*\)|“[^”]*”|\"[^\"]*\""
    r"|(tiếp nhận|nhận)( hồ sơ)? và (trả|giải quyết)( kết quả)?"
    r"|(người dân|cá nhân|công dân) và (doanh nghiệp|tổ chức)"
    r"|tổ chức và (cá nhân|công dân)"
    r"|phí (và|hoặc) lệ phí|đơn (và|hoặc) tờ khai"
    r"|góp ý (và|hoặc) (phản ánh|kiến nghị)|phản ánh (và|hoặc) kiến nghị"
    r"|và/hoặc|một (và|hoặc) nhiều|ngày và giờ|họ và tên"
)
#: Phrases that push towards an answer, or take it for granted.
_LEADING = (
    "chắc hẳn",
    "hẳn là",
    "rõ ràng là",
    "ai cũng biết",
    "như mọi người đều biết",
    "không thể phủ nhận",
    "đúng không",
    "phải không",
    "có đồng ý rằng",
    "có hài lòng không",
    "tuyệt vời",
)
_JUDGED = (Role.CRITERION, Role.OVERALL)


def joined_words(text: str) -> str | None:
    """The word that joins two judged things in a Vietnamese wording, None where there is none.

    >>> joined_words("Công chức lịch sự và am hiểu chuyên môn")
    'và'
    >>> joined_words("Nơi tiếp nhận và trả kết quả dễ tìm")
    """
    match = _JOINERS.search(_SET_PHRASES.sub(" ", text.casefold()))
    return match[1] if match else None


def leading_words(text: str) -> str | None:
    """The phrase that pushes towards an answer, None where there is none."""
    said = text.casefold()
    return next((phrase for phrase in _LEADING if phrase in said), None)


def _wording(document: Mapping[str, Any]) -> Iterator[Advice]:
    for _, question in questions_of(document):
        text = spoken(question.get("text"))
        place = Place(Part.QUESTION, question["code"])
        word = joined_words(text) if question["role"] in _JUDGED else None
        if word:
            message = (
                f"Có từ “{word}”: có thể đang hỏi hai việc trong một câu. Người hài lòng với việc"
                " này mà không hài lòng với việc kia sẽ không biết trả lời thế nào; nếu đúng vậy,"
                " nên tách thành hai câu."
            )
            yield Advice(place, message)
        if phrase := leading_words(text):
            message = f"Cụm từ “{phrase}” có thể gợi ý câu trả lời; nên hỏi trung tính."
            yield Advice(place, message)


# Codes that mean something else elsewhere


def _meanings(
    document: Mapping[str, Any], published: Sequence[PublishedQuestion]
) -> Iterator[Advice]:
    known: dict[str, list[PublishedQuestion]] = {}
    for asked in published:
        known.setdefault(asked.code, []).append(asked)
    for _, question in questions_of(document):
        text = spoken(question.get("text"))
        for earlier in known.get(question["code"], []) if text else []:
            if likeness(text, earlier.text) < LEAST_LIKENESS:
                message = (
                    f"Mã “{earlier.code}” ở {earlier.version} là câu khác: “{earlier.text}”. Câu"
                    " có nghĩa mới cần mã mới, nếu không kết quả các kỳ bị nối nhầm."
                )
                yield Advice(Place(Part.QUESTION, question["code"]), message)
                break


def likeness(one: str, other: str) -> float:
    """How alike two wordings are, 0..1, word by word, marks and case aside."""
    return SequenceMatcher(None, fold(one).split(), fold(other).split()).ratio()


# Conditions


def _unreachable(document: Mapping[str, Any]) -> Iterator[Advice]:
    lost: set[str] = set()
    by_code = {question["code"]: question for _, question in questions_of(document)}
    for _, question in questions_of(document):
        conditions = question.get("ask_when", [])
        reason = _why_never(document, by_code, conditions, lost)
        if reason:
            lost.add(question["code"])
            place = Place(Part.QUESTION, question["code"])
            yield Advice(place, f"Không ai được hỏi câu này: {reason}.")


def _why_never(
    document: Mapping[str, Any],
    by_code: Mapping[str, Document],
    conditions: Sequence[Mapping[str, Any]],
    lost: set[str],
) -> str | None:
    possible: dict[str, set[str]] = {}
    for condition in conditions:
        code = condition["question"]
        target = by_code.get(code)
        if target is None:
            continue
        if code in lost:
            return "điều kiện dựa vào một câu không ai được hỏi"
        if target["kind"] == QuestionKind.MULTIPLE:
            continue  # several answers at once: any conditions may hold together
        choices = {choice["code"] for choice in choices_of(document, target)}
        left = possible.setdefault(code, choices)
        named = set(condition.get("is", condition.get("is_not", [])))
        left &= (choices - named) if "is_not" in condition else named
        if named and not left:
            return "các điều kiện không thể cùng đúng"
    return None


# Scales


def _scales(document: Mapping[str, Any]) -> Iterator[Advice]:
    for code, scale in document.get("scales", {}).items():
        place = Place(Part.SCALE, code)
        levels = scale.get("levels", [])
        for message in _scale_hints(levels, scale.get("satisfied", [])):
            yield Advice(place, message)
        if not questions_with_scale(document, code):
            yield Advice(place, "Chưa có câu hỏi nào dùng thang đo này.")


def _scale_hints(levels: Sequence[Mapping[str, Any]], satisfied: Sequence[str]) -> Iterator[str]:
    if levels and not all(spoken(levels[end].get("label")) for end in (0, -1)):
        yield "Hai đầu thang đo cần có nhãn, nếu không mỗi người hiểu một kiểu."
    if 0 < len(levels) < FEWEST_LEVELS:
        yield (f"Thang chỉ có {len(levels)} mức: khó phân biệt mức độ hài lòng; thường dùng 5 mức.")
    if levels and satisfied:
        codes = [level["code"] for level in levels]
        if len(satisfied) == len(codes):
            yield "Mọi mức đều tính là hài lòng: tỷ lệ hài lòng sẽ luôn là 100%."
        elif set(satisfied) != set(codes[-len(satisfied) :]):
            yield "Các mức tính là hài lòng không nằm ở cuối thang; thang đo xếp từ kém đến tốt."


# Length


def _length(document: Mapping[str, Any]) -> Iterator[Advice]:
    seconds = estimate_seconds(document)
    if seconds > LONGEST_AT_COUNTER:
        message = (
            f"Trả lời hết ước mất {minutes(seconds)}; ở quầy nên dưới"
            f" {minutes(LONGEST_AT_COUNTER)}. Nên bỏ bớt câu hoặc tách thành hai bộ câu hỏi."
        )
        yield Advice(Place(Part.GENERAL), message)


def minutes(seconds: float) -> str:
    """A length of time in words: "khoảng 4 phút"."""
    whole = max(1, round(seconds / 60))
    return f"khoảng {whole} phút" if seconds >= 45 else "dưới một phút"


# Translations


def _translations(document: Mapping[str, Any]) -> Iterator[Advice]:
    """One hint for a language, however many texts wait for it."""
    for language, count in missing_translations(document).items():
        message = f"Còn {count} chỗ chưa có bản dịch; chỗ chưa dịch sẽ hiện tiếng Việt."
        yield Advice(Place(Part.GENERAL), message, language)
