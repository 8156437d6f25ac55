"""Two wordings of one text: whether they say the same but for slips of the pen, and the words in
which they differ."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from survey_app.text import clean_line, nfc

_TONES = "\u0300\u0309\u0303\u0301\u0323"
_MARKS = "\u0300-\u036f"
#: A number with its sign and inner separators, a word with its combining marks, any other sign.
_TOKEN = re.compile(rf"[-−]?\d+(?:[.,:/]\d+)*|(?:[^\W\d_]|[{_MARKS}])+|[^\w\s]|_")
_GAP = re.compile(r"\s+")
#: Signs that say nothing by themselves; all others (%, <, ≥, +, &, currencies) are words.
_PUNCTUATION = frozenset(".,;:?!…\"'“”‘’«»()[]{}–—-/·•*_")
#: Words that turn or measure what is asked: another one is never a slip, nor a mended one.
_WEIGHTY = (
    "không chưa chẳng chả đừng chớ trừ ngoài thiếu bất vô phi hết thôi "
    "một hai ba bốn năm sáu bảy bẩy tám chín mười trăm nghìn ngàn vạn triệu tỷ tỉ nửa rưỡi "
    "rất khá hơi ít nhiều hơn kém nhất quá chỉ mỗi mọi cả tất"
)
#: Under this part of shared words a text says something else (0..1).
SAME_SUBJECT = 0.25

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec ech em en eng eo ep et ê êch êm ên êng ênh êp êt êu "
    "i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu "
    "o oa oac oach oai oam oan oang oanh oao oap oat oau oay oăc oăm oăn oăng oăp oăt "
    "oe oec oem oen oeo oep oet oc oi om on ong ooc oong op ot "
    "ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt "
    "u ua uân uâng uât uây uc uê uêch uên uênh uêt uêu ui um un ung uôc uôi uôm uôn uông uôt "
    "uơ uơn up ut uy uya uych uyên uyêt uyn uynh uyp uyt uyu "
    "ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu "
    "y ych yêm yên yêng yêt yêu ynh yt"
)
_KNOWN_ONSETS, _KNOWN_RIMES = frozenset(["", *_ONSETS.split()]), frozenset(_RIMES.split())
_STOPS = ("c", "ch", "p", "t")
#: Syllables that end in a stop have one of these tones.
_STOPPED_TONES = ("\u0301", "\u0323")


class Mark(StrEnum):
    """What became of a stretch of words."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Piece:
    """A stretch of words of the earlier text, the later one, or both."""

    mark: Mark
    text: str


def say_the_same(before: str, after: str) -> bool:
    """Whether two texts differ by nothing, or by slips of the pen alone.

    Slips are: letter case, blanks, punctuation, where a tone stands (hoà, hòa), and a word one
    letter or tone away from the other of which exactly one can be a Vietnamese syllable. Numbers,
    signs that mean something, negations and words of degree are never slips. In Vietnamese another
    mark is another word (bàn, bán), so two possible syllables are two words however near.

    >>> say_the_same("Thái độ của công chức.", "thái độ của  công chức")
    True
    >>> say_the_same("Thái độ của công chưc", "Thái độ của công chức")
    True
    >>> say_the_same("Ông/bà hài lòng", "Ông/bà không hài lòng")
    False
    >>> say_the_same("Chỗ bán hàng", "Chỗ bàn hàng")
    False
    """
    words = _words(before), _words(after)
    if len(words[0]) != len(words[1]):
        return False
    return all(one == other or _is_slip(one, other) for one, other in zip(*words, strict=True))


def is_same_subject(before: str, after: str) -> bool:
    """Whether two texts share so many words that one may be a rewording of the other."""
    matcher = SequenceMatcher(None, _words(before), _words(after), autojunk=False)
    return matcher.ratio() >= SAME_SUBJECT


def mark_words(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts as one: what was kept, what was removed, what was added, in reading order.

    The kept and removed pieces, joined by blanks, are the earlier text; the kept and added ones
    the later.

    >>> [(piece.mark.value, piece.text) for piece in mark_words("Chờ lâu", "Phải chờ lâu")]
    [('removed', 'Chờ'), ('added', 'Phải chờ'), ('kept', 'lâu')]
    """
    old, new = (
        _GAP.split(clean_line(text)) if clean_line(text) else [] for text in (before, after)
    )
    pieces = []
    for _, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[i:j] == new[k:m]:
            pieces.append(Piece(Mark.KEPT, " ".join(old[i:j])))
            continue
        pieces += [Piece(Mark.REMOVED, " ".join(old[i:j]))] if i < j else []
        pieces += [Piece(Mark.ADDED, " ".join(new[k:m]))] if k < m else []
    return tuple(pieces)


def is_syllable(word: str) -> bool:
    """Whether a word could be a Vietnamese syllable by its onset, rime and tone.

    >>> [is_syllable(word) for word in ("dịch", "dich", "nghiêng", "kiosk", "quốc")]
    [True, False, True, False, True]
    """
    letters, tones = _spell(word.casefold())
    if len(tones) > 1:
        return False
    return any(
        _is_rime(letters[at:], tones)
        for at in range(min(4, len(letters)))
        if letters[:at] in _KNOWN_ONSETS
    )


def _is_rime(rime: str, tones: str) -> bool:
    return rime in _KNOWN_RIMES and (not rime.endswith(_STOPS) or tones in _STOPPED_TONES)


def _words(text: str) -> list[str]:
    """The numbers, words and meaningful signs of a text, each in the form that is compared."""
    found = _TOKEN.findall(clean_line(text))
    return ["".join(_spell(word.casefold())) for word in found if word not in _PUNCTUATION]


def _spell(word: str) -> tuple[str, str]:
    """The letters of a word without their tones, and the tones: hoà and hòa are one word."""
    decomposed = unicodedata.normalize("NFD", word)
    letters = nfc("".join(char for char in decomposed if char not in _TONES))
    return letters, "".join(char for char in decomposed if char in _TONES)


def _is_slip(one: str, other: str) -> bool:
    words = nfc(one), nfc(other)
    if any(_toned(word) in _HEAVY or not _is_word(word) for word in words):
        return False
    if is_syllable(one) == is_syllable(other):
        return False
    letters, tones = zip(_spell(one), _spell(other), strict=True)
    return _letters_apart(*letters) + (tones[0] != tones[1]) <= 1


def _is_word(text: str) -> bool:
    return text[0].isalpha()


def _toned(word: str) -> str:
    return "".join(_spell(word))


_HEAVY = frozenset(_toned(word) for word in _WEIGHTY.split())


def _letters_apart(one: str, other: str) -> int:
    """0: the same, 1: one letter changed, missing, too many, or two neighbours swapped, 2: more."""
    if one == other:
        return 0
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return 2
    near = set(_without_one(long)) if len(short) < len(long) else set(_swapped(long))
    if short in near:
        return 1
    changed = sum(a != b for a, b in zip(short, long, strict=False))
    return 1 if len(short) == len(long) and changed == 1 else 2


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _swapped(word: str) -> Iterator[str]:
    for at, (left, right) in enumerate(pairwise(word)):
        yield word[:at] + right + left + word[at + 2 :]
