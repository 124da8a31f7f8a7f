"""Mobile and identity numbers as people type them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

import phonenumbers
from babel import Locale
from django.conf import settings
from stdnum import luhn
from stdnum.exceptions import ValidationError

HOME = "SA"
MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
# Nobody's number is longer, however it is grouped.
LONGEST = 40


class PhoneInvalid(ValueError):
    """`code` is 'phone_invalid' (no mobile number) or 'phone_country' (a country that is not served)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def _plain(text: str) -> str:
    """0–9 for the digits of any script; no invisible signs, no grouping."""
    signs = []
    for sign in unicodedata.normalize("NFKC", text):
        digit = unicodedata.decimal(sign, None)
        if digit is not None:
            signs.append(str(digit))
        elif unicodedata.category(sign) not in ("Cf", "Cc", "Zs", "Pd", "Mn") and sign not in "().,/":
            signs.append(sign)
    return "".join(signs)


def to_e164(text: str, countries: Collection[str] | None = None) -> str:
    """'+9665XXXXXXXX' from 05…, 5…, 9665…, 009665…, +9665… and from other countries' international form.

    `countries`: ISO codes that are served; None takes settings.SAWT_PHONE_COUNTRIES. Raises PhoneInvalid.
    """
    plain = _plain(text) if isinstance(text, str) and len(text) <= LONGEST else ""
    # An extension, letters or a second plus are no part of a mobile number.
    if not re.fullmatch(r"\+?[0-9]{7,18}", plain):
        raise PhoneInvalid("phone_invalid")
    try:
        number = phonenumbers.parse(plain, HOME)
    except phonenumbers.NumberParseException as error:
        raise PhoneInvalid("phone_invalid") from error
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in MOBILE:
        raise PhoneInvalid("phone_invalid")
    served = settings.SAWT_PHONE_COUNTRIES if countries is None else countries
    if phonenumbers.region_code_for_number(number) not in served:
        raise PhoneInvalid("phone_country")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def served_countries(language: str) -> str:
    """'Saudi Arabia (+966), Kuwait (+965)': whose mobile numbers settings.SAWT_PHONE_COUNTRIES takes.

    In the language's own names; the code stands in an isolate, so that no text turns it.
    """
    locale = Locale.parse(language)
    return ("، " if locale.text_direction == "rtl" else ", ").join(
        f"{locale.territories.get(code, code)} (\u2066+{phonenumbers.country_code_for_region(code)}\u2069)"
        for code in settings.SAWT_PHONE_COUNTRIES
    )


def masked(e164: str) -> str:
    """'+966•••••0123': enough to know one's own number by."""
    if len(e164) < 8:
        return "•" * len(e164)
    return e164[:4] + "•" * (len(e164) - 8) + e164[-4:]


def valid_national_id(text: str) -> str:
    """The ten digits of a citizen's (1…) or resident's (2…) number; ValueError where they are not one."""
    plain = _plain(text) if isinstance(text, str) and len(text) <= LONGEST else ""
    if not re.fullmatch(r"[12][0-9]{9}", plain):
        raise ValueError("national_id_invalid")
    try:
        return str(luhn.validate(plain))
    except ValidationError as error:
        raise ValueError("national_id_invalid") from error
