"""A realistic unit's figures, made by hand: 5 factors, 22 criteria, choices and comments."""

import math
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from survey_app.estimation.estimate import Estimate, Interval, IntervalMethod, Reason
from survey_app.estimation.simple_sample.tally import Tally
from survey_app.questionnaire.definition import (
    ItemRule,
    LocalText,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Role,
    RollUp,
    Scale,
    ScoringMethod,
    Section,
)
from survey_app.reporting.figures.satisfaction import (
    ChoiceCount,
    ChoiceFigures,
    CriterionFigures,
    FactorFigures,
    OverallFigures,
)
from survey_app.reporting.figures.subjects import SurveySubject, UnitSubject
from survey_app.reporting.figures.unit import UnitFigures

DATED = date(2026, 7, 6)


def vi(text: str) -> LocalText:
    return LocalText({"vi": text})


SCALE = Scale(
    "satisfaction",
    (
        Option("1", vi("Rất không hài lòng")),
        Option("2", vi("Không hài lòng")),
        Option("3", vi("Bình thường")),
        Option("4", vi("Hài lòng")),
        Option("5", vi("Rất hài lòng")),
    ),
    frozenset({"4", "5"}),
    vi("Không áp dụng"),
)

FACTORS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "access": (
        "Tiếp cận dịch vụ",
        (
            "Nơi tiếp nhận hồ sơ có biển hiệu, chỉ dẫn dễ thấy, dễ tìm",
            "Có đủ chỗ ngồi chờ, bàn viết cho người đến giao dịch",
            "Trang thiết bị phục vụ đầy đủ, hoạt động tốt",
            "Trang thông tin điện tử dễ sử dụng khi tra cứu hồ sơ",
        ),
    ),
    "procedure": (
        "Thủ tục hành chính",
        (
            "Thủ tục hành chính được niêm yết công khai, đầy đủ",
            "Thành phần hồ sơ phải nộp đúng quy định",
            "Phí, lệ phí phải nộp đúng quy định",
            "Thời hạn giải quyết được ghi rõ trên giấy tiếp nhận hồ sơ",
            "Biểu mẫu, tờ khai dễ hiểu, dễ điền",
        ),
    ),
    "staff": (
        "Công chức trực tiếp giải quyết công việc",
        (
            "Công chức giao tiếp lịch sự, đúng mực",
            "Công chức chú ý lắng nghe ý kiến của người dân",
            "Công chức trả lời, giải đáp đầy đủ các câu hỏi",
            "Công chức hướng dẫn hồ sơ tận tình, dễ hiểu",
            "Công chức tuân thủ đúng quy định khi giải quyết công việc",
        ),
    ),
    "result": (
        "Kết quả cung ứng dịch vụ",
        (
            "Kết quả được trả đúng hẹn",
            "Kết quả có thông tin đầy đủ, chính xác",
            "Kết quả bảo đảm công bằng giữa mọi người dân",
            "Người dân được thông báo khi hồ sơ chậm hạn",
        ),
    ),
    "feedback": (
        "Tiếp nhận, xử lý góp ý, phản ánh, kiến nghị",
        (
            "Có nhiều hình thức tiếp nhận góp ý, phản ánh, kiến nghị",
            "Người dân dễ dàng thực hiện góp ý, phản ánh, kiến nghị",
            "Cơ quan tiếp nhận, xử lý tích cực góp ý, phản ánh, kiến nghị",
            "Cơ quan thông báo kịp thời kết quả xử lý",
        ),
    ),
}

_CHOICES: tuple[tuple[str, Role, QuestionKind, str, tuple[str, ...]], ...] = (
    (
        "overall",
        Role.OVERALL,
        QuestionKind.SINGLE,
        "Nhìn chung, ông/bà hài lòng ở mức nào với lần giao dịch này?",
        tuple(str(o.label) for o in SCALE.levels),
    ),
    ("gender", Role.DEMOGRAPHIC, QuestionKind.SINGLE, "Giới tính", ("Nam", "Nữ")),
    (
        "age",
        Role.DEMOGRAPHIC,
        QuestionKind.SINGLE,
        "Độ tuổi",
        ("18–24 tuổi", "25–34 tuổi", "35–49 tuổi", "50–60 tuổi", "Trên 60 tuổi"),
    ),
    (
        "job",
        Role.DEMOGRAPHIC,
        QuestionKind.SINGLE,
        "Nghề nghiệp",
        ("Nông dân", "Công nhân", "Kinh doanh, buôn bán", "Cán bộ, công chức, viên chức", "Khác"),
    ),
    (
        "trips",
        Role.CONTEXT,
        QuestionKind.SINGLE,
        "Số lần đi lại để giải quyết xong công việc",
        ("1 lần", "2 lần", "3 lần", "Từ 4 lần trở lên"),
    ),
    (
        "needs",
        Role.NEED,
        QuestionKind.MULTIPLE,
        "Ông/bà mong cơ quan cải thiện những nội dung nào?",
        (
            "Nâng cao năng lực giải quyết công việc của công chức",
            "Cải thiện thái độ phục vụ của công chức",
            "Công khai, minh bạch thông tin",
            "Rút ngắn thời gian giải quyết",
            "Cải thiện cơ sở vật chất nơi tiếp nhận hồ sơ",
        ),
    ),
    (
        "harassment",
        Role.HARASSMENT,
        QuestionKind.SINGLE,
        "Công chức có gây phiền hà, sách nhiễu không?",
        ("Không", "Có, một số lần", "Có, nhiều lần"),
    ),
)

COMMENTS = (
    "Cán bộ hướng dẫn rất nhiệt tình, tôi chỉ phải đi lại một lần.",
    "Phòng chờ buổi sáng đông người, thiếu quạt; đề nghị bổ sung ghế ngồi cho người cao tuổi.",
    "Hồ sơ đất đai trả chậm 5 ngày mà không có thư xin lỗi.",
    "Nên gửi tin nhắn khi có kết quả để bà con khỏi phải lên hỏi.",
    "Biểu mẫu cấp lại giấy khai sinh còn khó hiểu, cần có mẫu điền sẵn để tham khảo.",
    "<script>alert('x')</script> & <b>đậm</b>",
    '=HYPERLINK("http://example.com";"Bấm vào đây")',
    "+84 912 000 000 là số đường dây nóng phải không? Tôi gọi không ai nghe máy.",
    "-Đề nghị niêm yết lệ phí bằng cả tiếng Ê Đê.\n-Bãi gửi xe hẹp.",
    "@canbo: cảm ơn đã hỗ trợ!",
    "Tôi hài lòng.",
    "Đề nghị mở thêm quầy vào ngày thứ Hai vì rất đông người dân đến chứng thực.",
    "Cần công khai số điện thoại của người phụ trách.",
    "Mong cơ quan làm việc cả sáng thứ Bảy.",
)


def wilson(hits: float, n: int) -> Interval:
    p, z = hits / n, 1.96
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(max(0.0, centre - half), min(1.0, centre + half), IntervalMethod.WILSON)


def estimate(value: float, n: int, method: IntervalMethod = IntervalMethod.WILSON) -> Estimate:
    if n == 0:
        return Estimate.missing(Reason.NO_ANSWER)
    bounds = replace(wilson(value * n, n), method=method)
    return Estimate(value, n, math.sqrt(value * (1 - value) / n), n - 1, bounds)


def make_questionnaire(item: ItemRule, roll_up: RollUp) -> Questionnaire:
    factors = [
        Section(
            code,
            vi(title),
            tuple(
                Question(
                    f"{code}.c{place}",
                    QuestionKind.SCALE,
                    Role.CRITERION,
                    vi(text),
                    not_applicable=True,
                    scale=SCALE,
                )
                for place, text in enumerate(texts, 1)
            ),
            is_factor=True,
        )
        for code, (title, texts) in FACTORS.items()
    ]
    rest = tuple(
        Question(
            code,
            kind,
            role,
            vi(text),
            options=tuple(Option(str(i), vi(label)) for i, label in enumerate(labels, 1)),
        )
        for code, role, kind, text, labels in _CHOICES
    )
    comment = Question("comment", QuestionKind.TEXT, Role.COMMENT, vi("Ý kiến góp ý"))
    other = Section("other", vi("Thông tin khác"), (*rest, comment))
    return Questionnaire(
        "sipas-counter",
        vi("Khảo sát sự hài lòng về dịch vụ hành chính công"),
        ("vi",),
        (*factors, other),
        ScoringMethod("1", item, roll_up, dict.fromkeys(FACTORS, 1.0)),
    )


def _criterion(question: Question, n: int, random_: random.Random) -> CriterionFigures:
    away = random_.randint(0, n // 8)
    skipped = random_.randint(0, n // 20)
    weights = (1.5, 4, 11, 48, 34 + random_.randint(-12, 12))
    drawn = random_.choices(range(5), weights, k=n - away - skipped)
    tally = Tally(tuple(drawn.count(level) for level in range(5)), away, skipped)
    satisfied = sum(tally.levels[3:]) / tally.n
    mean = sum((k + 1) * c for k, c in enumerate(tally.levels)) / (5 * tally.n)
    return CriterionFigures(
        question,
        tally,
        estimate(satisfied, tally.n, IntervalMethod.HYPERGEOMETRIC),
        estimate(mean, tally.n, IntervalMethod.LOGIT_T),
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _factor(section: Section, n: int, item: ItemRule, random_: random.Random) -> FactorFigures:
    criteria = tuple(_criterion(q, n, random_) for q in section.criteria)
    satisfied = _mean([c.satisfied.value or 0 for c in criteria])
    mean = _mean([c.mean.value or 0 for c in criteria])
    index = satisfied if item is ItemRule.TOP2 else mean
    logit = IntervalMethod.LOGIT_T
    return FactorFigures(section, estimate(index, n, logit), estimate(mean, n, logit), criteria)


def _choice(question: Question, n: int, random_: random.Random) -> ChoiceFigures:
    size = len(question.options)
    answered = n - random_.randint(0, n // 15)
    weights = [random_.uniform(2, 6) for _ in range(size)]
    if question.role is Role.HARASSMENT:
        weights = [92, 7, 1]
    elif question.role is Role.OVERALL:
        weights = [1, 4, 12, 49, 34]
    counts = [0] * size
    if question.kind is QuestionKind.MULTIPLE:
        counts = [random_.randint(answered // 5, answered * 2 // 3) for _ in range(size)]
    else:
        for place in random_.choices(range(size), weights, k=answered):
            counts[place] += 1
    shown = tuple(
        ChoiceCount(option, count, estimate(count / answered, answered))
        for option, count in zip(question.options, counts, strict=True)
    )
    return ChoiceFigures(question, answered, n - answered, shown)


def make_figures(
    n: int = 187,
    *,
    item: ItemRule = ItemRule.TOP2,
    roll_up: RollUp = RollUp.POOLED,
    is_demo: bool = True,
    comments: tuple[str, ...] = COMMENTS,
    seed: int = 3,
) -> UnitFigures:
    """One unit with ``n`` sheets, invented by ``seed``."""
    random_ = random.Random(seed)
    questionnaire = make_questionnaire(item, roll_up)
    factors = tuple(_factor(s, n, item, random_) for s in questionnaire.factors)
    index = _mean([f.index.value or 0 for f in factors])
    mean = _mean([f.mean.value or 0 for f in factors])
    logit = IntervalMethod.LOGIT_T
    shift = {RollUp.POOLED: 0.0, RollUp.CRITERIA_MEAN: 0.0011, RollUp.FACTOR_MEAN: -0.0007}
    asked = [q for q in questionnaire.questions if q.options]
    choices = [_choice(q, n, random_) for q in asked]
    hidden = choices[3]
    hidden_count = replace(
        hidden.choices[-1], count=None, estimate=Estimate.missing(Reason.SUPPRESSED)
    )
    choices[3] = replace(hidden, choices=(*hidden.choices[:-1], hidden_count))
    return UnitFigures(
        unit=UnitSubject(
            code="H15.42",
            name="xã Cư Kuin",
            agency="Ủy ban nhân dân xã Cư Kuin",
            parent_agency="Ủy ban nhân dân tỉnh Đắk Lắk",
            place="Cư Kuin",
        ),
        survey=SurveySubject(
            code="2026-Q2",
            title="Khảo sát sự hài lòng quý II năm 2026",
            starts_on=date(2026, 4, 1),
            ends_on=date(2026, 6, 30),
            version="sipas-counter@1",
            fingerprint="9f2c41d07ab35e68",
            is_demo=is_demo,
        ),
        questionnaire=questionnaire,
        data_until=date(2026, 7, 3),
        n=n,
        population=1240,
        confidence=0.95,
        by_mode={"kiosk": n // 2, "phone": n // 3, "paper": n - n // 2 - n // 3},
        factors=factors,
        overall=OverallFigures(
            chosen=roll_up,
            by_roll_up={rule: estimate(index + d, n, logit) for rule, d in shift.items()},
            mean_by_roll_up={rule: estimate(mean + d, n, logit) for rule, d in shift.items()},
            comprehensive=estimate(0.61, n, IntervalMethod.HYPERGEOMETRIC),
            criteria_counted=22,
            criteria_asked=22,
        ),
        choices=tuple(choices),
        comments=comments,
        withheld=False,
    )


def make_withheld_figures() -> UnitFigures:
    """A unit with too few sheets: nothing but its subject."""
    figures = make_figures()
    return replace(
        figures,
        n=3,
        by_mode={},
        factors=(),
        overall=None,
        choices=(),
        comments=("Một ý kiến",),
        withheld=True,
    )
