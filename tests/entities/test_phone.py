"""Numbers in every form that people type are one number in the database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.entities.phone import PhoneInvalid, masked, served_countries, to_e164, valid_national_id

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@given(st.from_regex(r"50[0-9]{7}", fullmatch=True))
def test_every_form_is_the_same_number(rest):
    forms = [
        rest,
        f"0{rest}",
        f"966{rest}",
        f"00966{rest}",
        f"+966{rest}",
        f"+966 {rest[:2]} {rest[2:5]}-{rest[5:]}",
        f"(+966) {rest}",
    ]
    for form in forms:
        for typed in (
            form,
            form.translate(ARABIC),
            form.translate(PERSIAN),
            f"\u2066{form}\u2069",
            f" {form} ",
        ):
            assert to_e164(typed) == f"+966{rest}", typed


def test_a_neighbours_number_is_taken_in_international_form():
    assert to_e164("+971 50 123 4567") == "+971501234567"
    assert to_e164("00971501234567") == "+971501234567"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abc",
        "0112345678",
        "05000",
        "0500000123 x5",
        "++966500000123",
        "911",
        "9" * 30,
        "٠٥٠",
        None,
        "\x00",
        "+",
    ],
)
def test_what_is_no_mobile_is_refused(typed):
    with pytest.raises(PhoneInvalid) as caught:
        to_e164(typed)
    assert caught.value.code == "phone_invalid"


def test_a_country_that_is_not_served_is_named_so():
    with pytest.raises(PhoneInvalid) as caught:
        to_e164("+447400123456")
    assert caught.value.code == "phone_country"
    assert to_e164("+447400123456", countries=["GB"]) == "+447400123456"


def test_a_masked_number_shows_its_end():
    assert masked("+966500000123") == "+966•••••0123"
    assert masked("12") == "••"


def test_identity_numbers_are_verified():
    assert valid_national_id("1000000008") == "1000000008"
    assert valid_national_id("٢٠٠٠٠٠٠٠٠٦") == "2000000006"
    for wrong in ("1000000009", "3000000004", "100000000", "10000000080", "", "abcdefghij", None):
        with pytest.raises(ValueError, match="national_id_invalid"):
            valid_national_id(wrong)


def test_the_countries_served_are_those_of_the_setting(settings):
    settings.SAWT_PHONE_COUNTRIES = ["KW", "JO"]
    assert served_countries("en") == "Kuwait (\u2066+965\u2069), Jordan (\u2066+962\u2069)"
    assert served_countries("ar") == "الكويت (\u2066+965\u2069)، الأردن (\u2066+962\u2069)"
