"""How many parts an SMS takes: GSM-7 for Latin texts, UCS-2 for Arabic. Pure."""

from __future__ import annotations

from typing import NamedTuple

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Sent as two: an escape and a sign.
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")
LIMITS = {"gsm7": (160, 153), "ucs2": (70, 67)}


class Size(NamedTuple):
    encoding: str
    length: int
    segments: int


def measure(text: str) -> Size:
    """Encoding ('gsm7' or 'ucs2'), length in its units, and the number of parts; an empty text takes one."""
    if all(sign in GSM7 or sign in GSM7_EXTENDED for sign in text):
        encoding, units = "gsm7", [2 if sign in GSM7_EXTENDED else 1 for sign in text]
    else:
        encoding, units = "ucs2", [2 if ord(sign) > 0xFFFF else 1 for sign in text]
    single, part = LIMITS[encoding]
    length = sum(units)
    if length <= single:
        return Size(encoding, length, 1)
    segments, room = 1, part
    for unit in units:
        # A sign of two units is never cut in half.
        if unit > room:
            segments, room = segments + 1, part
        room -= unit
    return Size(encoding, length, segments)
