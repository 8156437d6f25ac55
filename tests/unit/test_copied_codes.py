"""Codes that are copied by hand: no letter looks like another, and what is typed is understood."""

from survey_app.copied_codes import ALPHABET, draw_code, plain_code, spell_code


def test_no_letter_is_taken_for_another() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert not set(ALPHABET) & set("01OIL")


def test_codes_are_drawn_and_differ() -> None:
    codes = {draw_code(13) for _ in range(100)}
    assert len(codes) == 100
    assert all(len(code) == 13 and set(code) <= set(ALPHABET) for code in codes)


def test_a_digest_is_spelt_in_the_same_letters_for_ever() -> None:
    """Receipts and codes of requests that can be repeated are out in the world."""
    assert spell_code((31 + 2).to_bytes(4, "big"), 3) == "CBA"
    assert spell_code(bytes(range(16)), 12) == "X3F3CZ7GCTKC"


def test_what_is_typed_is_read_as_it_was_drawn() -> None:
    assert plain_code(" k7q-4mz ") == "K7Q4MZ"
