"""What people write, made fit for storing: one way for every door."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import ngettext_lazy

from .errors import Code, DomainError

# Embeddings, overrides and isolates turn what stands around them; the plain marks (200E, 200F) do not.
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
NEWLINES = re.compile("\r\n|[\r\u0085\u2028\u2029\v\f]")
# NUL and lone surrogates cannot be stored at all; the rest of the control characters serve nobody.
REFUSED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
BLANK = re.compile("[\\s\u200b-\u200f\u2060\ufeff\u2800\u3164]*")


def clean_text(
    value: object,
    *,
    field: str | tuple[str, ...],
    minimum: int = 0,
    maximum: int = 5000,
    one_line: bool = False,
) -> str:
    """The text as it is stored: NFC, \\n between lines, no bidi controls, no outer space.

    `minimum` and `maximum` count characters. Raises DomainError with the field: `required`, `too_short`,
    `too_long`, `bad_characters`, or `invalid` for what is no text.
    """
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise DomainError(Code.INVALID, field=field)
    if len(value) > 20 * maximum + 1000:
        # Not worth normalising first.
        raise _too_long(maximum, field)
    if REFUSED.search(value):
        raise DomainError(Code.BAD_CHARACTERS, field=field)
    text = NEWLINES.sub("\n", value)
    text = unicodedata.normalize("NFC", BIDI_CONTROLS.sub("", text))
    text = " ".join(text.split()) if one_line else text.strip()
    if BLANK.fullmatch(text):
        text = ""
    if not text and minimum:
        raise DomainError(Code.REQUIRED, field=field)
    if len(text) < minimum:
        message = ngettext_lazy(
            "Write at least %(limit)d character.", "Write at least %(limit)d characters.", "limit"
        )
        raise DomainError(Code.TOO_SHORT, message % {"limit": minimum}, field=field)
    if len(text) > maximum:
        raise _too_long(maximum, field)
    return text


def _too_long(maximum: int, field: str | tuple[str, ...]) -> DomainError:
    message = ngettext_lazy(
        "Write at most %(limit)d character.", "Write at most %(limit)d characters.", "limit"
    )
    return DomainError(Code.TOO_LONG, message % {"limit": maximum}, field=field)
