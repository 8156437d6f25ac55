"""A survey that moves to a later version, in words: what its figures rest on, what will change."""

from collections.abc import Iterable, Iterator, Sequence

from survey_app.clock import local
from survey_app.i18n import format_date
from survey_app.questionnaire.comparability import Break, Comparability
from survey_app.questionnaire.definition import LocalText, Questionnaire
from survey_app.reporting import formats, wording
from survey_app.reporting.origins import VersionMix, VersionPart
from survey_app.reporting.results.comparison import BREAKS

REASONS = {**BREAKS, Break.ADDED: "phiên bản trước chưa có"}


def sentences(mix: VersionMix) -> Iterator[str]:
    """What a reader must know before the first figure of several versions."""
    if mix.is_part:
        yield (
            f"Chỉ gồm phiếu trả lời theo phiên bản {mix.shown} của bộ câu hỏi, dùng trong một phần "
            "của kỳ; không tính theo số hồ sơ của cả kỳ, không có bảng theo nhóm người trả lời. "
            "Kết quả chung của kỳ ở báo cáo gộp."
        )
        return
    for part in mix.parts:
        yield from _of_part(part, mix)


def _of_part(part: VersionPart, mix: VersionMix) -> Iterator[str]:
    moment = local(part.until)
    counts = ""
    if part.n is not None and mix.n is not None:
        counts = (
            f" Có {formats.count(part.n)} phiếu theo phiên bản {part.number}, "
            f"{formats.count(mix.n)} phiếu theo phiên bản {mix.shown}."
        )
    yield (
        f"Từ {moment.hour} giờ ngày {format_date(moment.date())}, cuộc khảo sát thôi dùng phiên "
        f"bản {part.number} của bộ câu hỏi; kết quả dưới đây theo câu hỏi của phiên bản "
        f"{mix.shown}.{counts} Tiêu chí nào so sánh được giữa hai phiên bản thì gộp phiếu của cả "
        "hai."
    )
    if part.criteria:
        yield (
            f"Ngắt chuỗi trong kỳ, nên không tính phiếu theo phiên bản {part.number} vào: "
            f"{_named(part.criteria)}. Cột n của các tiêu chí này cho biết còn bao nhiêu phiếu."
        )
    if part.index:
        yield (
            "Chỉ số hài lòng chung cũng không tính phiếu theo phiên bản "
            f"{part.number} ({REASONS[part.index]})."
        )


def _named(criteria: Iterable[tuple[LocalText, Break]]) -> str:
    return "; ".join(f"“{wording.said(text)}” ({REASONS[why]})" for text, why in criteria)


def outlook(
    common: Comparability, earlier: Questionnaire, later: Questionnaire, numbers: tuple[int, int]
) -> tuple[str, ...]:
    """What becomes of the figures of a survey that moves from ``earlier`` to ``later``; their
    numbers."""
    return tuple(_outlook(common, earlier, later, *numbers))


def _outlook(
    common: Comparability, earlier: Questionnaire, later: Questionnaire, old: int, new: int
) -> Iterator[str]:
    asked = len(common.criteria)
    broken = [(q.text, why) for _, q in later.criteria if (why := common.criteria[q.code])]
    if broken:
        yield (
            f"{asked - len(broken)} trong số {asked} tiêu chí gộp phiếu của cả hai phiên bản. Chỉ "
            f"tính phiếu theo phiên bản {new} ở: {_named(broken)}."
        )
    else:
        yield f"Cả {asked} tiêu chí gộp phiếu của cả hai phiên bản."
    if common.index:
        yield (
            f"Chỉ số hài lòng chung của kỳ này chỉ còn tính phiếu theo phiên bản {new} "
            f"({REASONS[common.index]}). Phiếu theo phiên bản {old} không mất: xem riêng được."
        )
    else:
        yield "Chỉ số hài lòng chung gộp phiếu của cả hai phiên bản."
    yield from _listed("Chỉ phiếu mới trả lời câu", _only(later, earlier))
    gone = _only(earlier, later)
    yield from _listed(f"Phiếu mới không còn câu (xem ở phần riêng của phiên bản {old})", gone)


def _only(one: Questionnaire, other: Questionnaire) -> Sequence[LocalText]:
    return [question.text for question in one.questions if question.code not in other]


def _listed(opening: str, texts: Sequence[LocalText]) -> Iterator[str]:
    if texts:
        yield f"{opening}: {'; '.join(f'“{wording.said(text)}”' for text in texts)}."
