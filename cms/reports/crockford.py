"""Crockford's alphabet, and forgiving what people do to it when they type."""

from __future__ import annotations

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUE = {sign: value for value, sign in enumerate(ALPHABET)}

# What looks alike on paper and on a small screen.
LOOKALIKES = str.maketrans("OIL", "011")
DASHES = re.compile(r"[\u002d\u00ad\u2010-\u2015\u2043\u2212\u2500\u2501\u0640_]")


def typed(text: str) -> str:
    """Upper case, 0–9 for digits of any script, plain hyphens and spaces, no invisible signs."""
    text = unicodedata.normalize("NFKC", text)
    signs: list[str] = []
    for sign in text:
        digit = unicodedata.decimal(sign, None)
        if digit is not None:
            signs.append(str(digit))
        elif DASHES.match(sign):
            signs.append("-")
        elif sign.isspace():
            signs.append(" ")
        elif unicodedata.category(sign) not in ("Cf", "Cc", "Mn"):
            signs.append(sign)
    return "".join(signs).upper()


def encoded(number: int, length: int) -> str:
    """The lowest `length` × 5 bits of a number, most significant first."""
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length)))
