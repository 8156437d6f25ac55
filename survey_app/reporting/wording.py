"""The sentences of a report: names of formulas and intervals, and cautions, in plain Vietnamese."""

from collections.abc import Iterable

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.estimation.estimate import IntervalMethod
from survey_app.i18n import format_date
from survey_app.questionnaire.definition import (
    ItemRule,
    LocalText,
    Question,
    Questionnaire,
    RollUp,
    Scale,
)
from survey_app.reporting import formats
from survey_app.reporting.figures.subjects import SurveySubject
from survey_app.text import clean_line

#: Under this many sheets an interval is so wide that the reader is told (sheets).
FEW_SHEETS = 30
#: Above this index, with fewer than ``MANY_SHEETS`` sheets, the collection is worth a check.
TOO_GOOD = 0.98
MANY_SHEETS = 100

#: What a difference is when chance is no explanation, and when it is one.
SIGNIFICANT = "có ý nghĩa thống kê"
NOT_SIGNIFICANT = "chưa có ý nghĩa thống kê"

DEMO_MARK = "DỮ LIỆU MINH HỌA"

TITLE = "Kết quả khảo sát sự hài lòng của người dân, tổ chức"

#: Types of units that a sentence writes small: "tại xã Đồng Mây", but "tại Sở Nội vụ".
_WRITTEN_SMALL = ("Xã ", "Phường ", "Đặc khu ", "Tỉnh ", "Thành phố ")

ROLL_UPS = {
    RollUp.POOLED: "Gộp mọi câu trả lời",
    RollUp.CRITERIA_MEAN: "Bình quân các tiêu chí",
    RollUp.FACTOR_MEAN: "Bình quân các yếu tố",
    RollUp.WEIGHTED: "Bình quân các yếu tố có trọng số",
}
_ROLL_UP_FORMULAS = {
    RollUp.POOLED: (
        "tổng điểm của mọi câu trả lời chia cho tổng số câu trả lời của tất cả các tiêu chí"
    ),
    RollUp.CRITERIA_MEAN: (
        "trung bình cộng kết quả của các tiêu chí, mỗi tiêu chí có trọng số như nhau"
    ),
    RollUp.FACTOR_MEAN: (
        "trung bình cộng kết quả của các yếu tố, mỗi yếu tố có trọng số như nhau; kết quả của "
        "yếu tố là trung bình cộng các tiêu chí của yếu tố đó"
    ),
    RollUp.WEIGHTED: ("tổng kết quả của từng yếu tố nhân với trọng số, chia cho tổng các trọng số"),
}
ITEM_RULES = {
    ItemRule.TOP2: "Tỷ lệ hài lòng",
    ItemRule.MEAN: "Điểm bình quân quy đổi",
}
MEAN_HEADING = ITEM_RULES[ItemRule.MEAN]
INTERVAL_METHODS = {
    IntervalMethod.HYPERGEOMETRIC: "khoảng đúng (exact) theo phân phối siêu bội (tổng thể hữu hạn)",
    IntervalMethod.WILSON: "khoảng Wilson",
    IntervalMethod.LOGIT_T: "khoảng trên thang logit với phân phối t",
    IntervalMethod.BOUNDARY: "cận chính xác một phía khi mọi câu trả lời như nhau",
    IntervalMethod.CENSUS: "điều tra toàn bộ, không có sai số chọn mẫu",
    IntervalMethod.KORN_GRAUBARD: "khoảng Korn–Graubard với cỡ mẫu hiệu dụng",
    IntervalMethod.BETA: "khoảng beta với cỡ mẫu hiệu dụng",
    IntervalMethod.CLOPPER_PEARSON: "khoảng chính xác Clopper–Pearson",
    IntervalMethod.JEFFREYS: "khoảng Jeffreys",
    IntervalMethod.AGRESTI_COULL: "khoảng Agresti–Coull",
    IntervalMethod.LOGIT: "khoảng trên thang logit với phân phối t",
    IntervalMethod.MEAN: "khoảng đối xứng với phân phối t",
    IntervalMethod.NEWCOMBE: "khoảng Newcombe cho hiệu hai tỷ lệ",
    IntervalMethod.MOVER: "khoảng MOVER cho hiệu hai ước lượng",
    IntervalMethod.BOOTSTRAP: "phân vị của các mẫu lặp (bootstrap)",
}
_MODES = {
    "kiosk": "Thiết bị đặt tại nơi tiếp nhận hồ sơ",
    "phone": "Điện thoại của người dân (quét mã QR)",
    "paper": "Phiếu giấy",
    "interview": "Phỏng vấn trực tiếp",
    "api": "Phần mềm khác chuyển đến",
}

_PEOPLES_COMMITTEE = "Ủy ban nhân dân"
#: Agencies whose head is called director.
_DIRECTED = ("Sở", "Trung tâm")


def is_peoples_committee(agency: str) -> bool:
    return _starts_with(agency, _PEOPLES_COMMITTEE)


def _starts_with(agency: str, words: str) -> bool:
    return f"{clean_line(agency)} ".lower().startswith(f"{words} ".lower())


def signer_title(agency: str) -> str:
    """In whose name, and as what, the head of an agency signs; a line each.

    >>> signer_title("Sở Nội vụ"), signer_title("Ban Quản lý chợ")
    ('GIÁM ĐỐC', 'THỦ TRƯỞNG ĐƠN VỊ')
    """
    if is_peoples_committee(agency):
        return "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH"
    if any(_starts_with(agency, words) for words in _DIRECTED):
        return "GIÁM ĐỐC"
    return "THỦ TRƯỞNG ĐƠN VỊ"


def agency_lines(agency: str) -> tuple[str, ...]:
    """An agency's name as a letterhead breaks it.

    >>> agency_lines("Ủy ban nhân dân xã Cư Kuin")
    ('Ủy ban nhân dân', 'xã Cư Kuin')
    """
    if is_peoples_committee(agency) and len(agency) > len(_PEOPLES_COMMITTEE):
        head = len(_PEOPLES_COMMITTEE)
        return agency[:head], agency[head:].strip()
    return (agency,)


def in_a_sentence(name: str) -> str:
    """A unit's name as it stands inside a sentence."""
    clean = clean_line(name)
    return clean[0].lower() + clean[1:] if clean.startswith(_WRITTEN_SMALL) else clean


def short_agency(agency: str) -> str:
    """An agency's name with the abbreviation everybody uses: "UBND tỉnh Đắk Lắk"."""
    name = clean_line(agency)
    return f"UBND{name[len(_PEOPLES_COMMITTEE) :]}" if is_peoples_committee(name) else name


def title_lines(title: str) -> tuple[str, ...]:
    """A report's title as a paper breaks it: before the unit, whose name stays in one line.

    >>> title_lines("Kết quả khảo sát sự hài lòng của người dân, tổ chức tại Phường An Lạc")
    ('Kết quả khảo sát sự hài lòng của người dân, tổ chức', 'tại Phường An Lạc')
    """
    unit = title.removeprefix(TITLE).strip()
    return (TITLE, unit) if unit and unit != title else (title,)


def said(text: LocalText) -> str:
    """A questionnaire's text in Vietnamese."""
    return clean_line(str(text))


def scale_words(count: int, first: str, last: str) -> str:
    """What a scale is known by: how many levels, from which to which.

    >>> scale_words(5, "Rất kém", "Rất tốt")
    '5 mức: Rất kém – Rất tốt'
    """
    return f"{count} mức: {first} – {last}"


def mode(code: str) -> str:
    """A mode of data collection by name; an unknown code stands for itself."""
    return _MODES.get(code.lower(), clean_line(code))


def scales_of(questions: Iterable[Question]) -> tuple[Scale, ...]:
    """The scales that are used, each once, in order."""
    return tuple({q.scale.code: q.scale for q in questions if q.scale}.values())


def scale_name(scale: Scale) -> str:
    """What tells a scale from others: “thang 4 mức “Rất không hài lòng” – “Rất hài lòng””."""
    ends = (f"“{said(level.label)}”" for level in (scale.levels[0], scale.levels[-1]))
    return f"thang {len(scale.levels)} mức {' – '.join(ends)}"


def item_rule(rule: ItemRule, questionnaire: Questionnaire) -> str:
    """How one answer becomes a number, with the own words of every scale of the criteria."""
    scales = scales_of(question for _, question in questionnaire.criteria)
    rules = dict.fromkeys(_rule_on(rule, scale) for scale in scales)
    if len(rules) > 1:
        rules = dict.fromkeys(f"{scale_name(scale)}: {_rule_on(rule, scale)}" for scale in scales)
    return f"{ITEM_RULES[rule]}: {'; '.join(rules)}" if rules else ITEM_RULES[rule]


def _rule_on(rule: ItemRule, scale: Scale) -> str:
    if rule is ItemRule.MEAN:
        size = len(scale.levels)
        return (
            f"mức thứ k trong {size} mức được tính k/{size}, nên mức "
            f"thấp nhất được 1/{size} chứ không phải 0"
        )
    levels = [f"“{said(o.label)}”" for o in scale.levels if o.code in scale.satisfied]
    return f"câu trả lời {' hoặc '.join(levels)} tính 1, mức khác tính\xa00"


def roll_up(rule: RollUp, questionnaire: Questionnaire) -> str:
    """The roll-up's name and formula in words; weights are listed where they count."""
    text = f"{ROLL_UPS[rule]}: {_ROLL_UP_FORMULAS[rule]}"
    if rule is not RollUp.WEIGHTED:
        return text
    weights = questionnaire.scoring.weights
    listed = [
        f"{said(s.title)}: {formats.as_written(weights[s.code])}"
        for s in questionnaire.factors
        if s.code in weights
    ]
    return f"{text} ({'; '.join(listed)})"


def interval_methods(methods: Iterable[IntervalMethod]) -> str:
    """The interval methods met in a report, each once, in a fixed order."""
    used = set(methods)
    return "; ".join(text for method, text in INTERVAL_METHODS.items() if method in used)


def version(survey: SurveySubject) -> tuple[str, str]:
    """The questionnaire's version and fingerprint, as a method note lists them."""
    return "Phiên bản bộ câu hỏi", f"{survey.version}; mã băm SHA-256 {survey.fingerprint}"


def provisional(survey: SurveySubject) -> str:
    """That figures may still move, or nothing where the survey is over."""
    if not survey.is_running:
        return ""
    until = format_date(survey.ends_on)
    return f"Kết quả tạm thời: cuộc khảo sát còn nhận phiếu đến hết ngày {until}."


def few_sheets(n: int) -> str | None:
    """A caution when ``n`` sheets give a wide interval."""
    if n >= FEW_SHEETS:
        return None
    return (
        f"Số phiếu ít ({formats.count(n)} phiếu), khoảng tin cậy rộng: chưa nên dùng kết quả này "
        "để xếp hạng hoặc so sánh với đơn vị khác, kỳ khác."
    )


def too_good(index: float | None, n: int) -> str | None:
    """A caution when nearly everybody is satisfied on a small base."""
    if index is None or index <= TOO_GOOD or n >= MANY_SHEETS:
        return None
    return (
        f"Chỉ số trên {formats.percent(TOO_GOOD, 0)} với ít phiếu: nên kiểm tra cách phát phiếu, "
        "nơi trả lời và sự có mặt của công chức khi người dân trả lời, trước khi công bố."
    )


#: What every interval of a survey without a drawn sample takes for granted.
ASSUMPTION = (
    "Người trả lời tự nguyện; kết quả và khoảng tin cậy đúng với điều kiện người trả lời như được "
    "chọn ngẫu nhiên trong số người có hồ sơ. Người không trả lời có thể có ý kiến khác, phần sai "
    "lệch này không được phản ánh trong khoảng tin cậy."
)
#: How the rows of a table of differences are to be read.
OWN_INTERVALS = (
    "Khoảng tin cậy tính cho riêng từng dòng; kết luận đã xét chung cả bảng nên chặt hơn. Chênh "
    "lệch tính từ số chưa làm tròn."
)
HARASSMENT = (
    "Nội dung về phiền hà, chi phí ngoài quy định là ý kiến của người trả lời, chưa phải kết luận "
    "về vi phạm; người đứng đầu đơn vị cần xem xét, xác minh."
)
_SMALL = f"từ 1 đến {MINIMUM_BASE - 1}"
SMALL_CHOICES = (
    f"Phương án có {_SMALL} người chọn được ẩn, cùng với phương án khác khi cần, để không suy ra "
    "được người trả lời."
)
SMALL_MODES = (
    f"Hình thức có {_SMALL} phiếu được ẩn, cùng với hình thức khác khi cần, để không suy ra được "
    "người trả lời."
)
MULTIPLE_CHOICE = "Mỗi người được chọn nhiều ý nên tổng tỷ lệ của một câu có thể lớn hơn 100%."
TOO_FEW = (
    f"Chưa đủ phiếu: số phiếu nhận được dưới mức tối thiểu ({MINIMUM_BASE} phiếu), nên báo cáo này "
    "không nêu số liệu kết quả, nhằm bảo đảm không nhận ra được người trả lời."
)
DEMO = (
    "Số liệu trong văn bản này do phần mềm tạo ra để minh họa, không phải kết quả khảo sát thật "
    "và không có giá trị sử dụng."
)
