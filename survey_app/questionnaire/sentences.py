"""What is said to a citizen about an answer sheet, in each language."""

from collections.abc import Mapping

from survey_app.questionnaire.definition import PRIMARY_LANGUAGE

_VIETNAMESE = {
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

_ENGLISH = {
    "one_mistake": "Please check one answer.",
    "mistakes": "Please check {count} answers.",
    "sheet_form": "The answers cannot be read. Please open the questionnaire again and retry.",
    "empty_sheet": "There is no answer yet. Please answer at least one question.",
    "unknown_question": "This questionnaire has no question “{code}”.",
    "no_main_rating": "The unfinished sheet lacks the main rating and cannot be taken.",
    "required_scale": "Please choose a level of satisfaction.",
    "required_single": "Please choose one answer.",
    "required_multiple": "Please choose at least one answer.",
    "required_number": "Please enter a number.",
    "required_text": "Please write your answer.",
    "form_choice": "This question takes one answer. Please choose again.",
    "form_multiple": "This question takes answers from the list. Please choose again.",
    "form_number": "Please enter a whole number in digits, for example 2.",
    "form_text": "This question takes an answer in words. Please write it again.",
    "unknown_option": "“{code}” is not an answer to this question. Please choose again.",
    "repeated_option": "“{code}” is chosen more than once. Please choose it only once.",
    "no_not_applicable": "This question does not offer “not applicable”."
    " Please choose another answer or leave it blank.",
    "mixed_not_applicable": "“Not applicable” is chosen together with another answer."
    " Please keep one of the two.",
    "too_many": "You have chosen {count} answers. Please choose at most {most}.",
    "too_small": "This number is too small. Please enter a number from {low} to {high}.",
    "too_large": "This number is too large. Please enter a number from {low} to {high}.",
    "too_long": "The text is {over} characters too long (at most {most})."
    " Please shorten it; what you have written is kept as it is.",
}

SENTENCES: Mapping[str, Mapping[str, str]] = {"vi": _VIETNAMESE, "en": _ENGLISH}


def sentence(key: str, language: str, **values: object) -> str:
    """The sentence ``key`` with its values, in Vietnamese where ``language`` is not spoken here.

    Raises KeyError for a key that does not exist.
    """
    return SENTENCES.get(language, SENTENCES[PRIMARY_LANGUAGE])[key].format(**values)
