"""Entries of the audit record as sentences."""

import json

import pytest

from survey_app.reporting.records.audit_words import (
    ACTIONS,
    BREAKS,
    FIELDS,
    break_sentence,
    sentence,
)


def said(detail: dict[str, object], action: str = "survey.population") -> str:
    text = json.dumps(detail)
    return sentence(action, "KS-2026", text).removeprefix("đã sửa số hồ sơ trong kỳ KS-2026")


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({}, ""),
        ({"note": "lần 2: khớp"}, ": lần 2: khớp"),
        (
            {"from": {"population": None}, "to": {"population": 12000}},
            ": số hồ sơ trong kỳ từ chưa có thành 12.000",
        ),
        (
            {"from": {"second_keying_share": 0.1}, "to": {"second_keying_share": 0.125}},
            ": tỷ lệ phiếu nhập lần hai từ 10% thành 12,5%",
        ),
        (
            {
                "from": {"keeps_partial": False, "label": ""},
                "to": {"keeps_partial": True, "label": "B"},
            },
            ": tên từ chưa có thành “B”; giữ phiếu dở dang từ không thành có",
        ),
        ({"to": {"kind": "ward"}}, ": loại “Phường”"),
        ({"from": {"kind": "boat"}}, ": loại “boat”"),
        ({"role": "leader"}, ": vai trò “Lãnh đạo”"),
        ({"roles": ["Lãnh đạo", "Kiểm tra"]}, ": vai trò “Lãnh đạo”, “Kiểm tra”"),
        (
            {"from": {"languages": "vi"}, "to": {"languages": "vi en"}},
            ": ngôn ngữ từ “tiếng Việt” thành “tiếng Việt”, “tiếng Anh”",
        ),
        ({"scopes": "invitations:create"}, ": quyền “Tạo mã dùng một lần”"),
        ({"ways": ""}, ": cách nhận phiếu chưa có"),
        (
            {"from": {"status": "open"}, "to": {"status": "closed"}},
            ": tình trạng từ “đang mở” thành “đã đóng”",
        ),
        ({"to": {"ends_on": "2026-12-31"}}, ": ngày kết thúc 31/12/2026"),
        ({"to": {"title": "2026-13-31"}}, ": tên “2026-13-31”"),
        ({"mode": "paper", "reason": ""}, ": hình thức trả lời “Phiếu giấy”"),
        ({"comparable": ["a.b", "a.c: vì"]}, ": vẫn so sánh được sau khi sửa “a.b”, “a.c: vì”"),
        ({"count": 3, "form": "pdf"}, ": số lượng 3; dạng tệp “pdf”"),
        ({"last": 8, "first": 1}, ": từ số 1; đến số 8"),
        ({"a former field": [1, "x"]}, ": a former field 1, “x”"),
    ],
)
def test_what_changed_is_told(detail: dict[str, object], words: str) -> None:
    assert said(detail) == words


def test_an_action_of_a_former_version_stands_for_itself() -> None:
    assert sentence("boat.launch", "KS-2026", "{}") == "boat.launch KS-2026"


def test_actions_are_verbs_that_follow_a_name() -> None:
    for code, title in ACTIONS.items():
        assert title[0].isupper() and not title.endswith("."), code
    assert sentence("device.pin", "A", "{}") == "đã đổi mã PIN của thiết bị A"


def test_every_break_names_its_place() -> None:
    assert all("số 1.234" in break_sentence(what, 1234) for what in BREAKS)
    assert all(label == label.strip() for label in FIELDS.values())
