"""What is found before a survey is opened, in one sentence each: for the page, the command line and
the audit record alike."""

from collections.abc import Sequence

from survey_app.i18n import vietnamese_name
from survey_app.reporting.formats import count

MOST_NAMES = 10

#: Code of what was found → what is said of it.
SENTENCES = {
    "version_closed": "Phiên bản bộ câu hỏi của cuộc khảo sát đã đóng.",
    "period_over": "Kỳ khảo sát đã qua: không phiếu nào được nhận.",
    "units_gone": "Có đơn vị không còn, hoặc chưa có, trong kỳ khảo sát: {names}.",
    "no_point": "Chưa có điểm thu thập nào: người dân chưa có mã để trả lời.",
    "units_out_of_reach": "{number} đơn vị chưa có điểm thu thập nên không thể có phiếu nào, vì"
    " cuộc khảo sát chỉ nhận phiếu qua kiosk hoặc mã chung đặt tại điểm: {names}.",
    "units_without_point": "{number} đơn vị chưa có điểm thu thập nên chưa nhận được phiếu nào:"
    " {names}. Phải thêm điểm trước khi in phiếu giấy hoặc phiếu mời của các đơn vị này.",
    "no_device": "{number} điểm trả lời tại kiosk chưa có thiết bị đã cài: {names}.",
    "untranslated": "{count} chỗ của bộ câu hỏi chưa dịch sang {language}; chỗ thiếu hiện tiếng"
    " Việt.",
    "no_target": "Chưa đặt mục tiêu nên không biết mỗi đơn vị cần bao nhiêu phiếu, đơn vị nào"
    " chậm.",
    "dossiers_unknown": "{number} đơn vị chưa có số hồ sơ trong kỳ nên khoảng tin cậy rộng hơn cần"
    " thiết: {names}.{counted}",
}


def finding_sentence(code: str, names: Sequence[str], number: int) -> str:
    """One thing found. ``names``: the units, places or languages it is about; ``number``: how many
    texts of the language are missing, or of how many units the counts of dossiers are there."""
    more = len(names) - MOST_NAMES
    counted = f" Đã có số liệu hồ sơ của {count(number)} đơn vị trong số này."
    return SENTENCES[code].format(
        names=", ".join(names[:MOST_NAMES]) + (f" và {count(more)} nơi khác" if more > 0 else ""),
        number=count(len(names)),
        count=count(number),
        language=vietnamese_name(names[0]) if names else "",
        counted=counted if number else "",
    )
