"""Which passwords are taken, and that they compare however they were composed."""

import unicodedata

import pytest

from survey_app.operations.access.passwords import (
    SHORTEST_PASSWORD,
    hash_password,
    matches,
    new_password,
    password_problem,
)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("ngắn quá", "ít nhất"),
        ("x" * 201, "dài nhất"),
        ("lananh-2026-xyz", "tên đăng nhập"),
        ("Lan.Anh 2026 xyz", "tên đăng nhập"),
        ("hailong 2026 xyz", "tên phần mềm"),
        ("Hài Lòng 2026 xyz", "tên phần mềm"),
        ("aaaaaaaaaaaaaa", "lặp đi lặp lại"),
        ("xoai chua xoai chua ", "lặp đi lặp lại"),
        ("123456789012", "theo thứ tự"),
        ("qwertyuiopasdf", "theo thứ tự"),
        ("1qaz2wsx3edc4rfv", "theo thứ tự"),
        ("password2026!", "nhiều người dùng"),
        ("P@ssw0rd123456", "nhiều người dùng"),
        ("Mật khẩu 123456", "nhiều người dùng"),
        ("anhyeuem123456", "nhiều người dùng"),
        ("vietnamvodich1", "nhiều người dùng"),
        ("quantri@2026!!", "nhiều người dùng"),
    ],
)
def test_what_is_tried_first_is_refused(password: str, reason: str) -> None:
    assert reason in (password_problem(password, "lan.anh") or "")


@pytest.mark.parametrize(
    "password",
    [
        "một câu đủ dài",
        "một mật khẩu thử",
        "ba con mèo đen trên mái",
        "xoài chua chấm muối ớt",
        "aaa bbb ccc ddd eee",
        "tQ9_vLs2xK-0",
        "日本語のパスワードです。",
    ],
)
def test_sentences_and_random_characters_are_taken(password: str) -> None:
    assert password_problem(password, "lan.anh") is None


def test_passwords_made_here_are_taken() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(password) >= SHORTEST_PASSWORD for password in made)
    assert all(password_problem(password, "lan.anh") is None for password in made)


def test_the_marks_of_another_keyboard_are_the_same_password() -> None:
    composed = unicodedata.normalize("NFC", "một câu đủ dài")
    taken_apart = unicodedata.normalize("NFD", composed)
    assert composed != taken_apart
    assert matches(hash_password(taken_apart), composed)
    assert matches(hash_password(composed), taken_apart)
    assert not matches(hash_password(composed), "mot cau du dai")
