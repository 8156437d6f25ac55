"""Passwords: which are taken, how they are kept and compared.

After NIST SP 800-63B: length counts, the kinds of characters do not; what everybody tries first is
refused, and what is around the account itself. Nothing is asked of the network.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from survey_app.text import fold

#: Between the 8 that suffice beside a second step and the 15 asked for where there is none.
SHORTEST_PASSWORD = 12
#: Hashing a longer one would only cost time; a sentence fits.
LONGEST_PASSWORD = 200
_PRODUCT = "hailong"
#: Shorter user names may occur in a password.
_SHORTEST_NAME = 4
#: Fewer different characters than this are a rhythm, not a password.
_FEWEST_DIFFERENT = 5
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
#: What stands at the head of every published list of leaked passwords, and the Vietnamese words
#: found there. Compared without marks, spaces, capitals, and what is added at either end.
_COMMON = frozenset(
    """
    password passw passwd pass matkhau matkhaumoi matkhaucuatoi mk admin administrator adminadmin
    quantri quantrihethong quantrivien root user guest test tester demo default changeme welcome
    login dangnhap letmein master secret bimat access system hethong server computer maytinh
    qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm azerty qazwsx abc abcd abcdef abcxyz
    iloveyou loveyou anhyeuem emyeuanh yeuem yeuanh yeuemnhieu yeunhau toiyeuem toiyeuvietnam
    vietnam vietnamvodich vietnamquehuongtoi hanoi saigon hochiminh tphcm danang haiphong cantho
    khongbiet khongcogi khongco khongnoi concac dongian tinhyeu hanhphuc giadinh conyeu bome meyeu
    congchuc canbo coquan ubnd uyban uybannhandan sonoivu noivu motcua bophanmotcua caicachhanhchinh
    dichvucong khaosat chinhphu nhanvien phuong tinh thanhpho congan xinchao chaoban chaomung
    dragon monkey sunshine princess football superman batman baseball michael shadow trustno
    starwars whatever freedom hello helloworld internet google facebook zalo samsung apple
    nguyen nguyenvan nguyenvana nguyenthi tranvan levan phamvan
    """.split()  # noqa: SIM905  (a list to be read)
)


@dataclass(frozen=True)
class NewPassword:
    """A password to be given to an account. ``problem``: why it is not taken; it has no hash then.

    Hashing is slow on purpose. It is done before a transaction begins to write: on SQLite everybody
    else's writing, citizens' among it, would wait meanwhile.
    """

    hash: str
    problem: str | None = None


def prepare(password: str, username: str) -> NewPassword:
    """A password that somebody chose, looked at and hashed."""
    problem = password_problem(password, username)
    return NewPassword("", problem) if problem else NewPassword(hash_password(password))


def draw() -> tuple[str, NewPassword]:
    """A password made at random, to be shown once, and the same as it is kept."""
    password = new_password()
    return password, NewPassword(hash_password(password))


def password_problem(password: str, username: str) -> str | None:
    """Why a password is not taken, as a sentence; None when it is."""
    plain = _plain(password)
    if len(password) < SHORTEST_PASSWORD:
        return f"Mật khẩu phải có ít nhất {SHORTEST_PASSWORD} ký tự."
    if len(password) > LONGEST_PASSWORD:
        return f"Mật khẩu dài nhất {LONGEST_PASSWORD} ký tự."
    if _names(plain, username):
        return "Mật khẩu không được chứa tên đăng nhập hoặc tên phần mềm."
    if _is_rhythm(plain) or _is_sequence(plain):
        return "Mật khẩu lặp đi lặp lại hoặc theo thứ tự nên dễ đoán; hãy chọn một câu khác."
    if _is_common(plain):
        return "Mật khẩu này nhiều người dùng nên dễ đoán; hãy chọn một câu khác."
    return None


def new_password() -> str:
    """A password made at random, to be shown once."""
    return secrets.token_urlsafe(SHORTEST_PASSWORD)


def hash_password(password: str) -> str:
    return _hasher().hash(_normal(password))


def matches(password_hash: str, password: str) -> bool:
    """Whether a password is the one that was hashed, however the keyboard composed its marks."""
    return any(_verify(password_hash, text) for text in {_normal(password), password})


def spend_the_same_time(password: str) -> None:
    """Verify against nobody's hash, so that the answer's delay does not tell which names exist."""
    _verify(_nobody(), password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _plain(password: str) -> str:
    """Without marks, capitals and spaces."""
    return re.sub(r"\s", "", fold(_normal(password)))


def _names(plain: str, username: str) -> bool:
    name = _plain(username).replace(".", "")
    is_telling = len(name) >= _SHORTEST_NAME  # a syllable is part of many a good sentence
    return _PRODUCT in plain or (is_telling and name in plain.replace(".", ""))


def _is_rhythm(plain: str) -> bool:
    """Few different characters, or a piece said over and over."""
    if len(set(plain)) < _FEWEST_DIFFERENT:
        return True
    return any(
        (plain[:size] * (len(plain) // size + 1))[: len(plain)] == plain
        for size in range(1, len(plain) // 2 + 1)
    )


def _is_sequence(plain: str) -> bool:
    """Whether neighbours in the alphabet or on the keyboard make up most of it."""
    steps = sum(_are_neighbours(a + b) for a, b in pairwise(plain))
    return steps >= 0.7 * (len(plain) - 1)


def _are_neighbours(pair: str) -> bool:
    return any(pair in row or pair[::-1] in row for row in _ROWS)


def _is_common(plain: str) -> bool:
    """Whether nothing is left but a common word (or two), figures and signs around it."""
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain)
    for text in {plain, core.translate(_LOOKALIKES)}:
        words = [word for word in re.split(r"[^a-z]+", text) if word]
        if words and all(_is_made_of_common(word) for word in words):
            return True
    return False


def _is_made_of_common(word: str) -> bool:
    """Whether a word is a common one, or two of them put together."""
    if word in _COMMON:
        return True
    return any(word[:cut] in _COMMON and word[cut:] in _COMMON for cut in range(2, len(word) - 1))
