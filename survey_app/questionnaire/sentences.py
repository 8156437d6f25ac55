"""What is said to a citizen about an answer sheet: the Vietnamese sentences, which other languages
translate in their catalogues."""

from collections.abc import Mapping
from typing import Protocol

SENTENCES: Mapping[str, str] = {
    "one_mistake": "Phiếu có một câu trả lời cần xem lại.",
    "mistakes": "Phiếu có {count} câu trả lời cần xem lại.",
    "sheet_form": "Phiếu không đọc được. Ông/bà vui lòng mở lại phiếu và thử lần nữa.",
    "empty_sheet": "Phiếu chưa có câu trả lời nào. Ông/bà vui lòng trả lời ít nhất một câu hỏi.",
    "unknown_question": "Phiếu này không có câu hỏi “{code}”.",
    "no_main_rating": "Phiếu dở dang chưa có câu đánh giá chính nên không được nhận.",
    "required_scale": "Vui lòng chọn một mức độ hài lòng.",
    "required_single": "Vui lòng chọn một phương án trả lời.",
    "required_multiple": "Vui lòng chọn ít nhất một phương án.",
    "required_number": "Vui lòng ghi một số.",
    "required_text": "Vui lòng ghi ý kiến của ông/bà.",
    "form_choice": "Câu hỏi này nhận một phương án. Ông/bà vui lòng chọn lại.",
    "form_multiple": "Câu hỏi này nhận các phương án trong danh sách. Ông/bà vui lòng chọn lại.",
    "form_number": "Vui lòng ghi một số nguyên bằng chữ số, ví dụ: 2.",
    "form_text": "Câu hỏi này nhận câu trả lời bằng chữ. Ông/bà vui lòng ghi lại.",
    "unknown_option": "Phương án “{code}” không có trong câu hỏi này. Ông/bà vui lòng chọn lại.",
    "repeated_option": "Phương án “{code}” được chọn nhiều lần. Ông/bà vui lòng chỉ chọn một lần.",
    "no_not_applicable": "Câu hỏi này không có phương án “không áp dụng”."
    " Ông/bà vui lòng chọn phương án khác hoặc để trống.",
    "mixed_not_applicable": "Ông/bà đã chọn “không áp dụng” cùng với phương án khác."
    " Vui lòng giữ lại một trong hai.",
    "too_many": "Ông/bà đã chọn {count} phương án. Vui lòng chọn nhiều nhất {most} phương án.",
    "too_small": "Số này quá nhỏ. Vui lòng ghi một số từ {low} đến {high}.",
    "too_large": "Số này quá lớn. Vui lòng ghi một số từ {low} đến {high}.",
    "too_long": "Ý kiến dài hơn mức cho phép {over} ký tự (nhiều nhất {most} ký tự)."
    " Ông/bà vui lòng rút gọn; nội dung đã ghi vẫn được giữ nguyên.",
}


class Say(Protocol):
    """Puts a Vietnamese sentence into the reader's language, with every ``{name}`` filled in."""

    def __call__(self, msgid: str, /, **values: object) -> str: ...


def in_vietnamese(msgid: str, /, **values: object) -> str:
    return msgid.format(**values)
