"""What XLSForm can do and a questionnaire here cannot: for each feature why, and what to do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A cell, row or sheet in the reader's terms; ``letter`` and ``heading`` name the column."""

    sheet: str
    row: int | None = None
    letter: str = ""
    heading: str = ""

    def __str__(self) -> str:
        column = f"cột {self.letter} ({self.heading})" if self.letter else ""
        row = f"dòng {self.row}" if self.row else ""
        return ", ".join(part for part in (f"trang “{self.sheet}”", row, column) if part)


@dataclass(frozen=True)
class Finding:
    """Something in a form that does not come over as it is.

    ``is_refused``: without a change by somebody the form cannot be taken over; otherwise it is
    taken over without what is named here, which asks nothing else of anybody.
    """

    place: Place
    what: str
    why: str
    advice: str
    is_refused: bool

    def __str__(self) -> str:
        return f"{self.what}: {self.why}. {self.advice}"


@dataclass(frozen=True)
class Feature:
    """Why a type of question or a column is not taken over, and what to do instead."""

    what: str
    why: str
    advice: str


_PLACE = Feature(
    "Câu hỏi vị trí địa lý",
    "phiếu ẩn danh không ghi nơi của người trả lời",
    "Hãy xóa dòng này; nơi thu thập đã được ghi theo điểm thu thập.",
)
_MEDIA = Feature(
    "Câu hỏi bằng ảnh, âm thanh, phim hoặc tệp",
    "phiếu chỉ nhận phương án, số và chữ",
    "Hãy xóa dòng này, hoặc đổi thành câu hỏi chữ (text).",
)
_TIME = Feature(
    "Câu hỏi ngày, giờ",
    "phiếu không có loại câu hỏi ngày, giờ",
    "Hãy đổi thành các khoảng để chọn (select_one), chẳng hạn “trong tháng này”.",
)
_FILE = Feature(
    "Phương án lấy từ tệp ngoài",
    "bộ câu hỏi chứa toàn bộ phương án của mình",
    "Hãy chép các phương án vào trang choices và dùng select_one hoặc select_multiple.",
)
_REPEAT = Feature(
    "Nhóm lặp lại",
    "mỗi câu của một phiếu chỉ được hỏi một lần",
    "Hãy đổi thành nhóm thường (begin_group), hoặc tách thành các câu riêng.",
)
_RANK = Feature(
    "Câu hỏi xếp thứ tự",
    "phiếu không có loại câu hỏi xếp thứ tự",
    "Hãy đổi thành select_multiple có giới hạn số phương án (count-selected(.) <= 3).",
)
_CALCULATED = Feature(
    "Giá trị tính toán hoặc ẩn",
    "phiếu chỉ giữ những gì người dân trả lời",
    "Hãy xóa dòng này và tính khi phân tích số liệu.",
)

#: By type, or by its first word.
REFUSED_TYPES: Mapping[str, Feature] = {
    **dict.fromkeys(("geopoint", "geotrace", "geoshape", "osm"), _PLACE),
    **dict.fromkeys(("image", "photo", "audio", "video", "file", "barcode"), _MEDIA),
    **dict.fromkeys(("background-audio", "background-geopoint"), _MEDIA),
    **dict.fromkeys(("date", "time", "datetime"), _TIME),
    **dict.fromkeys(
        ("select_one_from_file", "select_multiple_from_file", "select_one_external"), _FILE
    ),
    **dict.fromkeys(("csv-external", "xml-external"), _FILE),
    **dict.fromkeys(("begin_repeat", "begin_loop", "begin_lgroup"), _REPEAT),
    "rank": _RANK,
    **dict.fromkeys(("calculate", "hidden", "xml"), _CALCULATED),
    "decimal": Feature(
        "Câu hỏi số thập phân",
        "phiếu chỉ nhận số nguyên",
        "Hãy đổi thành integer với đơn vị nhỏ hơn, chẳng hạn phút thay cho giờ.",
    ),
    **dict.fromkeys(
        ("acknowledge", "trigger"),
        Feature(
            "Ô xác nhận",
            "phiếu không có loại ô đánh dấu một mình",
            "Hãy đổi thành select_one với hai phương án, chẳng hạn “Đồng ý” và “Không đồng ý”.",
        ),
    ),
}

#: What a device notes by itself. Nobody is asked, and nothing of it may be kept here.
DEVICE_TYPES = frozenset(
    {
        *("start", "end", "today", "deviceid", "phonenumber", "username", "email", "audit"),
        *("simserial", "subscriberid", "start-geopoint", "imei", "uri", "deviceinfo"),
    }
)
DEVICE = Feature(
    "Thông tin tự ghi của thiết bị",
    "phiếu ẩn danh không ghi giờ, thiết bị hay tài khoản của người trả lời",
    "Không cần làm gì; mục này được bỏ qua.",
)

#: Columns of survey whose content would be lost, and those that only concern the look.
REFUSED_COLUMNS: Mapping[str, Feature] = {
    "choice_filter": Feature(
        "Lọc phương án theo câu trước",
        "mỗi câu luôn đưa ra đủ phương án của mình",
        "Hãy tách thành nhiều câu, mỗi câu có danh sách riêng và điều kiện relevant.",
    ),
    "calculation": _CALCULATED,
    "trigger": _CALCULATED,
    "repeat_count": _REPEAT,
    "media": Feature(
        "Ảnh, âm thanh hoặc phim trong câu hỏi",
        "câu hỏi và phương án chỉ có chữ",
        "Hãy xóa ô này; câu hỏi có thể được ghi âm sau khi công bố (Ghi âm câu hỏi).",
    ),
    "save_to": Feature(
        "Lưu vào danh sách thực thể (entities)",
        "phiếu không gắn với đối tượng nào",
        "Hãy xóa ô này.",
    ),
    "bind": Feature(
        "Thuộc tính kỹ thuật (bind, instance, intent)",
        "không có gì tương ứng trong bộ câu hỏi",
        "Hãy xóa ô này.",
    ),
}
LEFT_OUT_COLUMNS: Mapping[str, Feature] = {
    "default": Feature(
        "Giá trị chọn sẵn",
        "phiếu không bao giờ chọn sẵn thay người dân",
        "Không cần làm gì; ô này được bỏ qua.",
    ),
    "appearance": Feature(
        "Cách trình bày",
        "trang trả lời có cách trình bày riêng",
        "Không cần làm gì; ô này được bỏ qua.",
    ),
    "message": Feature(
        "Câu báo lỗi riêng",
        "câu báo lỗi là của nền tảng, có sẵn trong mọi ngôn ngữ của giao diện",
        "Không cần làm gì; ô này được bỏ qua.",
    ),
    "guidance_hint": Feature(
        "Gợi ý dành cho điều tra viên",
        "người dân tự trả lời, không có điều tra viên đọc",
        "Nếu người dân cần biết, hãy chuyển nội dung sang cột hint.",
    ),
    "parameters": Feature(
        "Tham số (parameters)",
        "thứ tự phương án và cách hiển thị là cố định",
        "Không cần làm gì; ô này được bỏ qua.",
    ),
    "read_only": Feature(
        "Chỉ đọc (read_only)",
        "câu hỏi nào cũng để người dân trả lời",
        "Nếu chỉ để đọc, hãy đổi type thành note.",
    ),
}

#: An answer list that an appearance fetches: search('places.csv').
SEARCHED = _FILE
REFERENCE = Feature(
    "Câu trả lời được chèn vào lời văn (${…})",
    "lời văn của phiếu như nhau với mọi người",
    "Hãy viết lại câu không cần câu trả lời trước.",
)
STYLED = Feature(
    "Ký hiệu định dạng trong lời văn (Markdown, HTML)",
    "phiếu chỉ có chữ thường; ký hiệu như ** hoặc <b> được giữ và hiện nguyên như đã ghi",
    "Hãy xóa ký hiệu trong biểu mẫu, hoặc trong bản thảo.",
)
COMMENT = Feature(
    "Dòng chú thích",
    "dòng không có loại (type), tên (name) và nội dung (label), nên không hỏi gì",
    "Không cần làm gì; dòng này được bỏ qua.",
)
DISABLED = Feature(
    "Dòng bị tắt (disabled)",
    "người lập biểu mẫu đã tắt dòng này, nên nó không được hỏi",
    "Không cần làm gì; nếu muốn hỏi, hãy xóa ô disabled.",
)
_NO_ANSWER = Feature(
    "Bắt buộc hoặc ràng buộc ở dòng không có câu trả lời",
    "nhóm và ghi chú không nhận câu trả lời nào",
    "Không cần làm gì; ô này được bỏ qua.",
)
_GROUP_HINT = Feature(
    "Gợi ý của nhóm",
    "mỗi phần chỉ có tên và lời dẫn",
    "Hãy chuyển nội dung thành ghi chú (note) ở đầu nhóm.",
)
#: By type: columns that are read of questions and say nothing of a row that asks nothing.
OF_NO_ANSWER: Mapping[str, Mapping[str, Feature]] = {
    "note": {"required": _NO_ANSWER, "constraint": _NO_ANSWER},
    "begin_group": {"required": _NO_ANSWER, "constraint": _NO_ANSWER, "hint": _GROUP_HINT},
}

#: Heading (before "::") → its name in the tables above.
COLUMN_NAMES: Mapping[str, str] = {
    "relevance": "relevant",
    "caption": "label",
    "calculate": "calculation",
    "list name": "list_name",
    "readonly": "read_only",
    "rows": "appearance",
    "autoplay": "appearance",
    "body": "appearance",
    "control": "appearance",
    "constraint_message": "message",
    "constraining_message": "message",
    "required_message": "message",
    "requiredmsg": "message",
    "noapperrorstring": "message",
    "image": "media",
    "big-image": "media",
    "audio": "media",
    "video": "media",
    "jr:count": "repeat_count",
    "instance": "bind",
    "intent": "bind",
    "command": "type",
    "tag": "name",
    "value": "name",
    "set_form_title": "form_title",
    "set_form_id": "form_id",
    "title": "form_title",
    "id_string": "form_id",
}
READ_COLUMNS: Mapping[str, frozenset[str]] = {
    "survey": frozenset(
        {"type", "name", "label", "hint", "required", "relevant", "constraint", "disabled"}
    ),
    "choices": frozenset({"list_name", "name", "label"}),
    "settings": frozenset({"form_title", "form_id", "version", "default_language"}),
}

_TYPE_WORDS = {
    "int": "integer",
    "string": "text",
    "select one": "select_one",
    "select1": "select_one",
    "select one from": "select_one",
    "add select one prompt using": "select_one",
    "select multiple": "select_multiple",
    "select all that apply": "select_multiple",
    "select all that apply from": "select_multiple",
    "add select multiple prompt using": "select_multiple",
    "select one from file": "select_one_from_file",
    "select multiple from file": "select_multiple_from_file",
    "q string": "text",
    "q int": "integer",
    "add integer prompt": "integer",
    "add text prompt": "text",
    "add note prompt": "note",
}
_LONGEST_FIRST = sorted(_TYPE_WORDS, key=len, reverse=True)
_CONTROL = re.compile(r"(begin|end)[ _](group|repeat|loop|lgroup|looped group)\b", re.IGNORECASE)
_OR_OTHER = re.compile(r"\s+(or_other|or other|or specify other)$", re.IGNORECASE)


@dataclass(frozen=True)
class Type:
    """The type of a row: its word, the list it names, and whether "other" may be written in."""

    word: str
    list_name: str = ""
    or_other: bool = False


def read_type(text: str) -> Type:
    """A type as XLSForm lets people write it: "select one yes_no", "begin group", "int".

    >>> read_type("select one  yes_no or_other")
    Type(word='select_one', list_name='yes_no', or_other=True)
    """
    words = " ".join(text.split())
    if match := _CONTROL.match(words):
        return Type(f"{match[1]}_{match[2]}".lower().replace("looped group", "repeat"))
    plain = _OR_OTHER.sub("", words)
    for alias in _LONGEST_FIRST:
        if plain.lower() == alias or plain.lower().startswith(f"{alias} "):
            plain = f"{_TYPE_WORDS[alias]} {plain[len(alias) :].strip()}".strip()
            break
    word, _, rest = plain.partition(" ")
    return Type(word.lower(), rest.strip(), plain != words and _OR_OTHER.search(words) is not None)
