"""Codes that people read out and copy by hand: from posters, slips and receipts, by telephone."""

import secrets

#: No 0/O, 1/I/L: they must survive being read aloud and typed. A letter is worth 4.95 bits.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def draw_code(length: int) -> str:
    """A code at random, of so many letters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def spell_code(digest: bytes, length: int) -> str:
    """The code of so many letters that a digest stands for, always the same one."""
    number, letters = int.from_bytes(digest, "big"), []
    for _ in range(length):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def plain_code(typed: str) -> str:
    """A code as somebody typed it, in capitals and without hyphens, blanks and other signs."""
    return "".join(char for char in typed.upper() if char.isascii() and char.isalnum())
