"""What a report on somebody's own file says in sentences: design, methods, what is undefined."""

from collections.abc import Iterator, Mapping, Sequence

from survey_app.estimation.complex_sample.survey_design import LonelyPsu
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE
from survey_app.estimation.estimate import IntervalMethod, Reason
from survey_app.estimation.plans.plan import Plan
from survey_app.estimation.plans.plan_results import DesignSummary, Figure
from survey_app.questionnaire.definition import ItemRule
from survey_app.reporting import formats, wording
from survey_app.text import clean_line

FORMS = {
    "criteria_mean": (
        "Bình quân các câu hỏi",
        "trung bình cộng kết quả của các câu hỏi, mỗi câu hỏi có trọng số như nhau",
    ),
    "factor_mean": (
        "Bình quân các yếu tố",
        "trung bình cộng kết quả của các yếu tố, mỗi yếu tố có trọng số như nhau; kết quả của "
        "yếu tố là trung bình cộng các câu hỏi của yếu tố đó",
    ),
    "pooled": (
        "Gộp mọi câu trả lời",
        "tổng điểm của mọi câu trả lời chia cho tổng số câu trả lời của tất cả các câu hỏi",
    ),
}
#: The form that is shown where there is room for one only.
MAIN_FORM = "criteria_mean"

INTERVALS = {
    "logit": "Logit, phân phối t",
    "wilson": "Wilson",
    "clopper-pearson": "Clopper–Pearson",
    "beta": "Beta",
    "mean": "Đối xứng, phân phối t",
    "korn-graubard": "Korn–Graubard",
    "jeffreys": "Jeffreys",
    "agresti-coull": "Agresti–Coull",
    "hypergeometric": "Siêu bội",
}
#: Under so many degrees of freedom an interval says little.
FEW_DEGREES = 3

_LONELY = {
    LonelyPsu.ADJUST: "tính độ lệch của cụm đó so với bình quân mọi cụm (thận trọng)",
    LonelyPsu.AVERAGE: "lấy bình quân phương sai của các tầng khác",
    LonelyPsu.CERTAINTY: "coi như không có sai số ở tầng đó",
}


def undefined(figure: Figure) -> str:
    """Why a figure, or something beside it, is not given."""
    if figure.reason is Reason.CENSUS:
        return "điều tra toàn bộ"
    if isinstance(figure.reason, Reason):
        return f"không tính được: {formats.reason(figure.reason)}"
    return "không tính được: phương pháp không áp dụng được cho thiết kế mẫu này"


def condition(domain: Mapping[str, object]) -> str:
    """A domain by name: "Giới tính: Nữ; Tuổi: 65+"."""
    return "; ".join(f"{name}: {_one_of(value)}" for name, value in domain.items())


def _one_of(value: object) -> str:
    if isinstance(value, (list, tuple, set, frozenset)):
        return " hoặc ".join(map(str, value))
    return str(value)


def design(plan: Plan, found: DesignSummary) -> str:
    """How the rows were drawn, as the plan says."""
    parts = []
    if plan.strata:
        parts.append(f"phân tầng theo cột “{plan.strata}” ({formats.count(found.strata)} tầng)")
    if plan.clusters:
        parts.append(f"chọn cụm theo cột “{plan.clusters}” ({formats.count(found.clusters)} cụm)")
    how = "Mẫu " + ", ".join(parts) if parts else "Mẫu ngẫu nhiên đơn giản, mỗi dòng một phiếu"
    return f"{how}; {weights(plan)}; {correction(plan)}."


def weights(plan: Plan) -> str:
    """What each row stands for."""
    if plan.weight:
        return f"trọng số theo cột “{plan.weight}”"
    if _corrects_first(plan):
        return "trọng số suy từ số lượng của tổng thể (nghịch đảo xác suất chọn)"
    return "mọi dòng có trọng số như nhau"


def correction(plan: Plan) -> str:
    """Which finite population corrections there are."""
    clusters, members = plan.population_clusters, plan.population_members
    if not _corrects_first(plan):
        return "không hiệu chỉnh theo tổng thể hữu hạn"
    if plan.replacement:
        return "không hiệu chỉnh theo tổng thể hữu hạn (chọn có hoàn lại)"
    if plan.clusters and members:
        return (
            f"hiệu chỉnh tổng thể hữu hạn ở hai giai đoạn (số cụm theo cột “{clusters}”, số người "
            f"trong cụm theo cột “{members}”)"
        )
    return f"hiệu chỉnh tổng thể hữu hạn theo cột “{clusters or members}”"


def _corrects_first(plan: Plan) -> bool:
    if plan.clusters:
        return bool(plan.population_clusters)
    return bool(plan.population_clusters or plan.population_members)


def cautions(plan: Plan, found: DesignSummary) -> Iterator[str]:
    """What a reader must know before any figure."""
    if found.df < FEW_DEGREES and found.n > FEW_DEGREES:
        yield (
            f"Chỉ có {formats.count(found.clusters)} cụm trong {formats.count(found.strata)} tầng, "
            f"tức {formats.count(found.df)} bậc tự do: sai số chuẩn rất không chắc chắn, khoảng "
            "tin cậy rất rộng hoặc không tính được. Chưa nên kết luận từ các số liệu này."
        )
    if found.lonely_strata:
        yield (
            f"{formats.count(found.lonely_strata)} tầng chỉ có một cụm (hoặc một phiếu): "
            f"phần sai số của các tầng này được {_LONELY[LonelyPsu(plan.lonely_psu)]}."
        )
    few = wording.few_sheets(found.n)
    if few:
        yield few


def small_domains(names: Sequence[str]) -> str:
    """The caution about groups with too few answers to be published."""
    return (
        f"Nhóm có dưới {MINIMUM_BASE} người trả lời: {'; '.join(names)}. Không công bố số liệu của "
        "các nhóm này, vì có thể nhận ra người trả lời."
    )


def levels(values: Sequence[float]) -> str:
    """Levels of a scale as a list.

    >>> levels([4.0, 5.0])
    '4 hoặc 5'
    """
    return " hoặc ".join(f"{value:g}" for value in values)


def item_name(plan: Plan) -> str:
    """What the result of one question is called."""
    return wording.ITEM_RULES[ItemRule(plan.item)]


def item_choices() -> dict[str, str]:
    """The rules one can choose from, by code, for answers on the scale of five levels."""
    return {rule.value: item_rule(Plan(factors={}, item=rule)) for rule in ItemRule}


def item_rule(plan: Plan) -> str:
    """How one answer becomes a number."""
    name = item_name(plan)
    if plan.item == ItemRule.MEAN:
        return f"{name}: mức k được tính k/{plan.maximum:g}"
    satisfied = levels(sorted(plan.satisfied))
    return f"{name}: câu trả lời ở mức {satisfied} tính 1, mức khác tính\xa00"


def method_facts(plan: Plan, methods: set[IntervalMethod]) -> Iterator[tuple[str, str]]:
    """How every number was made: label and text."""
    yield "Cách tính một câu trả lời", item_rule(plan)
    yield from FORMS.values()
    apart = levels(sorted(plan.not_applicable))
    code = f" (mã {apart})" if apart else ""
    yield (
        "Câu không tính",
        f"không áp dụng{code} và bỏ trống: không tính vào cả tử số lẫn mẫu số",
    )
    yield (
        "Sai số chuẩn",
        "tuyến tính hóa Taylor trên tổng của từng cụm trong tầng; hệ số thiết kế (deff) là phương "
        "sai này chia cho phương sai của một mẫu ngẫu nhiên đơn giản cùng cỡ; cỡ mẫu hiệu dụng là "
        "số câu trả lời chia cho hệ số thiết kế",
    )
    yield "Trọng số", weights(plan)
    yield "Hiệu chỉnh", correction(plan)
    yield "Tầng chỉ có một cụm", _LONELY[LonelyPsu(plan.lonely_psu)]
    used = wording.interval_methods(methods)
    if used:
        yield f"Khoảng tin cậy {formats.confidence_level(plan.confidence)}", used
    if plan.domains:
        yield (
            "Nhóm",
            "mỗi nhóm được tính như một miền của toàn bộ mẫu: giữ nguyên thiết kế, các dòng "
            "ngoài nhóm có trọng số 0",
        )
    if plan.compare:
        yield "So sánh", _comparison(plan)


def comparison(plan: Plan) -> str:
    """What a difference is, and what its verdict does not say."""
    ends = ""
    if plan.compare:
        column, before = clean_line(plan.compare.column), plan.compare.from_
        ends = f" theo cột “{column}”, giữa “{plan.compare.to}” (sau) và “{before}” (trước)"
    return (
        f"Chênh lệch{ends}: giá trị sau trừ giá trị trước, tính bằng điểm phần trăm. “Chưa có ý "
        "nghĩa thống kê” nghĩa là chênh lệch có thể chỉ do ngẫu nhiên của việc chọn mẫu, không có "
        "nghĩa là không thay đổi."
    )


def _comparison(plan: Plan) -> str:
    level = formats.percent(1 - plan.confidence, 0)
    same = plan.compare is not None and plan.compare.same_clusters
    joined = "cùng các cụm nên có tính hiệp phương sai giữa hai bên" if same else "hai mẫu độc lập"
    return (
        f"kiểm định t hai phía về chênh lệch ({joined}), không hiệu chỉnh tổng thể hữu hạn; giá "
        "trị p của các câu hỏi được hiệu chỉnh Holm cho mọi câu hỏi cùng lúc, của các yếu tố cho "
        f"mọi yếu tố; mức ý nghĩa {level}"
    )
