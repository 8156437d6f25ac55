"""The demo province: an invented place, so that no real agency is given invented results."""

from dataclasses import dataclass

PROVINCE_CODE = "H99"
PROVINCE_NAME = "Tỉnh An Lạc"
PROVINCE_SEAT = "An Lạc"
MERGED_INTO_PROVINCE = ("Tỉnh Lạc Sơn Hạ", "Tỉnh An Giang Thượng")

#: Departments and communes in the order in which a demo takes them: (name, kind).
UNITS: tuple[tuple[str, str], ...] = (
    ("Sở Nội vụ", "department"),
    ("Phường An Lạc", "ward"),
    ("Sở Nông nghiệp và Môi trường", "department"),
    ("Xã Suối Trúc", "commune"),
    ("Sở Xây dựng", "department"),
    ("Phường Bến Thuyền", "ward"),
    ("Xã Đồng Mây", "commune"),
    ("Sở Tư pháp", "department"),
    ("Xã Ea Rơm", "commune"),
    ("Sở Tài chính", "department"),
    ("Phường Gò Sen", "ward"),
    ("Xã Núi Chè", "commune"),
)

#: Syllables for the names of further communes when a larger province is asked for.
FIRST_SYLLABLES = ("Tân", "Bình", "An", "Phú", "Hòa", "Long", "Vĩnh", "Thanh", "Đông", "Xuân")
SECOND_SYLLABLES = ("Thành", "Phước", "Sơn", "Hải", "Lộc", "Mỹ", "Hưng", "Thịnh", "Lâm", "Khê")

GOOD_COMMENTS = (
    "Cán bộ hướng dẫn rất tận tình, giải thích dễ hiểu. Cảm ơn các anh chị.",
    "Nộp hồ sơ buổi sáng, chiều đã có kết quả, nhanh hơn giấy hẹn.",
    "Chỗ ngồi chờ mát mẻ, sạch sẽ, có nước uống cho người dân.",
    "Tôi lớn tuổi được các cháu hỗ trợ nộp trực tuyến, rất hài lòng.",
    "Thủ tục niêm yết rõ ràng, phí thu đúng như bảng công khai.",
    "Được nhắn tin báo khi có kết quả nên không phải đi lại nhiều lần.",
    "Thái độ niềm nở, khác hẳn so với trước đây.",
    "Làm giấy khai sinh cho con nhanh gọn, chỉ mất một lần đi.",
)
MIXED_COMMENTS = (
    "Nhân viên nhiệt tình nhưng số lượng ít, buổi sáng thứ Hai chờ hơi lâu.",
    "Nên có thêm bàn viết và bút để người dân điền tờ khai.",
    "Trang nộp hồ sơ trực tuyến đôi lúc báo lỗi, phải ra tận nơi.",
    "Đề nghị ghi rõ số điện thoại hỗ trợ trên giấy hẹn.",
    "Máy lấy số thứ tự hỏng, phải xếp hàng.",
    "Mong có thêm biển chỉ dẫn từ cổng vào.",
    "Chữ trên bảng niêm yết nhỏ quá, người già khó đọc.",
)
POOR_COMMENTS = (
    "Hồ sơ đất đai trễ hẹn hai tuần mà không có thư xin lỗi.",
    "Phải bổ sung giấy tờ ba lần, mỗi lần một loại khác nhau.",
    "Tôi góp ý từ tháng trước đến nay chưa được trả lời.",
    "Chờ gần một tiếng mới đến lượt, quầy tiếp nhận chỉ có một người.",
    "Cán bộ trả lời cộc lốc, hỏi thêm thì tỏ ra khó chịu.",
    "Giấy hẹn ghi một ngày, hệ thống lại báo một ngày khác.",
)


@dataclass(frozen=True)
class Factor:
    """How a factor behaves in the demo: its ease, and how often it does not apply."""

    ease: float
    not_applicable: float


#: By section code of the shipped questionnaires; feedback concerns few people.
FACTORS: dict[str, Factor] = {
    "access": Factor(0.25, 0.01),
    "procedures": Factor(0.0, 0.03),
    "officers": Factor(0.15, 0.01),
    "results": Factor(0.05, 0.06),
    "feedback": Factor(-0.45, 0.44),
    "service": Factor(0.1, 0.05),
}


def unit_name(place: int) -> tuple[str, str]:
    """Name and kind of the demo's unit number ``place``, from 0."""
    if place < len(UNITS):
        return UNITS[place]
    first, second = divmod(place - len(UNITS), len(SECOND_SYLLABLES))
    round_number, first = divmod(first, len(FIRST_SYLLABLES))
    suffix = f" {round_number + 1}" if round_number else ""
    name = f"{FIRST_SYLLABLES[first]} {SECOND_SYLLABLES[second]}{suffix}"
    is_ward = place % 4 == 0
    return (f"Phường {name}", "ward") if is_ward else (f"Xã {name}", "commune")
