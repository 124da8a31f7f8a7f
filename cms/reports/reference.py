"""The public number of a report, `QS-26-7K4MQ2P-0`: prefix, year, 35 random bits, check character. Pure.

Crockford's own check needs five signs outside his alphabet, so the check is one of the 32, from a weighted
sum in the field of 32 elements over prefix, year and body: with distinct weights every wrong character
and every swap of two characters, adjacent or not, changes it.
"""

from __future__ import annotations

import re
import secrets
from functools import lru_cache

from .crockford import ALPHABET, LOOKALIKES, VALUE, encoded, typed
from .errors import Code, DomainError

BODY = 7
EXAMPLE = "7K4MQ2P"
# Of the body, before a beginning is looked for: of a million reports some thirty share so many signs, whoever
# asks; all of a year share the prefix.
TELLING = 3
SEPARATOR = r"[\s\-./]*"
# Nobody types this much; a pasted message may be longer.
LONGEST = 500


def _weights(count: int) -> list[int]:
    """Powers of x in GF(32) = GF(2)[x] / (x⁵ + x² + 1), from x¹ on; x⁰ is the check character's own."""
    weights, power = [], 1
    for _ in range(count):
        power <<= 1
        if power & 32:
            power ^= 0b100101
        weights.append(power)
    return weights


def _product(a: int, b: int) -> int:
    result = 0
    while b:
        if b & 1:
            result ^= a
        a <<= 1
        if a & 32:
            a ^= 0b100101
        b >>= 1
    return result


def _check(prefix: str, year: str, body: str) -> str:
    # The body comes first, next to the check character. A letter of the prefix (base 36) takes two values.
    values = [VALUE[sign] for sign in reversed(body)] + [int(digit) for digit in year]
    for sign in prefix:
        values.extend(divmod(int(sign, 36), 32))
    weights = _weights(len(values))
    total = 0
    for value, weight in zip(values, weights, strict=True):
        total ^= _product(value, weight)
    return ALPHABET[total]


@lru_cache(maxsize=8)
def _patterns(prefix: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    tail = rf"\d{SEPARATOR}\d" + rf"{SEPARATOR}[0-9A-Z]" * (BODY + 1)
    known = SEPARATOR.join(re.escape(sign) for sign in prefix.translate(LOOKALIKES))
    inside = re.compile(rf"(?<![0-9A-Z]){known}{SEPARATOR}({tail})(?![0-9A-Z])")
    # Without the prefix only where nothing else was typed.
    alone = re.compile(rf"{SEPARATOR}({tail}){SEPARATOR}")
    return inside, alone


def _written(prefix: str, year: str, body: str, check: str) -> str:
    return f"{prefix}-{year}-{body}-{check}"


def draw(prefix: str, year: int) -> str:
    """A new reference. `year` in full or its last two digits; the caller draws again where it is taken."""
    digits = f"{year % 100:02d}"
    body = EXAMPLE
    while body == EXAMPLE:
        body = encoded(secrets.randbits(5 * BODY), BODY)
    return _written(prefix, digits, body, _check(prefix, digits, body))


def example(prefix: str) -> str:
    """What a reference looks like. It is written as a real one is, and is nobody's."""
    return _written(prefix, "26", EXAMPLE, _check(prefix, "26", EXAMPLE))


def parse(text: str, prefix: str) -> str:
    """The reference that someone typed or pasted, as it is stored.

    Raises DomainError: `reference_malformed` where none is in the text, `reference_typo` where the check
    character tells that one is mistyped. Needs no look-up.
    """
    cleaned = typed(text[:LONGEST]).translate(LOOKALIKES) if isinstance(text, str) else ""
    inside, alone = _patterns(prefix)
    found = [match[1] for match in inside.finditer(cleaned)]
    if not found and (match := alone.fullmatch(cleaned)):
        found = [match[1]]
    for candidate in found:
        signs = re.sub(SEPARATOR, "", candidate)
        year, body, check = signs[:2], signs[2 : 2 + BODY], signs[-1]
        # U is in nobody's alphabet here: a slip of the finger, like any other wrong character.
        if all(sign in VALUE for sign in body) and _check(prefix, year, body) == check:
            return _written(prefix, year, body, check)
    raise DomainError(Code.REFERENCE_TYPO if found else Code.REFERENCE_MALFORMED, field="reference")


def begun(text: str, prefix: str) -> tuple[str, str] | None:
    """The first and the last reference that begins with what someone has typed so far; None where that is
    too little to tell a few from the many, or is no beginning of one.

    Both have a reference's whole shape: compared sign by sign, they are the ends of a range in any collation.
    """
    cleaned = re.sub(SEPARATOR, "", typed(text[:LONGEST]).translate(LOOKALIKES))
    signs = cleaned.removeprefix(prefix.translate(LOOKALIKES))
    year, body, check = signs[:2], signs[2 : 2 + BODY], signs[2 + BODY :]
    if not year.isdecimal() or len(body) < TELLING or len(check) > 1 or not set(signs) <= VALUE.keys():
        return None
    least, most = ALPHABET[0], ALPHABET[-1]
    return (
        _written(prefix, year, body.ljust(BODY, least), check or least),
        _written(prefix, year, body.ljust(BODY, most), check or most),
    )
