"""The words for codes that entries of the audit record hold and pages show: roles, ways, …"""

from collections.abc import Callable, Mapping

from survey_app.i18n import vietnamese_name
from survey_app.unit_import import KINDS

ACCOUNT_ROLES = {
    "administrator": "Quản trị hệ thống",
    "survey_manager": "Quản lý khảo sát",
    "officer": "Cán bộ cải cách hành chính",
    "clerk": "Cán bộ Một cửa",
    "leader": "Lãnh đạo",
    "auditor": "Kiểm tra",
}
#: A way of giving out sheets → its name, and what it means.
WAYS = {
    "kiosk": "Kiosk đặt tại bộ phận một cửa",
    "link": "Mã chung trên áp phích và điện thoại của người dân",
    "slip": "Phiếu mời và mã dùng một lần, kể cả mã do phần mềm khác yêu cầu",
    "paper": "Phiếu giấy, do cán bộ nhập",
}
#: What a key of other software is good for.
KEY_SCOPES = {
    "invitations:create": "Tạo mã dùng một lần",
    "dossier-counts:write": "Gửi số liệu hồ sơ",
}


def _among(words: Mapping[str, str]) -> Callable[[str], str]:
    """Words for codes; one of another version stands for itself."""
    return lambda code: words.get(code, code)


#: Field of an entry → what its codes are called.
CODED = {
    "kind": _among({code: names[0] for code, names in KINDS.items()}),
    "languages": vietnamese_name,
    "role": _among(ACCOUNT_ROLES),
    "roles": _among(ACCOUNT_ROLES),
    "scopes": _among(KEY_SCOPES),
    "ways": _among(WAYS),
}


def told_by_code(field: str, value: str) -> tuple[str, ...]:
    """What a text of codes with spaces between says, a field that knows none as it stands.

    >>> told_by_code("role", "leader"), told_by_code("ways", "kiosk paper")[1]
    (('Lãnh đạo',), 'Phiếu giấy, do cán bộ nhập')
    >>> told_by_code("role", "Quản lý khảo sát")
    ('Quản lý khảo sát',)
    """
    word = CODED.get(field)
    if word is None:
        return (value,)
    told = tuple(word(code) for code in value.split())
    return told if told != tuple(value.split()) else (value,)
