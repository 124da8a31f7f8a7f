"""What people write, and identity numbers at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.reports import encryption
from cms.reports.errors import Code, DomainError
from cms.reports.texts import clean_text


def code_of(value, minimum=0, maximum=50):
    with pytest.raises(DomainError) as caught:
        clean_text(value, field="title", minimum=minimum, maximum=maximum)
    assert caught.value.field == ("title",)
    return caught.value.code


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800", "bell\x07", "\x7f", "a\x9fb"])
def test_what_cannot_be_stored_is_refused(value):
    assert code_of(value) == Code.BAD_CHARACTERS


def test_lengths_are_told():
    assert code_of("", minimum=1) == Code.REQUIRED
    assert code_of(" \u200f\n ", minimum=1) == Code.REQUIRED
    assert code_of("ab", minimum=3) == Code.TOO_SHORT
    assert code_of("a" * 51) == Code.TOO_LONG
    assert code_of("a" * 5_000_000) == Code.TOO_LONG
    assert code_of(12) == Code.INVALID


def test_the_message_names_the_limit():
    with pytest.raises(DomainError) as caught:
        clean_text("a" * 51, field="title", minimum=1, maximum=50)
    assert "50" in caught.value.message


def test_text_is_stored_in_one_form():
    assert clean_text(" a\r\nb\rc \n", field="text", minimum=1, maximum=50) == "a\nb\nc"
    assert clean_text("e\u0301", field="text", minimum=1, maximum=50) == "é"
    assert clean_text("safe\u202egpj.exe\u2067", field="text", minimum=1, maximum=50) == "safegpj.exe"
    assert clean_text("a\n  b", field="title", minimum=1, maximum=50, one_line=True) == "a b"
    assert clean_text(None, field="text", minimum=0, maximum=50) == ""


@given(st.text(max_size=80))
def test_cleaning_twice_is_cleaning_once(value):
    try:
        once = clean_text(value, field="text", minimum=0, maximum=100)
    except DomainError:
        return
    assert clean_text(once, field="text", minimum=0, maximum=100) == once
    once.encode()


def test_an_identity_number_is_unreadable_at_rest_and_comes_back():
    stored = encryption.encrypt("1000000008")
    assert "1000000008" not in stored
    assert encryption.decrypt(stored) == "1000000008"
    assert encryption.decrypt(encryption.encrypt("")) == ""
    with pytest.raises(encryption.Undecipherable):
        encryption.decrypt("something else")
