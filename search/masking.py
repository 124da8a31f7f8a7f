"""A text may have its writer's telephone, mail address or identity number in it: none is indexed.

Pure. What is masked becomes a sign that is no word, so that nothing finds it and nobody reads it in a hit.
"""

from __future__ import annotations

import re
import unicodedata

HIDDEN = "•••"
_DIGIT = "[0-9٠-٩۰-۹]"
# A telephone with its separators, an identity or account number: nine digits or more. Fewer are a meter, a
# street, a sum; a reference of ours has seven signs at most in one piece.
_NUMBER = re.compile(rf"(?<!{_DIGIT})(?:\+|00)?{_DIGIT}(?:[ \t\-–().]{{0,2}}{_DIGIT}){{8,25}}(?!{_DIGIT})")
# With its letters: an account (SA, 22 digits), a passport (letters, then six digits or more).
_LETTERED = re.compile(
    rf"(?<![^\W_])(?:[A-Za-z]{{2}}{_DIGIT}{{2}}(?:[ -]?[A-Za-z0-9٠-٩۰-۹]{{4}}){{4,7}}"
    rf"|[A-Za-z]{{1,2}}[ -]?{_DIGIT}{{6,9}})(?![^\W_])"
)
_MAIL = re.compile(
    r"[^\s@<>()،,؛;:]+\s?@\s?[^\s@<>()،,؛;:]+\.[^\s@<>()،,؛;:]+|(?<![^\s(])@[A-Za-z0-9_.]{3,30}"
)
_SOME_DIGIT = re.compile(_DIGIT)
# What nearly all texts are made of alone: Latin and Arabic letters, marks, digits and the signs between.
_PLAIN = re.compile("[\n\t -~\u060c\u061b\u061f-\u06dc•–—«»]*")
# Invisible signs, among them those that turn the direction of what follows; controls but the line's end.
_UNSEEN = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})


def clean(text: str) -> str:
    """One form for signs that look alike, and nothing that is not seen."""
    normal = unicodedata.normalize("NFKC", text)
    if _PLAIN.fullmatch(normal):
        return normal
    return "".join(
        sign for sign in normal if sign == "\n" or sign == "\t" or unicodedata.category(sign) not in _UNSEEN
    )


def masked(text: str) -> str:
    """The text as it may be indexed."""
    text = clean(text)
    if "@" in text:
        text = _MAIL.sub(HIDDEN, text)
    if _SOME_DIGIT.search(text):
        text = _NUMBER.sub(HIDDEN, _LETTERED.sub(HIDDEN, text))
    return text
